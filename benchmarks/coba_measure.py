"""One measurement of `coba_stdp` on one target, in a process of its own.

`python -m benchmarks.coba_measure SPEC` prints one line of JSON; SPEC is the JSON text of a
`Spec`. `coba_stdp` starts it; it is a module apart so that each measurement has a fresh process.

A measurement is three runs of one network: a warm-up, a short run and a long run. CPU time is
read before and after the last two. What a run costs however short it is (preparing code objects,
queues, copies) is in both, so their difference divided by the difference of their biological
times is the cost of the time loop alone; what is left of the short run is the cost per run.
In Python the clock is `time.process_time`; cpp_standalone reads the same clock of its own process
(`std::clock`, no OpenMP) at the same three places.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from brian2 import device, prefs, second, set_device

from benchmarks.coba_loop import HandWritten
from benchmarks.coba_network import Draw, Parameters, build, draw

WARM_UP = 0.2
SHORT = 0.1

CPP_CLOCK = 'std::cout << "cpu_seconds " << (double)std::clock()/CLOCKS_PER_SEC << std::endl;'


@dataclass(frozen=True)
class Spec:
    """What to measure.

    `project` is the folder of the compiled program, for cpp_standalone only. With `prepare` true
    the measurement only fills the compile caches (cpp_standalone: builds the program) and
    prints `{}`.
    """

    target: str
    seconds: float
    n_neurons: int
    p_connect: float = 0.02
    seed: int = 1
    project: str = ""
    prepare: bool = False

    def to_json(self) -> str:
        return json.dumps(asdict(self))


def measure(spec: Spec) -> dict[str, Any]:
    """Measure as `spec` says.

    Returns `cpu_s_per_bio_s` (the time loop), `cpu_s_per_run` (what a run costs besides),
    `rate_exc_hz` and `rate_inh_hz` over the long run, and `mean_weight`, the mean E->E weight at
    the end as a fraction of its bound.
    """
    if spec.target == "cpp_standalone" and not spec.prepare:
        return _measure_program(spec)
    parameters = Parameters().scaled(spec.n_neurons, spec.p_connect)
    drawn = draw(spec.n_neurons, parameters, spec.seed)
    if spec.target == "cpp_standalone":
        _build_program(spec, drawn, parameters)
        return {}
    if spec.target == "hand_written":
        loop = HandWritten(drawn, parameters)
        marks = _time_runs(loop.run, spec.seconds)
        times, cells = loop.spikes()
        weights = loop.w
    else:
        _use(spec.target)
        brian = build(drawn, parameters)
        marks = _time_runs(lambda length: brian.network.run(length * second), spec.seconds)
        times, cells = np.asarray(brian.spikes.t), np.asarray(brian.spikes.i)
        weights = np.asarray(brian.plastic.w)
    return _result(spec, marks, times, cells, weights)


def _use(target: str) -> None:
    if target in ("numba", "numba_unoptimized"):
        import spikeplast  # noqa: F401

        # Set-up code (connect, assignments) is outside what is measured and needs no compiler.
        prefs.codegen.target = "numpy"
        set_device("numba", optimize=target == "numba")
    else:
        prefs.codegen.target = target
        set_device("runtime")


def _time_runs(run: Callable[[float], None], seconds: float) -> list[float]:
    run(WARM_UP)
    marks = [time.process_time()]
    for length in (SHORT, seconds):
        run(length)
        marks.append(time.process_time())
    return marks


def _build_program(spec: Spec, drawn: Draw, parameters: Parameters) -> None:
    set_device("cpp_standalone", build_on_run=False)
    brian = build(drawn, parameters)
    brian.network.run(WARM_UP * second)
    device.insert_code("main", CPP_CLOCK)
    for length in (SHORT, spec.seconds):
        brian.network.run(length * second)
        device.insert_code("main", CPP_CLOCK)
    device.build(directory=spec.project, compile=True, run=False, with_output=False)
    files = {
        "t": device.get_array_filename(brian.spikes.variables["t"]),
        "i": device.get_array_filename(brian.spikes.variables["i"]),
        "w": device.get_array_filename(brian.plastic.variables["w"]),
    }
    (Path(spec.project) / "measured_arrays.json").write_text(json.dumps(files))


def _measure_program(spec: Spec) -> dict[str, Any]:
    project = Path(spec.project)
    finished = subprocess.run(
        ["./main", "--results_dir", "results/"],
        cwd=project,
        capture_output=True,
        text=True,
        check=True,
    )
    marks = [
        float(line.split()[1])
        for line in finished.stdout.splitlines()
        if line.startswith("cpu_seconds ")
    ]
    files = json.loads((project / "measured_arrays.json").read_text())
    times, cells, weights = (
        np.fromfile(project / "results" / files[name], dtype=dtype)
        for name, dtype in (("t", np.float64), ("i", np.int32), ("w", np.float64))
    )
    return _result(spec, marks, times, cells, weights)


def _result(
    spec: Spec, marks: list[float], times: np.ndarray, cells: np.ndarray, weights: np.ndarray
) -> dict[str, Any]:
    before, between, after = marks
    per_second = ((after - between) - (between - before)) / (spec.seconds - SHORT)
    n_exc = spec.n_neurons * 4 // 5
    # Half a time step of slack: spike times are multiples of dt.
    late = cells[times > WARM_UP + SHORT - Parameters().dt / 2]
    n_exc_spikes = int(np.count_nonzero(late < n_exc))
    return {
        "cpu_s_per_bio_s": per_second,
        "cpu_s_per_run": (between - before) - per_second * SHORT,
        "rate_exc_hz": n_exc_spikes / n_exc / spec.seconds,
        "rate_inh_hz": (late.size - n_exc_spikes) / (spec.n_neurons - n_exc) / spec.seconds,
        "mean_weight": float(
            weights.mean() / Parameters().scaled(spec.n_neurons, spec.p_connect).w_max
        ),
    }


if __name__ == "__main__":
    print(json.dumps(measure(Spec(**json.loads(sys.argv[1])))))
