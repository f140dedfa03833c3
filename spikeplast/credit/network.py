"""A feed-forward network: y_0 = x, y_l = phi(W_l y_{l-1} + b_l), and an output with a loss."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikeplast.credit.activations import Activation
from spikeplast.credit.activations import activation as known_activation
from spikeplast.credit.losses import LOSSES

__all__ = ["Network", "glorot"]

Array = NDArray[np.float64]


def glorot(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Uniform within ±sqrt(6/(in + out)) (Glorot & Bengio 2010)."""
    limit = np.sqrt(6 / sum(shape))
    return rng.uniform(-limit, limit, shape)


class Network:
    """A feed-forward network of rate units.

    `weights[l]` is (n_{l+1}, n_l), rows are postsynaptic; `biases[l]` is (n_{l+1},), or None.

    Args:
        sizes: units of each layer, input and output included; at least two layers.
        activation: of the hidden layers: a name or an `Activation`.
        loss: "cross_entropy" (softmax output) or "squared_error" (linear output).
        bias: whether units have a bias, which starts at 0.
        scale: None for Glorot's uniform weights; a number s for uniform within ±s, biases too.
        random_state: seed or generator of the weights.

    Raises:
        ValueError: for fewer than two layers, empty layers, unknown names, or a bad scale.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str | Activation = "tanh",
        loss: str = "cross_entropy",
        *,
        bias: bool = True,
        scale: float | None = None,
        random_state: int | np.random.Generator = 0,
    ) -> None:
        if len(sizes) < 2 or any(int(n) != n or n < 1 for n in sizes):
            raise ValueError(f"sizes = {list(sizes)} must be two or more integers above 0")
        if loss not in LOSSES:
            raise ValueError(f"loss {loss!r} is unknown; choose from {', '.join(LOSSES)}")
        if loss == "cross_entropy" and sizes[-1] < 2:
            raise ValueError(f"sizes = {list(sizes)}: a softmax over one output is always 1; "
                             "give two outputs or more, or loss='squared_error'")  # fmt: skip
        if scale is not None and not (np.isfinite(scale) and scale >= 0):
            raise ValueError(f"scale = {scale} must be None or a finite number of at least 0")
        self.sizes = [int(n) for n in sizes]
        self.activation = known_activation(activation)
        self.loss = LOSSES[loss]
        rng = np.random.default_rng(random_state)
        shapes = list(zip(self.sizes[1:], self.sizes[:-1], strict=True))
        self.weights: list[Array] = [
            glorot(rng, s) if scale is None else rng.uniform(-scale, scale, s) for s in shapes
        ]
        self.biases: list[Array] | None = None
        if bias:
            limit = scale or 0.0
            self.biases = [rng.uniform(-limit, limit, s[0]) for s in shapes]

    @property
    def n_layers(self) -> int:
        """Layers of weights."""
        return len(self.weights)

    def forward(self, x: ArrayLike) -> list[Array]:
        """Activities y_0 = x, y_1, ..., y_L, each (n, n_l).

        Raises:
            ValueError: for x of another shape than (n, n_0).
        """
        y = [self.checked_input(x)]
        for layer in range(self.n_layers):
            h = self.summed_input(layer, y[-1])
            last = layer == self.n_layers - 1
            y.append(self.loss.output(h) if last else self.activation(h))
        return y

    def summed_input(self, layer: int, y: Array) -> Array:
        """W y + b of one layer of weights, (n, n_{layer+1})."""
        h = y @ self.weights[layer].T
        return h if self.biases is None else h + self.biases[layer]

    def balance(self, x: ArrayLike) -> None:
        """Set the biases so that the mean summed input of every unit over samples is 0.

        For networks that keep Dale's law: inputs of one sign drive all units of the first layer
        alike, and then about a third of the next layer's is silent for every sample.

        Args:
            x: (n, n_0), one sample or more.

        Raises:
            ValueError: for samples that do not fit or are none, or a network without biases.
        """
        if self.biases is None:
            raise ValueError("the network has no biases to balance it; make it with bias=True")
        y = self.checked_input(x)
        if not len(y):
            raise ValueError("there are no samples to balance the biases for")
        for layer, bias in enumerate(self.biases):
            bias -= self.summed_input(layer, y).mean(axis=0)
            y = self.activation(self.summed_input(layer, y))

    def output(self, x: ArrayLike) -> Array:
        """Activity of the output layer, (n, n_L)."""
        return self.forward(x)[-1]

    def loss_value(self, x: ArrayLike, target: ArrayLike) -> float:
        """Mean loss of a sample."""
        y = self.output(x)
        return self.loss.value(y, self.checked_target(target, len(y)))

    def checked_input(self, x: ArrayLike) -> Array:
        """x as floats of shape (n, n_0), else ValueError."""
        values = np.asarray(x, dtype=float)
        if values.ndim != 2 or values.shape[1] != self.sizes[0]:
            raise ValueError(
                f"input of shape {values.shape} does not fit; the network takes "
                f"(n, {self.sizes[0]})"
            )
        return values

    def checked_target(self, target: ArrayLike, n: int) -> Array:
        """The target as floats of shape (n, n_L), probabilities for a softmax, else ValueError."""
        values = np.asarray(target, dtype=float)
        if values.shape != (n, self.sizes[-1]):
            raise ValueError(
                f"target of shape {values.shape} does not fit; {n} samples of this network need "
                f"({n}, {self.sizes[-1]}) (labels become that by credit.one_hot)"
            )
        odd = (values < 0).any(axis=1) | (np.abs(values.sum(axis=1) - 1) > 1e-6)
        # What is not finite is complained of as such when it is learned.
        if self.loss.name == "cross_entropy" and (odd & np.isfinite(values).all(axis=1)).any():
            raise ValueError(
                "targets of a softmax must be probabilities, at least 0 and with a sum of 1 for "
                "each sample (labels become that by credit.one_hot); for others give "
                "loss='squared_error'"
            )
        return values
