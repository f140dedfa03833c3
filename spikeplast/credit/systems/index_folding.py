"""How two scalars can carry two pairs of numbers: a coarse and a fine part of each.

theta = a (i/k - x) + b (i/k - x)^2 with x = round(i/k), and phi likewise from j: a synapse that
knows the angle theta and the count x of its partner knows i. An argument for how pre- and
postsynaptic cell could multiplex more than one factor, worked out; no experiment is behind it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["fold", "unfold"]

K = 13.165


def fold(
    index: ArrayLike, k: float = K, a: float = 1.0, b: float = 0.5
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coarse part x = round(i/k) and fine part theta of each index.

    Args:
        index: numbers i of any shape.
        k: indices for each coarse step, above 0.
        a, b: of theta; |a| must be above |b|, else theta is not monotone and cannot be unfolded.

    Raises:
        ValueError: for values out of range.
    """
    _check(k, a, b)
    scaled = np.asarray(index, dtype=float) / k
    coarse = np.round(scaled)
    rest = scaled - coarse
    return coarse, a * rest + b * rest**2


def unfold(
    coarse: ArrayLike, fine: ArrayLike, k: float = K, a: float = 1.0, b: float = 0.5
) -> NDArray[np.float64]:
    """The indices that `fold` made these of, up to rounding.

    Raises:
        ValueError: for values out of range, or a fine part that no index has.
    """
    _check(k, a, b)
    x, theta = np.asarray(coarse, dtype=float), np.asarray(fine, dtype=float)
    discriminant = a * a + 4 * b * theta
    if np.any(discriminant < 0):
        raise ValueError("a fine part is out of range: no index folds to it")
    # The root near 0 of b r^2 + a r - theta, in the form that has no difference of near numbers.
    rest = 2 * theta / (a + np.sign(a) * np.sqrt(discriminant))
    if np.any(np.abs(rest) > 0.5 + 1e-9):
        raise ValueError("a fine part is out of range: no index folds to it")
    return k * (x + rest)


def _check(k: float, a: float, b: float) -> None:
    if not k > 0:
        raise ValueError(f"k = {k} must be above 0")
    if not abs(a) > abs(b):
        raise ValueError(f"|a| = {abs(a)} must be above |b| = {abs(b)}, else two indices fold to "
                         "one")  # fmt: skip
