"""Oja's rule for one unit, averaged over the inputs, in closed form.

With w = sum_k a_k v_k over the eigenvectors of the inputs' correlation matrix,
da_k/dt = (lambda_k - sum_l a_l^2 lambda_l) a_k; the eigenvector of the largest eigenvalue wins.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["oja_closed_form", "oja_slope"]


def oja_slope(a: ArrayLike, eigenvalues: ArrayLike) -> NDArray[np.float64]:
    """da/dt for coefficients a (n,) and eigenvalues (n,)."""
    coefficients, values = np.asarray(a, dtype=float), np.asarray(eigenvalues, dtype=float)
    return (values - np.sum(coefficients**2 * values)) * coefficients


def oja_closed_form(start: ArrayLike, eigenvalues: ArrayLike, t: ArrayLike) -> NDArray[np.float64]:
    """a_k(t) = a_k(0) e^(lambda_k t) / sqrt(1 + sum_l a_l(0)^2 (e^(2 lambda_l t) - 1)).

    Args:
        start: (n,) coefficients at t = 0.
        eigenvalues: (n,), at least 0.
        t: (m,) times, in units of 1/(learning rate).

    Returns:
        (m, n).

    Raises:
        ValueError: for shapes that do not fit, or negative eigenvalues.
    """
    a, values = np.asarray(start, dtype=float), np.asarray(eigenvalues, dtype=float)
    if a.ndim != 1 or a.shape != values.shape or np.any(values < 0):
        raise ValueError(f"start {a.shape} and eigenvalues {values.shape} must be of one length, "
                         "and eigenvalues at least 0")  # fmt: skip
    growth = np.exp(np.multiply.outer(np.asarray(t, dtype=float), values))
    return a * growth / np.sqrt(1 + np.sum(a**2 * (growth**2 - 1), axis=-1, keepdims=True))
