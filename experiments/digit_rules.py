"""The four rules of Diehl & Cook (2015) on the same digits, side by side.

    python -m experiments.digit_rules --data mnist.npz --output results/digit_rules

Runs `experiments.handwritten_digits --rule ...` once for each rule, each in a folder of its own
inside the output folder, then writes a table (`summary.txt`) and a figure (`rules.png`) of all.
What is there already is not run again; the same command goes on after an interruption.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments import handwritten_digits
from experiments._digits_stages import CHECKPOINT
from experiments.common.command_line import InputError, exit_status, option, parse
from experiments.common.output import OutputFolder
from experiments.common.resuming import identity_of
from models.diehl_cook_2015_parameters import RULES
from spikeplast import plotting

PROG = "digit_rules"
PAPER = {100: 0.829, 400: 0.870, 1600: 0.919, 6400: 0.950}
"""Accuracy in Diehl & Cook 2015 by excitatory cells, as third parties quote it (the last one is in
its abstract); with several passes over 60,000 images, and their rule of eq. 3 as far as we know.
Its figures by rule could not be confirmed: the abstract says that they are similar."""

LEFT_OUT = ("output", "resume", "data", "compare_cython", "device")
"""Options of a run that may differ; of the data, the fingerprints are compared"""


@dataclass(frozen=True)
class Configuration:
    """The command line's options."""

    data: Path | None = option(None, "as for handwritten_digits", metavar="PATH")
    output: Path = option(Path("results/digit_rules"), "output folder", metavar="DIR")
    seed: int = option(1, "seed of every random number", metavar="N", minimum=0, maximum=2**32 - 1)
    n_excitatory: int = option(100, "excitatory cells", metavar="N", minimum=1)
    epochs: int = option(1, "passes over the training images", metavar="N", minimum=1)
    train: int | None = option(None, "as for handwritten_digits", metavar="N", minimum=1)
    label: int | None = option(None, "as for handwritten_digits", metavar="N", minimum=1)
    test: int | None = option(None, "as for handwritten_digits", metavar="N", minimum=1)
    device: str = option("numba", "what runs the networks", choices=handwritten_digits.DEVICES)


def run(configuration: Configuration) -> int:
    """Run what is missing and compare; returns the exit status."""
    output = OutputFolder(configuration.output)
    options = {name: value for name, value in vars(configuration).items() if name != "output"}
    found = {}
    for rule in RULES:
        folder = output / rule
        one = handwritten_digits.Configuration(
            **options, output=folder, rule=rule, resume=(folder / CHECKPOINT).exists()
        )
        if not (folder / "results.json").exists():
            handwritten_digits.run(one)
        found[rule] = _results(folder, one)
    sources = {results["data"]["fingerprint"] for results in found.values()}
    if len(sources) > 1:
        raise InputError(f"the rules in {output.path} were run on different data; remove some")
    text = table(found)
    output.text("summary.txt", text + "\n")
    weights = {rule: _weights(output / rule) for rule in RULES}
    output.figure("rules.png", _figure(found, weights))
    print(f"{text}\ntable and figure in {output.path}")
    return 0


def _results(folder: Path, configuration: handwritten_digits.Configuration) -> dict[str, Any]:
    try:
        results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
        told, speed = results["configuration"], results["speed"]
        results["results"]["accuracy"], speed["cpu_seconds"]["train"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{folder / 'results.json'} cannot be read ({error!r}); remove it"
        ) from None
    for name, value in identity_of(configuration, *LEFT_OUT).items():
        if told.get(name) != value:
            raise InputError(
                f"the run in {folder} had {name} = {told.get(name)}, this one has {value}; give "
                "the same, or another output folder"
            )
    return results


def _weights(folder: Path) -> dict[str, Any]:
    try:
        with np.load(folder / "weights.npz", allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError) as error:
        raise InputError(f"{folder / 'weights.npz'} cannot be read ({error!r})") from None


def table(found: dict[str, dict[str, Any]]) -> str:
    """Markdown: what was run, a row for each rule, and the paper's number."""
    some = next(iter(found.values()))
    data, n = some["data"], some["configuration"]["n_excitatory"]
    heads = ["rule", "held-out accuracy", "on labelling images", "NMI of clusters"]
    heads += ["spikes per image", "weights at 0", "CPU time per pass (s)"]
    rows = [heads, ["---"] * len(heads)]
    for rule, results in found.items():
        r = results["results"]
        rows.append(
            [
                rule,
                f"{r['accuracy']:.4f} ± {_error(results):.4f}",
                f"{r['accuracy_on_labelling_images']:.4f}",
                f"{r['clustering']['nmi']:.3f}",
                f"{r['spikes_per_image']['test']:.1f}",
                f"{r['weights']['at_lower_bound']:.2f}",
                f"{results['speed']['cpu_seconds']['train'] / data['epochs']:.0f}",
            ]
        )
    paper = f"{PAPER[n]:.3f}" if n in PAPER else "none known"
    rows.append([f"Diehl & Cook 2015, {n} cells", paper, *[""] * (len(heads) - 2)])
    passes = "one pass" if data["epochs"] == 1 else f"{data['epochs']} passes"
    return "\n".join(
        [
            f"{n} cells, {passes} over {data['training_images']} images, cells labelled on "
            f"{data['labelling_images']} of these, {data['held_out_images']} images held out, "
            f"seed {some['seed']}; ± is the binomial standard error of the images held out.",
            "",
            *(f"| {' | '.join(row)} |" for row in rows),
        ]
    )


def _error(results: dict[str, Any]) -> float:
    accuracy, n = results["results"]["accuracy"], results["data"]["held_out_images"]
    return float(np.sqrt(accuracy * (1 - accuracy) / n))


def _figure(found: dict[str, dict[str, Any]], weights: dict[str, dict[str, Any]]) -> Any:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, grid = plt.subplot_mosaic(
        [["bars", "bars", "course", "course"], list(found)],
        figsize=(11, 6),
        height_ratios=(1, 1),
        layout="constrained",
    )
    names = list(found)
    accuracies = [found[name]["results"]["accuracy"] for name in names]
    errors = [_error(found[name]) for name in names]
    n = found[names[0]]["configuration"]["n_excitatory"]
    colours = [f"C{k}" for k in range(len(names))]
    grid["bars"].errorbar(accuracies, names, xerr=errors, fmt="none", color="0.4", capsize=3)
    grid["bars"].scatter(accuracies, names, color=colours, zorder=3)
    if n in PAPER:
        grid["bars"].axvline(PAPER[n], color="k", linestyle=":", label="the paper")
        grid["bars"].legend(frameon=False)
    grid["bars"].invert_yaxis()
    grid["bars"].margins(y=0.2)
    grid["bars"].set_xlabel("accuracy on held-out images")
    for name, colour in zip(names, colours, strict=True):
        course = found[name]["results"]["accuracy_over_training"]
        grid["course"].plot(course["images"], course["accuracy"], color=colour, label=name)
        shape = tuple(int(side) for side in weights[name]["image_shape"])
        plotting.receptive_fields(weights[name]["w"], shape, w_max=1.0, ax=grid[name])
        grid[name].set_title(name, color=colour)
    grid["course"].set(xlabel="training images", ylabel="accuracy in training")
    grid["course"].legend(frameon=False)
    return figure


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; returns the exit status: 0, 2 for bad input, 130 if interrupted."""
    how = "the same command goes on from here"
    return exit_status(PROG, lambda: run(parse(Configuration, argv, PROG, str(__doc__))), how)


if __name__ == "__main__":
    sys.exit(main())
