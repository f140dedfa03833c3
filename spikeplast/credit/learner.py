"""Train a network by a rule, batch by batch."""

from __future__ import annotations

from copy import deepcopy

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikeplast.credit.monitor import Monitor
from spikeplast.credit.network import Network
from spikeplast.credit.rule import Rule
from spikeplast.credit.terms import Local, term

__all__ = ["Diverged", "Learner"]

Array = NDArray[np.float64]


class Diverged(ArithmeticError):
    """Weights or activity are no longer finite; the message names the step and the layer."""


class Learner:
    """A rule at work on a network, which it changes in place.

    Args:
        network: trained in place.
        rule: its pathway and constraints are copied, so one rule can train many networks.
        random_state: seed, an integer of at least 0, or generator for random feedback and for the
            order of samples. A seed gives other numbers than `Network` draws its weights from.

    Raises:
        ValueError: if the rule's pathway cannot teach this network.
        TypeError: for a rule's name in place of the rule.
    """

    def __init__(
        self, network: Network, rule: Rule, random_state: int | np.random.Generator = 0
    ) -> None:
        if not isinstance(rule, Rule):
            raise TypeError(f"rule = {rule!r} is no credit.Rule; names become one by "
                            "credit.named_rule")  # fmt: skip
        self.network, self.rule = network, rule
        # From one stream for both, random feedback would be the forward weights again.
        self.rng = (
            random_state
            if isinstance(random_state, np.random.Generator)
            else np.random.default_rng([random_state, 1])
        )
        self.feedback = deepcopy(rule.feedback)
        self.feedback.lowest = 0 if rule.reads_input_error else 1
        self.constraints = deepcopy(list(rule.constraints))
        self._terms = [(term(choice), float(c)) for choice, c in rule.terms.items() if c != 0]
        self._rate = float(rule.terms.get("F0", 0.0))
        self.steps = 0
        for constraint in self.constraints:
            constraint.start(network, self.rng)
        self.feedback.start(network, self.rng)

    def step(self, x: ArrayLike, target: ArrayLike) -> float:
        """Learn from one batch; returns its mean loss before learning.

        Args:
            x: (n, n_0).
            target: (n, n_L).

        Raises:
            ValueError: for an empty batch, other shapes, or values that are not finite; for inputs
                outside of the activation's range if a term reads their teaching signal.
            Diverged: if weights or activities become infinite or nan.
        """
        inputs = self.network.checked_input(x)
        if not len(inputs):
            raise ValueError("the batch is empty; give one sample or more")
        targets = self.network.checked_target(target, len(inputs))
        for name, values in (("input", inputs), ("target", targets)):
            if not np.isfinite(values).all():
                raise ValueError(f"{name} has values that are not finite at step {self.steps}; "
                                 "remove or replace them")  # fmt: skip
        unit = self.network.activation
        if self.feedback.lowest == 0 and not (
            inputs.min() >= unit.low and inputs.max() <= unit.high
        ):
            raise ValueError(
                f"inputs from {inputs.min():.4g} to {inputs.max():.4g} leave the range of "
                f"{unit.name}, {unit.low:g} to {unit.high:g}: terms that read the input's teaching "
                "signal take the derivative there; scale the inputs"
            )
        # What overflows is reported by step and layer below.
        with np.errstate(over="ignore", invalid="ignore"):
            return self._learn(inputs, targets)

    def _learn(self, x: Array, target: Array) -> float:
        network = self.network
        y = network.forward(x)
        output_error = y[-1] - target
        errors = self.feedback.errors(network, y, output_error)
        scale = 1 / len(x) if self.rule.reduction == "mean" else 1.0
        changes = []
        for layer, weights in enumerate(network.weights):
            local = Local(weights, y[layer], y[layer + 1], errors[layer], errors[layer + 1])
            change = np.zeros_like(weights)
            for function, coefficient in self._terms:
                change += scale * coefficient * function(local)
            changes.append(change)
        for layer, change in enumerate(changes):
            network.weights[layer] += change
            if network.biases is not None:
                network.biases[layer] -= scale * self._rate * errors[layer + 1].sum(axis=0)
        self.feedback.learn(network, y, changes)
        for constraint in self.constraints:
            constraint.apply(network)
        self.steps += 1
        self._check_finite()
        return network.loss.value(y[-1], target)

    def _check_finite(self) -> None:
        for layer, weights in enumerate(self.network.weights, 1):
            if not np.isfinite(weights).all():
                # Feedback that diverges takes the weights with it.
                feedback = getattr(self.feedback, "matrices", [])
                cause = "coefficients"
                if not all(np.isfinite(matrix).all() for matrix in feedback):
                    cause = "rates of the feedback, whose weights are no longer finite either"
                raise Diverged(
                    f"at step {self.steps} the weights into layer {layer} of "
                    f"{self.network.n_layers} are no longer finite; give smaller {cause}"
                )

    def fit(
        self,
        x: ArrayLike,
        target: ArrayLike,
        *,
        epochs: int = 10,
        batch_size: int = 16,
        monitor: Monitor | None = None,
    ) -> Learner:
        """Learn from all samples `epochs` times, in a new order each time.

        Args:
            x: (n, n_0).
            target: (n, n_L).
            epochs, batch_size: 1 or more; the last batch may be smaller.
            monitor: told after every step.

        Raises:
            ValueError: for epochs or a batch size below 1, a rule that needs samples in the order
                of time, and as `step`.
            Diverged: as `step`.
        """
        for name, value in (("epochs", epochs), ("batch_size", batch_size)):
            if not isinstance(value, (int, np.integer)) or value < 1:
                raise ValueError(f"{name} = {value!r} must be an integer of 1 or more")
        if "differential_hebbian" in self.rule.terms:
            raise ValueError("'differential_hebbian' reads samples in the order of time, which fit "
                             "shuffles; give them to Learner.step")  # fmt: skip
        inputs = self.network.checked_input(x)
        if not len(inputs):
            raise ValueError("there are no samples to learn from")
        targets = self.network.checked_target(target, len(inputs))
        if monitor is not None and self.steps == 0:
            monitor.record(self.network, self.feedback, 0)
        for _ in range(epochs):
            order = self.rng.permutation(len(inputs))
            for begin in range(0, len(order), batch_size):
                rows = order[begin : begin + batch_size]
                self.step(inputs[rows], targets[rows])
                if monitor is not None and self.steps % monitor.every == 0:
                    monitor.record(self.network, self.feedback, self.steps)
        return self
