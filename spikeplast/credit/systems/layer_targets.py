"""Layers of linear units that all predict the network's target, with banks of weights.

Each unit lowers (x_i - y)^2/2 by itself, dw_ij = -eta (x_i - y) x_j, so for given inputs its
problem is convex. Which bank of weights it uses is decided by the network's input: by which side of
a few fixed hyperplanes it lies on. With one bank all units solve one linear regression and depth
adds nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikeplast.credit.systems.contexts import HalfSpaces, finite_samples

__all__ = ["LayerTargets"]

Array = NDArray[np.float64]


class LayerTargets:
    """A network whose every unit predicts the target.

    Args:
        n_inputs: size of an input.
        layers: units of each layer.
        n_half_spaces: hyperplanes for each unit, so 2^n banks; 0 for a single bank.
        rate: of normalised least mean squares, above 0 and below 2.
        spread: standard deviation of the hyperplanes' distance from 0.
        random_state: seed of hyperplanes and initial weights.

    Raises:
        ValueError: for values out of range.
    """

    def __init__(
        self,
        n_inputs: int,
        layers: Sequence[int] = (20,) * 5,
        n_half_spaces: int = 3,
        *,
        rate: float = 0.1,
        spread: float = 1.0,
        random_state: int = 0,
    ) -> None:
        if n_inputs < 1 or not layers or any(n < 1 for n in layers):
            raise ValueError(f"n_inputs = {n_inputs}, layers = {list(layers)}: give at least one "
                             "layer, and integers above 0")  # fmt: skip
        if not 0 < rate < 2:
            raise ValueError(f"rate = {rate} must be above 0 and below 2")
        rng = np.random.default_rng(random_state)
        self.n_inputs, self.rate = n_inputs, rate
        self.contexts = [HalfSpaces(n, n_inputs, n_half_spaces, spread, rng) for n in layers]
        n_presynaptic = [n_inputs, *layers[:-1]]
        self.weights = [
            rng.normal(0, 0.1 / np.sqrt(m + 1), (n, 2**n_half_spaces, m + 1))
            for n, m in zip(layers, n_presynaptic, strict=True)
        ]

    def learn(self, x: ArrayLike, y: ArrayLike) -> None:
        """One pass over samples (n, n_inputs) with targets (n,), one after the other.

        Raises:
            ValueError: for shapes that do not fit, or values that are not finite.
        """
        samples, targets = self._checked(x), np.asarray(y, dtype=float)
        if targets.shape != (len(samples),) or not np.isfinite(targets).all():
            raise ValueError(f"targets {targets.shape} must be ({len(samples)},) and finite")
        banks = [context(samples) for context in self.contexts]
        for k, target in enumerate(targets):
            activity = np.append(samples[k], 1.0)
            for w, bank in zip(self.weights, banks, strict=True):
                units = np.arange(len(w))
                open_weights = w[units, bank[k]]
                output = open_weights @ activity
                step = self.rate / (activity @ activity)
                w[units, bank[k]] = open_weights - step * np.outer(output - target, activity)
                activity = np.append(output, 1.0)

    def predict(self, x: ArrayLike) -> list[Array]:
        """Predictions of each layer's units, (n, n_units) each."""
        activity = self._checked(x)
        banks = [context(activity) for context in self.contexts]
        predictions = []
        for w, bank in zip(self.weights, banks, strict=True):
            inputs = np.column_stack([activity, np.ones(len(activity))])
            columns = [inputs[:, None, :] @ w[i, bank[:, i], :, None] for i in range(len(w))]
            activity = np.column_stack([c[:, 0, 0] for c in columns])
            predictions.append(activity)
        return predictions

    def _checked(self, x: ArrayLike) -> Array:
        return finite_samples(x, self.n_inputs)
