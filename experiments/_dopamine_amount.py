"""Spiking cells that learn amounts of reward by dopamine, its controls, and rate units."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from brian2 import ms
from numpy.typing import NDArray

from models.konishi_2023 import (
    BroadcastDopamine,
    RewardAmountNetwork,
    RewardAmountParameters,
    Trials,
)
from spikeplast import credit

__all__ = ["CONTROLS", "RATE_UNITS", "SPIKING", "conditions", "learn_amounts", "learn_rates"]

SPIKING = "dopamine, spiking cells"
CONTROLS = ("shuffled dopamine", "no postsynaptic gate", "frozen hidden layer",
            "eligibility of 10 ms")  # fmt: skip
RATE_UNITS: dict[str, Callable[[], credit.Feedback]] = {
    "FA_Ex-100 %, rate units": lambda: credit.Broadcast(0.1),
    "backpropagation, rate units": credit.Transpose,
}


def conditions() -> dict[str, RewardAmountParameters]:
    """The network, and what is taken from it in each control."""
    whole = RewardAmountParameters()

    def with_rule(**changes: Any) -> RewardAmountParameters:
        return replace(whole, rule=replace(BroadcastDopamine(), **changes))

    made = (
        replace(whole, dopamine="shuffled"),
        with_rule(gated=False),
        with_rule(eta=0),
        with_rule(tau_c=10 * ms),
    )
    return {SPIKING: whole} | dict(zip(CONTROLS, made, strict=True))


def learn_amounts(
    parameters: RewardAmountParameters,
    n_trials: int,
    n_test: int,
    n_distractors: int,
    random_seed: int,
) -> dict[str, NDArray[np.float64]]:
    """Squared errors of the predicted amounts, in units of half of their difference.

    Returns:
        `learning` (n_trials,), each before its trial is learned from; `test` (n_test,), without
        plasticity; `right` (n_test,), 1 where the prediction is on the right side of the mean.
    """
    trials = Trials.random(n_trials + n_test, n_distractors, random_seed)
    network = RewardAmountNetwork(parameters, trials, random_seed)
    learning = network.run(n_trials) - trials.amounts[:n_trials]
    found = network.run(n_test, learning=False)
    return {"learning": learning**2} | _tested(found, trials.amounts[n_trials:])


def learn_rates(
    feedback: credit.Feedback, n_trials: int, n_test: int, n_distractors: int, random_seed: int
) -> dict[str, NDArray[np.float64]]:
    """The same of the paper's network of rectified units on the same trials, one by one."""
    trials = Trials.random(n_trials + n_test, n_distractors, random_seed)
    rng = np.random.default_rng([random_seed, 3])
    x = trials.cues + 0.01 * rng.normal(size=trials.cues.shape)
    target = trials.amounts[:, None]
    network = credit.Network(
        [x.shape[1], 20, 1], "relu", "squared_error", scale=0.01, random_state=rng
    )
    learner = credit.Learner(network, credit.Rule(feedback, {"F0": 0.005}, reduction="sum"), rng)
    learning = np.empty(n_trials)
    for number in range(n_trials):
        one = slice(number, number + 1)
        learning[number] = (network.output(x[one]) - target[one]).item()
        learner.step(x[one], target[one])
    found = network.output(x[n_trials:])[:, 0]
    return {"learning": learning**2} | _tested(found, trials.amounts[n_trials:])


def _tested(
    found: NDArray[np.float64], amounts: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    return {"test": (found - amounts) ** 2, "right": (found * amounts > 0).astype(float)}
