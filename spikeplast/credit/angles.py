"""Angles between vectors and between matrices, in degrees."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["angle", "angles"]


def angles(a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """Angle between each row of a and the same row of b, 0 to 180; nan where a row is 0.

    Args:
        a, b: (n, m) each.

    Raises:
        ValueError: for different shapes.
    """
    u, v = np.atleast_2d(np.asarray(a, dtype=float)), np.atleast_2d(np.asarray(b, dtype=float))
    if u.shape != v.shape:
        raise ValueError(f"no angles between arrays of shapes {u.shape} and {v.shape}")
    lengths = np.linalg.norm(u, axis=1) * np.linalg.norm(v, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        cosines = np.sum(u * v, axis=1) / lengths
    return np.degrees(np.arccos(np.clip(cosines, -1, 1)))


def angle(a: ArrayLike, b: ArrayLike) -> float:
    """Angle between two arrays of one shape, each taken as one vector; nan if one of them is 0."""
    return float(angles(np.ravel(a), np.ravel(b))[0])
