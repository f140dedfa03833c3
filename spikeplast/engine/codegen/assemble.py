"""The source of the function that runs a program's time loop."""

from dataclasses import dataclass
from typing import Any

from ..binder import Binder
from ..buffers import RecordBuffer
from ..division import Division
from ..program import (
    BlockStep,
    FlushStep,
    GainStep,
    OutsideStep,
    PathwayStep,
    Program,
    RowsStep,
    ScaleStep,
    Step,
    WaitStep,
    has_time_step,
)
from ..random_state import RANDOM_ARRAYS
from ..stop_watch import StopWatch
from .groups import GroupWriter, highest_of
from .monitors import MonitorWriter
from .pathways import PathwayArrays, PathwayWriter
from .writer import Lines, folded

#: What the generated function returns.
DONE, FULL = 0, -1  # and 1 + k: pause for the k-th outside step

HEADER = '''\
"""The time loop of one network, written by spikeplast; see spikeplast.explain().

One pass of the loop below is one time step.  Names tell kinds and places of objects in
the network.  `resume` is where to go on in a step that was left for Python code.  The
function returns 0 when `n_steps` are done or the end is reached, -1 when a monitor's
buffer is full, and 1 + k to let the k-th outside object run.
"""

import math

import numpy as np
from numpy import bool_, float32, float64, int8, int16, int32, int64, uint8, uint16, uint32, uint64

from spikeplast.engine.kernels import (
    add_rows,
    add_synapses,
    binomial_inversion,
    binomial_normal,
    clip,
    clip_rows,
    clip_synapses,
    exprel,
    gather_delayed,
    gather_heterogeneous,
    gather_immediate,
    in_loop,
    int_,
    keep_synapses,
    largest,
    lap,
    modulo,
    new_epoch,
    poisson,
    put_back_synapses,
    rand,
    randn,
    rescale,
    sample_events,
    sign,
    start_watch,
    timed_array_1d,
    timed_array_2d,
    timestep,
    timestep_bound,
    vector_exp,
    vector_exprel,
)
'''


@dataclass
class Loop:
    """A generated function's source, and where its arguments' values come from.

    If several threads run it, `division` says who does what.
    """

    source: str
    binder: Binder
    buffers: list[RecordBuffer]
    pathways: list[PathwayArrays]
    uses_rng: bool
    #: The object of each line of the source that belongs to one.
    objects: dict[int, Any]
    watch: StopWatch | None
    division: Division | None = None


class Assembler(GroupWriter, MonitorWriter, PathwayWriter):
    """Writes one function for a program: the frame of a time step, and its steps in order."""

    _header = HEADER
    _first_arguments: tuple[str, ...] = ()

    def __init__(self, program: Program, device: Any):
        super().__init__(program, device)
        self._objects: dict[int, Any] = {}
        self._clock_number = {id(clock): k for k, clock in enumerate(program.clocks)}
        blocks = list(program.steps_of(BlockStep))
        self._sampled = [step.kwds["_rates"] for step in blocks if "_rates" in step.kwds]
        self._watch = StopWatch(program.steps, self._binder) if program.timed else None

    def assemble(self) -> Loop:
        body = Lines(depth=2)
        for clock in self._program.clocks:
            self._bind_clock(clock)
        self._write_steps(body)
        loop = Lines()
        if self._program.flushes_denormals:
            loop.add("", "# Numbers below 2.2e-308 count as zero.", "FLUSHES_DENORMALS = True")
        for text in self._binder.definitions:
            loop.add("", "", *text.splitlines())
        loop.add("", "")
        arguments = ["n_steps", "resume", *self._first_arguments, "clock_ends"]
        arguments += [*RANDOM_ARRAYS, *self._binder.names]
        loop.add("def run_steps(", *(f"    {line}" for line in folded(arguments, 1)), "):")
        with loop.indented():
            self._write_highest(loop, self._sampled)
            if self._watch is not None:
                loop.add(self._watch.start_line())
            loop.add(*self._before_steps())
            loop.add("for step in range(n_steps):")
            with loop.indented():
                self._write_step_start(loop)
        before = self._header.count("\n") + len(loop.lines) + 1
        loop.lines.extend(body.lines)
        loop.depth = 2
        self._write_step_end(loop)
        loop.depth = 1
        loop.add(f"return {DONE}")
        source = self._header + "\n".join(loop.lines) + "\n"
        uses_rng = any("rng_" in line for line in body.lines)
        objects = {before + number: obj for number, obj in self._objects.items()}
        return Loop(
            source, self._binder, self._buffers, self._pathways, uses_rng, objects, self._watch
        )

    def _before_steps(self) -> list[str]:
        return []

    def _bind_clock(self, clock: Any) -> None:
        for name in ("timestep", "t", "dt" if has_time_step(clock) else "times"):
            self._binder.array(clock.variables[name])

    def _clock(self, clock: Any, name: str) -> str:
        return self._binder.array(clock.variables[name]) + "[0]"

    def _write_step_start(self, out: Lines) -> None:
        clocks = self._program.clocks
        if len(clocks) > 1:
            out.add("# The clocks that tick now: those at the earliest time.")
            out.add(f"now, now_dt, left = {self._first_clock(clocks[0])}")
            for k, clock in enumerate(clocks[1:], start=1):
                out.add(f"if {self._clock(clock, 't')} < now:")
                with out.indented():
                    out.add(f"now, now_dt, left = {self._first_clock(clock, k)}")
            out.add("if left <= 0:", f"    return {DONE}")
            for k, clock in enumerate(clocks):
                out.add(f"_ticks_{k} = {self._ticks_now(clock, k)}")
        for buffer in self._buffers:
            out.add(f"if resume == 0 and {buffer.full_condition}:", f"    return {FULL}")

    def _first_clock(self, clock: Any, k: int = 0) -> str:
        timestep = self._clock(clock, "timestep")
        dt = self._clock(clock, "dt") if has_time_step(clock) else "math.inf"
        return f"{self._clock(clock, 't')}, {dt}, clock_ends[{k}] - {timestep}"

    def _ticks_now(self, clock: Any, k: int) -> str:
        """Brian 2's conditions for two clocks to be at the same time."""
        apart = f"abs({self._clock(clock, 't')} - now)"
        if not has_time_step(clock):
            return f"({apart} / now_dt < 1e-4 if now_dt < math.inf else {apart} < 1e-14)"
        same = f"{apart} / min(now_dt, {self._clock(clock, 'dt')}) < 1e-4"
        if all(map(has_time_step, self._program.clocks)):
            return same
        # An event just before the end of the run finds the others there already.
        return f"{same} and {self._clock(clock, 'timestep')} < clock_ends[{k}]"

    def _write_step_end(self, out: Lines) -> None:
        if self._watch is not None:
            out.add(self._watch.end_line())
        out.add("resume = 0")
        clocks = self._program.clocks
        for k, clock in enumerate(clocks):
            timestep, t = self._clock(clock, "timestep"), self._clock(clock, "t")
            if has_time_step(clock):
                time = f"{timestep} * {self._clock(clock, 'dt')}"
            else:
                time = f"{self._binder.array(clock.variables['times'])}[{timestep}]"
            lines = [f"{timestep} += 1", f"{t} = {time}"]
            if len(clocks) > 1:
                lines = [f"if _ticks_{k}:", *(f"    {line}" for line in lines)]
            out.add(*lines)

    def _write_steps(self, out: Lines) -> None:
        paused = 0
        segment: list[tuple[int, Step]] = []
        for number, step in enumerate(self._program.steps, start=1):
            if not isinstance(step, OutsideStep):
                segment.append((number, step))
                continue
            self._write_segment(out, segment, paused)
            segment = []
            paused += 1
            tick = self._tick(step)
            out.add(f"if resume < {paused}{' and ' + tick if tick else ''}:")
            out.add(f"    return {paused}")
        self._write_segment(out, segment, paused)

    def _write_segment(self, out: Lines, steps: list[tuple[int, Step]], paused: int) -> None:
        if not steps:
            return
        if self._program.outside:
            out.add(f"if resume <= {paused}:")
            with out.indented():
                self._write_ticking(out, steps)
        else:
            self._write_ticking(out, steps)

    def _write_ticking(self, out: Lines, steps: list[tuple[int, Step]]) -> None:
        for number, step in steps:
            first = len(out.lines)
            tick = self._tick(step)
            out.add("", f"# {self._title(step)}")
            if tick:
                out.add(f"if {tick}:")
                with out.indented():
                    self._write_step(out, step, number)
            else:
                self._write_step(out, step, number)
            self._objects.update(dict.fromkeys(range(first, len(out.lines)), step.obj))

    def _write_highest(self, out: Lines, rates: list[Any]) -> None:
        for name in dict.fromkeys(self._binder.array(variable) for variable in rates):
            out.add(f"{highest_of(name)} = largest({name})")

    def _tick(self, step: Step) -> str:
        if len(self._program.clocks) == 1:
            return ""
        return f"_ticks_{self._clock_number[id(step.clock)]}"

    def _title(self, step: Step) -> str:
        if isinstance(step, PathwayStep):
            prepost = step.pathway.prepost
            return f"{self._binder.label(step.pathway.synapses)}: on_{prepost}"
        if isinstance(step, FlushStep | GainStep | WaitStep):
            label = self._binder.label(step.stream.traces.synapses)
            what = "add what waits" if isinstance(step, FlushStep) else "what is to wait"
            return f"{label}: {what} for {step.stream.w.name}"
        if isinstance(step, RowsStep | ScaleStep):
            return f"{self._binder.label(step.block.owner)}: decay of traces"
        assert isinstance(step, BlockStep)
        owner = step.block.owner
        return f"{self._binder.label(owner)}: {step.template}"

    def _write_step(self, out: Lines, step: Step, number: int) -> None:
        self._write_work(out, step, str(number))
        written = {id(variable) for variable in step.written}
        self._write_highest(out, [v for v in self._sampled if id(v) in written])
        if self._watch is not None:
            out.add(self._watch.lap_line(number - 1))

    def _write_work(self, out: Lines, step: Step, suffix: str) -> None:
        if isinstance(step, PathwayStep):
            self._write_pathway(out, step, suffix)
        elif isinstance(step, FlushStep):
            self._write_flush(out, step)
        elif isinstance(step, WaitStep):
            self._write_wait(out, step)
        elif isinstance(step, GainStep):
            self._write_gain_step(out, step, suffix)
        elif isinstance(step, RowsStep):
            self._write_rows_step(out, step, suffix)
        elif isinstance(step, ScaleStep):
            self._write_scale_step(out, step, suffix)
        elif isinstance(step, BlockStep):
            getattr(self, f"_write_{step.template}")(out, step, suffix)
