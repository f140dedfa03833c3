"""Credit assignment in rate networks: rules put together from feedback, terms and constraints.

    rule = credit.Rule(feedback=credit.FixedRandom(), terms={"F0": 0.02, "F9": 0.01})
    model = credit.CreditClassifier(rule, hidden=(60, 60)).fit(x, labels)
    model.score(x_test, labels_test)

Systems with a structure of their own are in `credit.systems`. NumPy is all that this needs; the
estimators are built on scikit-learn, `credit.meta` compiles its inner loop with Numba, and both are
imported when they are first used.
"""

import importlib
from typing import Any

from spikeplast.credit.activations import Activation, activation, softplus
from spikeplast.credit.angles import angle, angles
from spikeplast.credit.constraints import Constraint, DalesLaw, NoSignChange, WeightDecay
from spikeplast.credit.feedback import (
    Broadcast,
    Direct,
    Feedback,
    FixedRandom,
    OutputOnly,
    SignSymmetric,
    Transpose,
)
from spikeplast.credit.learned_feedback import (
    KolenPollack,
    LearnedFeedback,
    activation_alignment,
    information_alignment,
    symmetric_alignment,
    weight_mirror,
)
from spikeplast.credit.learner import Diverged, Learner
from spikeplast.credit.losses import LOSSES, Loss, one_hot, softmax
from spikeplast.credit.monitor import Monitor
from spikeplast.credit.network import Network
from spikeplast.credit.primitives import PRIMITIVES, feedback_change
from spikeplast.credit.rule import RULES, Rule, named_rule
from spikeplast.credit.terms import TERMS, Local

_ESTIMATORS = ("CreditClassifier", "CreditRegressor", "compare")

__all__ = [
    "LOSSES",
    "PRIMITIVES",
    "RULES",
    "TERMS",
    "Activation",
    "Broadcast",
    "Constraint",
    "CreditClassifier",
    "CreditRegressor",
    "DalesLaw",
    "Direct",
    "Diverged",
    "Feedback",
    "FixedRandom",
    "KolenPollack",
    "LearnedFeedback",
    "Learner",
    "Local",
    "Loss",
    "Monitor",
    "Network",
    "NoSignChange",
    "OutputOnly",
    "Rule",
    "SignSymmetric",
    "Transpose",
    "WeightDecay",
    "activation",
    "activation_alignment",
    "angle",
    "angles",
    "compare",
    "feedback_change",
    "information_alignment",
    "named_rule",
    "one_hot",
    "softmax",
    "softplus",
    "symmetric_alignment",
    "weight_mirror",
]


def __getattr__(name: str) -> Any:
    if name in _ESTIMATORS:
        return getattr(importlib.import_module("spikeplast.credit.estimator"), name)
    raise AttributeError(f"module 'spikeplast.credit' has no attribute '{name}'")
