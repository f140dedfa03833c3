"""How selective single cells are: for one of two classes, and for a few of many."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["auc", "d_prime", "selectivity_index", "sparseness"]


def auc(preferred: ArrayLike, other: ArrayLike) -> float:
    """Probability that a response to the preferred class exceeds one to the other; ties count half.

    The area under the receiver operating characteristic: 0.5 for no difference, below 0.5 if the
    cell prefers the other class after all.

    Args:
        preferred, other: (n,), (m,) responses, finite and not empty.
    """
    from scipy.stats import mannwhitneyu

    a, b = _checked(preferred, other)
    return float(mannwhitneyu(a, b).statistic / (len(a) * len(b)))


def d_prime(preferred: ArrayLike, other: ArrayLike) -> float:
    """Difference of the means over the root mean square of the two standard deviations.

    Infinite for different responses that never vary, 0 for equal ones.
    """
    a, b = _checked(preferred, other)
    if np.ptp(a) == 0 and np.ptp(b) == 0:
        # Means and variances of equal numbers have rounding errors.
        return 0.0 if a[0] == b[0] else float(np.sign(a[0] - b[0]) * np.inf)
    return float((a.mean() - b.mean()) / np.sqrt((a.var() + b.var()) / 2))


def selectivity_index(preferred: ArrayLike, other: ArrayLike) -> float:
    """`(a - b)/(a + b)` of the mean responses: 1 if only the preferred class gets any.

    Responses are at least 0. 0 for a cell that does not respond at all.
    """
    a, b = _checked(preferred, other)
    if min(a.min(), b.min()) < 0:
        raise ValueError("responses hold negative values; give counts or rates")
    total = a.mean() + b.mean()
    return float((a.mean() - b.mean()) / total) if total else 0.0


def sparseness(responses: ArrayLike, axis: int = 0) -> NDArray[np.float64]:
    """`1 - <r>^2 / <r^2>` along `axis`: 0 if all are equal, 1 - 1/n if one of n responds alone.

    Of the mean responses (n_classes, n_cells) to each class, `axis=0` gives the lifetime sparseness
    of each cell, `axis=1` the population sparseness of each class (Rolls & Tovee 1995, without
    their factor). NaN where nothing responds.
    """
    r = np.asarray(responses, dtype=float)
    if r.size == 0 or not np.all(np.isfinite(r)) or r.min() < 0:
        raise ValueError(f"responses {r.shape} have to be finite, at least 0 and not empty")
    with np.errstate(invalid="ignore"):
        return 1 - r.mean(axis=axis) ** 2 / np.mean(r**2, axis=axis)


def _checked(
    preferred: ArrayLike, other: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    a, b = np.asarray(preferred, dtype=float), np.asarray(other, dtype=float)
    for values in (a, b):
        if values.ndim != 1 or values.size == 0 or not np.all(np.isfinite(values)):
            raise ValueError(
                f"responses of shapes {a.shape} and {b.shape} have to be (n,), finite, not empty"
            )
    return a, b
