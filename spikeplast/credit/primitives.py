"""Primitives by which feedback weights learn: gradient steps on Kunin et al.'s regularisers.

Kunin, Nayebi, Sagastuy-Brena, Ganguli, Bloom & Yamins (2020), Two routes to scalable credit
assignment without weight symmetry, ICML. With x the presynaptic and y = W x the postsynaptic
activity of a layer, B its feedback weights, and means over a batch:

- decay, from |B|^2:                       dB = -2 B
- amp, from -tr(x^T B W x):                dB = x y^T (Hebbian)
- null, from |B W x|^2:                    dB = -2 B y y^T
- sparse, from |x^T B|^2 (not local):      dB = -2 x x^T B
- self, from -tr(B W) (not local):         dB = W^T
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

__all__ = ["PRIMITIVES", "checked_primitives", "feedback_change"]

Array = NDArray[np.float64]
# feedback B (n_pre, n_post), W (n_post, n_pre), x (n, n_pre), y (n, n_post)
Primitive = Callable[[Array, Array, Array, Array], Array]


def _decay(B: Array, W: Array, x: Array, y: Array) -> Array:
    return -2 * B


def _amp(B: Array, W: Array, x: Array, y: Array) -> Array:
    return x.T @ y / len(x)


def _null(B: Array, W: Array, x: Array, y: Array) -> Array:
    return -2 * (B @ y.T) @ y / len(x)


def _sparse(B: Array, W: Array, x: Array, y: Array) -> Array:
    return -2 * x.T @ (x @ B) / len(x)


def _self(B: Array, W: Array, x: Array, y: Array) -> Array:
    return W.T


PRIMITIVES: dict[str, Primitive] = {
    "decay": _decay,
    "amp": _amp,
    "null": _null,
    "sparse": _sparse,
    "self": _self,
}


def checked_primitives(primitives: Mapping[str, float]) -> dict[str, float]:
    """The coefficients as floats.

    Raises:
        ValueError: for none, unknown names or coefficients that are not finite.
    """
    if not primitives:
        raise ValueError(f"no primitives given; choose from {', '.join(PRIMITIVES)}")
    for name, value in primitives.items():
        if name not in PRIMITIVES:
            raise ValueError(f"primitive {name!r} is unknown; choose from {', '.join(PRIMITIVES)}")
        if not np.isfinite(value):
            raise ValueError(f"primitive {name!r} has the coefficient {value}; give a finite one")
    return {name: float(value) for name, value in primitives.items()}


def feedback_change(
    primitives: Mapping[str, float], B: Array, W: Array, x: Array, y: Array
) -> Array:
    """Sum of primitives times their coefficients.

    Args:
        primitives: coefficients by name.
        B: (n_pre, n_post) feedback weights.
        W: (n_post, n_pre) forward weights.
        x: (n, n_pre) presynaptic activity.
        y: (n, n_post) postsynaptic activity.

    Returns:
        (n_pre, n_post).
    """
    change = np.zeros_like(B)
    for name, coefficient in primitives.items():
        change += coefficient * PRIMITIVES[name](B, W, x, y)
    return change
