"""Ways to assign credit, each with the number that it must reach and controls that must fail.

All systems of `spikeplast.credit`, over several seeds: rules for rate networks on scikit-learn's
digits and on synthetic data, memory, balance, and the rest of the table in
`docs/results/credit_assignment.md`, which `--document` writes.

    python -m experiments.credit_assignment
    python -m experiments.credit_assignment --only hopfield,oja
    python -m experiments.credit_assignment --quick
    python -m experiments.credit_assignment --data mnist.npz

`--data` takes MNIST, or any labelled images, as an npz file: then feedback rules on these images
are measured instead, beside the published figures.

What is measured is kept after each seed: with `--resume` an interrupted run goes on, and systems
whose code and data have not changed are not measured again.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import math
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import spikeplast
from experiments.common.command_line import RESUME, InputError, exit_status, option, parse, to_json
from experiments.common.devices import DEVICES, use_device
from experiments.common.output import OutputFolder, document_folders, package_versions
from experiments.common.resuming import damaged, nothing_to_resume
from experiments.credit import data, few_shot, figures, mnist, table
from experiments.credit.system import System
from experiments.credit.system_figure import system_figure

PROG = "credit_assignment"
COMMAND = "python -m experiments.credit_assignment"
MEASUREMENTS = "measurements.json"
FIGURES = "credit"
"""Folder of the systems' figures, in the page's and in the output folder"""
EXPLANATION = """"Calibration" is the number of a paper, a closed form or an earlier run of the same
task; "must be" is the band that is asked for; "reached" is the mean over the seeds with its
standard error (none where nothing is random), or what "must be" names, with the range over the
seeds. Controls are systems without the part that matters: they must fail at the task. In the
figures each dot is a seed, the line what is judged, green what is asked for, grey what is asked of
a control.

Verdict: {verdict}.
"""
DOCUMENT = (
    """# Credit assignment

Printed by `{command}`, in {minutes:.0f} minutes of one core's time.

"""
    + EXPLANATION
    + """
![Test accuracy over epochs of eight rules, and their angles to backpropagation by \
layer](../figures/credit_learning.png)

The rules in a network with 8 hidden layers of 40 tanh units, one seed.

{table}
## What is not here

- ImageNet and EMNIST, on which the papers on sign symmetry, weight mirror, alignment primitives
  and meta-learned rules report, are not part of any package: the tasks above take their place.
  MNIST does not come with a package either: `--data` takes it as an npz file, and
  [credit_mnist.md](credit_mnist.md) has what it gave.
- Coefficients of rules that are learned over tasks are in [meta_learning.md](meta_learning.md).
- Convallis, triplet STDP and BCM are spiking or rate rules of `spikeplast.plasticity`, with their
  numbers in [verification.md](../verification.md).
"""
)
IMAGES_DOCUMENT = (
    """# Feedback rules on MNIST

Printed by `{command}`, in {minutes:.0f} minutes of one core's time; the rest is in
[credit_assignment.md](credit_assignment.md).

"""
    + EXPLANATION
    + """
{table}"""
)


@dataclass(frozen=True)
class Configuration:
    """The command line's options."""

    output: Path = option(Path("results/credit_assignment"), "output folder", metavar="DIR")
    document: Path | None = option(
        None, "Markdown file to write the table to, figures in ../figures", metavar="FILE"
    )
    only: str | None = option(None, "these systems only, separated by commas", metavar="NAMES")
    data: Path | None = option(
        None, "npz file with MNIST as Keras has it, or with x and y: feedback rules on its images "
        "instead of the table",
        metavar="FILE",
    )  # fmt: skip
    seeds: int | None = option(None, "seeds of each system at most", metavar="N", minimum=1)
    quick: bool = option(False, "fewer seeds and shorter tasks, with wider bands")
    resume: bool = option(False, "keep what the output folder has for unchanged code and data")
    device: str = option("numba", "what runs spiking networks", choices=DEVICES)


def chosen_systems(configuration: Configuration) -> tuple[System, ...]:
    """The systems to measure.

    Raises:
        InputError: for an unknown name, or data that cannot be read.
    """
    systems = table.SYSTEMS if configuration.data is None else mnist.systems(configuration.data)
    if configuration.only is not None:
        known = {system.name: system for system in systems}
        names = list(dict.fromkeys(name.strip() for name in configuration.only.split(",")))
        for name in names:
            if name not in known:
                raise InputError(f"--only {name}: no such system; there are {', '.join(known)}")
        systems = tuple(known[name] for name in names)
    return tuple(s for s in systems if n_seeds(s, configuration) > 0)


def n_seeds(system: System, configuration: Configuration) -> int:
    """How many seeds are measured."""
    usual = system.quick_seeds if configuration.quick else system.seeds
    return usual if configuration.seeds is None else min(usual, configuration.seeds)


def fingerprint(system: System) -> str:
    """Hash of the code and the data on which a system's numbers depend."""
    digest = hashlib.sha256(_library_code())
    for module in (sys.modules[system.measure.__module__], data, few_shot):
        digest.update(Path(inspect.getfile(module)).read_bytes())
    digest.update(system.data.encode())
    return digest.hexdigest()[:16]


@cache
def _library_code() -> bytes:
    # All of it: cells, and what runs them, bear on some of the numbers.
    package = Path(spikeplast.__file__).parent
    return b"".join(path.read_bytes() for path in sorted(package.rglob("*.py")))


def load_measurements(output: OutputFolder, quick: bool) -> dict[str, Any]:
    """What an earlier run has left, by system.

    Raises:
        InputError: for a damaged file, or one of a run with another `--quick`.
    """
    path = output / MEASUREMENTS
    if not path.exists():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        found_quick = content["quick"]
        kept = {
            name: {"code": e["code"], "seeds": dict(e["seeds"]), "seconds": float(e["seconds"])}
            for name, e in content["systems"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise damaged(path, error) from None
    if found_quick != quick:
        raise InputError(
            f"the run in {output.path} was {'' if found_quick else 'not '}--quick; "
            "give the same, or start again without --resume"
        )
    return kept


def measure(
    systems: Sequence[System], configuration: Configuration, output: OutputFolder
) -> dict[str, Any]:
    """Measure every system for every seed, keeping each result as soon as it is there."""
    from tqdm import tqdm

    quick = configuration.quick
    kept = load_measurements(output, quick) if configuration.resume else {}
    if configuration.resume and not kept:
        nothing_to_resume(PROG, output.path)
    for system in systems:
        code = fingerprint(system)
        if kept.get(system.name, {}).get("code") != code:
            kept[system.name] = {"code": code, "seeds": {}, "seconds": 0.0}
    todo = [
        (system, seed)
        for system in systems
        for seed in range(n_seeds(system, configuration))
        if str(seed) not in kept[system.name]["seeds"]
    ]
    # disable=None shows the bar on a terminal only.
    with tqdm(todo, unit="run", disable=None) as bar:
        for system, seed in bar:
            bar.set_description(system.name)
            begin = time.process_time()
            found = system.measure(seed, quick)
            entry = kept[system.name]
            entry["seeds"][str(seed)] = found
            entry["seconds"] += time.process_time() - begin
            output.text(MEASUREMENTS, json.dumps({"quick": quick, "systems": kept}, indent=1))
    return kept


def run(configuration: Configuration) -> int:
    """Measure, judge, write; 0 if every number is reached, 1 if not."""
    document, quick = configuration.document, configuration.quick
    if document and (quick or configuration.only):
        raise InputError("--document holds the full table only; leave --quick and --only out")
    systems = chosen_systems(configuration)
    if not systems:
        raise InputError(f"--only {configuration.only}: these have no quick variant")
    use_device(configuration.device)
    output = OutputFolder(configuration.output)
    # Before anything is measured, since it may not be possible to write there.
    document_folders(document)
    # The curves are those of rules of the table.
    whole = configuration.only is None and configuration.data is None
    kept = measure(systems, configuration, output)
    curves = figures.learning_curves(0, quick) if whole else None
    problems = write(systems, kept, curves, configuration, output)
    for problem in problems:
        print(f"NOT REACHED: {problem}", file=sys.stderr)
    return 1 if problems else 0


def write(
    systems: Sequence[System],
    kept: Mapping[str, Any],
    curves: dict[str, Any] | None,
    configuration: Configuration,
    output: OutputFolder,
) -> list[str]:
    """Tables and figures of what was measured; returns what is not reached, in words."""
    document, quick = configuration.document, configuration.quick
    folders = document_folders(document)
    pictures = [OutputFolder(output / FIGURES)]
    if folders:
        pictures.append(OutputFolder(folders[1] / FIGURES))
    results = {
        system.name: [
            kept[system.name]["seeds"][str(k)] for k in range(n_seeds(system, configuration))
        ]
        for system in systems
    }
    problems = table.failures(systems, results, quick)
    text = table.page(systems, results, quick, FIGURES)
    seconds = {system.name: kept[system.name]["seconds"] for system in systems}
    output.json(
        "results.json",
        {
            "configuration": to_json(configuration),
            "versions": package_versions(),
            "seconds": seconds,
            # JSON has no nan: what could not be measured is null.
            "results": {
                name: [
                    {key: v if math.isfinite(v) else None for key, v in run.items()} for run in runs
                ]
                for name, runs in results.items()
            },
            "learning_curves": curves,
            "failures": problems,
        },
    )
    output.text("table.md", text)
    for folder in pictures:
        for system in systems:
            drawn = system_figure(system, results[system.name], quick)
            folder.figure(f"{system.name}.png", drawn)
    if curves is not None:
        output.figure("learning.png", figures.learning_figure(curves))
    if document and folders:
        if curves is not None:
            folders[1].figure("credit_learning.png", figures.learning_figure(curves))
        command = COMMAND
        if configuration.data:
            command += f" --data {configuration.data.name}"
        if configuration.seeds:
            command += f" --seeds {configuration.seeds}"
        layout = DOCUMENT if configuration.data is None else IMAGES_DOCUMENT
        folders[0].text(
            document.name,
            layout.format(
                command=command,
                minutes=sum(seconds.values()) / 60,
                verdict="; ".join(problems) if problems else "every number is reached",
                table=table.page(systems, results, quick, f"../figures/{FIGURES}"),
            ),
        )
    print(text)
    print(f"{sum(seconds.values()):.0f} s; results and figures in {output.path}.")
    return problems


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; 0, 1 if a number is not reached, 2 for bad input, 130 if interrupted."""
    return exit_status(PROG, lambda: run(parse(Configuration, argv, PROG, str(__doc__))), RESUME)


if __name__ == "__main__":
    sys.exit(main())
