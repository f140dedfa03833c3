"""Layers that learn by the Hilbert-Schmidt bottleneck, without any error passed back.

Pogodin & Latham (2020), Kernelized information bottleneck leads to biologically plausible 3-factor
Hebbian learning in deep networks, NeurIPS. Each layer lowers pHSIC(Z, Z) - gamma pHSIC(Y, Z): it
keeps little about its input and much about the labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikeplast.credit.activations import activation as known_activation
from spikeplast.credit.learner import Diverged
from spikeplast.credit.losses import one_hot, softmax

__all__ = [
    "KERNELS",
    "BottleneckNetwork",
    "group_energies",
    "hsic",
    "kernel_matrix",
    "label_kernel",
    "objective",
    "objective_gradient",
    "phsic",
    "three_factor_update",
]

Array = NDArray[np.float64]
KERNELS = ("linear", "gaussian", "cosine")


def hsic(A: ArrayLike, B: ArrayLike) -> float:
    """HSIC of two (m, m) kernel matrices of one batch, the biased estimate."""
    a, b = np.asarray(A, dtype=float), np.asarray(B, dtype=float)
    rows = 2 * np.mean(a.mean(axis=1) * b.mean(axis=1))
    return float(np.mean(a * b) - rows + a.mean() * b.mean())


def phsic(A: ArrayLike, B: ArrayLike) -> float:
    """ "Plausible" HSIC of two (m, m) kernel matrices: the mean of (A - mean A) B."""
    a, b = np.asarray(A, dtype=float), np.asarray(B, dtype=float)
    return float(np.mean((a - a.mean()) * b))


def kernel_matrix(z: ArrayLike, kernel: str = "gaussian", sigma: float = 5.0) -> Array:
    """(m, m) similarities of the rows of z (m, n): "linear", "gaussian" (width sigma) or "cosine".

    Raises:
        ValueError: for another kernel.
    """
    v = np.asarray(z, dtype=float)
    if kernel == "linear":
        return v @ v.T
    if kernel == "cosine":
        u = _unit_rows(v)
        return u @ u.T
    if kernel != "gaussian":
        raise ValueError(f"kernel {kernel!r} is unknown; choose from {', '.join(KERNELS)}")
    squares = np.sum(v * v, axis=1)
    distances = np.maximum(squares[:, None] + squares - 2 * v @ v.T, 0)
    return np.exp(-distances / (2 * sigma**2))


def label_kernel(labels: NDArray[np.integer], n_classes: int) -> Array:
    """(m, m) cosine similarities of the labels' one-hot vectors, centred over the classes."""
    return kernel_matrix(one_hot(labels, n_classes) - 1 / n_classes, "cosine")


def objective(
    z: Array, Ky: Array, gamma: float = 2.0, kernel: str = "gaussian", sigma: float = 5.0
) -> float:
    """pHSIC(Z, Z) - gamma pHSIC(Y, Z) of activities z (m, n), which a layer lowers."""
    K = kernel_matrix(z, kernel, sigma)
    return phsic(K, K) - gamma * phsic(Ky, K)


def objective_gradient(
    z: Array, Ky: Array, gamma: float = 2.0, kernel: str = "gaussian", sigma: float = 5.0
) -> Array:
    """Derivative of `objective` by z, (m, n)."""
    K = kernel_matrix(z, kernel, sigma)
    M = _third_factor(K, Ky, gamma)
    if kernel == "linear":
        return 2 * M @ z
    if kernel == "cosine":
        u = _unit_rows(z)
        lengths = np.maximum(np.linalg.norm(z, axis=1, keepdims=True), 1e-12)
        return 2 * (M @ u - np.sum(M * K, axis=1, keepdims=True) * u) / lengths
    P = M * K
    return -(2 / sigma**2) * (P.sum(axis=1, keepdims=True) * z - P @ z)


def three_factor_update(
    x: Array, z: Array, gate: Array, Ky: Array, gamma: float = 2.0, sigma: float = 5.0
) -> Array:
    """-d objective/dW of a layer z = f(W x) with the Gaussian kernel, as a sum over pairs.

    For each pair of samples: a third factor (how much more alike the activities are than the
    labels ask for) times the difference of postsynaptic activity times that of presynaptic
    activity (gated by f').

    Args:
        x: (m, n_pre).
        z, gate: (m, n_post) activities and f'.
        Ky: (m, m) kernel of the labels.

    Returns:
        (n_post, n_pre), equal to that by `objective_gradient`.
    """
    K = kernel_matrix(z, "gaussian", sigma)
    third = _third_factor(K, Ky, gamma) * K
    change = np.zeros((z.shape[1], x.shape[1]))
    for k in range(len(z)):
        post = z[k] - z
        pre = gate[k][:, None] * x[k] - gate[:, :, None] * x[:, None, :]
        change += np.einsum("l,li,lij->ij", third[k], post, pre)
    return change / sigma**2


def group_energies(
    z: Array, n_groups: int, power: float = 0.5, delta: float = 1.0
) -> tuple[Array, Array]:
    """Energy of each group of units that follow one another: ((sum (z - mean)^2 + delta)/n)^p.

    Args:
        z: (m, n), n a multiple of `n_groups`; mean and sum are over the n/n_groups units.

    Returns:
        energies (m, n_groups), and their derivatives by the units (m, n).
    """
    if n_groups < 1 or z.shape[1] % n_groups:
        raise ValueError(f"{z.shape[1]} units cannot be divided into {n_groups} equal groups")
    units = z.reshape(len(z), n_groups, -1)
    n = units.shape[2]
    deviations = units - units.mean(axis=2, keepdims=True)
    s = (np.sum(deviations**2, axis=2) + delta) / n
    slope = power * s ** (power - 1) * 2 / n
    return s**power, (slope[:, :, None] * deviations).reshape(z.shape)


def _third_factor(K: Array, Ky: Array, gamma: float) -> Array:
    return (2 * (K - K.mean()) - gamma * (Ky - Ky.mean())) / K.size


def _unit_rows(z: Array) -> Array:
    return z / np.maximum(np.linalg.norm(z, axis=1, keepdims=True), 1e-12)


class BottleneckNetwork:
    """A classifier whose hidden layers learn by pHSIC, each by itself, and its readout by errors.

    Args:
        sizes: units of each layer, input and output included.
        kernel: of the hidden layers' activity.
        sigma: width of the Gaussian kernel, above 0.
        gamma: weight of the labels.
        n_groups: of units whose energies are compared in place of the activities, or None.
        local_rate, readout_rate: learning rates; a local rate of 0 leaves hidden layers random.
        momentum: 0 to 1.
        activation: of the hidden layers.
        random_state: seed of the weights.

    Raises:
        ValueError: for values out of range.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        kernel: str = "gaussian",
        *,
        sigma: float = 5.0,
        gamma: float = 2.0,
        n_groups: int | None = None,
        local_rate: float = 2.0,
        readout_rate: float = 0.05,
        momentum: float = 0.9,
        activation: str = "leaky_relu",
        random_state: int = 0,
    ) -> None:
        if len(sizes) < 3 or any(n < 1 for n in sizes):
            raise ValueError(f"sizes = {list(sizes)} must be three or more integers above 0")
        if kernel not in KERNELS:
            raise ValueError(f"kernel {kernel!r} is unknown; choose from {', '.join(KERNELS)}")
        if not (sigma > 0 and local_rate >= 0 and readout_rate > 0 and 0 <= momentum < 1):
            raise ValueError(
                f"sigma = {sigma}, local_rate = {local_rate}, readout_rate = {readout_rate}, "
                f"momentum = {momentum}: sigma and readout_rate must be above 0, local_rate at "
                "least 0, momentum from 0 to below 1"
            )
        for n in sizes[1:-1]:
            if n_groups is not None and (n_groups < 1 or n % n_groups):
                raise ValueError(f"{n} units cannot be divided into {n_groups} equal groups")
        self.kernel, self.sigma, self.gamma, self.n_groups = kernel, sigma, gamma, n_groups
        self.local_rate, self.readout_rate, self.momentum = local_rate, readout_rate, momentum
        self.activation = known_activation(activation)
        rng = np.random.default_rng(random_state)
        # The layer's activity keeps its size from layer to layer (He et al. 2015).
        self.weights = [
            rng.normal(0, np.sqrt((2 if k < len(sizes) - 2 else 1) / n_in), (n_out, n_in))
            for k, (n_in, n_out) in enumerate(pairwise(sizes))
        ]
        self.biases = [np.zeros(n) for n in sizes[1:]]
        self._speed = [np.zeros((w.shape[0], w.shape[1] + 1)) for w in self.weights]
        self.steps = 0

    def hidden(self, x: ArrayLike) -> list[Array]:
        """Input and activities of the hidden layers, (m, n_l) each.

        Raises:
            ValueError: for inputs of another shape than (m, n_0), or that are not finite.
        """
        z = [np.asarray(x, dtype=float)]
        if z[0].ndim != 2 or z[0].shape[1] != self.weights[0].shape[1]:
            raise ValueError(f"input of shape {z[0].shape} does not fit; the network takes "
                             f"(n, {self.weights[0].shape[1]})")  # fmt: skip
        if not np.isfinite(z[0]).all():
            raise ValueError(f"input has values that are not finite at step {self.steps}; remove "
                             "or replace them")  # fmt: skip
        for w, b in zip(self.weights[:-1], self.biases[:-1], strict=True):
            z.append(self.activation(z[-1] @ w.T + b))
        return z

    def output(self, x: ArrayLike) -> Array:
        """(m, n_classes) softmax output."""
        return self._readout(self.hidden(x)[-1])

    def _readout(self, z: Array) -> Array:
        return softmax(z @ self.weights[-1].T + self.biases[-1])

    def step(self, x: ArrayLike, labels: NDArray[np.integer]) -> None:
        """Learn from one batch (m, n_0) with labels (m,); m must be 2 or more.

        Raises:
            ValueError: for inputs or labels that do not fit.
            credit.Diverged: if weights become infinite; names the step and the layer.
        """
        z = self.hidden(x)
        if len(z[0]) < 2:
            raise ValueError("a batch of one has no pairs of samples to compare; give two or more")
        if np.shape(labels) != (len(z[0]),):
            raise ValueError(f"labels {np.shape(labels)} must be ({len(z[0])},), one a sample")
        n_classes = len(self.biases[-1])
        error = (self._readout(z[-1]) - one_hot(labels, n_classes)) / len(z[0])
        Ky = label_kernel(labels, n_classes)
        # What overflows is reported by step and layer below.
        with np.errstate(over="ignore", invalid="ignore"):
            for layer in range(len(self.weights) - 1 if self.local_rate else 0):
                slope = self._local_gradient(z[layer + 1], Ky)
                self._descend(layer, slope * self.activation.derivative(z[layer + 1]), z[layer],
                              self.local_rate)  # fmt: skip
            self._descend(len(self.weights) - 1, error, z[-1], self.readout_rate)
        self.steps += 1
        for layer, w in enumerate(self.weights, 1):
            if not np.isfinite(w).all():
                raise Diverged(
                    f"at step {self.steps} the weights into layer {layer} of {len(self.weights)} "
                    "are no longer finite; give smaller rates"
                )

    def _local_gradient(self, z: Array, Ky: Array) -> Array:
        if self.n_groups is None:
            return objective_gradient(z, Ky, self.gamma, self.kernel, self.sigma)
        energies, slopes = group_energies(z, self.n_groups)
        by_group = objective_gradient(energies, Ky, self.gamma, self.kernel, self.sigma)
        return np.repeat(by_group, z.shape[1] // self.n_groups, axis=1) * slopes

    def _descend(self, layer: int, slope: Array, x: Array, rate: float) -> None:
        gradient = np.column_stack([slope.T @ x, slope.sum(axis=0)])
        self._speed[layer] = self.momentum * self._speed[layer] - rate * gradient
        self.weights[layer] += self._speed[layer][:, :-1]
        self.biases[layer] += self._speed[layer][:, -1]
