"""The rules of the spoken-digit experiment with their constants, fixed or drawn at random.

All constants of the fixed ones were found by search on the Free Spoken Digit Dataset: on held-out
utterances of jackson, nicolas, theo and yweweler, whom a cell of the search had heard. So where one
of these is the unheard speaker now, the weights have not heard them, but the choice of constants
has. None is from Yger & Harris 2013.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from brian2 import Hz, ms, mV, second

from experiments._speech_runs import Condition
from models.yger_harris_2013 import SpeechParameters
from models.yger_harris_2013_rules import (
    RateConstrainedPair,
    RateConstrainedTriplet,
    rate_constraint_alone,
)
from spikeplast.plasticity import Convallis

__all__ = ["RULES", "layer_conditions", "random_condition", "single_conditions"]

RULES = ("Convallis", "pair STDP", "triplet STDP", "rate constraint alone")
_BALANCE = 16.8 / 33.7
"""tau_plus / tau_minus: A_minus = this times A_plus if both areas are equal"""


def single_conditions() -> list[Condition]:
    """One cell: the rule, its controls, and the two best rivals known."""
    return [
        Condition("Convallis", SpeechParameters(rule=Convallis.speech())),
        Condition("untrained", SpeechParameters(rule=Convallis.speech()), learns=False),
        Condition("rate constraint alone", SpeechParameters(rule=rate_constraint_alone())),
        Condition("pair STDP, depression-dominated", SpeechParameters(rule=RateConstrainedPair())),
        Condition(
            "triplet STDP",
            SpeechParameters(rule=RateConstrainedTriplet(step=0.0005, k_p=1), w_max=0.1),
        ),
        Condition(
            "pair STDP, potentiation-dominated (z-score input)",
            SpeechParameters(
                rule=RateConstrainedPair(
                    A_minus=0.1 * 0.5 * _BALANCE,
                    r0=15 * Hz,
                    step=0.002,
                    shrinkage=0.05,
                    k_p=4,
                    k_i=0.02 / second,
                ),
                w_max=0.1,
                w_feedforward=0.03,
            ),
            "z-score",
        ),
        Condition(
            "Convallis (z-score input)",
            SpeechParameters(
                rule=Convallis(A_LTP=8, theta_LTD=-55 * mV, r0=15 * Hz, step=0.002, k_p=2),
                w_feedforward=0.03,
            ),
            "z-score",
        ),
    ]


def layer_conditions(**changes: Any) -> list[Condition]:
    """A layer of 50 cells that inhibit each other; `changes` go to all `SpeechParameters`."""
    shared: dict[str, Any] = {"n_cells": 50, "connection": 0.3, "w_lateral": 0.2} | changes
    same: dict[str, Any] = {"r0": 8 * Hz, "k_p": 1}

    def layer(rule: Convallis) -> SpeechParameters:
        return SpeechParameters(rule=rule, **shared)

    convallis = layer(Convallis(A_LTP=8, **same))
    return [
        Condition("Convallis", convallis),
        Condition("untrained", convallis, learns=False),
        Condition("rate constraint alone", layer(rate_constraint_alone(**same))),
        Condition(
            "pair STDP",
            layer(RateConstrainedPair(A_plus=0.2, A_minus=0.2 * 0.25 * _BALANCE, **same)),
        ),
        Condition(
            "triplet STDP",
            layer(RateConstrainedTriplet(A_plus=0.1, A_minus=0.0546, **same)),
        ),
    ]


def random_condition(rule: str, rng: np.random.Generator) -> Condition:
    """A rule with constants drawn from wide ranges, the same ones for what rules share.

    Shared: step 0.0005 to 0.002, k_p 0.5 to 4, r0 7 to 15 Hz, updates every 1, 2 or 5 s, k_i 0 to
    0.02/s, shrinkage 0.05, 0.2 or 0.5, w_max 0.1 or 0.25, feed-forward inhibition 0.01 or 0.03,
    either normalisation of the input. Own: Convallis A_LTP 2 to 16, theta_LTD -60, -55 or -52 mV;
    pair A_plus 0.03 to 0.3 s, area of depression 0.25, 0.5 or 1.05 of potentiation; triplet A_plus
    0.003 to 0.1 s, A_minus/A_plus 0.27, 0.55 or 1.09, tau_y 40 or 114 ms.
    """

    def log_uniform(low: float, high: float) -> float:
        return float(np.exp(rng.uniform(np.log(low), np.log(high))))

    shared: dict[str, Any] = {
        "step": log_uniform(0.0005, 0.002),
        "k_p": log_uniform(0.5, 4),
        "r0": float(rng.uniform(7, 15)) * Hz,
        "every": float(rng.choice([1, 2, 5])) * second,
        "k_i": float(rng.choice([0, 0.002, 0.005, 0.02])) / second,
        "shrinkage": float(rng.choice([0.05, 0.2, 0.5])),
    }
    made: Convallis
    if rule == "Convallis":
        theta = float(rng.choice([-60, -55, -52])) * mV
        made = Convallis(A_LTP=log_uniform(2, 16), theta_LTD=theta, **shared)
    elif rule == "pair STDP":
        amplitude = log_uniform(0.03, 0.3)
        area = float(rng.choice([0.25, 0.5, 1.05]))
        made = RateConstrainedPair(A_plus=amplitude, A_minus=amplitude * area * _BALANCE, **shared)
    elif rule == "triplet STDP":
        amplitude = log_uniform(0.003, 0.1)
        ratio = float(rng.choice([0.27, 0.55, 1.09]))
        made = RateConstrainedTriplet(
            A_plus=amplitude,
            A_minus=amplitude * ratio,
            tau_y=float(rng.choice([40, 114])) * ms,
            **shared,
        )
    elif rule == "rate constraint alone":
        made = rate_constraint_alone(**shared)
    else:
        raise ValueError(f"rule {rule!r} is not one of {', '.join(RULES)}")
    parameters = SpeechParameters(
        rule=made,
        w_max=float(rng.choice([0.1, 0.25])),
        w_feedforward=float(rng.choice([0.01, 0.03])),
    )
    condition = Condition(rule, parameters)
    return replace(condition, normalisation=str(rng.choice(["contrast", "z-score"])))
