"""Functions from summed input to activity, with their derivative as a function of the activity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

__all__ = ["Activation", "activation", "softplus"]

Array = NDArray[np.float64]
Elementwise = Callable[[Array], Array]


@dataclass(frozen=True)
class Activation:
    """An activation function.

    Args:
        name: for messages.
        function: summed input h to activity y, elementwise.
        derivative: dy/dh as a function of y, elementwise. Rules use it as the postsynaptic gate,
            so another one than the true derivative is a perturbed rule (see `with_gate`).
        low, high: range of the activity, for which the derivative holds.
    """

    name: str
    function: Elementwise
    derivative: Elementwise
    low: float = -np.inf
    high: float = np.inf

    def __call__(self, h: Array) -> Array:
        return self.function(h)

    def with_gate(self, gate: Elementwise, name: str) -> Activation:
        """The same function with another postsynaptic gate in place of its derivative."""
        return replace(self, derivative=gate, name=f"{self.name}, {name}")


def softplus(beta: float = 10.0) -> Activation:
    """log(1 + exp(beta h))/beta, a smooth rectifier; its derivative is 1 - exp(-beta y).

    Args:
        beta: above 0; how sharp the bend at 0 is.

    Raises:
        ValueError: if beta is not above 0.
    """
    if not (np.isfinite(beta) and beta > 0):
        raise ValueError(f"softplus: beta = {beta} must be a finite number above 0")
    return Activation(
        f"softplus({beta:g})", partial(_softplus, beta), partial(_softplus_slope, beta), low=0
    )


# Functions with names, so that networks can be pickled.
def _softplus(beta: float, h: Array) -> Array:
    return np.logaddexp(0, beta * h) / beta


def _softplus_slope(beta: float, y: Array) -> Array:
    return -np.expm1(-beta * y)


def _linear(h: Array) -> Array:
    return h


def _tanh_slope(y: Array) -> Array:
    return 1 - y * y


def _sigmoid(h: Array) -> Array:
    # By tanh, which does not overflow.
    return 0.5 * (1 + np.tanh(0.5 * h))


def _sigmoid_slope(y: Array) -> Array:
    return y * (1 - y)


def _relu(h: Array) -> Array:
    return np.maximum(h, 0)


def _relu_slope(y: Array) -> Array:
    return (y > 0).astype(float)


def _leaky_relu(h: Array) -> Array:
    return np.maximum(h, 0.01 * h)


def _leaky_relu_slope(y: Array) -> Array:
    return np.where(y > 0, 1.0, 0.01)


_KNOWN = {
    "linear": Activation("linear", _linear, np.ones_like),
    "tanh": Activation("tanh", np.tanh, _tanh_slope, -1, 1),
    "sigmoid": Activation("sigmoid", _sigmoid, _sigmoid_slope, 0, 1),
    "relu": Activation("relu", _relu, _relu_slope, 0),
    "leaky_relu": Activation("leaky_relu", _leaky_relu, _leaky_relu_slope),
    "softplus": softplus(),
}


def activation(choice: str | Activation) -> Activation:
    """The activation of that name ("softplus" has beta = 10), or the given one.

    Raises:
        ValueError: for an unknown name.
    """
    if isinstance(choice, Activation):
        return choice
    if choice not in _KNOWN:
        raise ValueError(f"activation {choice!r} is unknown; choose from {', '.join(_KNOWN)}")
    return _KNOWN[choice]
