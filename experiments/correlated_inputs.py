"""Groups of correlated inputs: which rule lets a cell, or rival cells, specialise on one group?

    python -m experiments.correlated_inputs --output results/correlated_inputs

Five groups of twenty Poisson inputs; the rate of each group is a random signal of its own, which
bursts out of silence and lasts about 0.05 s or 0.2 s. They drive one cell, then five cells that
inhibit each other (the cell and the fixed inhibition of `models/yger_harris_2013.py`). All rules
have the same rate constraint and the same first weights and input spikes.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from brian2 import Hz, second
from numpy.typing import NDArray

from experiments.common.command_line import RESUME, exit_status, option, parse, to_json
from experiments.common.devices import DEVICES, use_device
from experiments.common.jobs import KEPT, Jobs, mean_and_error
from experiments.common.output import OutputFolder, package_versions
from experiments.common.resuming import (
    OVERWRITE,
    check_folder,
    identity_of,
    nothing_to_resume,
)
from models.yger_harris_2013 import SpeechNetwork, SpeechParameters, Train
from models.yger_harris_2013_rules import (
    RateConstrainedPair,
    RateConstrainedTriplet,
    rate_constraint_alone,
)
from spikeplast.plasticity import Convallis
from spikeplast.stimuli.correlated import correlated_rates
from spikeplast.stimuli.spike_encoding import poisson_spikes

PROG = "correlated_inputs"
GROUPS, GROUP_SIZE = 5, 20
FRAME = 0.01
CORRELATION_TIMES = (0.05, 0.2)
VARIATION = 2.0
"""Standard deviation over mean of a group's rate, before it is cut at zero"""
SILENT = 1.0
"""A cell that fires less at the end (Hz) has lost its inputs"""
SLICE = 20.0
"""Weights are sampled this often (s)"""


@dataclass(frozen=True)
class Configuration:
    """The command line's options."""

    output: Path = option(Path("results/correlated_inputs"), "output folder", metavar="DIR")
    seed: int = option(1, "first seed; every random number follows", metavar="N", minimum=0)
    seeds: int = option(10, "trainings of each kind, with successive seeds", metavar="N", minimum=1)
    duration: int = option(2400, "time of learning (s), in steps of 20 s", metavar="S", minimum=20)
    cells: int = option(5, "rival cells", metavar="N", minimum=2)
    quick: bool = option(False, "the same with 2 seeds and 100 s")
    resume: bool = option(False, "go on with an interrupted run in the output folder")
    overwrite: bool = option(False, OVERWRITE)
    device: str = option("numba", "what runs the network", choices=DEVICES)


def rules() -> dict[str, Convallis]:
    """The rule and its rivals under one rate constraint."""
    shared: dict[str, Any] = {"r0": 10 * Hz, "k_p": 0.5, "k_i": 0.005 / second}
    return {
        "Convallis": Convallis(**shared),
        "pair STDP, depression-dominated": RateConstrainedPair(**shared),
        "pair STDP, potentiation-dominated": RateConstrainedPair(
            A_minus=0.1 * 0.5 * 16.8 / 33.7, **shared
        ),
        "triplet STDP": RateConstrainedTriplet(**shared),
        "rate constraint alone": rate_constraint_alone(**shared),
    }


def learn(
    rule: Convallis, correlation_time: float, n_cells: int, n_slices: int, seed: int
) -> dict[str, Any]:
    """Weights by group after each slice, (n_slices + 1, n_groups, n_cells), and rates (Hz)."""
    parameters = SpeechParameters(
        n_cells=n_cells,
        n_channels=GROUPS * GROUP_SIZE,
        w_lateral=0.2 if n_cells > 1 else 0.0,
        rule=rule,
    )
    network = SpeechNetwork(parameters, seed)
    state = network.state()
    samples, fired = [_by_group(network.weights(state))], []
    for number in range(n_slices):
        # Seeded by the slice: every rule gets the same spikes.
        rng = np.random.default_rng([seed, number])
        rates = correlated_rates(
            rng,
            n_groups=GROUPS,
            group_size=GROUP_SIZE,
            duration=SLICE,
            variation=VARIATION,
            correlation_time=correlation_time,
            frame=FRAME,
        )
        spikes = poisson_spikes(rates, rng, frame=FRAME)
        train = Train(*spikes, onsets=np.zeros(1), ends=np.array([SLICE]), duration=SLICE)
        response = network.present(train, state, learning=True)
        state = network.state()
        samples.append(_by_group(network.weights(state)))
        fired.append(len(response.times) / (n_cells * SLICE))
    return {"weights": np.array(samples), "rates": np.array(fired)}


def selectivity(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """`(best - others)/(best + others)` of mean weights by group (..., n_groups, n_cells).

    `others` is the mean of the other groups: 0 if all are equal, 1 if one group has all weight.
    0 for a cell whose weights are all 0.
    """
    best = weights.max(axis=-2)
    others = (weights.sum(axis=-2) - best) / (weights.shape[-2] - 1)
    total = best + others
    return np.where(total > 0, (best - others) / np.where(total > 0, total, 1), 0.0)


def run(configuration: Configuration) -> int:
    """Run the experiment; returns the exit status."""
    from tqdm import tqdm

    check_folder(configuration, KEPT)
    n_seeds = 2 if configuration.quick else configuration.seeds
    n_slices = round((100 if configuration.quick else configuration.duration) / SLICE)
    seeds = range(configuration.seed, configuration.seed + n_seeds)
    use_device(configuration.device)
    output = OutputFolder(configuration.output)
    jobs = Jobs(output, identity_of(configuration), resume=configuration.resume)
    if configuration.resume and not jobs.resumed:
        nothing_to_resume(PROG, output.path)
    begin = time.monotonic()
    found: dict[str, Any] = {}
    conditions = list(product(CORRELATION_TIMES, (1, configuration.cells)))
    total = len(conditions) * len(rules()) * n_seeds
    with tqdm(total=total, unit="training", disable=None) as bar:
        for correlation_time, n_cells in conditions:
            condition = f"{n_cells} cell{'s' if n_cells > 1 else ''}, {correlation_time:g} s"
            for name, rule in rules().items():
                runs = []
                for seed in seeds:
                    given = (rule, correlation_time, n_cells, n_slices, seed)
                    key = f"{condition} {name} {seed}"
                    runs.append(jobs.run(key, lambda given=given: learn(*given)))
                    bar.update()
                found.setdefault(condition, {})[name] = _summary(runs)
    output.figure("correlated_inputs.png", _figure(found))
    arrays = {
        f"{condition}|{name}": item.pop("weights")
        for condition, part in found.items()
        for name, item in part.items()
    }
    output.arrays("weights.npz", arrays)
    results = {
        "configuration": to_json(configuration),
        "versions": package_versions(),
        "groups": GROUPS,
        "results": found,
        # Of this command: if it went on with an earlier one, not of all trainings.
        "seconds": time.monotonic() - begin,
        "resumed": jobs.resumed,
    }
    output.json("results.json", results)
    text = summary(results)
    output.text("summary.txt", text + "\n")
    jobs.remove()
    print(f"{text}\nresults and figures in {output.path}")
    return 0


def _by_group(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    return weights.reshape(GROUPS, GROUP_SIZE, -1).mean(axis=1)


def _summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    weights = np.array([run["weights"] for run in runs])
    last = weights[:, -1]
    chosen = [len(set(item.argmax(axis=0).tolist())) for item in last]
    rate = np.array([run["rates"][-5:].mean() for run in runs])
    return {
        "selectivity": mean_and_error(selectivity(last).mean(axis=-1)),
        "selectivity_at_first": mean_and_error(selectivity(weights[:, 0]).mean(axis=-1)),
        "distinct_groups": mean_and_error(np.array(chosen, dtype=float)),
        "rate": mean_and_error(rate),
        "silent": float((rate < SILENT).mean()),
        "weights": weights,
    }


def _figure(found: dict[str, Any]) -> Any:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from spikeplast.plotting._inputs import COLOURS

    names = list(rules())
    figure, axes = plt.subplots(
        len(found),
        len(names),
        figsize=(13, 2.5 * len(found)),
        sharex=True,
        layout="constrained",
        squeeze=False,
    )
    for row, (condition, part) in enumerate(found.items()):
        for ax, name in zip(axes[row], names, strict=True):
            first = part[name]["weights"][0]
            t = SLICE * np.arange(len(first))
            for group, colour in zip(range(GROUPS), COLOURS, strict=False):
                ax.plot(t, first[:, group], color=colour, lw=1)
            score = part[name]["selectivity"]
            ax.set_title(f"{name}\nselectivity {_pm(score)}", fontsize=8)
        axes[row, 0].set_ylabel(f"{condition}\nmean weight")
    for ax in axes[-1]:
        ax.set_xlabel("time (s)")
    figure.suptitle("Weights by group of inputs (colour), one line per cell; first seed")
    return figure


def _pm(item: dict[str, Any]) -> str:
    error = item["standard_error"]
    return f"{item['mean']:.2f}" + ("" if error is None else f" ± {error:.2f}")


def summary(results: dict[str, Any]) -> str:
    """The figures that matter, in a few lines."""
    lines = []
    for condition, part in results["results"].items():
        lines.append(f"{condition:38s} selectivity    groups         rate (Hz)      silent")
        for name, item in part.items():
            lines.append(
                f"  {name:36s} {_pm(item['selectivity']):14s} {_pm(item['distinct_groups']):14s} "
                f"{_pm(item['rate']):14s} {item['silent']:.0%}"
            )
    resumed = " after it was resumed" if results["resumed"] else ""
    lines.append(f"{results['seconds']:.0f} s{resumed}")
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; returns the exit status: 0, 2 for bad input, 130 if interrupted."""
    return exit_status(PROG, lambda: run(parse(Configuration, argv, PROG, str(__doc__))), RESUME)


if __name__ == "__main__":
    sys.exit(main())
