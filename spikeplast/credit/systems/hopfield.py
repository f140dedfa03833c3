"""Hopfield's memory: patterns stored by Hebb's rule, recalled by asynchronous updates.

Hopfield (1982); Amit, Gutfreund & Sompolinsky (1985): for N to infinity patterns are recalled up to
0.138 N of them, with an overlap of 0.967 there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["field_moments", "overlap", "random_patterns", "recall", "store"]

Array = NDArray[np.float64]


def random_patterns(n_patterns: int, n_units: int, random_state: int = 0) -> Array:
    """(n_patterns, n_units) of -1 and 1, each with probability 1/2."""
    rng = np.random.default_rng(random_state)
    return rng.choice([-1.0, 1.0], (n_patterns, n_units))


def store(patterns: ArrayLike) -> Array:
    """J = (1/N) sum over patterns of xi xi^T, with a diagonal of 0: (N, N).

    Raises:
        ValueError: if patterns are not (n_patterns, N) of -1 and 1.
    """
    xi = _signs(patterns, 2)
    J = xi.T @ xi / xi.shape[1]
    np.fill_diagonal(J, 0)
    return J


def recall(
    J: Array, start: ArrayLike, *, max_sweeps: int = 200, random_state: int = 0
) -> tuple[NDArray[np.float64], bool]:
    """Update units one by one, in a new random order each sweep, until none changes.

    Args:
        J: (N, N) symmetric weights.
        start: (N,) of -1 and 1.
        max_sweeps: after so many sweeps it stops anyway.

    Returns:
        the state (N,), and whether it is a fixed point.

    Raises:
        ValueError: for shapes that do not fit, or other values.
    """
    s = _signs(start, 1).copy()
    if np.shape(J) != (len(s), len(s)) or not np.isfinite(J).all():
        raise ValueError(f"weights {np.shape(J)} must be ({len(s)}, {len(s)}) and finite")
    rng = np.random.default_rng(random_state)
    field = J @ s
    for _ in range(max_sweeps):
        changed = False
        for i in rng.permutation(len(s)).tolist():
            if s[i] * field[i] < 0:
                s[i] = -s[i]
                field += 2 * s[i] * J[i]
                changed = True
        if not changed:
            return s, True
    return s, False


def overlap(state: ArrayLike, pattern: ArrayLike) -> float:
    """Mean product of the two, -1 to 1."""
    return float(np.mean(_signs(state, 1) * _signs(pattern, 1)))


def field_moments(J: Array, state: ArrayLike, pattern: ArrayLike) -> dict[str, float]:
    """Mean, standard deviation and excess kurtosis of the fields, each times the pattern's sign.

    In theory overlap m, sqrt(n_patterns/N) and 0 for stored patterns; mean 0 for random weights:
    random input is known by its moments, overlaps are what carries memory.
    """
    h = (J @ _signs(state, 1)) * _signs(pattern, 1)
    deviations = (h - h.mean()) / h.std()
    return {"mean": float(h.mean()), "std": float(h.std()),
            "excess_kurtosis": float(np.mean(deviations**4) - 3)}  # fmt: skip


def _signs(values: ArrayLike, n_dimensions: int) -> Array:
    s = np.asarray(values, dtype=float)
    if s.ndim != n_dimensions or not s.size or not np.all(np.abs(s) == 1):
        raise ValueError(f"values of shape {s.shape} must have {n_dimensions} dimension(s) and be "
                         "-1 or 1")  # fmt: skip
    return s
