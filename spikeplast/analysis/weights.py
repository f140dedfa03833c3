"""Numbers that describe a weight matrix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "WeightCourse",
    "WeightStatistics",
    "bimodality",
    "effective_rank",
    "weight_course",
    "weight_statistics",
]


@dataclass(frozen=True)
class WeightStatistics:
    """Statistics of a weight matrix, in the weights' own unit where they have one."""

    mean: float
    std: float
    minimum: float
    maximum: float
    at_lower_bound: float
    """Share of weights within 1 % of the range from the lower bound, 0 to 1"""
    at_upper_bound: float
    """Share of weights within 1 % of the range from the upper bound, 0 to 1"""
    sparseness: float
    """Mean over cells of Hoyer's sparseness of the incoming weights: 0 equal, 1 a single one"""


def weight_statistics(
    weights: ArrayLike, w_min: float = 0.0, w_max: float = 1.0
) -> WeightStatistics:
    """Describe the weights of shape (n_inputs, n_cells), bounded by `w_min` and `w_max`.

    Sparseness is Hoyer's (2004, J Mach Learn Res 5:1457): `(sqrt(n) - l1/l2)/(sqrt(n) - 1)`, for
    each cell whose weights are not all zero.

    Raises:
        ValueError: for a matrix that is empty, not two-dimensional or not finite.
    """
    w = np.asarray(weights, dtype=float)
    if w.ndim != 2 or w.size == 0:
        raise ValueError(f"weights have shape {w.shape}; expected (n_inputs, n_cells), not empty")
    if not np.all(np.isfinite(w)):
        raise ValueError(f"weights hold {np.count_nonzero(~np.isfinite(w))} values not finite")
    if not w_min < w_max:
        raise ValueError(f"w_min = {w_min} must be below w_max = {w_max}")
    margin = 0.01 * (w_max - w_min)
    l1 = np.abs(w).sum(axis=0)
    l2 = np.sqrt((w**2).sum(axis=0))
    alive = l2 > 0
    root = np.sqrt(len(w))
    sparse = (root - l1[alive] / l2[alive]) / (root - 1) if len(w) > 1 else np.zeros(1)
    return WeightStatistics(
        mean=float(w.mean()),
        std=float(w.std()),
        minimum=float(w.min()),
        maximum=float(w.max()),
        at_lower_bound=float(np.mean(w <= w_min + margin)),
        at_upper_bound=float(np.mean(w >= w_max - margin)),
        sparseness=float(sparse.mean()) if sparse.size else 0.0,
    )


def bimodality(weights: ArrayLike) -> float:
    """Sarle's coefficient `(skewness^2 + 1) / kurtosis`: 1/3 Gaussian, 5/9 uniform, 1 two values.

    Args:
        weights: of any shape, finite and not all equal.
    """
    from scipy.stats import kurtosis, skew

    w = np.asarray(weights, dtype=float).ravel()
    if w.size == 0 or not np.all(np.isfinite(w)) or np.ptp(w) == 0:
        raise ValueError(f"{w.size} weights have to be finite and not all equal")
    return float((skew(w) ** 2 + 1) / kurtosis(w, fisher=False))


def effective_rank(weights: ArrayLike) -> float:
    """Exponential of the entropy of the singular values: how many directions a matrix has.

    Roy & Vetterli 2007: 1 if all cells have the same weights up to a factor, the full rank if all
    singular values are equal.

    Args:
        weights: (n_inputs, n_cells), finite and not all 0.
    """
    w = np.asarray(weights, dtype=float)
    if w.ndim != 2 or w.size == 0 or not np.all(np.isfinite(w)) or not w.any():
        raise ValueError(
            f"weights of shape {w.shape} have to be (n_inputs, n_cells), finite and not all 0"
        )
    values = np.linalg.svd(w, compute_uv=False)
    share = values[values > 0] / values.sum()
    return float(np.exp(-np.sum(share * np.log(share))))


@dataclass(frozen=True)
class WeightCourse:
    """How weights change over the time of a simulation, one value per sample."""

    drift: NDArray[np.float64]
    """(n_times - 1,) mean absolute change of a weight from one sample to the next"""
    similarity: NDArray[np.float64]
    """(n_times,) mean over cells of the correlation of their weights with those at the end"""
    bimodality: NDArray[np.float64]
    """(n_times,) of all weights, see `bimodality`; NaN where all are equal"""
    effective_rank: NDArray[np.float64]
    """(n_times,) see `effective_rank`; NaN where all are 0"""


def weight_course(samples: ArrayLike) -> WeightCourse:
    """Drift, similarity to the end, bimodality and rank of weights sampled over time.

    Args:
        samples: (n_times, n_inputs, n_cells) with n_times and n_inputs at least 2, finite.
    """
    w = np.asarray(samples, dtype=float)
    if w.ndim != 3 or min(w.shape[:2], default=0) < 2 or w.size == 0 or not np.all(np.isfinite(w)):
        raise ValueError(
            f"samples of shape {w.shape} have to be (n_times, n_inputs, n_cells), the first two at "
            "least 2, and finite"
        )
    centred = w - w.mean(axis=1, keepdims=True)
    lengths = np.sqrt(np.sum(centred**2, axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = np.sum(centred * centred[-1], axis=1) / (lengths * lengths[-1])
    # Rounding makes something of weights that are all equal.
    varied = np.ptp(w, axis=1) > 0
    correlation[~(varied & varied[-1])] = np.nan
    return WeightCourse(
        drift=np.abs(np.diff(w, axis=0)).mean(axis=(1, 2)),
        similarity=np.array([_mean_of_defined(row) for row in correlation]),
        bimodality=np.array([bimodality(m) if np.ptp(m) > 0 else np.nan for m in w]),
        effective_rank=np.array([effective_rank(m) if m.any() else np.nan for m in w]),
    )


def _mean_of_defined(values: NDArray[np.float64]) -> float:
    """Without cells whose weights are all equal, which have no correlation."""
    defined = values[np.isfinite(values)]
    return float(defined.mean()) if defined.size else np.nan
