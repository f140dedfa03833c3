"""What forward weights must keep to, applied after each batch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spikeplast.credit.network import Network

__all__ = ["Constraint", "DalesLaw", "NoSignChange", "WeightDecay"]

SMALLEST = 1e-10
"""Where a weight stops that would cross 0 (Xiao et al. 2019)"""


class Constraint:
    """Base: does nothing."""

    def start(self, network: Network, rng: np.random.Generator) -> None:
        """Prepare the network's weights before training."""

    def apply(self, network: Network) -> None:
        """Mend the weights, in place."""


class WeightDecay(Constraint):
    """W <- (1 - rate) W after each batch; biases do not decay.

    Raises:
        ValueError: if the rate is not at least 0 and below 1.
    """

    def __init__(self, rate: float) -> None:
        if not 0 <= rate < 1:
            raise ValueError(f"WeightDecay: rate = {rate} must be at least 0 and below 1")
        self.rate = float(rate)

    def apply(self, network: Network) -> None:
        for w in network.weights:
            w *= 1 - self.rate


class NoSignChange(Constraint):
    """A weight that would cross 0 stops just before it and can grow again."""

    def start(self, network: Network, rng: np.random.Generator) -> None:
        self.signs: list[NDArray[np.float64]] = [
            np.where(w < 0, -1.0, 1.0) for w in network.weights
        ]

    def apply(self, network: Network) -> None:
        for w, sign in zip(network.weights, self.signs, strict=True):
            np.maximum(w * sign, SMALLEST, out=w)
            w *= sign


class DalesLaw(NoSignChange):
    """All weights that leave a unit have its sign, and keep it.

    Inputs are excitatory; of each hidden layer the first `inhibitory` share of units is inhibitory,
    with weights `strength` times as large.

    Args:
        inhibitory: share of hidden units, 0 to 1.
        strength: above 0; (1 - inhibitory)/inhibitory balances excitation and inhibition.

    Raises:
        ValueError: for values out of range.
    """

    def __init__(self, inhibitory: float = 0.2, strength: float = 4.0) -> None:
        if not 0 <= inhibitory <= 1:
            raise ValueError(f"DalesLaw: inhibitory = {inhibitory} must be from 0 to 1")
        if not (np.isfinite(strength) and strength > 0):
            raise ValueError(f"DalesLaw: strength = {strength} must be finite and above 0")
        self.inhibitory, self.strength = float(inhibitory), float(strength)

    def start(self, network: Network, rng: np.random.Generator) -> None:
        for layer, w in enumerate(network.weights):
            n = 0 if layer == 0 else round(self.inhibitory * w.shape[1])
            w[:] = np.abs(w)
            w[:, :n] *= -self.strength
        super().start(network, rng)
