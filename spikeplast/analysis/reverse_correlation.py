"""What drives a cell: averages and covariances of the stimuli that went before its spikes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "SpikeTriggeredCovariance",
    "lagged",
    "spike_triggered_average",
    "spike_triggered_covariance",
]


@dataclass(frozen=True)
class SpikeTriggeredCovariance:
    """Directions in which stimuli before spikes vary more or less than all stimuli."""

    eigenvalues: NDArray[np.float64]
    """(n_dimensions,) of the difference of the covariances, descending"""
    eigenvectors: NDArray[np.float64]
    """(n_dimensions, n_dimensions), one in each row, unit length"""
    null_low: float
    null_high: float
    """Smallest and largest eigenvalue that responses in random order gave"""


def spike_triggered_average(stimuli: ArrayLike, responses: ArrayLike) -> NDArray[np.float64]:
    """Mean stimulus weighted by the response, minus the mean of all stimuli.

    For stimuli without correlations (or whitened) it is proportional to a linear cell's filter.

    Args:
        stimuli: (n, n_dimensions).
        responses: (n,) or (n, n_cells) spike counts or rates, at least 0.

    Returns:
        (n_dimensions,) or (n_cells, n_dimensions); NaN for a cell without a response.
    """
    x, y = _checked(stimuli, responses)
    with np.errstate(invalid="ignore", divide="ignore"):
        averages = (y.T @ x) / y.sum(axis=0)[:, None] - x.mean(axis=0)
    return averages[0] if np.ndim(responses) == 1 else averages


def spike_triggered_covariance(
    stimuli: ArrayLike, responses: ArrayLike, *, n_shuffles: int = 20, random_seed: int = 0
) -> SpikeTriggeredCovariance:
    """Eigenvectors of (covariance of stimuli weighted by the response) - (covariance of all).

    Directions whose eigenvalue lies outside `null_low` to `null_high` matter to the cell: above,
    it responds to either sign (as a complex cell); below, it is suppressed by either sign, or
    saturates. The average before spikes is taken out first, so a linear direction appears in
    `spike_triggered_average` instead.

    Args:
        stimuli: (n, n_dimensions).
        responses: (n,) counts of one cell, at least 0, not all 0.
        n_shuffles: random orders of the responses for the null range, at least 1.
    """
    x, y = _checked(stimuli, responses)
    if np.ndim(responses) != 1 or y.sum() == 0 or n_shuffles < 1:
        raise ValueError(
            f"responses {np.shape(responses)} have to be of one cell that responds, and "
            f"n_shuffles = {n_shuffles} at least 1"
        )
    everything = np.cov(x.T, bias=True).reshape(x.shape[1], -1)
    rng = np.random.default_rng(random_seed)

    def decomposed(weights: NDArray) -> tuple[NDArray, NDArray]:
        found = np.cov(x.T, aweights=weights, bias=True).reshape(everything.shape)
        return np.linalg.eigh(found - everything)

    null = [decomposed(rng.permutation(y[:, 0]))[0] for _ in range(n_shuffles)]
    values, vectors = decomposed(y[:, 0])
    return SpikeTriggeredCovariance(
        values[::-1], vectors.T[::-1], float(np.min(null)), float(np.max(null))
    )


def lagged(stimulus: ArrayLike, n_lags: int) -> NDArray[np.float64]:
    """Each frame with those before it, (n_frames, n_lags * n_dimensions), lag 0 first.

    Makes spatio-temporal stimuli of a film for the functions above; before the film is zero.
    """
    frames = np.asarray(stimulus, dtype=float)
    if frames.ndim != 2 or n_lags < 1:
        raise ValueError(f"stimulus {frames.shape} must be (n_frames, n), {n_lags = } at least 1")
    padded = np.vstack([np.zeros((n_lags - 1, frames.shape[1])), frames])
    n = len(frames)
    return np.hstack([padded[n_lags - 1 - lag : n_lags - 1 - lag + n] for lag in range(n_lags)])


def _checked(
    stimuli: ArrayLike, responses: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x, y = np.asarray(stimuli, dtype=float), np.asarray(responses, dtype=float)
    if x.ndim != 2 or y.ndim not in (1, 2) or len(x) != len(y) or len(x) == 0:
        raise ValueError(
            f"stimuli {x.shape} and responses {y.shape} do not fit; expected (n, n_dimensions) and "
            "(n,) or (n, n_cells)"
        )
    if not (np.all(np.isfinite(x)) and np.all(np.isfinite(y))) or y.min() < 0:
        raise ValueError("stimuli and responses have to be finite, responses at least 0")
    return x, y.reshape(len(y), -1)
