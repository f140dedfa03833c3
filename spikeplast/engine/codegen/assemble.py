"""The source of the function that runs a program's time loop."""

import textwrap
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ..buffers import EventBuffer, RateBuffer, RecordBuffer, StateBuffer
from ..functions import UNIFORM
from ..program import BlockStep, Decay, OutsideStep, PathwayStep, Program, Step
from ..queue import RunState, SpikeQueue
from ..random_state import RANDOM_ARRAYS
from .binder import Binder
from .render import BlockRenderer

#: What the generated function returns.
DONE, FULL = 0, -1  # and 1 + k: pause for the k-th outside step
#: How many cells are looked at together for a spike; see passes/scan_thresholds.py.
SCAN_SIZE = 64

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
    binomial_inversion,
    binomial_normal,
    clip,
    compiled,
    exprel,
    gather_delayed,
    gather_heterogeneous,
    gather_immediate,
    int_,
    modulo,
    poisson,
    rand,
    randn,
    rescale,
    sample_events,
    sign,
    timed_array_1d,
    timed_array_2d,
    timestep,
    timestep_bound,
)
'''


@dataclass
class Loop:
    """A generated function's source, and where its arguments' values come from."""

    source: str
    binder: Binder
    buffers: list[RecordBuffer]
    pathways: list["PathwayArrays"]
    uses_rng: bool


@dataclass
class PathwayArrays:
    """The arrays of a pathway's queue; new ones at the begin of each run."""

    queue: SpikeQueue
    run: RunState | None = None

    def begin(self) -> None:
        self.run = self.queue.begin_run()

    def end(self) -> None:
        if self.run is not None:
            self.queue.end_run(self.run)
            self.run = None


@dataclass
class _Writer:
    lines: list[str] = field(default_factory=list)
    depth: int = 0

    def add(self, *lines: str) -> None:
        self.lines.extend("    " * self.depth + line if line else "" for line in lines)

    def indented(self) -> "_Indent":
        return _Indent(self)


@dataclass
class _Indent:
    writer: _Writer

    def __enter__(self) -> None:
        self.writer.depth += 1

    def __exit__(self, *_: Any) -> None:
        self.writer.depth -= 1


class Assembler:
    """Writes one function for a program."""

    def __init__(self, program: Program, device: Any):
        self._program = program
        self._device = device
        self._binder = Binder(device)
        self._buffers: list[RecordBuffer] = []
        self._pathways: list[PathwayArrays] = []
        self._clock_number = {id(clock): k for k, clock in enumerate(program.clocks)}

    def assemble(self) -> Loop:
        body = _Writer(depth=2)
        for number, clock in enumerate(self._program.clocks):
            self._bind_clock(number, clock)
        self._write_steps(body)
        loop = _Writer()
        loop.add("", "", "@compiled")
        arguments = ["n_steps", "resume", "clock_ends", *RANDOM_ARRAYS, *self._binder.names]
        loop.add("def run_steps(", *(f"    {line}" for line in _folded(arguments, 1)), "):")
        with loop.indented():
            loop.add("for step in range(n_steps):")
            with loop.indented():
                self._write_step_start(loop)
        loop.lines.extend(body.lines)
        loop.depth = 2
        self._write_step_end(loop)
        loop.depth = 1
        loop.add(f"return {DONE}")
        source = HEADER + "\n".join(loop.lines) + "\n"
        return Loop(source, self._binder, self._buffers, self._pathways, "(rng_" in source)

    # -- the frame of a step --------------------------------------------------------------

    def _bind_clock(self, number: int, clock: Any) -> None:
        for name in ("timestep", "t", "dt"):
            self._binder.array(clock.variables[name])

    def _clock(self, clock: Any, name: str) -> str:
        return self._binder.array(clock.variables[name]) + "[0]"

    def _write_step_start(self, out: _Writer) -> None:
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
                t, dt = self._clock(clock, "t"), self._clock(clock, "dt")
                out.add(f"ticks_{k} = abs({t} - now) / min(now_dt, {dt}) < 1e-4")
        for buffer in self._buffers:
            out.add(f"if resume == 0 and {buffer.full_condition}:", f"    return {FULL}")

    def _first_clock(self, clock: Any, k: int = 0) -> str:
        timestep = self._clock(clock, "timestep")
        return (
            f"{self._clock(clock, 't')}, {self._clock(clock, 'dt')}, clock_ends[{k}] - {timestep}"
        )

    def _write_step_end(self, out: _Writer) -> None:
        out.add("resume = 0")
        clocks = self._program.clocks
        for k, clock in enumerate(clocks):
            timestep, t, dt = (self._clock(clock, name) for name in ("timestep", "t", "dt"))
            lines = [f"{timestep} += 1", f"{t} = {timestep} * {dt}"]
            if len(clocks) > 1:
                lines = [f"if ticks_{k}:", *(f"    {line}" for line in lines)]
            out.add(*lines)

    # -- the steps -------------------------------------------------------------------------

    def _write_steps(self, out: _Writer) -> None:
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

    def _write_segment(self, out: _Writer, steps: list[tuple[int, Step]], paused: int) -> None:
        if not steps:
            return
        if self._program.outside:
            out.add(f"if resume <= {paused}:")
            with out.indented():
                self._write_ticking(out, steps)
        else:
            self._write_ticking(out, steps)

    def _write_ticking(self, out: _Writer, steps: list[tuple[int, Step]]) -> None:
        for number, step in steps:
            tick = self._tick(step)
            out.add("", f"# {self._title(step)}")
            if tick:
                out.add(f"if {tick}:")
                with out.indented():
                    self._write_step(out, step, str(number))
            else:
                self._write_step(out, step, str(number))

    def _tick(self, step: Step) -> str:
        if len(self._program.clocks) == 1:
            return ""
        return f"ticks_{self._clock_number[id(step.clock)]}"

    def _title(self, step: Step) -> str:
        if isinstance(step, PathwayStep):
            prepost = step.pathway.prepost
            return f"{self._binder.label(step.pathway.synapses)}: on_{prepost}"
        assert isinstance(step, BlockStep)
        owner = step.block.owner
        return f"{self._binder.label(owner)}: {step.template}"

    def _write_step(self, out: _Writer, step: Step, suffix: str) -> None:
        if isinstance(step, PathwayStep):
            self._write_pathway(out, step, suffix)
        elif isinstance(step, BlockStep):
            getattr(self, f"_write_{step.template}")(out, step, suffix)

    def _render(
        self, block: Any, suffix: str, index_names: dict[str, str] | None = None
    ) -> BlockRenderer:
        return BlockRenderer(block, self._binder, suffix, index_names)

    def _size(self, block: Any, name: str = "N") -> str:
        """The size `name` of a block's owner, as an argument that is read at each run."""
        variable = block.variables[name]
        return self._binder.value(
            ("size", id(variable) if hasattr(variable, "owner") else (block.owner.name, name)),
            f"{self._binder.label(block.owner)}_{name}",
            partial(_int_value, variable),
        )

    def _write_loop(self, out: _Writer, header: str, lines: list[str]) -> None:
        if lines:
            out.add(header)
            with out.indented():
                out.add(*lines)

    def _write_stateupdate(self, out: _Writer, step: BlockStep, suffix: str) -> None:
        self._write_over_all(out, step.block, suffix)

    def _write_over_all(self, out: _Writer, block: Any, suffix: str) -> None:
        once, _, each = self._render(block, suffix).lines()
        out.add(*once)
        self._write_loop(out, f"for _idx_{suffix} in range({self._size(block)}):", each)

    def _write_threshold(self, out: _Writer, step: BlockStep, suffix: str) -> None:
        if "_rates" in step.kwds:
            self._write_sampling(out, step)
            return
        block = step.block
        once, _, each = self._render(block, suffix).lines()
        events = self._binder.array(step.kwds["eventspace_variable"])
        size = self._size(block)
        index, count, condition = f"_idx_{suffix}", f"_n_{suffix}", f"_cond_{suffix}"
        fire = [f"if {condition}:", f"    {events}[{count}] = {index}", f"    {count} += 1"]
        if step.kwds["_uses_refractory"]:
            not_refractory = self._binder.array(block.variables["not_refractory"])
            last_spike = self._binder.array(block.variables["lastspike"])
            t = self._binder.array(block.variables["t"])
            fire.append(f"    {not_refractory}[{index}] = False")
            fire.append(f"    {last_spike}[{index}] = {t}[0]")
        out.add(*once, f"{count} = 0")
        if step.kwds.get("_scan"):
            low, high, found = (f"_{name}_{suffix}" for name in ("low", "high", "found"))
            cells = f"for {index} in range(uint64({low}), uint64({high})):"
            out.add(f"for {low} in range(0, {size}, {SCAN_SIZE}):")
            with out.indented():
                out.add(f"{high} = min({low} + {SCAN_SIZE}, {size})", f"{found} = 0")
                self._write_loop(out, cells, [*each, f"{found} += {condition}"])
                out.add(f"if {found} > 0:")
                with out.indented():
                    self._write_loop(out, cells, [*each, *fire])
        else:
            self._write_loop(out, f"for {index} in range({size}):", [*each, *fire])
        out.add(f"{events}[{size}] = {count}")

    def _write_sampling(self, out: _Writer, step: BlockStep) -> None:
        names = ("eventspace_variable", "_rates")
        events, rates = (self._binder.array(step.kwds[name]) for name in names)
        dt = self._binder.array(step.block.variables["dt"])
        arguments = [events, rates, f"{dt}[0]", *UNIFORM]
        out.add("sample_events(", *(f"    {line}" for line in _folded(arguments, out.depth)), ")")

    def _write_reset(self, out: _Writer, step: BlockStep, suffix: str) -> None:
        once, _, each = self._render(step.block, suffix).lines()
        events = self._binder.array(step.kwds["eventspace_variable"])
        out.add(*once)
        body = [f"_idx_{suffix} = {events}[_k_{suffix}]", *each]
        header = f"for _k_{suffix} in range({events}[{events}.shape[0] - 1]):"
        self._write_loop(out, header, body)

    def _write_spikegenerator(self, out: _Writer, step: BlockStep, suffix: str) -> None:
        bind = {
            name: self._binder.array(step.block.variables[name])
            for name in (
                "_spikespace",
                "neuron_index",
                "_timebins",
                "_period_bins",
                "_lastindex",
                "t_in_timesteps",
            )
        }
        bins, events, last = bind["_timebins"], bind["_spikespace"], bind["_lastindex"]
        out.add(
            f"_bin_{suffix} = int32({bind['t_in_timesteps']}[0])",
            f"_n_{suffix} = 0",
            f"if {bind['_period_bins']}[0] > 0:",
            f"    _bin_{suffix} = int32(_bin_{suffix} % {bind['_period_bins']}[0])",
            f"    if {last}[0] > 0 and {bins}[{last}[0] - 1] >= _bin_{suffix}:",
            f"        {last}[0] = 0",
            f"for _k_{suffix} in range({last}[0], {bins}.shape[0]):",
            f"    if {bins}[_k_{suffix}] > _bin_{suffix}:",
            "        break",
            f"    {events}[_n_{suffix}] = {bind['neuron_index']}[_k_{suffix}]",
            f"    _n_{suffix} += 1",
            f"{events}[{self._size(step.block)}] = _n_{suffix}",
            f"{last}[0] += _n_{suffix}",
        )

    def _write_summed_variable(self, out: _Writer, step: BlockStep, suffix: str) -> None:
        once, _, each = self._render(step.block, suffix).lines()
        target = self._binder.array(step.kwds["_target_var"])
        index = self._binder.index_array(step.kwds["_index_var"])
        size = self._size(step.block, step.kwds["_target_size_name"])
        start = int(step.kwds["_target_start"])
        start_name = self._binder.value(("start", id(step)), f"{target}_start", lambda: start)
        out.add(f"{target}[{start_name} : {start_name} + {size}] = 0", *once)
        body = [*each, f"{target}[{index}[_idx_{suffix}]] += _synaptic_var_{suffix}"]
        self._write_loop(out, f"for _idx_{suffix} in range({self._size(step.block)}):", body)

    # -- monitors ----------------------------------------------------------------------------

    def _write_spikemonitor(self, out: _Writer, step: BlockStep, suffix: str) -> None:
        block = step.block
        once, _, each = self._render(block, suffix).lines()
        events = self._binder.array(step.kwds["eventspace_variable"])
        buffer = EventBuffer(step.obj, step.kwds["record_variables"], self._binder)
        self._buffers.append(buffer)
        start, stop = (
            self._binder.value(
                (name, id(step)),
                f"{self._binder.label(step.obj)}{name}",
                partial(_int_value, block.variables[name]),
            )
            for name in ("_source_start", "_source_stop")
        )
        count = self._binder.array(block.variables["count"])
        out.add(f"if {events}[{events}.shape[0] - 1] > 0:")
        with out.indented():
            out.add(*once)
            out.add(f"for _k_{suffix} in range({events}[{events}.shape[0] - 1]):")
            with out.indented():
                out.add(
                    f"_idx_{suffix} = {events}[_k_{suffix}]",
                    f"if {start} <= _idx_{suffix} < {stop}:",
                )
                with out.indented():
                    out.add(*each)
                    for name, array in buffer.array_names.items():
                        out.add(f"{array}[{buffer.n}[0]] = _to_record_{name}_{suffix}")
                    out.add(f"{buffer.n}[0] += 1", f"{count}[_idx_{suffix} - {start}] += 1")

    def _write_statemonitor(self, out: _Writer, step: BlockStep, suffix: str) -> None:
        block = step.block
        once, _, each = self._render(block, suffix).lines()
        indices = self._binder.index_array(block.variables["_indices"])
        buffer = StateBuffer(step.obj, step.kwds["_recorded_variables"], self._binder)
        self._buffers.append(buffer)
        t = self._binder.array(block.variables["_clock_t"])
        out.add(f"{buffer.time_name}[{buffer.n}[0]] = {t}[0]", *once)
        # One loop for each variable, as Brian 2 does: each draws its own random numbers.
        for name, array in buffer.array_names.items():
            body = [
                f"_idx_{suffix} = {indices}[_k_{suffix}]",
                *each,
                f"{array}[{buffer.n}[0], _k_{suffix}] = _to_record_{name}_{suffix}",
            ]
            self._write_loop(out, f"for _k_{suffix} in range({indices}.shape[0]):", body)
        out.add(f"{buffer.n}[0] += 1")

    def _write_ratemonitor(self, out: _Writer, step: BlockStep, suffix: str) -> None:
        variables = step.block.variables
        events = self._binder.array(variables["_spikespace"])
        buffer = RateBuffer(step.obj, self._binder)
        self._buffers.append(buffer)
        label = self._binder.label(step.obj)
        start, stop, n = (
            self._binder.value(
                (name, id(step)),
                f"{label}{name}",
                partial(_int_value, variables[name]),
            )
            for name in ("_source_start", "_source_stop", "_num_source_neurons")
        )
        t, dt = (self._binder.array(variables[name]) for name in ("_clock_t", "_clock_dt"))
        out.add(
            f"_n_{suffix} = 0",
            f"for _k_{suffix} in range({events}[{events}.shape[0] - 1]):",
            f"    if {start} <= {events}[_k_{suffix}] < {stop}:",
            f"        _n_{suffix} += 1",
            f"{buffer.time_name}[{buffer.n}[0]] = {t}[0]",
            f"{buffer.rate_name}[{buffer.n}[0]] = _n_{suffix} / {dt}[0] / {n}",
            f"{buffer.n}[0] += 1",
        )

    # -- synapses ----------------------------------------------------------------------------

    def _write_pathway(self, out: _Writer, step: PathwayStep, suffix: str) -> None:
        arrays = PathwayArrays(step.queue)
        self._pathways.append(arrays)
        layout = step.layout
        segments = self._write_gather(out, step, arrays, suffix)
        order = ""
        if layout.order is not None:
            order = self._queue_array(step, "order", lambda: step.queue.layout.order)
        names = {step.own_side: f"_source_{suffix}"}
        if order and self._other_side_is_fixed(step):
            names[step.other_side] = f"_target_{suffix}"
        once, per_source, each = self._render(step.synapse_block, suffix, names).lines()
        out.add(f"if _n_{suffix} > 0:")
        with out.indented():
            if step.decay is not None:
                self._write_decay(out, step.decay, suffix)
            out.add(*once)
            of_source: list[str] = []
            if step.source_block is not None:
                own = {"_idx": names[step.own_side]}
                source_once, read, rest = self._render(step.source_block, f"{suffix}s", own).lines()
                out.add(*source_once)
                of_source = read + rest
            out.add(f"for _segment_{suffix} in range(_n_{suffix}):")
            with out.indented():
                out.add(f"_source_{suffix} = uint64({segments}[0, _segment_{suffix}])")
                out.add(*of_source)
                out.add(*per_source)
                position = f"_position_{suffix}" if order else f"_idx_{suffix}"
                body = [f"_idx_{suffix} = {order}[{position}]"] if order else []
                if step.other_side in names:
                    target = self._queue_array(step, "target", lambda: _gathered_targets(step))
                    body.append(f"{names[step.other_side]} = {target}[{position}]")
                low, high = (f"{segments}[{k}, _segment_{suffix}]" for k in (1, 2))
                header = f"for {position} in range(uint64({low}), uint64({high})):"
                self._write_loop(out, header, body + each if each else [])

    def _other_side_is_fixed(self, step: PathwayStep) -> bool:
        """Whether the other side's index can be read in the order of the walk."""
        return step.other_side in step.synapse_block.variables

    def _write_decay(self, out: _Writer, decay: Decay, suffix: str) -> None:
        t = self._binder.array(decay.time)
        if decay.blocks:
            last = self._binder.array(decay.last_update)
            out.add(f"if {last}[0] != {t}[0]:")
            with out.indented():
                for k, (block, sized_by) in enumerate(decay.blocks):
                    inner = f"{suffix}d{k}"
                    once, _, each = self._render(block, inner).lines()
                    size = self._binder.array(sized_by) + ".shape[0]"
                    out.add(*once)
                    self._write_loop(out, f"for _idx_{inner} in range({size}):", each)
                out.add(f"{last}[0] = {t}[0]")
        if decay.scale_block is not None:
            once, _, _ = self._render(decay.scale_block, f"{suffix}d").lines()
            out.add(*once)
            self._write_rescaling(out, decay, t)

    def _write_rescaling(self, out: _Writer, decay: Decay, t: str) -> None:
        """Before a scale leaves the range of numbers, multiply it out."""
        names = [
            (self._binder.array(values), self._binder.array(scale))
            for values, scale in decay.scaled
        ]
        in_range = " and ".join(f"1e-100 < {scale}[0] < 1e100" for _, scale in names)
        out.add(f"if not ({in_range}):")
        with out.indented():
            for values, scale in names:
                out.add(f"rescale({values}, {scale})")
            out.add(f"{self._binder.array(decay.epoch)}[0] = {t}[0]")

    def _queue_array(self, step: PathwayStep, name: str, value: Any) -> str:
        label = self._binder.label(step.pathway.synapses)
        return self._binder.value((name, id(step)), f"{label}_{step.pathway.objname}_{name}", value)

    def _write_gather(
        self, out: _Writer, step: PathwayStep, arrays: PathwayArrays, suffix: str
    ) -> str:
        kind = arrays.queue.kind

        def part(name: str) -> str:
            return self._queue_array(step, name, lambda: getattr(arrays.run, name, None))

        events = self._binder.array(step.eventspace)
        start = self._queue_array(step, "start", lambda: step.queue.start)
        stop = self._queue_array(step, "stop", lambda: step.queue.stop)
        pointers = self._queue_array(step, "pointers", lambda: step.queue.layout.pointers)
        segments = part("segments")
        arguments = [events, start, stop, pointers, segments]
        if kind != "immediate":
            arguments += [part("ring"), part("ring_count"), part("state"), part("pending")]
        if kind == "delayed":
            arguments.append(self._queue_array(step, "delay", lambda: step.queue.layout.max_delay))
        out.add(f"_n_{suffix} = gather_{kind}(")
        out.add(*(f"    {line}" for line in _folded(arguments, out.depth + 1)), ")")
        return segments


def _gathered_targets(step: PathwayStep) -> Any:
    """The other side's neuron of each synapse, in the order in which they are visited."""
    targets = step.pathway.synapse_targets.get_value().view("uint32")
    return targets[step.queue.layout.order]


def _int_value(variable: Any) -> int:
    value = variable.get_value()
    return int(value.item() if hasattr(value, "item") else value)


def _folded(arguments: list[str], depth: int) -> list[str]:
    """Arguments of a call, on as few lines as fit the page."""
    return textwrap.wrap(
        ", ".join(arguments), width=96 - 4 * depth, break_long_words=False, break_on_hyphens=False
    )
