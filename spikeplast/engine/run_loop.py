"""`Network.run` on the device: stretches of compiled time steps, and Python in between."""

import gc
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from brian2 import Quantity, check_units, second
from brian2.core.namespace import get_local_namespace
from brian2.core.network import Network, TextReport
from brian2.core.variables import ArrayVariable
from brian2.equations.equations import Equations
from brian2.groups.group import Group

from .cache import load, runs_in_python
from .codegen.assemble import DONE, FULL, Assembler
from .codegen.threads import ThreadedAssembler
from .division import Division
from .fallback import blame
from .kept import keeper_of, write_out
from .passes import apply_passes, enabled_passes
from .profile import check_profile, keep_profile
from .program import OutsideStep, PathwayStep, Program, build_program
from .reuse import Conditions, Prepared, Watched, prepared_before, remember
from .team import Team

#: Seconds between two looks at the clock, at Ctrl-C and at the monitors' buffers.
CHUNK_SECONDS = 0.2


@check_units(duration=second, report_period=second)
def run_network(
    device: Any,
    net: Network,
    duration: Quantity,
    report: Any = None,
    report_period: Quantity = 10 * second,
    namespace: Any = None,
    profile: bool | None = None,
    level: int = 0,
) -> None:
    """Run a network for `duration`; arguments, results and errors as of `Network.run`."""
    if duration < 0:
        raise ValueError(f"Function 'run' expected a non-negative duration but got '{duration}'")
    if profile is None:
        profile = device.build_options.get("profile", False)
    check_profile(profile, "run()")
    objects = net.sorted_objects
    net._clocks = {obj.clock for obj in objects}
    t_start, t_end = net.t, net.t + duration
    for clock in net._clocks:
        clock.set_interval(t_start, t_end)
    if namespace is None:
        namespace = get_local_namespace(level=level + 4)
    if not objects:
        net.before_run(namespace)
        return
    runner = _compiled(device, net, objects, namespace, bool(profile))
    progress = _Progress(report, report_period, t_start, duration)
    with progress:
        Network._globally_running = True
        try:
            runner.run(progress)
        finally:
            Network._globally_running = False
            runner.close()
        if prepared_before(net) is not runner.prepared:
            write_out(objects)
        stopped = net._stopped or Network._globally_stopped
        net.t_ = runner.time if stopped else float(t_end)
        device._last_run_time = progress.elapsed
        device._last_run_completed_fraction = (
            float((net.t - t_start) / duration) if duration > 0 else 1.0
        )
        for obj in objects:
            if isinstance(obj, Group):
                _check_for_invalid_states(obj)
        progress.end(device._last_run_completed_fraction)
    net.after_run()
    simulated = float(net.t - t_start)
    seconds = keep_profile(net, runner.prepared.loop.watch, simulated, device._last_run_time)
    net._profiling_info = None if seconds is None else [(n, t * second) for n, t in seconds.items()]


def _check_for_invalid_states(group: Group) -> None:
    """As Brian 2's method of the same name, which would have lifted variables written out."""
    equations = getattr(group, "equations", None)
    if isinstance(equations, Equations):
        for name in equations.diff_eq_names:
            keeper = keeper_of(group.variables[name])
            values = keeper.present(name) if keeper else group.state(name, use_units=False)
            group._check_for_invalid_values(name, values)


class _Progress:
    """Calls the user's report function as Brian 2 does.

    One that has a `report_period` in seconds is called as often, and one that has a method
    `run_ended` is told so, whatever ended the run; see `spikeplast.ProgressBar`.
    """

    def __init__(self, report: Any, period: Quantity, t_start: Quantity, duration: Quantity):
        self._callback = _report_callback(report)
        self._period = min(float(period), getattr(self._callback, "report_period", np.inf))
        self._t_start, self._duration = t_start, duration
        self._start = time.time()
        self._next = self._start + self._period

    @property
    def elapsed(self) -> float:
        return time.time() - self._start

    def _call(self, fraction: float) -> None:
        if self._callback is not None:
            self._callback(self.elapsed * second, fraction, self._t_start, self._duration)

    def __enter__(self) -> None:
        self._call(0.0)

    def __exit__(self, *_: Any) -> None:
        getattr(self._callback, "run_ended", _do_nothing)()

    @property
    def due(self) -> bool:
        return self._callback is not None and time.time() > self._next

    def update(self, t: float) -> None:
        self._call((t - float(self._t_start)) / float(self._duration))
        self._next = time.time() + self._period

    def end(self, fraction: float) -> None:
        self._call(fraction)


def _do_nothing() -> None:
    pass


def _report_callback(report: Any) -> Callable[..., None] | None:
    if report is None:
        return None
    if report in ("text", "stdout"):
        return TextReport(sys.stdout)
    if report == "stderr":
        return TextReport(sys.stderr)
    if isinstance(report, str):
        raise ValueError(f'Do not know how to handle report argument "{report}".')
    if callable(report):
        return report
    raise TypeError(
        "Do not know how to handle report argument, it has to be one of 'text', 'stdout', "
        f"'stderr', or a callable function/object, but it is of type {type(report)}"
    )


def prepare(
    device: Any,
    net: Network,
    objects: Sequence[Any],
    namespace: Mapping[str, Any],
    profile: bool = False,
    outside: Mapping[str, str] | None = None,
) -> Prepared:
    """The program and the loop of a network; those of its last run, if they will do.

    `objects` are all of the network's, in the order in which they run.  `outside` names those
    that have to run in Python, and says why.
    """
    optimize = device.build_options.get("optimize", True)
    n_threads = device.n_threads
    passes = optimize if isinstance(optimize, bool) else tuple(optimize.items())
    options = (profile, passes, n_threads)
    prepared = prepared_before(net)
    if (
        not outside
        and prepared is not None
        and prepared.can_run_again(net, objects, namespace, options)
    ):
        return prepared
    # As Brian 2 does: this triggers its warnings about objects in no network.
    gc.collect()
    _check_devices(device, objects)
    write_out(objects)
    watched = Watched(namespace)
    net.before_run(watched)
    program = build_program(net, outside)
    apply_passes(program, enabled_passes(optimize), device)
    program.timed = profile
    loop = _assembler(program, device, n_threads).assemble()
    conditions = Conditions(objects, program, watched, options)
    function = load(loop.source, concurrent=loop.division is not None)
    prepared = Prepared(program, loop, function, conditions)
    remember(net, prepared)
    return prepared


def _assembler(program: Program, device: Any, n_threads: int) -> Assembler:
    if n_threads > 1 and not runs_in_python():
        division = Division(program, n_threads)
        if division.any_divided:
            return ThreadedAssembler(program, device, division)
    for step in program.steps_of(PathwayStep):
        step.queue.divide(None, np.zeros(0, np.int64))
    return Assembler(program, device)


def _check_devices(device: Any, objects: Sequence[Any]) -> None:
    for obj in objects:
        for variable in (getattr(obj, "variables", None) or {}).values():
            if isinstance(variable, ArrayVariable) and variable.device is not device:
                early = getattr(variable.owner, "name", obj.name)
                raise RuntimeError(
                    f"'{early}' was created on another device; "
                    "call set_device('numba') before you create the network's objects"
                )


def _compiled(
    device: Any, net: Network, objects: Sequence[Any], namespace: Any, profile: bool
) -> "_Runner":
    """A run of a network whose loop Numba has compiled, without what it can't compile."""
    outside: dict[str, str] = {}
    while True:
        prepared = prepare(device, net, objects, namespace, profile, outside)
        runner = _Runner(device, net, prepared)
        if prepared.is_compiled:
            return runner
        try:
            runner.compile()
            return runner
        except Exception as error:
            outside |= blame(error, prepared)


class _Runner:
    """One run of one network."""

    def __init__(self, device: Any, net: Network, prepared: Prepared):
        self._device = device
        self._net = net
        self.prepared = prepared
        self._program, self._loop = prepared.program, prepared.loop
        self._outside = self._program.outside
        self._clocks = self._program.clocks
        self._ends = np.array([clock._i_end for clock in self._clocks], np.int64)
        self._call: Callable[[int, int], int]
        self._team: Team | None = None
        self._running = False

    def compile(self) -> None:
        """Call the loop for no time step."""
        try:
            self._begin()
            self._call(0, 0)
            self.prepared.is_compiled = True
        finally:
            self.close()

    def run(self, progress: _Progress) -> None:
        self._begin()
        limit = self._device._maximum_run_time
        resume = 0
        while self._steps_left() > 0 or resume:
            if resume == 0 and (self._net._stopped or Network._globally_stopped):
                break
            n_steps = self.prepared.n_steps
            n = min(n_steps, self._steps_left())
            started = time.perf_counter()
            status = self._call(n, resume)
            spent = time.perf_counter() - started
            resume = 0
            self._net.t_ = self.time
            # The end of a run is reported when all is over.
            if progress.due and self._steps_left() > 0:
                self._let_python(partial(progress.update, self.time))
            if limit is not None and progress.elapsed > float(limit):
                self._net._stopped = True
            if status > 0:
                self._run_outside(self._outside[status - 1])
                resume = status
                if self._net._stopped or Network._globally_stopped:
                    self._finish_step(resume)
                    break
                continue
            if status == FULL:
                self._flush()
                continue
            assert status == DONE
            self.prepared.n_steps = _next_chunk(n, n_steps, spent)

    @property
    def time(self) -> float:
        return min(_now(clock) for clock in self._clocks)

    def _begin(self) -> None:
        for pathway in self._loop.pathways:
            pathway.begin()
        for lifted in self._program.lifted:
            lifted.take_up()
        if self._loop.watch is not None:
            self._loop.watch.reset()
        if self._loop.division is not None:
            self._team = Team(self._loop.division.n_threads)
        self._bind()
        if self._loop.uses_rng:
            self._device.random.pull()
        self._running = True

    def _bind(self) -> None:
        of_all = [self._ends, *self._device.random.arrays]
        if self._team is None:
            self._call = self.prepared.function.bind([*of_all, *self._loop.binder.values()])
        else:
            self._team.bind(self.prepared.function, self._loop, of_all)
            self._call = self._team.call

    def close(self) -> None:
        """Hand all state back to Brian 2, whatever happened."""
        if not self._running:
            return
        self._running = False
        if self._team is not None:
            self._team.close()
        if self._loop.uses_rng:
            self._device.random.push()
        self._flush()
        for pathway in self._loop.pathways:
            pathway.end()
        for lifted in self._program.lifted:
            lifted.settle()

    def _steps_left(self) -> int:
        """How many time steps are left, or more if clocks tick together; 0 at the end."""
        left = [
            int(end - clock.variables["timestep"].get_value()[0])
            for clock, end in zip(self._clocks, self._ends, strict=True)
        ]
        first = min(range(len(left)), key=lambda k: _now(self._clocks[k]))
        return sum(n for n in left if n > 0) if left[first] > 0 else 0

    def _flush(self) -> None:
        for buffer in self._loop.buffers:
            buffer.flush()

    def _run_outside(self, step: OutsideStep) -> None:
        started = time.perf_counter()
        self._let_python(step.obj.run)
        if self._loop.watch is not None:
            self._loop.watch.add(step, started)

    def _let_python(self, function: Callable[[], Any]) -> None:
        """Call code that may look at all state, and change it."""
        self._flush()
        if self._loop.uses_rng:
            self._device.random.push()
        try:
            function()
        finally:
            # The user's code may have drawn from NumPy, even if it failed afterwards.
            if self._loop.uses_rng:
                self._device.random.pull()
        for lifted in self._program.lifted:
            lifted.take_up()
        restored = [pathway.restart_if_restored() for pathway in self._loop.pathways]
        if any(restored):
            self._check_restored()
        # Functions may use numbers that were changed.
        if any(restored) or self._loop.binder.functions:
            self._bind()

    def _check_restored(self) -> None:
        pathways = self._program.steps_of(PathwayStep)
        if not self.prepared.conditions.hold_for_pathways(self._program) or any(
            step.queue.n_synapses != len(step.pathway.synapses) for step in pathways
        ):
            raise RuntimeError(
                "restore() during a run brought back other synapses, or spikes under way with "
                "other delays, than this run began with; call restore() between runs"
            )

    def _finish_step(self, resume: int) -> None:
        while (status := self._call(1, resume)) > 0:
            self._run_outside(self._outside[status - 1])
            resume = status
        self._net.t_ = self.time


def _now(clock: Any) -> float:
    return float(clock.variables["t"].get_value().item())


def _next_chunk(n: int, n_steps: int, spent: float) -> int:
    """How many steps to ask for next, so that they take about CHUNK_SECONDS."""
    if n < n_steps:
        return n_steps
    per_step = max(spent / n, 1e-8)
    return int(np.clip(CHUNK_SECONDS / per_step, 1, 20 * n))
