"""Patches of photographs: where they come from, whitening, bad images."""

import numpy as np
import pytest

from spikeplast.stimuli.photographs import (
    bundled_photographs,
    contrast_normalised,
    frequency_whitened,
    patches,
    phase_shuffled,
    reduced,
    rotated,
    whitened,
)


def test_the_bundled_photographs_are_grey_images():
    images = bundled_photographs()
    assert [image.shape for image in images] == [(427, 640)] * 2
    assert all(image.min() >= 0 and image.max() <= 255 and image.std() > 20 for image in images)


def test_patches_are_cut_flipped_and_transposed():
    image = np.arange(12.0).reshape(3, 4)
    found = patches([image], 500, size=2, rng=np.random.default_rng(1))
    assert found.shape == (500, 2, 2)
    # Neighbours differ by 1 along rows and by 4 along columns; both orders and signs occur.
    across = found[:, 0, 1] - found[:, 0, 0]
    down = found[:, 1, 0] - found[:, 0, 0]
    assert {(a, d) for a, d in zip(across, down, strict=True)} == {
        pair for a in (1, -1) for d in (4, -4) for pair in ((a, d), (d, a))
    }
    # Every place, the corners too.
    assert {0.0, 3.0, 8.0, 11.0} <= set(found.ravel())
    same = patches([image], 500, size=2, rng=np.random.default_rng(1))
    np.testing.assert_array_equal(found, same)


def test_whitened_patches_are_not_correlated():
    rng = np.random.default_rng(2)
    mixed = rng.normal(size=(5000, 9)) @ rng.normal(size=(9, 9)) + 3
    white = whitened(mixed.reshape(-1, 3, 3))
    assert white.shape == (5000, 9)
    np.testing.assert_allclose(white.T @ white / 5000, np.eye(9), atol=1e-9)
    np.testing.assert_allclose(white.mean(axis=0), 0, atol=1e-9)
    # A floor keeps the smallest variances below the others.
    floored = whitened(mixed, floor=0.1)
    variances = np.linalg.eigvalsh(floored.T @ floored / 5000)
    assert variances[0] < 0.5 * variances[-1]
    assert floored.std() == pytest.approx(1)


@pytest.mark.parametrize(
    ("images", "words"),
    [
        ([], "no images"),
        ([np.zeros((30, 30, 3))], r"image 0 has the shape \(30, 30, 3\); expected a grey"),
        ([np.zeros((30, 30)), np.zeros((8, 30))], "image 1 .* at least 16 x 16 pixels"),
        ([np.full((30, 30), np.nan)], "image 0 has values that are not finite"),
    ],
)
def test_bad_images(images, words):
    with pytest.raises(ValueError, match=words):
        patches(images, 2, rng=np.random.default_rng(0))


def test_what_cannot_be_whitened():
    with pytest.raises(ValueError, match="4 patches of 9 pixels are too few"):
        whitened(np.ones((4, 3, 3)))
    with pytest.raises(ValueError, match="factor = 0 is not a whole number from 1 to 4"):
        reduced(np.ones((4, 6)), 0)


def test_an_axis_without_variance_stays_empty():
    mixed = np.random.default_rng(3).normal(size=(500, 9))
    mixed -= mixed.mean(axis=1, keepdims=True)
    white = whitened(mixed)
    np.testing.assert_allclose(white.sum(axis=1), 0, atol=1e-9)
    variances = np.linalg.eigvalsh(white.T @ white / 500)
    np.testing.assert_allclose(variances, [0] + [9 / 8] * 8, atol=1e-9)


def test_contrast_and_resolution():
    white = np.random.default_rng(4).normal(size=(2000, 9)) * np.repeat([0.5, 5], 1000)[:, None]
    even = contrast_normalised(white, floor=0.01)
    assert even.std() == pytest.approx(1)
    assert even[1000:].std() / even[:1000].std() < 1.5
    image = np.arange(20.0).reshape(4, 5)
    np.testing.assert_array_equal(reduced(image, 2), [[3, 5], [13, 15]])


def test_patches_of_what_may_not_be_turned():
    image = np.arange(12.0).reshape(3, 4)
    found = patches([image], 50, size=2, rng=np.random.default_rng(1), flips=False)
    np.testing.assert_array_equal(found[:, 1, 0] - found[:, 0, 0], 4)
    np.testing.assert_array_equal(found[:, 0, 1] - found[:, 0, 0], 1)


def test_shuffled_phases_keep_the_power():
    image = bundled_photographs()[0][:101, :64]
    shuffled = phase_shuffled(image, np.random.default_rng(1))
    assert abs(np.corrcoef(image.ravel(), shuffled.ravel())[0, 1]) < 0.3
    assert shuffled.mean() == pytest.approx(image.mean())
    np.testing.assert_allclose(
        np.abs(np.fft.fft2(shuffled)), np.abs(np.fft.fft2(image)), rtol=1e-6, atol=1e-6
    )


def test_rotated_stripes():
    rows, columns = np.indices((90, 120))
    stripes = np.cos(0.4 * (rows + columns) / np.sqrt(2))
    turned = rotated(stripes, 45)
    assert turned.shape == (63, 63)
    # They stand upright or lie now; nothing changes along them.
    assert min(turned.std(axis=0).mean(), turned.std(axis=1).mean()) < 0.02
    assert turned.std() > 0.6
    np.testing.assert_allclose(rotated(stripes, 0), stripes[:, 15:105], atol=1e-9)


def test_a_falling_spectrum_is_flat_after_the_frequency_filter():
    rng = np.random.default_rng(1)
    f = np.hypot(np.fft.fftfreq(256)[:, None], np.fft.rfftfreq(256))
    f[0, 0] = 1
    image = np.fft.irfft2(np.fft.rfft2(rng.normal(size=(256, 256))) / f)
    white = frequency_whitened(image)
    assert white.std() == pytest.approx(1)
    power = np.abs(np.fft.rfft2(white)) ** 2
    low, high = (power[(f > a) & (f < b)].mean() for a, b in ((0.02, 0.06), (0.15, 0.2)))
    assert high / low == pytest.approx(1, abs=0.15)
    # Above the cut-off there is nothing.
    assert power[(f > 0.5) & (f < 0.7)].mean() < 0.02 * low
    with pytest.raises(ValueError, match="the same everywhere"):
        frequency_whitened(np.ones((16, 16)))
    with pytest.raises(ValueError, match="cutoff = 0 cycles per pixel"):
        frequency_whitened(image, cutoff=0)
