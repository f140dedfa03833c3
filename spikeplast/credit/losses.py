"""Losses, with the error that the output layer gets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["LOSSES", "Loss", "one_hot", "softmax"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Loss:
    """A loss on the output layer's summed input h.

    Args:
        name: for messages.
        output: h (n, n_out) to the output layer's activity.
        value: activity and target, (n, n_out) each, to the mean loss of a sample.

    In both losses here the derivative by h is activity - target: the error e.
    """

    name: str
    output: Callable[[Array], Array]
    value: Callable[[Array, Array], float]


def softmax(h: Array) -> Array:
    """exp(h) over its sum, for each row."""
    scaled = np.exp(h - h.max(axis=1, keepdims=True))
    return scaled / scaled.sum(axis=1, keepdims=True)


def one_hot(labels: NDArray[np.integer], n_classes: int) -> Array:
    """(n, n_classes) with a 1 in the column of each label.

    Raises:
        ValueError: for labels that are no integers from 0 to n_classes - 1.
    """
    y = np.asarray(labels)
    if y.ndim != 1 or y.dtype.kind not in "iu":
        raise ValueError(f"labels of shape {y.shape}, {y.dtype}, must be a list of integers")
    if y.size and not (y.min() >= 0 and y.max() < n_classes):
        bad = y[(y < 0) | (y >= n_classes)][0]
        raise ValueError(f"label {bad} is out of range; with {n_classes} outputs labels are 0 to "
                         f"{n_classes - 1}")  # fmt: skip
    return np.eye(n_classes)[y]


def _squared(y: Array, target: Array) -> float:
    return float(0.5 * np.mean(np.sum((y - target) ** 2, axis=1)))


def _cross_entropy(y: Array, target: Array) -> float:
    return float(-np.mean(np.sum(target * np.log(np.maximum(y, 1e-300)), axis=1)))


def _linear(h: Array) -> Array:
    return h


LOSSES = {
    "squared_error": Loss("squared_error", _linear, _squared),
    "cross_entropy": Loss("cross_entropy", softmax, _cross_entropy),
}
"""Half the summed square of a linear output's error; softmax with cross-entropy"""
