"""Plastic networks on the engine, on Brian 2's own targets and written by hand, timed in turns.

    python -m benchmarks [WORKLOAD ...] [--targets A B ...] [--seconds T] [--repeats N]
                         [--n-neurons N] [--n-inputs N] [--p-connect P]
                         [--log FILE.jsonl] [--output FILE.json]

All targets of a workload run the same network, wired and started from the same arrays; rates and
mean weights are printed beside the times, so that one sees that they did the same work. Targets
take turns, each measurement in a process of its own, with everything compiled before (`measure`
says what is timed). Each workload measured adds one line to the log.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from benchmarks.peers import PACKAGES, is_installed
from benchmarks.report import append_line, table
from benchmarks.session import ROOT, MeasurementError, run_workload
from benchmarks.workload import TARGETS
from benchmarks.workloads import WORKLOADS
from experiments.common.command_line import OneLineParser, exit_status
from experiments.common.output import OutputFolder

SETTINGS = ("n_neurons", "n_inputs", "p_connect")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line; a bad option prints one line and exits with 2.

    The result has `workloads`, their names, `settings`, those of the workload given on the command
    line, and `targets` and `seconds`, which are None where the workload's own are to be used.
    """
    parser = OneLineParser(
        prog="python -m benchmarks",
        description="CPU and wall seconds per biological second of plastic networks.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=_epilog(),
        allow_abbrev=False,
    )
    parser.add_argument(
        "workloads",
        nargs="*",
        type=_workload,
        metavar="WORKLOAD",
        help="what to measure, in this order (default: all)",
    )
    parser.add_argument(
        "--targets",
        nargs="+",
        choices=TARGETS,
        metavar="TARGET",
        help="on what (default: all that the workload has but the slowest)",
    )
    parser.add_argument(
        "--seconds", type=float, help="biological time measured (default: the workload's own)"
    )
    parser.add_argument(
        "--repeats", type=int, default=5, help="measurements of each target (default: 5)"
    )
    for name in SETTINGS:
        parser.add_argument(
            "--" + name.replace("_", "-"),
            type=float if name == "p_connect" else int,
            help="another size than the workload's own; weights are scaled to it",
        )
    parser.add_argument(
        "--log",
        type=Path,
        default=ROOT / "results" / "benchmarks.jsonl",
        help="add a line for each workload to this file (default: results/benchmarks.jsonl)",
    )
    parser.add_argument("--output", type=Path, help="write the results to this JSON file")
    options = parser.parse_args(arguments)
    options.workloads = options.workloads or list(WORKLOADS)
    _check(parser, options)
    options.settings = {
        name: getattr(options, name) for name in SETTINGS if getattr(options, name) is not None
    }
    for workload in options.workloads:
        _check_workload(parser, workload, options)
    return options


def _workload(name: str) -> str:
    # Not as argparse's choices: those refuse the empty list on Python 3.11.
    if name not in WORKLOADS:
        raise argparse.ArgumentTypeError(f"{name} is none of {' '.join(WORKLOADS)}")
    return name


def _epilog() -> str:
    groups = {
        "workloads": {name: workload.title for name, workload in WORKLOADS.items()},
        "targets": TARGETS,
    }
    return "\n".join(
        f"{group}:\n" + "\n".join(f"  {name:22} {text}" for name, text in texts.items())
        for group, texts in groups.items()
    )


def _check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    if options.repeats < 1:
        parser.error(f"--repeats must be at least 1, not {options.repeats}")
    for name in ("workloads", "targets"):
        chosen = getattr(options, name) or []
        if len(set(chosen)) < len(chosen):
            parser.error(f"{name} are to be named once each, not: {' '.join(chosen)}")
    if options.p_connect is not None and not 0 < options.p_connect <= 1:
        parser.error(f"--p-connect must be above 0 and at most 1, not {options.p_connect}")
    for name in ("log", "output"):
        path = getattr(options, name)
        if path is None:
            continue
        path = path.resolve()
        setattr(options, name, path)
        if path.is_dir():
            parser.error(f"--{name} must be a file, and {path} is a folder")
        if path.parent != (ROOT / "results") and not path.parent.is_dir():
            parser.error(f"--{name}: there is no folder {path.parent}")


def _check_workload(
    parser: argparse.ArgumentParser, name: str, options: argparse.Namespace
) -> None:
    workload = WORKLOADS[name]
    known = {item.name for item in fields(workload)}
    for setting in options.settings:
        if setting not in known:
            parser.error(f"--{setting.replace('_', '-')}: workload {name} has no such setting")
    try:
        workload(**options.settings)
    except ValueError as error:
        parser.error(f"workload {name}: {error}")
    shortest = 2 * workload.short
    if options.seconds is not None and not (
        math.isfinite(options.seconds) and options.seconds >= shortest
    ):
        parser.error(f"--seconds must be at least {shortest} for {name}, not {options.seconds}")
    for target in options.targets or []:
        if target not in workload.targets():
            has = " ".join(workload.targets())
            parser.error(f"workload {name} has no target {target}, only {has}")
        if not is_installed(target):
            parser.error(f"target {target}: package {PACKAGES[target]} is not installed")


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    return exit_status("benchmarks", lambda: run(options))


def run(options: argparse.Namespace) -> int:
    """Measure, print and write what the command line says; 0, or 1 if a measurement fails."""
    folder = None if options.output is None else OutputFolder(options.output.parent)
    results: list[dict[str, Any]] = []
    for name in options.workloads:
        workload = WORKLOADS[name]
        try:
            result = run_workload(
                name,
                options.settings,
                options.targets or workload.default_targets(),
                options.seconds or workload.seconds,
                options.repeats,
            )
        except MeasurementError as error:
            print(f"benchmarks: {error}", file=sys.stderr)
            return 1
        print(table(result), flush=True)
        print("x TARGET: how many times faster than TARGET.\n", flush=True)
        append_line(options.log, result)
        results.append(result)
        if folder is not None:
            folder.json(options.output.name, results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
