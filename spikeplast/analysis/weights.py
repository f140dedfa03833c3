"""Numbers that describe a weight matrix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["WeightStatistics", "weight_statistics"]


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
