"""Networks that learn by a rule, in the manner of scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from spikeplast.credit.activations import Activation
from spikeplast.credit.learner import Learner
from spikeplast.credit.losses import one_hot
from spikeplast.credit.monitor import Monitor
from spikeplast.credit.network import Network
from spikeplast.credit.rule import Rule, named_rule

__all__ = ["CreditClassifier", "CreditRegressor", "compare"]

Array = NDArray[np.float64]


class _CreditEstimator(BaseEstimator):
    _loss: str

    def __init__(
        self,
        rule: str | Rule = "backpropagation",
        hidden: Sequence[int] = (100,),
        activation: str | Activation = "tanh",
        *,
        learning_rate: float = 0.1,
        epochs: int = 20,
        batch_size: int = 16,
        random_state: Any = None,
        monitor_every: int | None = None,
    ) -> None:
        self.rule = rule
        self.hidden = hidden
        self.activation = activation
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.batch_size = batch_size
        self.random_state = random_state
        self.monitor_every = monitor_every

    def _train(self, x: Array, target: Array) -> None:
        rule = self.rule
        if isinstance(rule, str):
            rule = named_rule(rule, self.learning_rate)
        if not isinstance(rule, Rule):
            raise TypeError(f"rule = {rule!r} is neither a credit.Rule nor a name")
        seed = check_random_state(self.random_state).randint(2**31)
        rng = np.random.default_rng(seed)
        self.network_ = Network(
            [x.shape[1], *self.hidden, target.shape[1]],
            self.activation,
            self._loss,
            random_state=rng,
        )
        self.monitor_ = None
        if self.monitor_every is not None:
            self.monitor_ = Monitor(x, target, self.monitor_every)
        learner = Learner(self.network_, rule, rng)
        learner.fit(
            x, target, epochs=self.epochs, batch_size=self.batch_size, monitor=self.monitor_
        )
        self.feedback_ = learner.feedback

    def _output(self, x: ArrayLike) -> Array:
        check_is_fitted(self)
        return self.network_.output(validate_data(self, x, dtype=float, reset=False))


class CreditClassifier(ClassifierMixin, _CreditEstimator):
    """A classifier with a softmax output, trained by a rule of `credit`.

    Args:
        rule: a `credit.Rule`, or one of the names in `credit.RULES`.
        hidden: units of each hidden layer; may be empty.
        activation: of the hidden layers.
        learning_rate: coefficient of F0, if the rule is given by its name.
        epochs, batch_size: 1 or more.
        random_state: seed, or None.
        monitor_every: steps between two looks of a `credit.Monitor` at the training samples, or
            None for no monitor.

    Attributes:
        classes_: (n_classes,) labels.
        network_: the trained `credit.Network`.
        feedback_: the pathway, with what it has learned.
        monitor_: the monitor, or None.

    Raises (at `fit`):
        ValueError: for values out of range, labels that are no classes, fewer than two classes.
        credit.Diverged: if weights become infinite; names the step and the layer.
    """

    _loss = "cross_entropy"

    def fit(self, X: ArrayLike, y: ArrayLike) -> CreditClassifier:
        """Train on samples (n, n_features) with labels (n,)."""
        x, labels = validate_data(self, X, y, dtype=float)
        check_classification_targets(labels)
        self.classes_, numbers = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"y has one class only ({self.classes_[0]!r}); a classifier needs "
                             "two or more")  # fmt: skip
        self._train(x, one_hot(numbers, len(self.classes_)))
        return self

    def predict_proba(self, X: ArrayLike) -> Array:
        """(n, n_classes) activity of the softmax output."""
        return self._output(X)

    def predict(self, X: ArrayLike) -> NDArray:
        """(n,) the most active output's label."""
        # First, since classes_ is there after fitting only.
        output = self._output(X)
        return self.classes_[output.argmax(axis=1)]


class CreditRegressor(RegressorMixin, _CreditEstimator):
    """A regressor with linear outputs and half the squared error, trained by a rule of `credit`.

    Arguments, attributes and errors as `CreditClassifier`'s; targets are (n,) or (n, n_outputs)
    and are not scaled, so standardise inputs and targets first.
    """

    _loss = "squared_error"

    def fit(self, X: ArrayLike, y: ArrayLike) -> CreditRegressor:
        """Train on samples (n, n_features) with targets (n,) or (n, n_outputs)."""
        x, targets = validate_data(self, X, y, dtype=float, multi_output=True, y_numeric=True)
        targets = np.asarray(targets, dtype=float)
        self._one_dimensional = targets.ndim == 1
        self._train(x, targets.reshape(len(targets), -1))
        return self

    def predict(self, X: ArrayLike) -> Array:
        """Activity of the outputs, in the targets' shape."""
        output = self._output(X)
        return output[:, 0] if self._one_dimensional else output

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        # Targets are not scaled, so the checks' data (thousands) need another learning rate.
        tags.regressor_tags.poor_score = True
        return tags


def compare(
    estimator: _CreditEstimator,
    rules: Sequence[str] | Mapping[str, Rule],
    X: ArrayLike,
    y: ArrayLike,
    X_test: ArrayLike,
    y_test: ArrayLike,
) -> dict[str, float]:
    """Score on the test samples of a copy of the estimator for each rule.

    Args:
        estimator: all but the rule is taken from it.
        rules: names of `credit.RULES`, or rules by names of your own.
        X, y, X_test, y_test: samples and targets.
    """
    named = rules if isinstance(rules, Mapping) else {name: name for name in rules}
    return {
        name: float(clone(estimator).set_params(rule=rule).fit(X, y).score(X_test, y_test))
        for name, rule in named.items()
    }
