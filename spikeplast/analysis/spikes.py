"""Statistics of spike trains: rates, intervals, synchrony, spectra of the population rate.

Spikes are a pair of arrays, the cells' numbers and the times in seconds, of equal length and in
any order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "PopulationSpectrum",
    "count_correlation",
    "firing_rates",
    "interval_cv",
    "intervals",
    "population_spectrum",
    "spike_counts",
    "spike_trains",
    "synchrony",
]


class PopulationSpectrum(NamedTuple):
    """Power of the population rate."""

    frequencies: NDArray[np.float64]
    """In Hz"""
    power: NDArray[np.float64]
    """One-sided, in Hz^2/Hz. Independent Poisson cells of rate r give 2 r / n_cells at all
    frequencies."""


def spike_counts(
    indices: ArrayLike, times: ArrayLike, n_cells: int, edges: ArrayLike
) -> NDArray[np.int64]:
    """Spikes of each cell in each stretch of time, (n_edges - 1, n_cells).

    Args:
        indices: (n,) integers from 0 to n_cells - 1.
        times: (n,) in seconds.
        edges: (n_edges,) ascending times (s); a stretch includes its start and not its end, and
            spikes outside of all are left out.
    """
    cells, at = _checked(indices, times, n_cells)
    limits = np.asarray(edges, dtype=float)
    if limits.ndim != 1 or len(limits) < 2 or not np.all(np.diff(limits) > 0):
        raise ValueError(f"edges of shape {limits.shape} have to be two or more ascending times")
    # Times lie on the grid of a simulation and edges often do too: rounding must not decide.
    stretch = np.searchsorted(limits, at + 1e-9, side="right") - 1
    inside = (stretch >= 0) & (stretch < len(limits) - 1)
    flat = np.bincount(
        stretch[inside] * n_cells + cells[inside], minlength=(len(limits) - 1) * n_cells
    )
    return flat.reshape(len(limits) - 1, n_cells)


def firing_rates(
    indices: ArrayLike, times: ArrayLike, n_cells: int, duration: float
) -> NDArray[np.float64]:
    """Mean rate of each cell (Hz), (n_cells,), over `duration` (s) from time 0."""
    if not duration > 0:
        raise ValueError(f"duration = {duration} s is not above 0")
    return spike_counts(indices, times, n_cells, [0.0, duration])[0] / duration


def spike_trains(indices: ArrayLike, times: ArrayLike, n_cells: int) -> list[NDArray[np.float64]]:
    """Spike times of each cell (s), ascending, one array for each cell."""
    cells, at = _checked(indices, times, n_cells)
    order = np.lexsort((at, cells))
    return np.split(at[order], np.cumsum(np.bincount(cells, minlength=n_cells))[:-1])


def intervals(indices: ArrayLike, times: ArrayLike, n_cells: int) -> list[NDArray[np.float64]]:
    """Times between successive spikes (s), one array for each cell."""
    return [np.diff(train) for train in spike_trains(indices, times, n_cells)]


def interval_cv(indices: ArrayLike, times: ArrayLike, n_cells: int) -> NDArray[np.float64]:
    """Coefficient of variation of each cell's intervals: 0 for a clock, 1 for Poisson spikes.

    Returns:
        (n_cells,); NaN for cells with fewer than two intervals.
    """
    return np.array(
        [
            d.std(ddof=1) / d.mean() if len(d) > 1 and d.mean() > 0 else np.nan
            for d in intervals(indices, times, n_cells)
        ]
    )


def synchrony(counts: ArrayLike) -> float:
    """Golomb's chi: standard deviation of the population mean over that of single cells.

    `sqrt(var_t(mean_i x_i) / mean_i(var_t(x_i)))` (Golomb & Rinzel 1993): 1 if all cells do the
    same, about 1/sqrt(n_cells) if they are independent.

    Args:
        counts: (n_times, n_cells) spike counts, or voltages.
    """
    x = _matrix(counts)
    # Not by its variance, which rounding leaves above 0 where all are the same.
    if not np.ptp(x, axis=0).any():
        raise ValueError("no cell changes over time; synchrony is not defined")
    return float(np.sqrt(x.mean(axis=1).var() / x.var(axis=0).mean()))


def count_correlation(counts: ArrayLike) -> float:
    """Mean Pearson correlation of the counts of two cells, over all pairs of cells that change.

    Args:
        counts: (n_times, n_cells).
    """
    x = _matrix(counts)
    x = x[:, np.ptp(x, axis=0) > 0]
    n = x.shape[1]
    if n < 2:
        raise ValueError(f"{n} cells change over time; a correlation needs two")
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    # The variance of the sum of standardised counts is n plus the sum over ordered pairs.
    return float((z.sum(axis=1).var() - n) / (n * (n - 1)))


def population_spectrum(
    times: ArrayLike,
    n_cells: int,
    duration: float,
    *,
    bin_width: float = 1e-3,
    segment: float = 1.0,
) -> PopulationSpectrum:
    """Power spectrum of the mean rate of the population (Welch's method, SciPy).

    Args:
        times: (n,) spike times (s) of all cells.
        duration: of the recording (s), at least one segment.
        bin_width: width of the rate's bins (s); the highest frequency is 0.5/bin_width.
        segment: length of Welch's segments (s); the resolution is 1/segment.
    """
    from scipy.signal import welch

    if n_cells < 1 or not 0 < bin_width < segment <= duration:
        raise ValueError(
            f"{n_cells = } must be at least 1, and bin_width = {bin_width:g} s < segment = "
            f"{segment:g} s <= duration = {duration:g} s"
        )
    n_bins = round(duration / bin_width)
    edges = np.arange(n_bins + 1) * bin_width
    at = np.asarray(times, dtype=float)
    counts = spike_counts(np.zeros(len(at), dtype=int), at, 1, edges)[:, 0]
    rate = counts / (n_cells * bin_width)
    return PopulationSpectrum(
        *welch(rate, fs=1 / bin_width, nperseg=round(segment / bin_width), detrend="constant")
    )


def _checked(
    indices: ArrayLike, times: ArrayLike, n_cells: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    cells, at = np.asarray(indices), np.asarray(times, dtype=float)
    if n_cells < 1:
        raise ValueError(f"n_cells = {n_cells} is below 1")
    if cells.ndim != 1 or cells.shape != at.shape:
        raise ValueError(f"{cells.shape} cell numbers and {at.shape} times; give one each")
    if len(cells) and not np.issubdtype(cells.dtype, np.integer):
        raise ValueError(f"cell numbers have type {cells.dtype}; they have to be whole numbers")
    if not np.all(np.isfinite(at)):
        raise ValueError("spike times hold NaN or infinity")
    if len(cells) and not (cells.min() >= 0 and cells.max() < n_cells):
        raise ValueError(f"cell numbers from {cells.min()} to {cells.max()}, but {n_cells} cells")
    return cells.astype(np.int64), at


def _matrix(counts: ArrayLike) -> NDArray[np.float64]:
    x = np.asarray(counts, dtype=float)
    if x.ndim != 2 or x.size == 0 or not np.all(np.isfinite(x)):
        raise ValueError(f"counts {x.shape} must be (n_times, n_cells), finite and not empty")
    return x
