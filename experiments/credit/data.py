"""Data of the experiments: splits of scikit-learn's digits, and standardised columns."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

__all__ = ["digits_pool", "digits_split", "mean_squared", "parity_batch", "task_rng"]

Array = NDArray[np.float64]


@cache
def _digits() -> tuple[Array, NDArray[np.int64]]:
    x, y = load_digits(return_X_y=True)
    return x / 16, y.astype(np.int64)


def task_rng(seed: int) -> np.random.Generator:
    """Random numbers of a task: not those from which a network with this seed draws its weights.

    From one stream for both, a random teacher's weights were those of the network that learns.
    """
    return np.random.default_rng([seed, 2])


def digits_split(seed: int) -> tuple[Array, NDArray[np.int64], Array, NDArray[np.int64]]:
    """Training images and labels, test images and labels: 75/25, stratified; pixels 0 to 1."""
    x, y = _digits()
    x_train, x_test, y_train, y_test = train_test_split(
        x, y, test_size=0.25, stratify=y, random_state=seed
    )
    return x_train, y_train, x_test, y_test


def parity_batch(
    rng: np.random.Generator, n: int, n_inputs: int, noise: float = 0.01
) -> tuple[Array, Array]:
    """Inputs of ±1 with a little noise, and the product of the first two's signs, (n, 1)."""
    signs = rng.choice([-1.0, 1.0], (n, n_inputs))
    return signs + noise * rng.normal(size=signs.shape), signs[:, :1] * signs[:, 1:2]


def mean_squared(a: Array, b: Array) -> float:
    """Mean of the squared difference."""
    return float(np.mean((a - b) ** 2))


@cache
def digits_pool(half: int) -> tuple[Array, NDArray[np.int64]]:
    """Images and labels of one half (0 or 1) of the digits, stratified."""
    x, y = _digits()
    rows = train_test_split(np.arange(len(y)), test_size=0.5, stratify=y, random_state=0)[half]
    return x[rows], y[rows]
