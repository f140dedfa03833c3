"""CPU time of a plastic network on the engine, on Brian 2's own targets and written by hand.

    python -m benchmarks.coba_stdp [--seconds T] [--repeats N] [--targets A B ...]
                                   [--n-neurons N] [--output FILE.json]

The network (`coba_network`): 4,000 conductance-based LIF neurons, 2 % connectivity, additive pair
STDP on 205,000 excitatory synapses. All targets run the same network, wired and started from the
same arrays; their rates are printed beside the times. Targets take turns, each measurement in a
process of its own, with everything compiled before (`coba_measure` says what is timed).
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

from benchmarks.coba_measure import SHORT, WARM_UP, Spec
from benchmarks.interleaved import interleave, machine, summarise, write_json

TARGETS = {
    "numba": "this engine",
    "numba_unoptimized": "this engine with optimize=False",
    "hand_written": "the same network as one Numba loop written by hand",
    "cpp_standalone": "Brian 2, C++ standalone, one thread",
    "cython": "Brian 2, Cython",
    "numpy": "Brian 2, NumPy",
}
DEFAULT_TARGETS = [target for target in TARGETS if target != "numpy"]
REFERENCES = ("cython", "cpp_standalone", "hand_written")

ROOT = Path(__file__).resolve().parents[1]
ONE_THREAD = {
    name: "1"
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
}


class MeasurementError(RuntimeError):
    """A measuring process ended with an error; the text is one line."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"coba_stdp: error: {message}\n")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line; a bad option prints one line and exits with 2."""
    parser = _Parser(
        prog="python -m benchmarks.coba_stdp",
        description="CPU seconds per biological second of a plastic network.",
        epilog="targets: " + "; ".join(f"{name} ({text})" for name, text in TARGETS.items()),
    )
    parser.add_argument(
        "--seconds", type=float, default=5.0, help="biological time measured (default: 5)"
    )
    parser.add_argument(
        "--repeats", type=int, default=5, help="measurements of each target (default: 5)"
    )
    parser.add_argument(
        "--targets",
        nargs="+",
        choices=TARGETS,
        default=DEFAULT_TARGETS,
        metavar="TARGET",
        help="what to measure, in this order (default: all but numpy)",
    )
    parser.add_argument(
        "--n-neurons",
        type=int,
        default=4000,
        help="network size; weights are scaled to keep the mean input (default: 4000)",
    )
    parser.add_argument(
        "--p-connect",
        type=float,
        default=0.02,
        help="probability of a connection; weights are scaled likewise (default: 0.02)",
    )
    parser.add_argument("--output", type=Path, help="write the result to this JSON file")
    options = parser.parse_args(arguments)
    if not (math.isfinite(options.seconds) and options.seconds >= 2 * SHORT):
        parser.error(f"--seconds must be a number of at least {2 * SHORT}, not {options.seconds}")
    if options.repeats < 1:
        parser.error(f"--repeats must be at least 1, not {options.repeats}")
    if options.n_neurons < 100:
        parser.error(f"--n-neurons must be at least 100, not {options.n_neurons}")
    if not 0 < options.p_connect <= 1:
        parser.error(f"--p-connect must be above 0 and at most 1, not {options.p_connect}")
    if len(set(options.targets)) < len(options.targets):
        parser.error(f"--targets names one twice: {' '.join(options.targets)}")
    if options.output is not None:
        options.output = options.output.resolve()
        if not options.output.parent.is_dir():
            parser.error(f"--output: there is no folder {options.output.parent}")
        if options.output.is_dir():
            parser.error(f"--output must be a file, and {options.output} is a folder")
    return options


def measure_in_child(spec: Spec) -> dict[str, Any]:
    """Run `coba_measure` on `spec` in a new process and return its result.

    Raises `MeasurementError` if the process fails.
    """
    child = subprocess.run(
        [sys.executable, "-m", "benchmarks.coba_measure", spec.to_json()],
        cwd=ROOT,
        env={**os.environ, **ONE_THREAD},
        capture_output=True,
        text=True,
    )
    if child.returncode:
        last_line = (child.stderr.strip().splitlines() or [f"exit code {child.returncode}"])[-1]
        raise MeasurementError(f"target {spec.target} failed: {last_line}")
    return json.loads(child.stdout.splitlines()[-1])


def run_benchmark(
    targets: Sequence[str], seconds: float, repeats: int, n_neurons: int, p_connect: float
) -> dict[str, Any]:
    """Measure all `targets` and return settings, machine, figures per target and ratios.

    A ratio is the reference's median CPU time divided by the target's: how many times faster the
    target is.
    """
    load_before = os.getloadavg()
    with tempfile.TemporaryDirectory(prefix="coba_stdp_") as project:
        specs = {
            target: Spec(
                target=target,
                seconds=seconds,
                n_neurons=n_neurons,
                p_connect=p_connect,
                project=project if target == "cpp_standalone" else "",
            )
            for target in targets
        }
        for target, spec in specs.items():
            print(f"compiling for {target}", file=sys.stderr, flush=True)
            # The built program holds its duration; for the others any short one will do.
            length = seconds if target == "cpp_standalone" else 2 * SHORT
            measure_in_child(Spec(**{**vars(spec), "seconds": length, "prepare": True}))
        results = interleave(targets, repeats, lambda target: measure_in_child(specs[target]))
    figures = {
        target: {name: summarise([run[name] for run in runs]) for name in runs[0]}
        for target, runs in results.items()
    }
    medians = {target: figures[target]["cpu_s_per_bio_s"]["median"] for target in targets}
    return {
        "benchmark": "coba_stdp",
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "settings": {
            "seconds": seconds,
            "repeats": repeats,
            "n_neurons": n_neurons,
            "p_connect": p_connect,
            "warm_up_seconds": WARM_UP,
            "short_run_seconds": SHORT,
        },
        "machine": machine(),
        "load_average": {"before": load_before[0], "after": os.getloadavg()[0]},
        "targets": figures,
        "times_faster_than": {
            reference: {target: medians[reference] / medians[target] for target in targets}
            for reference in REFERENCES
            if reference in medians
        },
    }


def table(result: dict[str, Any]) -> str:
    """Format the result of `run_benchmark` as a table, one line per target."""
    ratios = result["times_faster_than"]
    heads = ["target", "CPU s / bio s", "[min-max]", "CPU s / run", "E Hz", "I Hz", "mean w"]
    rows = [heads + [f"x {reference}" for reference in ratios]]
    for target, figures in result["targets"].items():
        time = figures["cpu_s_per_bio_s"]
        rows.append(
            [
                target,
                f"{time['median']:.4f}",
                f"[{time['min']:.4f}-{time['max']:.4f}]",
                f"{figures['cpu_s_per_run']['median']:.3f}",
                f"{figures['rate_exc_hz']['median']:.2f}",
                f"{figures['rate_inh_hz']['median']:.2f}",
                f"{figures['mean_weight']['median']:.4f}",
                *(f"{ratio[target]:.2f}" for ratio in ratios.values()),
            ]
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    try:
        result = run_benchmark(
            options.targets,
            options.seconds,
            options.repeats,
            options.n_neurons,
            options.p_connect,
        )
    except MeasurementError as error:
        print(f"coba_stdp: {error}", file=sys.stderr)
        return 1
    settings = result["settings"]
    load = result["load_average"]
    print(
        f"{settings['n_neurons']} neurons, connected with {settings['p_connect']:g}, "
        f"{settings['seconds']:g} s, median of "
        f"{settings['repeats']}; {result['machine']['cpu']}; Brian 2 "
        f"{result['machine']['versions']['brian2']}; load {load['before']:.1f} before, "
        f"{load['after']:.1f} after"
    )
    print(table(result))
    print("x TARGET: how many times faster than TARGET.")
    if options.output is not None:
        write_json(options.output, result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
