"""Dendritic gated networks: branches that inhibition opens or shuts, depending on the input.

Sezener, Grabska-Barwinska, Kostadinov, ..., Latham, A rapid and efficient learning rule for
biological neural circuits, bioRxiv 2021.03.10.434756. A neuron adds up its open branches,
h_i = sum_b g_b(x) sum_j w_ijb phi^-1(r_j); every neuron predicts the target, and only open branches
learn: dw_ijb = -eta g_b (r_i - y) phi^-1(r_j).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikeplast.credit.learner import Diverged
from spikeplast.credit.systems.contexts import finite_samples

__all__ = ["DendriticGatedNetwork"]

Array = NDArray[np.float64]


class DendriticGatedNetwork:
    """A network of one output, for two classes or for regression, trained online.

    Args:
        n_inputs: size of an input; give standardised inputs.
        layers: neurons of each layer; the last must be 1.
        n_branches: of each neuron.
        task: "classification" (sigmoid, log loss, targets 0 and 1) or "regression" (identity,
            half the squared error).
        rate: learning rate, above 0.
        clip: predicted probabilities stay between this and 1 - this; a neuron whose error is not
            larger does not learn. For regression it is not used.
        gated: False leaves all branches open for every input: a control, which is linear.
        random_state: seed of the gates. Weights start at 0.

    Raises:
        ValueError: for values out of range.
    """

    def __init__(
        self,
        n_inputs: int,
        layers: Sequence[int] = (100, 10, 1),
        n_branches: int = 20,
        *,
        task: str = "classification",
        rate: float = 3e-3,
        clip: float = 0.01,
        gated: bool = True,
        random_state: int = 0,
    ) -> None:
        if not layers or layers[-1] != 1 or any(n < 1 for n in layers):
            raise ValueError(f"layers = {list(layers)}: the last must have 1 neuron, the "
                             "prediction, and none may be empty")  # fmt: skip
        if task not in ("classification", "regression"):
            raise ValueError(f"task = {task!r}; give 'classification' or 'regression'")
        if n_inputs < 1 or n_branches < 1 or not (rate > 0 and 0 < clip < 0.5):
            raise ValueError(
                f"n_inputs = {n_inputs} and n_branches = {n_branches} must be 1 or more, "
                f"rate = {rate} above 0, clip = {clip} above 0 and below 0.5"
            )
        self.n_inputs, self.rate, self.clip = n_inputs, rate, clip
        self.classifies = task == "classification"
        self.limit = float(np.log((1 - clip) / clip)) if self.classifies else np.inf
        rng = np.random.default_rng(random_state)
        self.gates = []
        for n in layers:
            # The last column is the threshold's, for an input of 1.
            v = rng.normal(size=(n, n_branches, n_inputs + 1))
            self.gates.append(v if gated else np.zeros_like(v))
        fan_in = [n_inputs + 1, *(n + 1 for n in layers[:-1])]
        self.weights = [np.zeros((n, n_branches, m)) for n, m in zip(layers, fan_in, strict=True)]

    def open_branches(self, x: ArrayLike) -> list[NDArray[np.bool_]]:
        """Which branches inputs (n, n_inputs) open: (n, neurons, branches) for each layer."""
        inputs = np.column_stack([self._checked(x), np.ones(len(np.asarray(x)))])
        return [np.einsum("ubi,ni->nub", gate, inputs, optimize=True) >= 0 for gate in self.gates]

    def learn(self, x: ArrayLike, targets: ArrayLike) -> None:
        """One pass over samples (n, n_inputs) with targets (n,), one after the other.

        Raises:
            ValueError: for shapes that do not fit, values that are not finite, or classes that are
                not 0 and 1.
            credit.Diverged: if a regression's prediction is no longer finite.
        """
        samples, wanted = self._checked(x), np.asarray(targets, dtype=float)
        if wanted.shape != (len(samples),):
            raise ValueError(f"targets {wanted.shape} must be ({len(samples)},)")
        if self.classifies and not np.isin(wanted, (0, 1)).all():
            raise ValueError("targets of a classification must be 0 and 1")
        if not np.isfinite(wanted).all():
            raise ValueError("targets have values that are not finite; remove or replace them")
        # What overflows is reported by sample below.
        with np.errstate(over="ignore", invalid="ignore"):
            for k, branches in enumerate(zip(*self.open_branches(samples), strict=True)):
                if not np.isfinite(self._pass(samples[k], branches, wanted[k])):
                    raise Diverged(f"the prediction for sample {k} is not finite; give a smaller "
                                   "rate")  # fmt: skip

    def _pass(self, x: Array, branches: Sequence[NDArray[np.bool_]], target: float | None) -> float:
        signal = np.append(np.clip(x, -self.limit, self.limit), 1.0)
        for w, gates in zip(self.weights, branches, strict=True):
            opened = gates.astype(float)
            h = np.einsum("ub,ubi,i->u", opened, w, signal, optimize=_ORDER)
            h = np.clip(h, -self.limit, self.limit)
            if target is not None:
                error = self._rate(h) - target
                if self.classifies:
                    # That of a clipped prediction is the clip, up to rounding.
                    error = np.where(np.abs(error) > self.clip * (1 + 1e-9), error, 0.0)
                w -= (self.rate * error)[:, None, None] * opened[:, :, None] * signal
            signal = np.append(h, 1.0)
        return float(h[0])

    def _rate(self, h: Array) -> Array:
        return 1 / (1 + np.exp(-h)) if self.classifies else h

    def output(self, x: ArrayLike) -> Array:
        """Probability of class 1, or the predicted value, (n,)."""
        samples = self._checked(x)
        gates = zip(*self.open_branches(samples), strict=True)
        h = np.array([self._pass(s, g, None) for s, g in zip(samples, gates, strict=True)])
        return self._rate(h)

    def predict(self, x: ArrayLike) -> Array:
        """Class 0 or 1, or the predicted value, (n,)."""
        output = self.output(x)
        return (output > 0.5).astype(float) if self.classifies else output

    def _checked(self, x: ArrayLike) -> Array:
        return finite_samples(x, self.n_inputs)


# Branches' sums first, then the gates: fewer multiplications.
_ORDER = ["einsum_path", (1, 2), (0, 1)]
