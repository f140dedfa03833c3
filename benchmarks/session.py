"""One workload measured on its targets in turn: what `python -m benchmarks` does for each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.interleaved import interleave, machine, summarise
from benchmarks.measure import Spec
from benchmarks.workloads import EVERY_WORKLOAD

__all__ = ["MeasurementError", "run_workload"]

REFERENCES = ("cython", "cpp_standalone", "hand_written", "hand_written_streamed")

ROOT = Path(__file__).resolve().parents[1]
ONE_THREAD = {
    name: "1"
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
}


class MeasurementError(RuntimeError):
    """A measuring process ended with an error; the text is one line."""


def measure_in_child(spec: Spec, cache: str) -> dict[str, Any]:
    """Run `measure` on `spec` in a new process and return its result.

    `cache` is the folder in which Numba keeps what it has compiled. Raises `MeasurementError` if
    the process fails.
    """
    child = subprocess.run(
        [sys.executable, "-m", "benchmarks.measure", spec.to_json()],
        cwd=ROOT,
        env={**os.environ, **ONE_THREAD, "NUMBA_CACHE_DIR": cache},
        capture_output=True,
        text=True,
    )
    if child.returncode:
        last_line = (child.stderr.strip().splitlines() or [f"exit code {child.returncode}"])[-1]
        raise MeasurementError(f"{spec.workload} on {spec.target} failed: {last_line}")
    return json.loads(child.stdout.splitlines()[-1])


def run_workload(
    name: str,
    settings: dict[str, Any],
    targets: Sequence[str],
    seconds: float,
    repeats: int,
) -> dict[str, Any]:
    """Measure one workload and return settings, machine, figures per target and ratios.

    A ratio is the reference's median CPU time divided by the target's: how many times faster the
    target is.
    """
    workload = EVERY_WORKLOAD[name](**settings)
    load_before = os.getloadavg()
    with tempfile.TemporaryDirectory(prefix="benchmark_") as folder:
        project, cache = f"{folder}/project", f"{folder}/cache"
        specs = {
            target: Spec(
                workload=name,
                target=target,
                seconds=seconds,
                settings=settings,
                project=project if target == "cpp_standalone" else "",
            )
            for target in targets
        }
        for target, spec in specs.items():
            if target == "numpy":  # compiles nothing
                continue
            print(f"{name}: compiling for {target}", file=sys.stderr, flush=True)
            measure_in_child(replace(spec, prepare=True), cache)
        results = interleave(
            targets, repeats, lambda target: measure_in_child(specs[target], cache)
        )
    figures = {
        target: {figure: summarise([run[figure] for run in runs]) for figure in runs[0]}
        for target, runs in results.items()
    }
    medians = {target: figures[target]["cpu_s_per_bio_s"]["median"] for target in targets}
    return {
        "workload": name,
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "settings": {
            **asdict(workload),
            "seconds": seconds,
            "repeats": repeats,
            "warm_up_seconds": workload.warm_up,
            "short_run_seconds": workload.short,
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


def commit() -> str | None:
    """The checkout's commit, with "+changes" if files differ from it; None outside of git."""
    described = []
    for arguments in (["rev-parse", "HEAD"], ["status", "--porcelain", "--untracked-files=no"]):
        try:
            told = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
        except OSError:
            return None
        if told.returncode:
            return None
        described.append(told.stdout.strip())
    return described[0] + ("+changes" if described[1] else "")
