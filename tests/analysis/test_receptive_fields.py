"""Receptive fields whose answer is known: filters, Gabors, single pixels, white noise."""

import numpy as np
import pytest

from spikeplast.analysis import (
    GaborFit,
    fit_gabor,
    gabor,
    lagged,
    orientation,
    participation_ratio,
    projection_kurtosis,
    spike_triggered_average,
    spike_triggered_covariance,
    spread,
)

RNG = np.random.default_rng(1)
STIMULI = RNG.normal(size=(20000, 12))
FILTERS = np.linalg.qr(RNG.normal(size=(12, 3)))[0].T


def test_average_is_the_filter_of_a_linear_cell():
    drive = STIMULI @ FILTERS[:2].T
    counts = RNG.poisson(np.exp(0.5 * drive))
    found = spike_triggered_average(STIMULI, counts)
    # For an exponential of a Gaussian the average is the gain times the filter.
    np.testing.assert_allclose(found, 0.5 * FILTERS[:2], atol=0.04)
    np.testing.assert_allclose(spike_triggered_average(STIMULI, counts[:, 0]), found[0])
    assert np.isnan(spike_triggered_average(STIMULI, np.zeros(20000))).all()


def test_covariance_finds_both_kinds_of_direction():
    excited, suppressed = STIMULI @ FILTERS[0], STIMULI @ FILTERS[1]
    counts = RNG.poisson(0.5 * excited**2 * np.exp(-(suppressed**2)))
    found = spike_triggered_covariance(STIMULI, counts)
    outside = (found.eigenvalues > found.null_high) | (found.eigenvalues < found.null_low)
    assert np.flatnonzero(outside).tolist() == [0, 11]
    assert abs(found.eigenvectors[0] @ FILTERS[0]) > 0.99
    assert abs(found.eigenvectors[-1] @ FILTERS[1]) > 0.99
    # E[x^4] - E[x^2] = 2, and 1/3 - 1 for a Gaussian times exp(-x^2).
    assert found.eigenvalues[0] == pytest.approx(2, abs=0.15)
    assert found.eigenvalues[-1] == pytest.approx(-2 / 3, abs=0.05)


def test_lags_run_backwards_from_the_present():
    film = np.arange(1, 7).reshape(3, 2)
    assert lagged(film, 2).tolist() == [[1, 2, 0, 0], [3, 4, 1, 2], [5, 6, 3, 4]]
    filters = RNG.normal(size=6)
    frames = RNG.normal(size=(20000, 2))
    counts = RNG.poisson(np.exp(0.3 * lagged(frames, 3) @ filters))
    found = spike_triggered_average(lagged(frames, 3), counts)
    np.testing.assert_allclose(found, 0.3 * filters, atol=0.06)


@pytest.mark.parametrize(
    ("row", "column", "width", "length", "angle", "frequency", "phase"),
    [
        (7.0, 8.0, 2.0, 3.0, 0.0, 0.2, 0.0),
        (8.5, 6.0, 2.5, 2.5, 2.0, 0.15, 1.5),
        (5.0, 10.0, 1.5, 4.0, np.pi / 2, 0.25, -2.0),
        (8.0, 8.0, 3.0, 2.0, 2.9, 0.3, 3.0),
    ],
)
def test_gabors_are_found_again(row, column, width, length, angle, frequency, phase):
    truth = GaborFit(1.7, row, column, width, length, angle, frequency, phase, 1.0)
    field = gabor(truth, (16, 16))
    found = fit_gabor(field)
    assert found.goodness > 0.9999
    np.testing.assert_allclose(gabor(found, (16, 16)), field, atol=0.02)
    noisy = fit_gabor(field + 0.1 * RNG.normal(size=field.shape))
    turned = (noisy.orientation - angle + np.pi / 2) % np.pi - np.pi / 2
    assert abs(turned) < 0.1
    assert noisy.frequency == pytest.approx(frequency, abs=0.02)
    assert (noisy.row, noisy.column) == pytest.approx((row, column), abs=0.5)


def test_noise_is_no_gabor():
    goodness = [fit_gabor(RNG.normal(size=(16, 16))).goodness for _ in range(3)]
    assert max(goodness) < 0.3
    with pytest.raises(ValueError, match="zero everywhere"):
        fit_gabor(np.zeros((8, 8)))
    with pytest.raises(ValueError, match="from 4x4"):
        fit_gabor(np.ones((3, 8)))


def test_participation_ratio_at_its_limits():
    pixel, flat = np.zeros((16, 16)), np.ones((16, 16))
    pixel[3, 4] = -2
    assert participation_ratio([pixel, flat]) == pytest.approx([1 / 256, 1])
    assert participation_ratio([pixel, flat], spectral=True) == pytest.approx([1, 1 / 256])
    # For Gaussian weights the mean of w^4 is three times the squared mean of w^2.
    many = participation_ratio(RNG.normal(size=(200, 16, 16)))
    assert many.mean() == pytest.approx(1 / 3, abs=0.02)
    assert np.isnan(participation_ratio(np.zeros((4, 4))))


def test_spread_at_its_limits():
    pixel = np.zeros((16, 12))
    pixel[3, 4] = 1
    assert spread([pixel, np.ones((16, 12))]) == pytest.approx([0, 1])
    # A Gaussian of standard deviation s has w^2 of s/sqrt(2) in each direction.
    rows, columns = np.indices((32, 32)) - 16
    blob = np.exp(-(rows**2 + columns**2) / (2 * 3.0**2))
    assert spread(blob) == pytest.approx(3 / np.sqrt((32**2 - 1) / 6), rel=1e-3)


def test_orientation_of_stripes_and_of_noise():
    rows, columns = np.indices((16, 16))
    for angle in (0.3, 1.2, 2.0, 2.8):
        wave = np.cos(2 * np.pi * 0.2 * (columns * np.cos(angle) + rows * np.sin(angle)))
        found = orientation(wave)
        assert found.share > 0.7
        assert abs((found.angle - angle + np.pi / 2) % np.pi - np.pi / 2) < 0.1
    shares = [orientation(RNG.normal(size=(16, 16))).share for _ in range(20)]
    assert np.mean(shares) < 0.4
    with pytest.raises(ValueError, match="no orientation"):
        orientation(np.zeros((8, 8)))


def test_kurtosis_of_projections():
    data = np.column_stack([RNG.laplace(size=40000), RNG.normal(size=40000)])
    found = projection_kurtosis(data, np.eye(2))
    assert found == pytest.approx([3, 0], abs=0.4)
    with pytest.raises(ValueError, match="share their last"):
        projection_kurtosis(data, np.eye(3))


def test_stimuli_and_responses_have_to_fit():
    with pytest.raises(ValueError, match="do not fit"):
        spike_triggered_average(STIMULI, np.ones(5))
    with pytest.raises(ValueError, match="at least 0"):
        spike_triggered_average(STIMULI, -np.ones(20000))
    with pytest.raises(ValueError, match="one cell that responds"):
        spike_triggered_covariance(STIMULI, np.zeros(20000))
