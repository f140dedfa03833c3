"""A learning rule: a feedback pathway, terms with coefficients, and constraints."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

import numpy as np

from spikeplast.credit.constraints import Constraint, NoSignChange, WeightDecay
from spikeplast.credit.feedback import (
    Direct,
    Feedback,
    FixedRandom,
    OutputOnly,
    SignSymmetric,
    Transpose,
)
from spikeplast.credit.learned_feedback import (
    KolenPollack,
    activation_alignment,
    information_alignment,
    symmetric_alignment,
    weight_mirror,
)
from spikeplast.credit.terms import WITHOUT_PRE_ERROR, Term, term

__all__ = ["RULES", "Rule", "named_rule"]


@dataclass(frozen=True)
class Rule:
    """dW_l = sum_r theta_r F^r, with teaching signals from a feedback pathway.

    Biases learn by F0's coefficient alone, db = -theta_0 e.

    Args:
        feedback: a pathway, for example `Transpose()` or `FixedRandom()`.
        terms: coefficients theta by the terms' names (see `credit.TERMS`), or by functions from a
            `credit.Local` to an array like W.
        constraints: applied to the weights after each batch, in their order.
        reduction: "mean" or "sum" over the samples of a batch.

    Raises:
        ValueError: for no or unknown terms, coefficients that are not finite, another reduction,
            or `KolenPollack` without a `WeightDecay` of the same rate.
        TypeError: for what is no pathway, no mapping of terms, no list or no constraint.
    """

    feedback: Feedback
    terms: Mapping[str, float] | Mapping[str | Term, float]
    constraints: Sequence[Constraint] = field(default_factory=tuple)
    reduction: str = "mean"

    def __post_init__(self) -> None:
        if not isinstance(self.feedback, Feedback):
            raise TypeError(f"feedback = {self.feedback!r} is no pathway; give for example "
                            "credit.Transpose()")  # fmt: skip
        if not self.terms:
            raise ValueError("terms is empty, so nothing would be learned; give for example "
                             "{'F0': 0.1}")  # fmt: skip
        if not isinstance(self.terms, Mapping):
            raise TypeError(f"terms = {self.terms!r} must have a coefficient for each term, for "
                            "example {'F0': 0.1}")  # fmt: skip
        for choice, coefficient in self.terms.items():
            term(choice)
            if not (isinstance(coefficient, Real) and np.isfinite(coefficient)):
                raise ValueError(f"term {choice!r} has the coefficient {coefficient!r}; "
                                 "give a finite number")  # fmt: skip
        if not isinstance(self.constraints, Sequence):
            raise TypeError(f"constraints = {self.constraints!r} must be a list, for example "
                            "[credit.WeightDecay(1e-4)]")  # fmt: skip
        for constraint in self.constraints:
            if not isinstance(constraint, Constraint):
                raise TypeError(f"{constraint!r} is no constraint; give for example "
                                "credit.WeightDecay(1e-4)")  # fmt: skip
        if self.reduction not in ("mean", "sum"):
            raise ValueError(f"reduction = {self.reduction!r}; give 'mean' or 'sum'")
        if isinstance(self.feedback, KolenPollack):
            rates = [c.rate for c in self.constraints if isinstance(c, WeightDecay)]
            if rates != [self.feedback.decay]:
                raise ValueError(
                    f"KolenPollack needs the forward weights to decay as the feedback does: give "
                    f"constraints=[WeightDecay({self.feedback.decay})]"
                )
            if any(isinstance(c, NoSignChange) for c in self.constraints):
                raise ValueError("KolenPollack's feedback cannot follow weights that a sign "
                                 "constraint changes; leave one of them out")  # fmt: skip

    @property
    def reads_input_error(self) -> bool:
        """Whether a term reads the teaching signal of the presynaptic units."""
        return any(choice not in WITHOUT_PRE_ERROR for choice in self.terms)


def _kolen_pollack(rate: float, decay: float = 1e-4) -> Rule:
    return Rule(KolenPollack(decay), {"F0": rate}, [WeightDecay(decay)])


def _with(feedback: Callable[[], Feedback], **more: float) -> Callable[[float], Rule]:
    # Coefficients of further terms are relative to that of F0.
    return lambda rate: Rule(
        feedback(), {"F0": rate} | {name: rate * value for name, value in more.items()}
    )


RULES: dict[str, Callable[..., Rule]] = {
    "backpropagation": _with(Transpose),
    "feedback_alignment": _with(FixedRandom),
    "direct_feedback_alignment": _with(Direct),
    "sign_symmetry": _with(SignSymmetric),
    "sign_symmetry_random": _with(lambda: SignSymmetric("random")),
    "weight_mirror": _with(weight_mirror),
    "kolen_pollack": _kolen_pollack,
    "symmetric_alignment": _with(symmetric_alignment),
    "activation_alignment": _with(activation_alignment),
    "information_alignment": _with(information_alignment),
    "feedback_alignment_ehebb": _with(FixedRandom, F2=-15.0),
    "feedback_alignment_oja": _with(FixedRandom, F9=0.5),
    "output_only": _with(OutputOnly),
}
"""Rules by name: functions of the learning rate, F0's coefficient"""


def named_rule(name: str, rate: float = 0.1, **options: Any) -> Rule:
    """The rule of that name.

    Args:
        name: one of `credit.RULES`.
        rate: coefficient of F0, above 0.
        options: "kolen_pollack" takes `decay`, per batch.

    Raises:
        ValueError: for an unknown name, a rate that is not above 0, or another option.
    """
    if name not in RULES:
        raise ValueError(f"rule {name!r} is unknown; choose from {', '.join(RULES)}")
    if not (np.isfinite(rate) and rate > 0):
        raise ValueError(f"rate = {rate} must be finite and above 0")
    unknown = options.keys() - ({"decay"} if name == "kolen_pollack" else set())
    if unknown:
        raise ValueError(f"rule {name!r} has no option {min(unknown)!r}")
    return RULES[name](rate, **options)
