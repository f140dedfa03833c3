"""Dopamine that carries an error, in spiking networks.

    python -m experiments.dopamine_error --output results/dopamine_error
    python -m experiments.dopamine_error --part chain

Parts. `amount`: a layered network of conductance-based cells predicts the amount of a reward from
two cues among a hundred (Konishi et al. 2023, `models/konishi_2023.py`), learning by one signed
number for all cells, with controls that must fail, beside rate units on the same trials.
`instrumental`: the network of Izhikevich 2007 is rewarded for one of two responses, then for the
other. `chain`: cells learn the values of a chain of states by TD-STDP.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments import _dopamine_amount as amount
from experiments import _dopamine_chain as chain
from experiments import _dopamine_instrumental as instrumental
from experiments.common.command_line import RESUME, InputError, exit_status, option, parse, to_json
from experiments.common.devices import DEVICES, use_device
from experiments.common.jobs import KEPT, Jobs, mean_and_error
from experiments.common.output import OutputFolder, package_versions
from experiments.common.resuming import (
    OVERWRITE,
    check_folder,
    identity_of,
    nothing_to_resume,
)

PROG = "dopamine_error"
PARTS = ("amount", "instrumental", "chain")
Runs = dict[str, list[dict[str, NDArray[Any]]]]


@dataclass(frozen=True)
class Configuration:
    """The command line's options."""

    output: Path = option(Path("results/dopamine_error"), "output folder", metavar="DIR")
    part: str = option(
        "all", f"what to run: all, or some of {', '.join(PARTS)}, with commas", metavar="PARTS"
    )
    seed: int = option(1, "first seed; every random number follows", metavar="N", minimum=0)
    seeds: int = option(5, "runs of each condition, with successive seeds", metavar="N", minimum=1)
    trials: int = option(5000, "trials with an amount", metavar="N", minimum=2)
    distractors: int = option(100, "cues without meaning", metavar="N", minimum=0)
    responses: int = option(
        400, "trials in which each response is rewarded", metavar="N", minimum=4
    )
    walks: int = option(300, "walks along the chain", metavar="N", minimum=2)
    quick: bool = option(False, "2 seeds, 100 trials, 8 responses, 20 walks: nothing is learned")
    resume: bool = option(False, "go on with an interrupted run in the output folder")
    overwrite: bool = option(False, OVERWRITE)
    device: str = option("numba", "what runs the networks", choices=DEVICES)

    @property
    def parts(self) -> tuple[str, ...]:
        """Parts to run; InputError for one that there is not."""
        given = [part.strip() for part in self.part.split(",")]
        unknown = [part for part in given if part not in ("all", *PARTS)]
        if unknown:
            raise InputError(
                f"--part '{unknown[0]}' is unknown; give all, or some of {', '.join(PARTS)}"
            )
        return PARTS if "all" in given else tuple(part for part in PARTS if part in given)


class Size(NamedTuple):
    """How much to run."""

    seeds: int
    trials: int
    responses: int
    walks: int

    @classmethod
    def of(cls, given: Configuration) -> Size:
        """As given, or small."""
        return (
            cls(2, 100, 8, 20)
            if given.quick
            else cls(given.seeds, given.trials, given.responses, given.walks)
        )


class Verdict(NamedTuple):
    """A number beside what it has to be; `reached` says whether it is."""

    what: str
    limit: str
    found: float
    reached: bool


def trainings(given: Configuration, size: Size) -> dict[str, dict[str, Callable[[int], Any]]]:
    """By part and condition: what runs it with a seed."""
    test = max(1, size.trials // 12)
    rest = (size.trials, test, given.distractors)
    made: dict[str, dict[str, Callable[[int], Any]]] = {part: {} for part in given.parts}
    if "amount" in made:
        for name, parameters in amount.conditions().items():
            made["amount"][name] = lambda seed, p=parameters: amount.learn_amounts(p, *rest, seed)
        for name, feedback in amount.RATE_UNITS.items():
            made["amount"][name] = lambda seed, f=feedback: amount.learn_rates(f(), *rest, seed)
    if "instrumental" in made:
        for name in instrumental.CONDITIONS:
            made["instrumental"][name] = lambda seed, name=name: instrumental.condition(
                name, size.responses, seed
            )
    if "chain" in made:
        for name in chain.CONDITIONS:
            made["chain"][name] = lambda seed, name=name: chain.learn_chain(
                name, size.walks, max(1, size.walks // 3), seed
            )
    return made


def run(configuration: Configuration) -> int:
    """Run the experiment; returns the exit status."""
    from tqdm import tqdm

    check_folder(configuration, KEPT)
    size = Size.of(configuration)
    todo = trainings(configuration, size)
    use_device(configuration.device)
    output = OutputFolder(configuration.output)
    # A run is the same whatever else is run, and however many seeds there are.
    identity = identity_of(configuration, "part", "seeds")
    jobs = Jobs(output, identity, resume=configuration.resume)
    if configuration.resume and not jobs.resumed:
        nothing_to_resume(PROG, output.path)
    begin = time.monotonic()
    seeds = range(configuration.seed, configuration.seed + size.seeds)
    found: dict[str, Runs] = {part: {} for part in todo}
    total = len(seeds) * sum(map(len, todo.values()))
    # disable=None shows the bar on a terminal only.
    with tqdm(total=total, unit="run", disable=None) as bar:
        for part, conditions in todo.items():
            for name, work in conditions.items():
                runs = found[part].setdefault(name, [])
                for seed in seeds:
                    key = f"{part} {name} {seed}"
                    runs.append(jobs.run(key, lambda work=work, seed=seed: work(seed)))
                    bar.update()
    text = write(output, found, configuration, time.monotonic() - begin, jobs.resumed)
    jobs.remove()
    print(f"{text}\nresults and figures in {output.path}")
    return 0


def write(
    output: OutputFolder,
    found: dict[str, Runs],
    configuration: Configuration,
    seconds: float,
    resumed: bool,
) -> str:
    """Figures, numbers and verdicts of all runs; returns the summary."""
    measured = {part: MEASURES[part](runs) for part, runs in found.items()}
    results = {
        "configuration": to_json(configuration),
        "versions": package_versions(),
        "results": {part: item for part, (item, _) in measured.items()},
        "verdicts": [v._asdict() for _, verdicts in measured.values() for v in verdicts],
        # Of this command: if it went on with an earlier one, not of all runs.
        "seconds": seconds,
        "resumed": resumed,
    }
    _figures(output, found)
    output.json("results.json", results)
    text = summary(results)
    output.text("summary.txt", text + "\n")
    return text


def _stacked(runs: Runs, key: str) -> dict[str, NDArray[Any]]:
    return {name: np.array([run[key] for run in several]) for name, several in runs.items()}


def _measured(values: NDArray[np.float64]) -> dict[str, Any]:
    """Mean, standard error and each seed's, of (n_seeds,)."""
    return mean_and_error(values) | {"each": values}


def measure_amounts(runs: Runs) -> tuple[dict[str, Any], list[Verdict]]:
    """Errors without plasticity, and where they have to be."""
    errors = {name: v.mean(axis=1) for name, v in _stacked(runs, "test").items()}
    right = {name: v.mean(axis=1) for name, v in _stacked(runs, "right").items()}
    items = {
        name: {"test error": _measured(e), "right side": _measured(right[name])}
        for name, e in errors.items()
    }
    verdicts = []
    # Rate units are there to compare with.
    for name, e in errors.items():
        if name in amount.RATE_UNITS:
            continue
        control = name in amount.CONTROLS
        worst = e.min() if control else e.max()
        what = f"{name}: {'smallest' if control else 'largest'} test error of a run"
        verdicts.append(
            Verdict(what, "control: above 0.9" if control else "below 0.2", float(worst),
                    bool(worst > 0.9 if control else worst < 0.2))
        )  # fmt: skip
    return items, verdicts


def measure_instrumental(runs: Runs) -> tuple[dict[str, Any], list[Verdict]]:
    """Shares of the rewarded response in the last quarter of each phase."""
    items: dict[str, Any] = {}
    verdicts = []
    for name, spikes in _stacked(runs, "spikes").items():
        sign = np.sign(spikes[..., 0] - spikes[..., 1])
        half = sign.shape[1] // 2
        last = half // 4
        a = (sign[:, half - last : half] > 0).mean(axis=1)
        b = (sign[:, -last:] < 0).mean(axis=1)
        items[name] = {"share of A, A rewarded": _measured(a),
                       "share of B, B rewarded": _measured(b)}  # fmt: skip
        if name in instrumental.CONTROLS:
            both = float((a + b).mean() / 2)
            verdicts.append(Verdict(f"{name}: mean of both shares", "control: below 0.65", both,
                                    both < 0.65))  # fmt: skip
        else:
            for letter, share in (("A", a), ("B", b)):
                mean = float(share.mean())
                verdicts.append(Verdict(f"{name}: share of {letter} when rewarded", "above 0.8",
                                        mean, mean > 0.8))  # fmt: skip
    return items, verdicts


def measure_chain(runs: Runs) -> tuple[dict[str, Any], list[Verdict]]:
    """Values of the states without plasticity, and how far their means are from gamma^(n-2-s)."""
    items: dict[str, Any] = {}
    verdicts = []
    for name, tested in _stacked(runs, "tested").items():
        values = tested.mean(axis=1)
        deviations = values.mean(axis=0) - chain.EXPECTED
        items[name] = {
            f"state {state}": _measured(values[:, state])
            | {"expected": expected, "deviation": deviations[state]}
            for state, expected in enumerate(chain.EXPECTED)
        }
        largest = float(np.abs(deviations).max())
        control = name != chain.CONDITIONS[0]
        verdicts.append(Verdict(f"{name}: largest deviation of a state's mean value",
                                "control: above 0.1" if control else "below 0.05", largest,
                                largest > 0.1 if control else largest < 0.05))  # fmt: skip
    return items, verdicts


MEASURES = {
    "amount": measure_amounts,
    "instrumental": measure_instrumental,
    "chain": measure_chain,
}


def _figures(output: OutputFolder, found: dict[str, Runs]) -> None:
    from experiments import _dopamine_figures as figures

    if "amount" in found:
        output.figure("amount.png", figures.amounts(_stacked(found["amount"], "learning")))
    if "instrumental" in found:
        counts = _stacked(found["instrumental"], "spikes")
        output.figure("instrumental.png", figures.instrumental(counts))
    if "chain" in found:
        tested = {k: v.mean(axis=1) for k, v in _stacked(found["chain"], "tested").items()}
        values = _stacked(found["chain"], "values")
        output.figure("chain.png", figures.chain(tested, values, chain.EXPECTED))


def summary(results: dict[str, Any]) -> str:
    """Every number with its standard error, and the verdicts."""
    lines = []
    for part, items in results["results"].items():
        lines.append(f"{part} (mean ± standard error over seeds)")
        for name, measures in items.items():
            lines.append(f"  {name}")
            lines += [f"    {key:24s} {_pm(item)}" for key, item in measures.items()]
    lines.append("verdicts")
    for verdict in results["verdicts"]:
        word = "reached" if verdict["reached"] else "NOT REACHED"
        lines.append(f"  {verdict['what']}: {verdict['found']:.3f} ({verdict['limit']}): {word}")
    resumed = " after it was resumed" if results["resumed"] else ""
    lines.append(f"{results['seconds']:.0f} s{resumed}")
    return "\n".join(lines)


def _pm(item: dict[str, Any]) -> str:
    error, expected = item["standard_error"], item.get("expected")
    text = f"{item['mean']:.3f}" + ("" if error is None else f" ± {error:.3f}")
    return text + (
        "" if expected is None else f" (expected {expected:.3f}, {item['deviation']:+.3f})"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; returns the exit status: 0, 2 for bad input, 130 if interrupted."""
    return exit_status(PROG, lambda: run(parse(Configuration, argv, PROG, str(__doc__))), RESUME)


if __name__ == "__main__":
    sys.exit(main())
