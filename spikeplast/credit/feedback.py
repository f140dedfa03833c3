"""Pathways by which an error reaches the hidden layers.

A pathway turns the output's error e_L into a teaching signal e_l for each layer. In most of them it
goes from layer to layer, e_l = (B_l e_{l+1}) . phi'(y_l), with B_l of shape (n_l, n_{l+1}).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spikeplast.credit.network import Network, glorot

__all__ = [
    "Broadcast",
    "Direct",
    "Feedback",
    "FixedRandom",
    "OutputOnly",
    "SignSymmetric",
    "Transpose",
]

Array = NDArray[np.float64]


class Feedback:
    """Base of pathways that go from layer to layer; a subclass gives `matrix`."""

    matrices: list[Array]
    """B_l of each layer of weights, (n_l, n_{l+1}), for pathways that keep them"""
    lowest = 0
    """The lowest layer of units that needs a teaching signal: 0 if a term reads the input's"""

    def start(self, network: Network, rng: np.random.Generator) -> None:
        """Make what is random for this network.

        Raises:
            ValueError: if the pathway cannot teach this network.
        """

    def matrix(self, network: Network, layer: int) -> Array | None:
        """B of one layer of weights, (n_l, n_{l+1}); None if there is no such matrix."""
        raise NotImplementedError

    def errors(self, network: Network, y: list[Array], output_error: Array) -> list[Array]:
        """Teaching signals e_0 to e_L, each (n, n_l); those below `lowest` are empty arrays.

        Args:
            y: activities of all layers, from `Network.forward`.
            output_error: e_L, (n, n_L).
        """
        signals = [np.empty((len(output_error), 0))] * network.n_layers + [output_error]
        for layer in range(network.n_layers - 1, self.lowest - 1, -1):
            matrix = self.matrix(network, layer)
            assert matrix is not None
            gate = network.activation.derivative(y[layer])
            signals[layer] = (signals[layer + 1] @ matrix.T) * gate
        return signals

    def learn(self, network: Network, y: list[Array], changes: list[Array]) -> None:
        """Change the feedback's own weights after a batch.

        Args:
            y: activities of all layers.
            changes: what the rule's terms add to the forward weights in this batch.
        """


class Transpose(Feedback):
    """Backpropagation: the forward weights' transpose."""

    def matrix(self, network: Network, layer: int) -> Array:
        return network.weights[layer].T


class FixedRandom(Feedback):
    """Feedback alignment: random weights that never change (Lillicrap et al. 2016).

    Args:
        scale: uniform within ±scale; None for Glorot's limit.

    Raises:
        ValueError: for a scale that is not above 0.
    """

    def __init__(self, scale: float | None = None) -> None:
        self.scale = _checked_scale("FixedRandom", scale)

    def start(self, network: Network, rng: np.random.Generator) -> None:
        self.matrices = [_random(rng, w.T.shape, self.scale) for w in network.weights]

    def matrix(self, network: Network, layer: int) -> Array:
        return self.matrices[layer]


class OutputOnly(Feedback):
    """No feedback: only the output layer learns from errors; the control of the other pathways."""

    def matrix(self, network: Network, layer: int) -> Array:
        return np.zeros_like(network.weights[layer].T)


class Direct(Feedback):
    """Direct feedback alignment: e_l = (B_l e_L) . phi'(y_l) (Nøkland 2016).

    Args:
        scale: uniform within ±scale; None for 1/sqrt(n_l).
        positive: whether all weights are positive, uniform from 0 to the scale.

    Raises:
        ValueError: for a scale that is not above 0.
    """

    def __init__(self, scale: float | None = None, *, positive: bool = False) -> None:
        self.scale = _checked_scale("Direct", scale)
        self.positive = positive

    def start(self, network: Network, rng: np.random.Generator) -> None:
        self.matrices = []
        for n in network.sizes[:-1]:
            limit = 1 / np.sqrt(n) if self.scale is None else self.scale
            low = 0 if self.positive else -limit
            self.matrices.append(rng.uniform(low, limit, (n, network.sizes[-1])))

    def matrix(self, network: Network, layer: int) -> Array | None:
        # Only the last one stands in the place of a transpose.
        return self.matrices[layer] if layer == network.n_layers - 1 else None

    def errors(self, network: Network, y: list[Array], output_error: Array) -> list[Array]:
        gate = network.activation.derivative
        signals = [np.empty((len(output_error), 0))] * network.n_layers + [output_error]
        for layer in range(self.lowest, network.n_layers):
            signals[layer] = (output_error @ self.matrices[layer].T) * gate(y[layer])
        return signals


class SignSymmetric(Feedback):
    """Feedback with the forward weights' present signs (Liao et al. 2016, Xiao et al. 2019).

    Args:
        magnitude: "constant", or "random" for one drawn once for each weight, uniform from 0.
        scale: the constant, or twice the mean of the random one; None for sqrt(2/(in + out)),
            which is the standard deviation of Glorot's weights.

    With Dale's law and constant magnitudes all feedback weights of a presynaptic unit are equal, so
    a softmax's errors, whose sum is 0, cancel; then only "random" teaches.

    Raises:
        ValueError: for another magnitude, or a scale that is not above 0.
    """

    def __init__(self, magnitude: str = "constant", scale: float | None = None) -> None:
        if magnitude not in ("constant", "random"):
            raise ValueError(f"SignSymmetric: magnitude = {magnitude!r}; give 'constant' or "
                             "'random'")  # fmt: skip
        self.magnitude, self.scale = magnitude, _checked_scale("SignSymmetric", scale)

    def start(self, network: Network, rng: np.random.Generator) -> None:
        self.matrices = []
        for w in network.weights:
            scale = np.sqrt(2 / sum(w.shape)) if self.scale is None else self.scale
            random = self.magnitude == "random"
            size = rng.uniform(0, 2 * scale, w.T.shape) if random else np.full(w.T.shape, scale)
            self.matrices.append(size)

    def matrix(self, network: Network, layer: int) -> Array:
        return np.sign(network.weights[layer].T) * self.matrices[layer]


class Broadcast(Feedback):
    """One signed scalar for all hidden cells, as dopamine: FA_Ex (Konishi et al. 2023).

    e_l = b_i (sum of the output's errors) . phi'(y_l), with b_i = +strength for an excitatory cell
    and -strength for an inhibitory one.

    Args:
        strength: above 0.
        excitatory: probability that a cell is excitatory; 1.0 is FA_Ex-100%.

    Raises:
        ValueError: for values out of range; and at the start of training for a softmax output,
            whose errors sum to 0, so that nothing would be broadcast.
    """

    def __init__(self, strength: float = 0.1, excitatory: float = 1.0) -> None:
        if not (np.isfinite(strength) and strength > 0):
            raise ValueError(f"Broadcast: strength = {strength} must be finite and above 0")
        if not 0 <= excitatory <= 1:
            raise ValueError(f"Broadcast: excitatory = {excitatory} must be from 0 to 1")
        self.strength, self.excitatory = float(strength), float(excitatory)

    def start(self, network: Network, rng: np.random.Generator) -> None:
        if network.loss.name == "cross_entropy":
            raise ValueError(
                "a broadcast scalar error cannot teach a softmax output: its errors sum to 0 for "
                "every sample, so the hidden layers would never change; give "
                "loss='squared_error' with one output, or feedback=Direct(positive=True)"
            )
        self.signs = [
            np.where(rng.random(n) < self.excitatory, 1.0, -1.0) for n in network.sizes[:-1]
        ]

    def matrix(self, network: Network, layer: int) -> Array | None:
        return None

    def errors(self, network: Network, y: list[Array], output_error: Array) -> list[Array]:
        signals = [np.empty((len(output_error), 0))] * network.n_layers + [output_error]
        scalar = self.scalar(output_error)[:, None]
        for layer in range(self.lowest, network.n_layers):
            gate = network.activation.derivative(y[layer])
            signals[layer] = scalar * (self.strength * self.signs[layer]) * gate
        return signals

    def scalar(self, output_error: Array) -> Array:
        """What is broadcast for each sample, (n,)."""
        return output_error.sum(axis=1)


def _random(rng: np.random.Generator, shape: tuple[int, int], scale: float | None) -> Array:
    return glorot(rng, shape) if scale is None else rng.uniform(-scale, scale, shape)


def _checked_scale(owner: str, scale: float | None) -> float | None:
    if scale is not None and not (np.isfinite(scale) and scale > 0):
        raise ValueError(f"{owner}: scale = {scale} must be None or a finite number above 0")
    return scale
