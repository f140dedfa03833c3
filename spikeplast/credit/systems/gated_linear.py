"""Gated linear networks: every unit predicts the class by mixing predictions of the layer below.

Veness et al., arXiv 1712.01897 (2017); AAAI 2021, arXiv 1910.01526. A unit's output is
sigmoid(w_c . logit(p)), with weights w_c picked by the network's input; each unit lowers its own
log loss, dw = -eta (output - target) logit(p), so nothing is passed back.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikeplast.credit.systems.contexts import HalfSpaces, finite_samples

__all__ = ["GatedLinearNetwork"]

Array = NDArray[np.float64]
LARGEST_WEIGHT = 200.0


class GatedLinearNetwork:
    """One network for each class (one for two classes), trained online.

    Args:
        n_inputs: size of an input; give standardised inputs.
        n_classes: 2 or more.
        layers: units of each layer; the last must be 1.
        n_half_spaces: context dimension; 0 for networks without gates.
        rate: learning rate, above 0.
        spread: standard deviation of the hyperplanes' distance from 0.
        clip: predictions stay between this and 1 - this, above 0 and below 0.5.
        random_state: seed of the hyperplanes. Weights start at 1/fan-in.

    Raises:
        ValueError: for values out of range.
    """

    def __init__(
        self,
        n_inputs: int,
        n_classes: int = 2,
        layers: Sequence[int] = (20, 1),
        n_half_spaces: int = 4,
        *,
        rate: float = 0.02,
        spread: float = 0.05,
        clip: float = 0.01,
        random_state: int = 0,
    ) -> None:
        if not layers or layers[-1] != 1 or any(n < 1 for n in layers):
            raise ValueError(f"layers = {list(layers)}: the last must have 1 unit, the prediction, "
                             "and none may be empty")  # fmt: skip
        if n_inputs < 1 or n_classes < 2:
            raise ValueError(f"n_inputs = {n_inputs} must be above 0, n_classes = {n_classes} "
                             "at least 2")  # fmt: skip
        if not (rate > 0 and 0 < clip < 0.5):
            raise ValueError(f"rate = {rate} must be above 0, clip = {clip} above 0 and below 0.5")
        self.n_inputs, self.n_classes, self.rate = n_inputs, n_classes, rate
        self.limit = float(np.log((1 - clip) / clip))
        self.n_nets = 1 if n_classes == 2 else n_classes
        self.layers = tuple(layers)
        rng = np.random.default_rng(random_state)
        self.contexts = [
            HalfSpaces(self.n_nets * n, n_inputs, n_half_spaces, spread, rng) for n in layers
        ]
        fan_in = [n_inputs + 1, *(n + 1 for n in layers[:-1])]
        # (nets, units, contexts, inputs)
        self.weights = [
            np.full((self.n_nets, n, 2**n_half_spaces, m), 1 / m)
            for n, m in zip(layers, fan_in, strict=True)
        ]

    def learn(self, x: ArrayLike, labels: ArrayLike) -> None:
        """One pass over samples (n, n_inputs) with labels (n,), one after the other.

        Raises:
            ValueError: for shapes that do not fit or labels that are no classes.
        """
        samples, targets = self._checked(x), np.asarray(labels)
        if targets.shape != (len(samples),) or targets.dtype.kind not in "iu":
            raise ValueError(f"labels {targets.shape}, {targets.dtype}, must be {len(samples)} "
                             "integers")  # fmt: skip
        if targets.size and not (targets.min() >= 0 and targets.max() < self.n_classes):
            raise ValueError(f"labels must be from 0 to {self.n_classes - 1}")
        wanted = np.arange(self.n_nets) + (self.n_classes == 2)
        nets = np.arange(self.n_nets)[:, None]
        banks = self._banks(samples)
        for k, label in enumerate(targets):
            logits = self._base(samples[k])
            right = (label == wanted).astype(float)[:, None]
            for w, bank in zip(self.weights, banks, strict=True):
                units = np.arange(w.shape[1])
                open_weights = w[nets, units, bank[k]]
                mixed = np.einsum("cui,ci->cu", open_weights, logits)
                mixed = np.clip(mixed, -self.limit, self.limit)
                error = 1 / (1 + np.exp(-mixed)) - right
                changed = open_weights - self.rate * error[:, :, None] * logits[:, None, :]
                w[nets, units, bank[k]] = np.clip(changed, -LARGEST_WEIGHT, LARGEST_WEIGHT)
                logits = self._with_bias(mixed)

    def probabilities(self, x: ArrayLike) -> Array:
        """Each net's prediction, (n, n_nets): of class 1 for two classes, else of each class."""
        samples = self._checked(x)
        banks = self._banks(samples)
        nets = np.arange(self.n_nets)[:, None]
        found = np.empty((len(samples), self.n_nets))
        for k, sample in enumerate(samples):
            logits = self._base(sample)
            for w, bank in zip(self.weights, banks, strict=True):
                open_weights = w[nets, np.arange(w.shape[1]), bank[k]]
                mixed = np.einsum("cui,ci->cu", open_weights, logits)
                mixed = np.clip(mixed, -self.limit, self.limit)
                logits = self._with_bias(mixed)
            found[k] = mixed[:, 0]
        return 1 / (1 + np.exp(-found))

    def predict(self, x: ArrayLike) -> NDArray[np.int64]:
        """(n,) labels."""
        p = self.probabilities(x)
        return (p[:, 0] > 0.5).astype(np.int64) if self.n_classes == 2 else p.argmax(axis=1)

    def _banks(self, samples: Array) -> list[NDArray[np.int64]]:
        return [
            context(samples).reshape(len(samples), self.n_nets, n)
            for context, n in zip(self.contexts, self.layers, strict=True)
        ]

    def _base(self, sample: Array) -> Array:
        # The base predictions are sigmoid(x), whose logit is x.
        clipped = np.clip(sample, -self.limit, self.limit)
        return self._with_bias(np.broadcast_to(clipped, (self.n_nets, self.n_inputs)))

    def _with_bias(self, logits: Array) -> Array:
        return np.concatenate([logits, np.ones((self.n_nets, 1))], axis=1)

    def _checked(self, x: ArrayLike) -> Array:
        return finite_samples(x, self.n_inputs)
