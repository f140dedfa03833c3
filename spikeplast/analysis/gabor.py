"""Gabor functions fitted to receptive fields."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["GaborFit", "fit_gabor", "gabor"]


@dataclass(frozen=True)
class GaborFit:
    """A Gabor function; lengths in pixels, angles in radians.

    `amplitude exp(-(u/width)^2/2 - (v/length)^2/2) cos(2 pi frequency u + phase)`, where `u` runs
    along `orientation` from the centre (across the stripes) and `v` along the stripes.
    """

    amplitude: float
    """At least 0"""
    row: float
    column: float
    width: float
    length: float
    orientation: float
    """Direction across the stripes, 0 to pi: 0 along a row of pixels, pi/2 down a column"""
    frequency: float
    """Cycles per pixel, 0 to 0.5"""
    phase: float
    """-pi to pi; 0 is symmetric, pi/2 antisymmetric"""
    goodness: float
    """Share of the field's sum of squares that the fit explains, 0 to 1"""


def gabor(fit: GaborFit, shape: tuple[int, int]) -> NDArray[np.float64]:
    """The fitted function on the pixels of a field of `shape` (height, width)."""
    columns = _components(
        np.array([fit.row, fit.column, fit.width, fit.length, fit.orientation, fit.frequency]),
        shape,
    )
    return (fit.amplitude * columns @ [np.cos(fit.phase), -np.sin(fit.phase)]).reshape(shape)


def fit_gabor(field: ArrayLike) -> GaborFit:
    """The Gabor function closest to a field (height, width) by least squares.

    Amplitude and phase follow from a linear fit at each step, so the search (SciPy's trust
    region) is in six dimensions; it starts from the peak of the field's spectrum and the centre of
    its energy, at several sizes.

    Raises:
        ValueError: for a field below 4x4 pixels, not finite, or zero everywhere.
    """
    from scipy.optimize import least_squares

    values = np.asarray(field, dtype=float)
    if values.ndim != 2 or min(values.shape) < 4:
        raise ValueError(f"a field of shape {values.shape}; expected (height, width) from 4x4")
    if not np.all(np.isfinite(values)) or not values.any():
        raise ValueError("the field has to be finite and not zero everywhere")
    # At unit scale the tolerances of the search mean the same for every field.
    scaled = values.ravel() / np.sqrt(np.sum(values**2))

    def residual(parameters: NDArray) -> NDArray:
        columns = _components(parameters, values.shape)
        return columns @ np.linalg.lstsq(columns, scaled, rcond=None)[0] - scaled

    height, width = values.shape
    low = [-height / 2, -width / 2, 0.4, 0.4, -np.inf, 0.0]
    high = [1.5 * height, 1.5 * width, 2.0 * width, 2.0 * height, np.inf, 0.5]
    best = min(
        (
            least_squares(residual, np.clip(start, low, high), bounds=(low, high))
            for start in _starts(values)
        ),
        key=lambda found: found.cost,
    )
    return _fit(best.x, values)


def _starts(values: NDArray) -> list[NDArray]:
    energy = values**2 / np.sum(values**2)
    rows, columns = np.indices(values.shape)
    centre = [float(np.sum(energy * rows)), float(np.sum(energy * columns))]
    spread = np.sqrt(np.sum(energy * ((rows - centre[0]) ** 2 + (columns - centre[1]) ** 2)) / 2)
    padded = 4 * max(values.shape)
    spectrum = np.abs(np.fft.fft2(values, (padded, padded)))
    spectrum[:, padded // 2 + 1 :] = 0
    peak = np.unravel_index(np.argmax(spectrum), spectrum.shape)
    down, across = np.fft.fftfreq(padded)[peak[0]], abs(np.fft.fftfreq(padded)[peak[1]])
    frequency = max(float(np.hypot(down, across)), 0.02)
    angle = float(np.arctan2(down, across))
    return [
        np.array([*centre, *(size * spread for size in sizes), angle, min(frequency, 0.49)])
        for sizes in ((1.0, 1.0), (0.5, 1.5), (0.5, 0.5), (2.0, 2.0))
    ]


def _components(parameters: NDArray, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Envelope times cosine and sine, (n_pixels, 2)."""
    row, column, width, length, orientation, frequency = parameters
    rows, columns = np.indices(shape)
    y, x = rows.ravel() - row, columns.ravel() - column
    u = x * np.cos(orientation) + y * np.sin(orientation)
    v = -x * np.sin(orientation) + y * np.cos(orientation)
    envelope = np.exp(-((u / width) ** 2) / 2 - (v / length) ** 2 / 2)
    wave = 2 * np.pi * frequency * u
    return envelope[:, None] * np.column_stack([np.cos(wave), np.sin(wave)])


def _fit(parameters: NDArray, values: NDArray) -> GaborFit:
    columns = _components(parameters, values.shape)
    (even, odd), *_ = np.linalg.lstsq(columns, values.ravel(), rcond=None)
    left = values.ravel() - columns @ [even, odd]
    amplitude, phase = float(np.hypot(even, odd)), float(np.arctan2(-odd, even))
    orientation = float(parameters[4] % (2 * np.pi))
    if orientation >= np.pi:
        # The same stripes seen from the other side.
        orientation, phase = orientation - np.pi, -phase
    return GaborFit(
        amplitude=amplitude,
        row=float(parameters[0]),
        column=float(parameters[1]),
        width=float(parameters[2]),
        length=float(parameters[3]),
        orientation=orientation,
        frequency=float(parameters[5]),
        phase=phase,
        goodness=float(1 - np.sum(left**2) / np.sum(values**2)),
    )
