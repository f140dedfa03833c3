"""Learn the coefficients of ten plasticity terms, and see which survive.

Shervani-Tabar & Rosenbaum (2023): a deep network learns few-shot tasks sample by sample with fixed
random feedback; the coefficients of its rule, the same for all synapses, are learned over tasks,
with an L1 penalty. By an evolution strategy, and by the gradient through the unrolled tasks if JAX
is there (`pip install 'spikeplast[meta]'`).

    python -m experiments.meta_learning
    python -m experiments.meta_learning --optimiser evolution --seeds 3
    python -m experiments.meta_learning --data omniglot.npz

`--data` takes an npz file with `x` (n, height, width) and `y` (n,) such as Omniglot's characters;
their images are halved in size until they have at most 200 pixels.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from experiments.common.command_line import (
    InputError,
    as_input_errors,
    exit_status,
    option,
    parse,
    to_json,
)
from experiments.common.output import OutputFolder, document_folders, package_versions
from experiments.common.resuming import check_identity, damaged, identity_of, stopped
from experiments.credit.few_shot import FewShot, bundled, from_file
from experiments.credit.meta_rules import COEFFICIENTS, judged
from spikeplast.credit import meta

PROG = "meta_learning"
COMMAND = "python -m experiments.meta_learning"
MEASUREMENTS = "measurements.json"
Array = NDArray[np.float64]
SHARES = (0.04, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
Learning = dict[str, list[float]]
"""What a rule does on new tasks: accuracy over samples, angles by layer"""
OPTIMISERS = ("both", "evolution", "gradient")
WORTH = 0.05
"""Accuracy on new tasks that a surviving term is worth at least"""
DOCUMENT = """# Meta-learned rules

Printed by `{command}{data}`, in {minutes:.0f} minutes of one core's time. The coefficients of the
terms F0 to F9 of Shervani-Tabar & Rosenbaum (2023), Nat. Commun. 14:1805, learned over few-shot
tasks with fixed random feedback: {task}. L1 penalty {penalty:g}, {seeds} seeds each.

{survivors}

{table}
![Coefficients and accuracy over meta-learning, and accuracy while a task is \
learned](../figures/{figure})

"Worth" is the accuracy on new tasks that is lost if the term alone is left out of the learned rule;
a term survives if it is worth {worth:g} or more in the mean over the runs. The last table is about
ten new tasks: rules with coefficients found by random search, and the pools learned in the first
run of each optimiser, with their teaching signals' angles to backpropagation.
"""


@dataclass(frozen=True)
class Configuration:
    """The command line's options."""

    output: Path = option(Path("results/meta_learning"), "output folder", metavar="DIR")
    document: Path | None = option(None, "Markdown file to write the table to", metavar="FILE")
    data: Path | None = option(
        None, "npz file with x (n, height, width) and y (n,); default: scikit-learn's digits",
        metavar="FILE",
    )  # fmt: skip
    optimiser: str = option("both", "how coefficients are learned", choices=OPTIMISERS)
    seeds: int = option(3, "runs of each optimiser", metavar="N", minimum=1)
    generations: int = option(80, "of the evolution strategy", metavar="N", minimum=1)
    episodes: int = option(200, "of the gradient", metavar="N", minimum=1)
    penalty: float = option(0.5, "lambda of the L1 penalty", metavar="X", minimum=0)
    resume: bool = option(False, "go on with an interrupted run in the output folder")


def optimisers(configuration: Configuration) -> tuple[str, ...]:
    """Names of those to run; without JAX "both" is evolution alone.

    Raises:
        InputError: if the gradient is asked for and JAX is not there.
    """
    chosen = ("evolution", "gradient") if configuration.optimiser == "both" else (
        configuration.optimiser,
    )  # fmt: skip
    if "gradient" in chosen:
        try:
            import spikeplast.credit.meta.gradient  # noqa: F401
        except ImportError as error:
            if configuration.optimiser == "gradient":
                raise InputError(str(error)) from None
            print(f"{PROG}: note: {error}", file=sys.stderr)
            return ("evolution",)
    return chosen


def learned(
    name: str,
    data: FewShot,
    configuration: Configuration,
    seed: int,
    progress: Callable[[int], None],
) -> meta.MetaLearned:
    """Meta-learn by one optimiser."""
    options = {
        "penalty": configuration.penalty,
        "random_state": seed,
        "progress": progress,
    }
    sample = data.sampler(learned=True)
    if name == "evolution":
        return meta.evolve_rule(
            sample, data.sizes, generations=configuration.generations, **options
        )
    return meta.descend_rule(sample, data.sizes, episodes=configuration.episodes, **options)


def measure(
    data: FewShot, names: Sequence[str], configuration: Configuration, output: OutputFolder
) -> dict[str, Any]:
    """All runs of all optimisers, each kept as soon as it is done."""
    from tqdm import tqdm

    without = ("output", "document", "resume", "optimiser", "seeds")
    identity = identity_of(configuration, *without)
    kept = load_measurements(output, identity) if configuration.resume else {}
    for name in names:
        length = configuration.generations if name == "evolution" else configuration.episodes
        for seed in range(configuration.seeds):
            key = f"{name} {seed}"
            if key in kept:
                continue
            begin = time.process_time()
            # disable=None shows the bar on a terminal only.
            with tqdm(total=length, desc=key, disable=None) as bar:
                result = learned(name, data, configuration, seed, lambda _, b=bar: b.update())
            kept[key] = {
                "coefficients": result.coefficients.tolist(),
                "history": result.history.tolist(),
                "accuracy": result.accuracy.tolist(),
                "judged": judged(result.coefficients, data),
                "seconds": time.process_time() - begin,
            }
            output.text(MEASUREMENTS, json.dumps({"identity": identity, "runs": kept}))
    return kept


def load_measurements(output: OutputFolder, identity: dict[str, Any]) -> dict[str, Any]:
    """What an earlier run has left.

    Raises:
        InputError: for a damaged file, or one of another configuration.
    """
    path = output / MEASUREMENTS
    if not path.exists():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        found, runs = content["identity"], dict(content["runs"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged(path, error) from None
    check_identity(output.path, found, identity)
    return runs


def curves(data: FewShot, rules: dict[str, Array], n_episodes: int) -> dict[str, Learning]:
    """For each rule, means over new tasks: accuracy on the queries after so many of a task's
    samples, and degrees to backpropagation by hidden layer in the second half of the task."""
    sample = data.sampler(learned=False)
    found = {}
    for name, theta in rules.items():
        points, angles = np.zeros(len(SHARES)), []
        for seed in range(n_episodes):
            rng = np.random.default_rng(seed)
            episode = sample(rng)
            weights, feedback = meta.start_weights(data.sizes, rng)
            for k, share in enumerate(SHARES):
                n = round(share * len(episode.x))
                part = replace(episode, x=episode.x[:n], target=episode.target[:n])
                outcome = meta.learn_episode(
                    theta, part, weights, feedback,
                    backpropagation=name.startswith("backpropagation"), with_angles=True,
                )  # fmt: skip
                points[k] += outcome.accuracy
            if not np.isnan(outcome.angles).any():
                angles.append(outcome.angles)
        found[name] = {
            "accuracy": (points / n_episodes).tolist(),
            "angles": np.mean(angles, axis=0).tolist() if angles else [],
        }
    return found


def worth(runs: dict[str, Any], name: str, seeds: int) -> Array:
    """(seeds, 10) accuracy lost without each term."""
    return np.array([
        [runs[f"{name} {seed}"]["judged"][f"accuracy lost without F{k}"] for k in range(10)]
        for seed in range(seeds)
    ])  # fmt: skip


def survivors(runs: dict[str, Any], name: str, seeds: int) -> list[str]:
    """Terms that are worth 0.05 or more in the mean over the seeds."""
    return [f"F{k}" for k in np.flatnonzero(worth(runs, name, seeds).mean(axis=0) >= WORTH)]


def page(runs: dict[str, Any], names: Sequence[str], seeds: int,
         learning: dict[str, Learning]) -> str:  # fmt: skip
    """Markdown: coefficients and worth of each term, accuracies, angles."""
    head = "".join(f" {name}: coefficient | worth |" for name in names)
    lines = [f"| term |{head}", "|---|" + "---|---|" * len(names)]
    for k in range(10):
        cells = []
        for name in names:
            thetas = [runs[f"{name} {s}"]["coefficients"][k] for s in range(seeds)]
            cells += [_pair(thetas, ".4f"), _pair(worth(runs, name, seeds)[:, k].tolist(), ".3f")]
        lines.append(f"| F{k} | " + " | ".join(cells) + " |")
    lines += ["", "| rule | accuracy on new tasks |", "|---|---|"]
    for name in names:
        for key in ("accuracy, full pool", "accuracy, its F0, F2 and F9 alone"):
            values = [runs[f"{name} {s}"]["judged"][key] for s in range(seeds)]
            lines.append(f"| {name}: {key.removeprefix('accuracy, ')} | {_pair(values, '.3f')} |")
    depth = max(len(found["angles"]) for found in learning.values())
    head = "".join(f" hidden layer {k + 1} |" for k in range(depth))
    lines += ["", f"| rule | accuracy after a whole task |{head}", "|---|---|" + "---|" * depth]
    for name, found in learning.items():
        angles = [f"{value:.0f} deg" for value in found["angles"]] or ["diverged"] * depth
        lines.append(f"| {name} | {found['accuracy'][-1]:.3f} | " + " | ".join(angles) + " |")
    return "\n".join(lines) + "\n"


def _pair(values: Sequence[float], form: str) -> str:
    return ", ".join(format(value, form) for value in values)


def figure(runs: dict[str, Any], names: Sequence[str], learning: dict[str, Learning],
           n_samples: int) -> Figure:  # fmt: skip
    """Coefficients over meta-learning, one panel for each optimiser, and learning curves."""
    fig = Figure(figsize=(4.5 * (len(names) + 1), 3.8), layout="constrained")
    axes = fig.subplots(1, len(names) + 1)
    for ax, name in zip(axes, names, strict=False):
        history = np.array(runs[f"{name} 0"]["history"])
        for k in range(10):
            strong = k in (0, 2, 9)
            ax.plot(history[:, k], color=f"C{k}", alpha=1 if strong else 0.5,
                    linewidth=2 if strong else 1, label=f"F{k}")  # fmt: skip
        ax.axhline(0, color="0.7", linewidth=0.8)
        unit = "generation" if name == "evolution" else "episode"
        ax.set(title=f"by {name}", xlabel=unit, ylabel="coefficient")
        ax.legend(fontsize=7, ncols=2)
    for name, found in learning.items():
        axes[-1].plot(np.array(SHARES) * n_samples, found["accuracy"], "o-", markersize=3,
                      label=name)  # fmt: skip
    axes[-1].set(xlabel="samples of a new task", ylabel="accuracy on its queries", ylim=(0, 1))
    axes[-1].legend(fontsize=7)
    return fig


def run(configuration: Configuration) -> int:
    """Meta-learn, judge, write; 0, or 130 if interrupted."""
    with as_input_errors():
        data = bundled() if configuration.data is None else from_file(configuration.data)
    names = optimisers(configuration)
    output = OutputFolder(configuration.output)
    document = configuration.document
    folders = document_folders(document)
    try:
        runs = measure(data, names, configuration, output)
    except KeyboardInterrupt:
        return stopped(PROG)
    seeds = configuration.seeds
    rules = {name: theta for name, theta in COEFFICIENTS.items() if "positive" not in name}
    rules |= {f"full pool, {n}": np.array(runs[f"{n} 0"]["coefficients"]) for n in names}
    learning = curves(data, rules, 10)
    text = page(runs, names, seeds, learning)
    kept = {name: survivors(runs, name, seeds) for name in names}
    verdict = "; ".join(f"{name}: {', '.join(terms)} survive" for name, terms in kept.items())
    if len(kept) == 2:
        same = kept["evolution"] == kept["gradient"]
        verdict += ". The two optimisers " + ("agree." if same else "do not agree.")
    output.json(
        "results.json",
        {
            "configuration": to_json(configuration),
            "versions": package_versions(),
            "runs": runs,
            "learning_curves": learning,
            "survivors": kept,
        },
    )
    output.text("table.md", text)
    n_samples = data.n_classes * data.n_train
    output.figure("meta_learning.png", figure(runs, names, learning, n_samples))
    if document and folders:
        pages, pictures = folders
        picture = f"{document.stem}.png"
        pictures.figure(picture, figure(runs, names, learning, n_samples))
        seconds = sum(runs[f"{name} {seed}"]["seconds"] for name in names for seed in range(seeds))
        pages.text(
            document.name,
            DOCUMENT.format(
                command=COMMAND,
                data=f" --data {configuration.data.name}" if configuration.data else "",
                minutes=seconds / 60,
                task=data.task,
                penalty=configuration.penalty,
                seeds=seeds,
                survivors=verdict[0].upper() + verdict[1:],
                table=text,
                worth=WORTH,
                figure=picture,
            ),
        )
    print(text)
    print(verdict)
    print(f"Results and figure in {output.path}.")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; returns 0, 2 for bad input, 130 if interrupted."""
    return exit_status(PROG, lambda: run(parse(Configuration, argv, PROG, str(__doc__))))


if __name__ == "__main__":
    sys.exit(main())
