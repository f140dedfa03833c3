"""The rules of the recurrent network with constants drawn at random, the same effort for each.

A configuration has a number. What all rules share is drawn from that number alone, so that
configuration 3 of one rule has the same network, rate and step as configuration 3 of another; what
is a rule's own is drawn for that rule. Untrained weights are one of the conditions: they get as
many networks as any rule.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from brian2 import Hz, ms, mV, second

from experiments._speech_conditions import RULES
from experiments._speech_recurrent_training import RecurrentCondition
from models.yger_harris_2013_recurrent import RecurrentParameters
from models.yger_harris_2013_rules import (
    RateConstrainedPair,
    RateConstrainedTriplet,
    rate_constraint_alone,
)
from spikeplast.plasticity import Convallis

__all__ = ["CONDITIONS", "UNTRAINED", "drawn_condition"]

UNTRAINED = "untrained"
CONDITIONS = (UNTRAINED, *reversed(RULES))
_BALANCE = 16.8 / 33.7
"""tau_plus / tau_minus: A_minus = this times A_plus if both areas are equal"""
_INPUT = 0.024
"""Mean first weight of an input times the share of channels that a cell hears"""
_HEARD = 80
"""Excitatory cells that each cell hears, in a network of any size that has as many"""


def drawn_condition(rule: str, number: int, n_cells: int, random_seed: int) -> RecurrentCondition:
    """Configuration `number` of a rule, of `CONDITIONS`, for a network of `n_cells`.

    Shared: each cell hears 0.1, 0.2 or 0.4 of the channels; mean first weight among excitatory
    cells 0.015, 0.03 or 0.06, bound 0.1 or 0.25; inhibitory weights 0.3 or 0.6; r0 3 to 12 Hz,
    step 0.0002 to 0.002, k_p 0.5 to 4, k_i 0, 0.005 or 0.02/s, shrinkage 0.05, 0.2 or 0.5. Own:
    Convallis A_LTP 2 to 16, theta_LTD -60, -55 or -52 mV; pair A_plus 0.03 to 0.3 s, area of
    depression 0.25, 0.5 or 1.05 of potentiation; triplet A_plus 0.003 to 0.1 s, A_minus/A_plus
    0.27, 0.55 or 1.09, tau_y 40 or 114 ms. Ranges are drawn from evenly in the logarithm.

    Raises:
        ValueError: for another rule.
    """
    if rule not in CONDITIONS:
        raise ValueError(f"rule {rule!r} is not one of {', '.join(CONDITIONS)}")
    rng = np.random.default_rng([random_seed, number])
    heard = float(rng.choice([0.1, 0.2, 0.4]))
    inhibition = float(rng.choice([0.3, 0.6]))
    network: dict[str, Any] = {
        "n_cells": n_cells,
        "input_connection": heard,
        "w_input": _INPUT / heard,
        "connection": min(1.0, _HEARD / (n_cells * 4 // 5)),
        "w_recurrent": float(rng.choice([0.015, 0.03, 0.06])),
        "w_max_recurrent": float(rng.choice([0.1, 0.25])),
        "w_i_to_e": inhibition,
        "w_i_to_i": inhibition,
    }
    shared: dict[str, Any] = {
        "r0": _log_uniform(rng, 3, 12) * Hz,
        "step": _log_uniform(rng, 0.0002, 0.002),
        "k_p": _log_uniform(rng, 0.5, 4),
        "k_i": float(rng.choice([0, 0.005, 0.02])) / second,
        "shrinkage": float(rng.choice([0.05, 0.2, 0.5])),
    }
    own = np.random.default_rng([random_seed, number, CONDITIONS.index(rule)])
    return RecurrentCondition(
        rule,
        RecurrentParameters(rule=_rule(rule, own, shared), **network),
        learns=rule != UNTRAINED,
    )


def _rule(rule: str, rng: np.random.Generator, shared: dict[str, Any]) -> Convallis:
    if rule == "Convallis":
        theta = float(rng.choice([-60, -55, -52])) * mV
        return Convallis(A_LTP=_log_uniform(rng, 2, 16), theta_LTD=theta, **shared)
    if rule == "pair STDP":
        amplitude = _log_uniform(rng, 0.03, 0.3)
        area = float(rng.choice([0.25, 0.5, 1.05]))
        return RateConstrainedPair(A_plus=amplitude, A_minus=amplitude * area * _BALANCE, **shared)
    if rule == "triplet STDP":
        amplitude = _log_uniform(rng, 0.003, 0.1)
        ratio = float(rng.choice([0.27, 0.55, 1.09]))
        return RateConstrainedTriplet(
            A_plus=amplitude,
            A_minus=amplitude * ratio,
            tau_y=float(rng.choice([40, 114])) * ms,
            **shared,
        )
    # Untrained weights use its target rate only.
    return rate_constraint_alone(**shared)


def _log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))
