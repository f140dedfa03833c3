"""Patches of photographs, whitened, as natural images for learning."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "bundled_photographs",
    "contrast_normalised",
    "frequency_whitened",
    "patches",
    "phase_shuffled",
    "reduced",
    "rotated",
    "whitened",
]


def bundled_photographs() -> list[NDArray[np.float64]]:
    """Grey levels (0 to 255) of the two photographs of scikit-learn, 427 x 640 pixels."""
    from sklearn.datasets import load_sample_images

    return [np.asarray(image, dtype=float).mean(axis=2) for image in load_sample_images().images]


def reduced(image: ArrayLike, factor: int) -> NDArray[np.float64]:
    """A grey image with means of `factor` x `factor` pixels instead of these; rests are cut off.

    Raises ValueError for a factor that is not a whole number from 1 to the image's size.
    """
    pixels = np.asarray(image, dtype=float)
    if int(factor) != factor or not 1 <= factor <= min(pixels.shape):
        raise ValueError(f"factor = {factor} is not a whole number from 1 to {min(pixels.shape)}")
    height, width = (extent // factor for extent in pixels.shape)
    cut = pixels[: height * factor, : width * factor]
    return cut.reshape(height, factor, width, factor).mean(axis=(1, 3))


def phase_shuffled(image: ArrayLike, rng: np.random.Generator) -> NDArray[np.float64]:
    """A grey image with the same power at each frequency, and the phases of white noise."""
    pixels = np.asarray(image, dtype=float)
    noise = np.fft.rfft2(rng.normal(size=pixels.shape))
    mean = pixels.mean()
    power = np.abs(np.fft.rfft2(pixels - mean))
    return mean + np.fft.irfft2(power * noise / np.abs(noise), pixels.shape)


def rotated(image: ArrayLike, angle: float) -> NDArray[np.float64]:
    """The largest upright square that a grey image holds in the middle, turned by `angle` degrees.

    Its side is the image's shorter side over `|cos| + |sin|` of the angle, rounded down.
    """
    from scipy.ndimage import rotate

    pixels = np.asarray(image, dtype=float)
    turn = np.deg2rad(angle)
    side = int(min(pixels.shape) / (abs(np.cos(turn)) + abs(np.sin(turn))) + 1e-9)
    turned = rotate(pixels, angle, reshape=False, order=3, mode="mirror")
    top, left = ((extent - side) // 2 for extent in pixels.shape)
    return turned[top : top + side, left : left + side]


def frequency_whitened(image: ArrayLike, *, cutoff: float = 200 / 512) -> NDArray[np.float64]:
    """A grey image filtered by `f exp(-(f/cutoff)^4)`, with a variance of 1.

    It flattens the spectrum of natural images, whose amplitude falls as 1/f, up to the `cutoff` (in
    cycles per pixel, > 0): 200 cycles per image of 512 pixels in Olshausen & Field 1996. ValueError
    for an image that is the same everywhere.
    """
    pixels = np.asarray(image, dtype=float)
    if not cutoff > 0:
        raise ValueError(f"cutoff = {cutoff} cycles per pixel is not above 0")
    down = np.fft.fftfreq(pixels.shape[0])[:, None]
    across = np.fft.rfftfreq(pixels.shape[1])
    f = np.hypot(down, across)
    filtered = np.fft.irfft2(np.fft.rfft2(pixels) * f * np.exp(-((f / cutoff) ** 4)), pixels.shape)
    if not filtered.std() > 1e-12 * np.abs(pixels).max():
        raise ValueError("the image is the same everywhere; there is nothing to whiten")
    return filtered / filtered.std()


def patches(
    images: Sequence[ArrayLike],
    n: int,
    *,
    size: int = 16,
    rng: np.random.Generator,
    flips: bool = True,
) -> NDArray[np.float64]:
    """`n` random patches of `size` x `size` pixels, each flipped or transposed at random.

    Without `flips` they are as they are, for images whose axes differ, such as cochleograms.
    Returns an array (n, size, size). Raises ValueError for an image that is not a grey one of at
    least that size, or not finite.
    """
    arrays = [np.asarray(image, dtype=float) for image in images]
    if not arrays:
        raise ValueError("no images to take patches from")
    for number, image in enumerate(arrays):
        if image.ndim != 2 or min(image.shape) < size:
            raise ValueError(
                f"image {number} has the shape {image.shape}; expected a grey image of at least "
                f"{size} x {size} pixels"
            )
        if not np.isfinite(image).all():
            raise ValueError(f"image {number} has values that are not finite")
    found = np.empty((n, size, size))
    for patch, which in zip(found, rng.integers(len(arrays), size=n), strict=True):
        image = arrays[which]
        top, left = (rng.integers(extent - size + 1) for extent in image.shape)
        cut = image[top : top + size, left : left + size]
        flip_rows, flip_columns, transpose = rng.integers(2, size=3) if flips else (0, 0, 0)
        cut = cut[:: 1 - 2 * flip_rows, :: 1 - 2 * flip_columns]
        patch[:] = cut.T if transpose else cut
    return found


def whitened(patches: ArrayLike, *, floor: float = 0.0) -> NDArray[np.float64]:
    """The patches without their mean patch, without correlations (ZCA), with a variance of 1.

    `patches` is (n, height, width), with more patches than pixels; returns (n, height * width).
    `floor` (0 to 1), as a share of the largest variance, is added to the variance along each axis:
    it keeps axes that hold little but noise from being raised to the level of the others. An axis
    along which the patches do not vary (the constant one, if each has a mean of 0) stays empty.
    Raises ValueError for too few patches.
    """
    flat = np.asarray(patches, dtype=float)
    flat = flat.reshape(len(flat), -1)
    if len(flat) <= flat.shape[1]:
        raise ValueError(f"{len(flat)} patches of {flat.shape[1]} pixels are too few to whiten")
    flat = flat - flat.mean(axis=0)
    variances, axes = np.linalg.eigh(flat.T @ flat / len(flat))
    kept = variances > 1e-9 * variances[-1]
    axes, variances = axes[:, kept], variances[kept]
    white = flat @ (axes / np.sqrt(variances + floor * variances[-1])) @ axes.T
    return white / white.std()


def contrast_normalised(patches: ArrayLike, *, floor: float = 0.1) -> NDArray[np.float64]:
    """Each patch divided by `sqrt(floor + its variance)`, then all by their standard deviation.

    `patches` is (n, pixels), whitened; `floor` (> 0) is in units of their mean variance. Patches of
    high contrast would otherwise decide what is learned.
    """
    flat = np.asarray(patches, dtype=float)
    found = flat / np.sqrt(floor * flat.var() + flat.var(axis=1, keepdims=True))
    return found / found.std()
