"""Feedback weights that learn to be like the forward weights' transpose."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from spikeplast.credit.feedback import FixedRandom
from spikeplast.credit.network import Network
from spikeplast.credit.primitives import checked_primitives, feedback_change

__all__ = [
    "KolenPollack",
    "LearnedFeedback",
    "activation_alignment",
    "information_alignment",
    "symmetric_alignment",
    "weight_mirror",
]

Array = NDArray[np.float64]


class LearnedFeedback(FixedRandom):
    """Feedback that starts random and is changed by a sum of primitives after each batch.

    Args:
        primitives: coefficients by name, see `credit.PRIMITIVES`.
        rate: of learning, above 0.
        noise: None to learn from the activity of the batch; else the standard deviation of white
            noise that takes the place of each layer's activity in a phase of its own, in which
            nothing else happens (Akrout et al. 2019's mirror mode).
        noise_samples: how many samples such a phase has.
        scale: of the start, as in `FixedRandom`.

    Raises:
        ValueError: for unknown primitives or values out of range.
    """

    def __init__(
        self,
        primitives: Mapping[str, float],
        rate: float = 0.01,
        *,
        noise: float | None = None,
        noise_samples: int = 16,
        scale: float | None = None,
    ) -> None:
        super().__init__(scale)
        self.primitives = checked_primitives(primitives)
        for name, value in (("rate", rate), ("noise", 1.0 if noise is None else noise)):
            if not (np.isfinite(value) and value > 0):
                raise ValueError(f"LearnedFeedback: {name} = {value} must be finite and above 0")
        if int(noise_samples) != noise_samples or noise_samples < 1:
            raise ValueError(f"LearnedFeedback: noise_samples = {noise_samples} must be an integer "
                             "above 0")  # fmt: skip
        self.rate, self.noise, self.noise_samples = float(rate), noise, int(noise_samples)

    def start(self, network: Network, rng: np.random.Generator) -> None:
        super().start(network, rng)
        self._rng = rng

    def learn(self, network: Network, y: list[Array], changes: list[Array]) -> None:
        for layer in range(self.lowest, network.n_layers):
            W, B = network.weights[layer], self.matrices[layer]
            if self.noise is None:
                x = y[layer]
            else:
                x = self.noise * self._rng.standard_normal((self.noise_samples, W.shape[1]))
            self.matrices[layer] = B + self.rate * feedback_change(
                self.primitives, B, W, x, x @ W.T
            )


def symmetric_alignment(rate: float = 0.01, a: float = 0.5, b: float = 1.0) -> LearnedFeedback:
    """a decay + b self; its fixed point is B = (b/2a) W^T."""
    return LearnedFeedback({"decay": a, "self": b}, rate)


def activation_alignment(rate: float = 0.01, a: float = 0.5, b: float = 1.0) -> LearnedFeedback:
    """a sparse + b amp; its fixed point is B = (b/2a) W^T for any activity of full rank."""
    return LearnedFeedback({"sparse": a, "amp": b}, rate)


def information_alignment(
    rate: float = 0.01, amp: float = 1.0, null: float = 0.2, decay: float = 0.1
) -> LearnedFeedback:
    """amp + null + decay, all local."""
    return LearnedFeedback({"amp": amp, "null": null, "decay": decay}, rate)


def weight_mirror(
    rate: float = 0.01,
    decay: float = 0.5,
    noise: float | None = 1.0,
    noise_samples: int = 16,
) -> LearnedFeedback:
    """amp + decay, driven by white noise (Akrout et al. 2019).

    Its fixed point is B = (noise^2/(2 decay)) W^T: Hebb's rule on pairs of a noisy input and the
    output that it causes measures the weight. With `noise=None` it learns from the activity with
    covariance S, and goes to S W^T instead.
    """
    return LearnedFeedback(
        {"amp": 1.0, "decay": decay}, rate, noise=noise, noise_samples=noise_samples
    )


class KolenPollack(FixedRandom):
    """Feedback and forward weights get the same changes and decay alike (Kolen & Pollack 1994).

    B <- (1 - decay)(B + dW^T) and W <- (1 - decay)(W + dW), so B - W^T shrinks by 1 - decay in
    each batch. `Rule` asks for the constraint `WeightDecay` with the same decay.

    Args:
        decay: 0 to 1, per batch.
        scale: of the start, as in `FixedRandom`.

    Raises:
        ValueError: for values out of range.
    """

    def __init__(self, decay: float = 1e-4, scale: float | None = None) -> None:
        super().__init__(scale)
        if not 0 <= decay < 1:
            raise ValueError(f"KolenPollack: decay = {decay} must be at least 0 and below 1")
        self.decay = float(decay)

    def learn(self, network: Network, y: list[Array], changes: list[Array]) -> None:
        for layer in range(self.lowest, network.n_layers):
            B = self.matrices[layer]
            B += changes[layer].T
            B *= 1 - self.decay
