"""The estimators: scikit-learn's own checks, and rules compared by name."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.utils.estimator_checks import check_estimator

from spikeplast import credit


@pytest.mark.parametrize("kind", [credit.CreditClassifier, credit.CreditRegressor])
def test_scikit_learns_checks(kind):
    # A rate that suits data of any scale in the checks.
    model = kind(hidden=(10,), learning_rate=0.02, epochs=30)
    results = check_estimator(model, on_skip=None)
    assert len(results) > 30 and {r["status"] for r in results} <= {"passed", "skipped"}
    # Only what needs other packages or settings is skipped.
    assert sum(r["status"] == "skipped" for r in results) <= 3


def test_rules_by_name_and_of_ones_own():
    x, y = load_digits(return_X_y=True)
    x = x / 16
    model = credit.CreditClassifier(hidden=(40, 40), epochs=3, random_state=1, monitor_every=50)
    names = ["backpropagation", "direct_feedback_alignment", "symmetric_alignment"]
    scores = credit.compare(model, names, x[:1200], y[:1200], x[1200:], y[1200:])
    assert list(scores) == names and min(scores.values()) > 0.8
    rule = credit.Rule(credit.OutputOnly(), {"F0": 0.1})
    own = credit.compare(model, {"last": rule}, x[:1200], y[:1200], x[1200:], y[1200:])
    assert own["last"] < scores["backpropagation"]
    assert model.fit(x, y).monitor_.accuracy[-1] > 0.9


def test_labels_of_any_kind_and_complaints():
    x = np.random.default_rng(0).normal(size=(60, 3))
    y = np.where(x[:, 0] > 0, "right", "left")
    model = credit.CreditClassifier(hidden=(), random_state=0).fit(x, y)
    assert model.score(x, y) > 0.9 and set(model.predict(x)) == {"left", "right"}
    with pytest.raises(ValueError, match="'backprop' is unknown"):
        credit.CreditClassifier("backprop").fit(x, y)
    with pytest.raises(TypeError, match=r"neither a credit\.Rule nor a name"):
        credit.CreditClassifier(3).fit(x, y)
    with pytest.raises(ValueError, match="errors sum to 0"):
        credit.CreditClassifier(credit.Rule(credit.Broadcast(), {"F0": 0.1})).fit(x, y)
    regressor = credit.CreditRegressor(hidden=(20,), learning_rate=0.05, epochs=50, random_state=0)
    targets = np.column_stack([np.sin(x[:, 0]), x[:, 1]])
    assert regressor.fit(x, targets).score(x, targets) > 0.9
    assert regressor.predict(x).shape == (60, 2)
