"""Steps of synaptic pathways: from events to the statements at each synapse."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..code_object import Block
from ..program import Decay, PathwayStep, Program, RowsStep
from ..queue import RunState, SpikeQueue
from .streams import StreamWriter
from .walks import divided
from .writer import Lines


@dataclass
class PathwayArrays:
    """The arrays of a pathway's queue, for each thread; new ones at the begin of each run."""

    queue: SpikeQueue
    run: RunState | None = None
    n_threads: int = 1
    of_thread: list[RunState] = field(default_factory=list)

    def begin(self) -> None:
        self.run = self.queue.begin_run()
        self.of_thread = [self.queue.run_of_thread(k) for k in range(self.n_threads)]

    def restart_if_restored(self) -> bool:
        """Take the spikes under way from the queue, if `restore` has put them there."""
        if self.queue.was_restored:
            self.begin()
            return True
        return False

    def end(self) -> None:
        if self.run is not None:
            self.queue.end_run(self.run)
            self.queue.forget_run()
            self.run, self.of_thread = None, []


class PathwayWriter(StreamWriter):
    """Writes pathways, and collects the arrays of their queues."""

    _n_threads = 1

    def __init__(self, program: Program, device: Any):
        super().__init__(program, device)
        self._pathways: list[PathwayArrays] = []

    def _write_pathway(self, out: Lines, step: PathwayStep, suffix: str) -> None:
        arrays = PathwayArrays(step.queue, n_threads=self._n_threads)
        self._pathways.append(arrays)
        layout = step.layout
        segments = self._write_gather(out, step, arrays, suffix)
        order = ""
        visited = step.streams if step.pathway.prepost == "pre" else []
        walks = bool(step.synapse_block.vector)
        if layout.order is not None and walks:
            order = self._queue_array(step, "order", lambda: step.queue.layout.order)
        names = {step.own_side: f"_source_{suffix}"}
        if step.dense:
            names[step.other_side] = f"(_first_{suffix} + _k_{suffix})"
        elif order and self._other_side_is_fixed(step):
            names[step.other_side] = f"_target_{suffix}"
        row = f"_source_row_{suffix}"
        if step.row_index:
            names[step.row_index] = row
        target_index = names.get(step.other_side, f"{step.other_side}_{suffix}")
        names |= self._slot_names(visited, suffix, target_index)
        once, per_source, _ = self._render(step.synapse_block, suffix, names).lines()
        out.add(f"if _n_{suffix} > 0:")
        with out.indented():
            if step.decay is not None:
                self._write_decay(out, step.decay, suffix)
            self._write_scales(out, step, suffix)
            out.add(*once)
            of_source: list[str] = []
            if step.source_block is not None:
                source = names[step.own_side]
                own = {"_idx": row if step.row_index else source, step.own_side: source}
                source_once, read, rest = self._render(step.source_block, f"{suffix}s", own).lines()
                out.add(*source_once)
                of_source = read + rest
            out.add(f"for _segment_{suffix} in range(_n_{suffix}):")
            with out.indented():
                out.add(f"_source_{suffix} = uint64({segments}[0, _segment_{suffix}])")
                if step.row_index:
                    out.add(f"{row} = uint64({segments}[3, _segment_{suffix}])")
                self._write_own_only(out, step, f"_source_{suffix}")
                visited_row = row if step.row_index else f"_source_{suffix}"
                is_recent = self._write_visits(out, visited, suffix, visited_row)
                out.add(*of_source)
                out.add(*per_source)
                low, high = (f"uint64({segments}[{k}, _segment_{suffix}])" for k in (1, 2))
                write_walk: Callable[[Block], None]
                if step.dense:
                    write_walk = self._dense_walk(out, step, suffix, names, low, high)
                else:
                    write_walk = self._plain_walk(out, step, suffix, names, order, low, high)
                if step.recent_block is None:
                    write_walk(step.synapse_block)
                    return
                # Most visits find the epoch of the last one: then sums need no older ones.
                out.add(f"if {is_recent}:")
                with out.indented():
                    write_walk(step.recent_block)
                out.add("else:")
                with out.indented():
                    write_walk(step.synapse_block)

    def _plain_walk(
        self,
        out: Lines,
        step: PathwayStep,
        suffix: str,
        names: dict[str, str],
        order: str,
        low: str,
        high: str,
    ) -> Callable[[Block], None]:
        """A function that writes one loop over a neuron's synapses, with a block's statements."""
        position = f"_position_{suffix}" if order else f"_idx_{suffix}"
        body = [f"_idx_{suffix} = {order}[{position}]"] if order else []
        if step.other_side in names:
            target = self._queue_array(step, "target", lambda: _gathered_targets(step))
            body.append(f"{names[step.other_side]} = {target}[{position}]")

        def write_walk(block: Block) -> None:
            each = self._render(block, suffix, names).lines()[2]
            header = f"for {position} in range({low}, {high}):"
            self._write_loop(out, header, body + each if each else [])

        return write_walk

    def _dense_walk(
        self,
        out: Lines,
        step: PathwayStep,
        suffix: str,
        names: dict[str, str],
        low: str,
        high: str,
    ) -> Callable[[Block], None]:
        """The same for synapses that lead to neurons that follow one another."""
        targets = self._binder.index_array(step.pathway.synapses.variables["_synaptic_post"])
        bounds = f"_low_{suffix}", f"_high_{suffix}"
        out.add(f"{bounds[0]} = {low}", f"{bounds[1]} = {high}")
        out.add(f"if {bounds[0]} == {bounds[1]}:", "    continue")
        out.add(f"_first_{suffix} = uint64({targets}[{bounds[0]}])")

        def write_walk(block: Block) -> None:
            renderer = self._render(block, suffix, names)
            renderer.lines()
            for statements in divided(block):
                each = renderer.lines_of(statements)
                header = f"for _k_{suffix} in range({bounds[1]} - {bounds[0]}):"
                index = f"_idx_{suffix} = {bounds[0]} + _k_{suffix}"
                self._write_loop(out, header, [index, *each])

        return write_walk

    def _other_side_is_fixed(self, step: PathwayStep) -> bool:
        """Whether the other side's index can be read in the order of the walk."""
        return step.other_side in step.synapse_block.variables

    def _write_decay(self, out: Lines, decay: Decay, suffix: str) -> None:
        t = self._binder.array(decay.time)
        if decay.blocks:
            last = self._binder.array(decay.last_update)
            out.add(f"if {last}[0] != {t}[0]:")
            with out.indented():
                for k, (block, sized_by) in enumerate(decay.blocks):
                    inner = f"{suffix}d{k}"
                    once, _, each = self._render(block, inner).lines()
                    out.add(*once)
                    header = f"for _idx_{inner} in {self._all_values(sized_by)}:"
                    self._write_loop(out, header, each)
                out.add(f"{last}[0] = {t}[0]")
        if decay.scale_block is not None:
            once, _, _ = self._render(decay.scale_block, f"{suffix}d").lines()
            out.add(*once)
            epoch = f"{self._binder.array(decay.epoch)}[0] = {t}[0]"
            self._write_rescaling(out, decay.scaled, (epoch,))

    def _write_rows_step(self, out: Lines, step: RowsStep, suffix: str) -> None:
        once, _, each = self._render(step.block, suffix).lines()
        out.add(*once)
        self._write_loop(out, f"for _idx_{suffix} in {self._all_values(step.sized_by)}:", each)

    def _all_values(self, variable: Any) -> str:
        """The indices of an array of values that are kept per neuron."""
        return f"range({self._binder.array(variable)}.shape[0])"

    def _write_own_only(self, out: Lines, step: PathwayStep, source: str) -> None:
        """Leave spikes to other threads."""

    def _own_stretches(self, step: PathwayStep) -> list[str]:
        """Arguments with a thread's part of each neuron's synapses."""
        return []

    def _queue_part(self, step: PathwayStep, arrays: PathwayArrays, name: str) -> str:
        return self._queue_array(step, name, lambda: getattr(arrays.run, name, None))

    def _queue_array(self, step: PathwayStep, name: str, value: Any) -> str:
        label = self._binder.label(step.pathway.synapses)
        return self._binder.value((name, id(step)), f"{label}_{step.pathway.objname}_{name}", value)

    def _write_gather(
        self, out: Lines, step: PathwayStep, arrays: PathwayArrays, suffix: str
    ) -> str:
        kind = arrays.queue.kind

        def part(name: str) -> str:
            return self._queue_part(step, arrays, name)

        events = self._binder.array(step.eventspace)
        start = self._queue_array(step, "start", lambda: step.queue.start)
        stop = self._queue_array(step, "stop", lambda: step.queue.stop)
        pointers = self._queue_array(step, "pointers", lambda: step.queue.layout.pointers)
        segments = part("segments")
        function, parts = f"gather_{kind}", self._own_stretches(step)
        if parts:
            function += "_part"
        arguments = [events, start, stop, pointers, *parts, segments]
        if kind != "immediate":
            arguments += [part("ring"), part("ring_count"), part("state"), part("pending")]
        if kind == "delayed":
            arguments.append(self._queue_array(step, "delay", lambda: step.queue.layout.max_delay))
        self._write_call(out, f"_n_{suffix} = {function}", arguments)
        return segments


def _gathered_targets(step: PathwayStep) -> Any:
    """The other side's neuron of each synapse, in the order in which they are visited."""
    targets = step.pathway.synapse_targets.get_value().view("uint32")
    return targets[step.queue.layout.order]
