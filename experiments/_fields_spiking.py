"""Spiking cells: receptive fields by triplet STDP, and the controls at the same rate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from brian2 import Hz, second
from numpy.typing import NDArray

from experiments._fields_data import Pictures, white_patches
from experiments._fields_measures import measured
from experiments.common.jobs import Jobs, mean_and_error
from models.brito_gerstner_2016 import FieldNetwork, FieldParameters, SlidingPairSTDP

__all__ = ["SAMPLES", "Condition", "conditions", "spiking", "train"]

SAMPLES = 8
"""How often weights are looked at during learning"""
PILOTS = 2
"""Trainings of a control, of a quarter of the time, from which its rho_0 is set"""
HIGHEST = 4.0
"""A control's gain and rho_0 are between the reference's over this and times this"""
PROBE, HALVINGS = 20.0, 7
"""Time (s) without learning in which a first rate is counted, and steps to find a gain for it"""


@dataclass(frozen=True)
class Condition:
    """Cells and a rule, and what they see."""

    name: str
    parameters: FieldParameters
    shuffled: bool = False
    control: bool = False
    """Controls are set so that they fire as the first condition does, at first and at the end"""


def conditions(n_cells: int, arbor: float | None) -> list[Condition]:
    """The network, its controls, and the two other kinds of cell; the first is the reference."""
    shared: dict[str, Any] = {"n_cells": n_cells, "arbor": arbor}
    current = FieldParameters(**shared)
    return [
        Condition("triplet STDP", current),
        Condition("phase-shuffled pictures", current, shuffled=True, control=True),
        Condition("pair STDP", replace(current, rule=SlidingPairSTDP()), control=True),
        Condition("conductance synapses", FieldParameters.conductance(**shared)),
        Condition("GIF cells", FieldParameters.gif(**shared)),
    ]


def spiking(
    pictures: Pictures,
    chosen: Sequence[Condition],
    whitening: str,
    n_patches: int,
    duration: float,
    seeds: Sequence[int],
    jobs: Jobs,
    done: Callable[[], Any],
) -> dict[str, Any]:
    """Every condition with every seed, and the first weights of the first one as "untrained"."""
    found: dict[str, Any] = {}
    aims: dict[int, tuple[float, float]] = {}
    stimuli: dict[bool, NDArray[np.float64]] = {}
    for condition in chosen:
        runs = []
        for seed in seeds:
            kind = condition.shuffled
            if kind not in stimuli:
                # The same patches for all seeds, which vary weights, order and spikes.
                stimuli[kind] = white_patches(
                    pictures, n_patches, seeds[0], whitening=whitening, shuffled=kind
                )
            aim = aims.get(seed) if condition.control else None
            given = (condition.parameters, stimuli[kind], duration, seed, aim)
            name = f"spiking {condition.name} {seed}"
            runs.append(jobs.run(name, lambda given=given: train(*given)))
            aims.setdefault(
                seed, (float(runs[-1]["first_rate"]), float(runs[-1]["rates"][-1].mean()))
            )
            done()
        if not found:
            first = [run["fields"][0] for run in runs]
            found["untrained"] = _summary(first, stimuli[condition.shuffled]) | {"rate": None}
        found[condition.name] = _summary([run["fields"][-1] for run in runs], stimuli[kind]) | {
            "rate": mean_and_error(np.array([run["rates"][-1].mean() for run in runs])),
            "rho_0": [float(run["rho_0"]) for run in runs],
            "gain_factor": [float(run["factor"]) for run in runs],
            "course": _course(runs),
        }
    return found


def train(
    parameters: FieldParameters,
    patches: NDArray[np.float64],
    duration: float,
    seed: int,
    aim: tuple[float, float] | None = None,
) -> dict[str, Any]:
    """Learn for `duration` (s): fields (SAMPLES + 1, n_cells, height, width) and rates (Hz).

    With an `aim`, the rates (Hz) before and at the end of learning: first the gain is set, by
    halving, so that first weights give the one (cells that hardly fire never learn), then rho_0,
    which the rate at the end follows, by trainings of a quarter of the time.
    """
    rule, factor = parameters.rule, 1.0
    rho_0 = float(rule.rho_0)
    first = _first_rate(parameters, patches, seed)
    if aim is not None:
        if abs(first - aim[0]) > 0.05 * aim[0]:
            low, high = 1 / HIGHEST, HIGHEST
            for _ in range(HALVINGS):
                factor = float(np.sqrt(low * high))
                changed = replace(parameters, gain=parameters.gain * factor)
                first = _first_rate(changed, patches, seed)
                low, high = (factor, high) if first < aim[0] else (low, factor)
            parameters = replace(parameters, gain=parameters.gain * factor)
        for number in range(PILOTS):
            tried = replace(parameters, rule=replace(rule, rho_0=rho_0 * Hz))
            pilot = FieldNetwork(tried, patches, seed + 1000 * (number + 1))
            rate = pilot.run(duration / 4 * second, samples=2).rates[-1].mean()
            limits = float(rule.rho_0) / HIGHEST, float(rule.rho_0) * HIGHEST
            rho_0 = float(np.clip(rho_0 * aim[1] / max(rate, 1e-3), *limits))
    chosen = replace(parameters, rule=replace(rule, rho_0=rho_0 * Hz))
    made = FieldNetwork(chosen, patches, seed).run(duration * second, samples=SAMPLES)
    fields = (made.weights[:, 0] - made.weights[:, 1]).swapaxes(1, 2)
    return {
        "fields": fields.reshape(*fields.shape[:2], *patches.shape[1:]),
        "rates": made.rates,
        "rho_0": rho_0,
        "factor": factor,
        "first_rate": first,
    }


def _first_rate(parameters: FieldParameters, patches: NDArray[np.float64], seed: int) -> float:
    network = FieldNetwork(parameters, patches, seed)
    return float(network.run(PROBE * second, learning=False).rates.mean())


def _summary(fields: list[NDArray[np.float64]], patches: NDArray[np.float64]) -> dict[str, Any]:
    """Of all seeds together, and the share that passes by seed."""
    by_seed = [measured(each)["oriented_and_localised"] for each in fields]
    joined = np.concatenate(fields)
    return measured(joined, patches) | {"by_seed": mean_and_error(np.array(by_seed)),
                                        "fields": joined}  # fmt: skip


def _course(runs: list[dict[str, Any]]) -> list[float]:
    """Share that passes, at each sample."""
    shares = [
        [measured(fields)["oriented_and_localised"] for fields in run["fields"]] for run in runs
    ]
    return np.mean(shares, axis=0).tolist()
