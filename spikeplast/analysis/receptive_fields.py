"""Measures of receptive fields: how local, how oriented, how non-Gaussian what they see is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Orientation", "orientation", "participation_ratio", "projection_kurtosis", "spread"]


@dataclass(frozen=True)
class Orientation:
    """Where the power of a field's spectrum lies."""

    share: float
    """Largest share of the power in two neighbouring bins of direction: 0.25 if all are equal"""
    angle: float
    """Mean direction across the stripes, 0 to pi: 0 along a row of pixels, pi/2 down a column"""


def participation_ratio(fields: ArrayLike, *, spectral: bool = False) -> NDArray[np.float64]:
    """`(sum w^2)^2 / (n sum w^4)`: 1 if all are equal in size, 1/n if a single one is not 0.

    The measure of Brito & Gerstner 2016 (their published code).

    Args:
        fields: (height, width) or (n_fields, height, width).
        spectral: of the absolute values of the two-dimensional Fourier transform instead: small
            for a field of few frequencies.

    Returns:
        () or (n_fields,); NaN for a field that is zero everywhere.
    """
    values = _checked(fields)
    squares = np.abs(np.fft.fft2(values)) ** 2 if spectral else values**2
    squares = squares.reshape(*squares.shape[:-2], -1)
    with np.errstate(invalid="ignore", divide="ignore"):
        # Each by its own sum first, so that no power underflows.
        share = squares / squares.sum(axis=-1, keepdims=True)
        return 1 / np.sum(share**2, axis=-1) / share.shape[-1]


def spread(fields: ArrayLike) -> NDArray[np.float64]:
    """Root mean square radius of `w^2` around its centre, over that of a uniform field.

    0 for a single pixel, 1 for a field that is not localised.

    Args:
        fields: (height, width) or (n_fields, height, width).

    Returns:
        () or (n_fields,); NaN for a field that is zero everywhere.
    """
    values = _checked(fields)
    with np.errstate(invalid="ignore", divide="ignore"):
        energy = values**2 / np.sum(values**2, axis=(-2, -1), keepdims=True)
    height, width = values.shape[-2:]
    variance = sum(
        np.sum(energy * at**2, axis=(-2, -1)) - np.sum(energy * at, axis=(-2, -1)) ** 2
        for at in np.indices((height, width))
    )
    uniform = (height**2 - 1) / 12 + (width**2 - 1) / 12
    return np.sqrt(np.maximum(variance, 0) / uniform)


def orientation(field: ArrayLike, *, n_bins: int = 8, padding: float = 1.5) -> Orientation:
    """How much of a field's power lies in one direction, and which.

    The power spectrum (zero-padded by `padding`, without its mean) is cut into `n_bins` bins of
    direction over half a turn. A field counts as oriented if more than half of the power lies in
    two neighbouring bins of eight.

    Args:
        field: (height, width), not zero everywhere; ValueError otherwise.
    """
    values = _checked(field)
    if values.ndim != 2:
        raise ValueError(f"a field of shape {values.shape}; expected one field (height, width)")
    shape = tuple(round(padding * n) for n in values.shape)
    power = np.abs(np.fft.fft2(values, shape)) ** 2
    down, across = np.meshgrid(*(np.fft.fftfreq(n) for n in shape), indexing="ij")
    power[0, 0] = 0
    if not power.sum() > 0:
        raise ValueError("the field is zero everywhere; it has no orientation")
    angle = np.arctan2(down, across) % np.pi
    bins = np.minimum((angle / np.pi * n_bins).astype(int), n_bins - 1)
    binned = np.bincount(bins.ravel(), power.ravel(), minlength=n_bins)
    pairs = binned + np.roll(binned, -1)
    mean = np.angle(np.sum(power * np.exp(2j * angle))) / 2
    return Orientation(float(pairs.max() / power.sum()), float(mean % np.pi))


def projection_kurtosis(data: ArrayLike, fields: ArrayLike) -> NDArray[np.float64]:
    """Excess kurtosis of the data's projections on each field: 0 if Gaussian, above if sparse.

    Args:
        data: (n_samples, n_dimensions).
        fields: (n_fields, n_dimensions).

    Returns:
        (n_fields,); NaN for a field on which all data project alike.

    Raises:
        ValueError: for shapes that do not fit, no data, or values that are not finite.
    """
    from scipy.stats import kurtosis

    x, w = np.asarray(data, dtype=float), np.atleast_2d(np.asarray(fields, dtype=float))
    if x.ndim != 2 or x.size == 0 or w.ndim != 2 or x.shape[1] != w.shape[1]:
        raise ValueError(
            f"data {x.shape} and fields {w.shape} have to share their last dimension, and not be "
            "empty"
        )
    if not (np.all(np.isfinite(x)) and np.all(np.isfinite(w))):
        raise ValueError("data and fields have to be finite")
    return np.asarray(kurtosis(x @ w.T, axis=0))


def _checked(fields: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(fields, dtype=float)
    if values.ndim not in (2, 3) or values.size == 0 or not np.all(np.isfinite(values)):
        raise ValueError(
            f"fields of shape {values.shape}; expected (height, width) or (n, height, width), "
            "finite and not empty"
        )
    return values
