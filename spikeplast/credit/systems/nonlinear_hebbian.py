"""Nonlinear Hebbian learning, which finds projections with heavy tails.

Brito & Gerstner, PLoS Comput. Biol. 12(9):e1005070 (2016): dw = eta x f(w.x), w kept at length 1,
with f = h(g(.)) the plasticity's nonlinearity h after the neuron's f-I curve g. On whitened inputs
it climbs the mean of F(w.x), F' = f (projection pursuit).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["NONLINEARITIES", "excess_kurtosis", "learn_direction", "whitened"]

Array = NDArray[np.float64]

NONLINEARITIES: dict[str, Callable[[Array], Array]] = {
    "cubic": lambda u: u**3,
    "negative cubic": lambda u: -(u**3),
    "rectified quadratic": lambda u: np.maximum(u, 0) ** 2,
    "linear": lambda u: u,
    "tanh": np.tanh,
    "negative tanh": lambda u: -np.tanh(u),
    "rectified, threshold 1": lambda u: np.maximum(u - 1, 0),
}
"""f = h(g(u)) by name; "cubic" is for heavy tails, "negative cubic" for light ones"""


def whitened(x: ArrayLike) -> tuple[Array, Array]:
    """Samples (n, d) turned to mean 0 and covariance 1, and the matrix (d, d) that does it.

    Raises:
        ValueError: for samples that do not fill d dimensions, or are not finite.
    """
    samples = _finite(x)
    samples = samples - samples.mean(axis=0)
    values, vectors = np.linalg.eigh(samples.T @ samples / len(samples))
    if values[0] <= 1e-12 * values[-1]:
        raise ValueError(f"samples {samples.shape} do not fill {samples.shape[1]} dimensions; give "
                         "more samples or leave out what depends on the rest")  # fmt: skip
    matrix = vectors / np.sqrt(values) @ vectors.T
    return samples @ matrix, matrix


def learn_direction(
    x: ArrayLike,
    nonlinearity: str | Callable[[Array], Array] = "cubic",
    *,
    rate: float = 2e-3,
    last_rate: float = 2e-4,
    batch_size: int = 1,
    random_state: int = 0,
) -> Array:
    """One pass of dw = eta x f(w.x) over whitened samples; returns w (d,) of length 1.

    Args:
        x: (n, d) whitened samples, n at least 1.
        nonlinearity: a name in `NONLINEARITIES`, or a function.
        rate, last_rate: learning rate, which goes geometrically from one to the other.
        batch_size: samples whose changes are added up before w gets its length back.
        random_state: seed of the first w.

    Raises:
        ValueError: for an unknown name, values out of range, samples that are none or not finite.
    """
    samples = _finite(x)
    if isinstance(nonlinearity, str):
        if nonlinearity not in NONLINEARITIES:
            raise ValueError(f"nonlinearity {nonlinearity!r} is unknown; choose from "
                             f"{', '.join(NONLINEARITIES)}")  # fmt: skip
        f = NONLINEARITIES[nonlinearity]
    else:
        f = nonlinearity
    if not (rate > 0 and last_rate > 0 and batch_size >= 1):
        raise ValueError(f"rate = {rate}, last_rate = {last_rate} must be above 0, batch_size = "
                         f"{batch_size} at least 1")  # fmt: skip
    first: Array = np.random.default_rng(random_state).normal(size=(samples.shape[1],))
    w: Array = np.divide(first, np.linalg.norm(first))
    begins = range(0, len(samples), batch_size)
    for eta, begin in zip(np.geomspace(rate, last_rate, len(begins)), begins, strict=True):
        batch = samples[begin : begin + batch_size]
        w = w + float(eta) * (f(batch @ w) @ batch)
        w = np.divide(w, np.linalg.norm(w))
    return w


def _finite(x: ArrayLike) -> Array:
    samples = np.asarray(x, dtype=float)
    if samples.ndim != 2 or not samples.size:
        raise ValueError(f"samples {samples.shape} must be (n, d) and not empty")
    if not np.isfinite(samples).all():
        raise ValueError("samples have values that are not finite; remove or replace them")
    return samples


def excess_kurtosis(u: ArrayLike) -> float:
    """Fourth moment over the squared variance, less 3: 0 for a Gaussian, 3 for a Laplacian."""
    v = np.asarray(u, dtype=float)
    v = v - v.mean()
    return float(np.mean(v**4) / np.mean(v**2) ** 2 - 3)
