"""One measurement of one workload on one target, in a process of its own.

`python -m benchmarks.measure SPEC` prints one line of JSON; SPEC is the JSON text of a `Spec`.
`session` starts it; it is a module apart so that each measurement has a fresh process.

A measurement is three runs of one network: a warm-up, a short run and a long run. CPU and wall
time are read before and after the last two. What a run costs however short it is (preparing code
objects, queues, copies) is in both, so their difference divided by the difference of their
biological times is the cost of the time loop alone; what is left of the short run is the cost per
run. In Python the CPU clock is `time.process_time`; cpp_standalone reads the same clock of its own
process (`std::clock`, no OpenMP) at the same three places.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from brian2 import device, prefs, second, seed, set_device

from benchmarks.workload import Running, Workload
from benchmarks.workloads import EVERY_WORKLOAD

CPP_CLOCKS = """{
    timespec wall;
    clock_gettime(CLOCK_MONOTONIC, &wall);
    std::cout << "clocks " << (double)std::clock()/CLOCKS_PER_SEC << " "
              << wall.tv_sec + 1e-9*wall.tv_nsec << std::endl;
}"""


@dataclass(frozen=True)
class Spec:
    """What to measure.

    `settings` are the workload's own where they are not the default ones. `project` is the folder
    of the compiled program, for cpp_standalone only. With `prepare` true the measurement only
    fills the compile caches (cpp_standalone: builds the program) and prints `{}`.
    """

    workload: str
    target: str
    seconds: float
    settings: dict[str, Any] = field(default_factory=dict)
    seed: int = 1
    project: str = ""
    prepare: bool = False

    def to_json(self) -> str:
        return json.dumps(asdict(self))


class Clocks(NamedTuple):
    cpu: float
    wall: float

    @classmethod
    def now(cls) -> Clocks:
        return cls(time.process_time(), time.perf_counter())


def measure(spec: Spec) -> dict[str, Any]:
    """Measure as `spec` says.

    Returns `cpu_s_per_bio_s` and `wall_s_per_bio_s` (the time loop), `cpu_s_per_run` (what a run
    costs besides), `rate_NAME_hz` of each population over the long run, and `mean_weight`, the
    mean plastic weight at the end as a fraction of its bound.
    """
    workload = EVERY_WORKLOAD[spec.workload](**spec.settings)
    if spec.target == "cpp_standalone" and not spec.prepare:
        return _measure_program(spec, workload)
    drawn = workload.draw(spec.seed)
    running: Running
    if spec.target == "cpp_standalone":
        _build_program(spec, workload, drawn)
        return {}
    if spec.target in workload.loops:
        running = workload.by_hand(spec.target, drawn)
    else:
        _use(spec.target)
        seed(spec.seed)
        running = workload.build(drawn)
    if spec.prepare:
        running.run(workload.short)
        return {}
    clocks = _time_runs(running.run, workload, spec.seconds)
    return _result(workload, spec.seconds, clocks, *running.spikes(), running.w)


def _use(target: str) -> None:
    if target == "numba_single":
        prefs.core.default_float_dtype = np.float32
    if target.startswith("numba"):
        import spikeplast  # noqa: F401

        # Set-up code (connect, assignments) is outside what is measured and needs no compiler.
        prefs.codegen.target = "numpy"
        set_device("numba", optimize=target != "numba_unoptimized")
    else:
        prefs.codegen.target = target
        set_device("runtime")


def _time_runs(run: Callable[[float], None], workload: Workload, seconds: float) -> list[Clocks]:
    run(workload.warm_up)
    clocks = [Clocks.now()]
    for length in (workload.short, seconds):
        run(length)
        clocks.append(Clocks.now())
    return clocks


def _build_program(spec: Spec, workload: Workload, drawn: Any) -> None:
    set_device("cpp_standalone", build_on_run=False)
    seed(spec.seed)
    brian = workload.build(drawn)
    brian.network.run(workload.warm_up * second)
    device.insert_code("main", CPP_CLOCKS)
    for length in (workload.short, spec.seconds):
        brian.network.run(length * second)
        device.insert_code("main", CPP_CLOCKS)
    device.build(directory=spec.project, compile=True, run=False, with_output=False)
    files = {
        "t": device.get_array_filename(brian.monitor.variables["t"]),
        "i": device.get_array_filename(brian.monitor.variables["i"]),
        "w": device.get_array_filename(brian.plastic.variables["w"]),
    }
    (Path(spec.project) / "measured_arrays.json").write_text(json.dumps(files))


def _measure_program(spec: Spec, workload: Workload) -> dict[str, Any]:
    project = Path(spec.project)
    finished = subprocess.run(
        ["./main", "--results_dir", "results/"],
        cwd=project,
        capture_output=True,
        text=True,
        check=True,
    )
    clocks = [
        Clocks(*map(float, line.split()[1:]))
        for line in finished.stdout.splitlines()
        if line.startswith("clocks ")
    ]
    files = json.loads((project / "measured_arrays.json").read_text())
    times, cells, weights = (
        np.fromfile(project / "results" / files[name], dtype=dtype)
        for name, dtype in (("t", np.float64), ("i", np.int32), ("w", np.float64))
    )
    return _result(workload, spec.seconds, clocks, times, cells, weights)


def _result(
    workload: Workload,
    seconds: float,
    clocks: list[Clocks],
    times: np.ndarray,
    cells: np.ndarray,
    weights: np.ndarray,
) -> dict[str, Any]:
    before, between, after = clocks
    cpu, wall = (
        ((end - middle) - (middle - begin)) / (seconds - workload.short)
        for begin, middle, end in zip(before, between, after, strict=True)
    )
    # Half a time step of slack: spike times are multiples of dt.
    late = cells[times > workload.warm_up + workload.short - workload.dt / 2]
    rates = {
        f"rate_{name}_hz": np.count_nonzero((late >= some.start) & (late < some.stop))
        / len(some)
        / seconds
        for name, some in workload.populations.items()
    }
    return {
        "cpu_s_per_bio_s": cpu,
        "wall_s_per_bio_s": wall,
        "cpu_s_per_run": (between.cpu - before.cpu) - cpu * workload.short,
        **rates,
        "mean_weight": float(weights.mean() / workload.w_max),
    }


if __name__ == "__main__":
    print(json.dumps(measure(Spec(**json.loads(sys.argv[1])))))
