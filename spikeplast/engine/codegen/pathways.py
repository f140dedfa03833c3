"""Steps of synaptic pathways: from events to the statements at each synapse."""

from dataclasses import dataclass
from typing import Any

from ..program import Decay, FlushStep, PathwayStep, Program
from ..queue import RunState, SpikeQueue
from ..streamed import SMALLEST_SCALE, Stream
from .writer import Lines, Writer

#: What the kernels that visit rows of streamed weights take, in this order.
_OF_ROWS = (
    *("slots", "X", "sums", "n_post", "w", "seen"),
    *("first_source", "pointers", "order", "targets", "low", "high"),
)


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
            self.queue.forget_run()
            self.run = None


class PathwayWriter(Writer):
    """Writes pathways, and collects the arrays of their queues."""

    def __init__(self, program: Program, device: Any):
        super().__init__(program, device)
        self._pathways: list[PathwayArrays] = []

    def _write_pathway(self, out: Lines, step: PathwayStep, suffix: str) -> None:
        arrays = PathwayArrays(step.queue)
        self._pathways.append(arrays)
        layout = step.layout
        segments = self._write_gather(out, step, arrays, suffix)
        order = ""
        waits = step.stream is not None and step.pathway.prepost == "post"
        if layout.order is not None and not waits:
            order = self._queue_array(step, "order", lambda: step.queue.layout.order)
        names = {step.own_side: f"_source_{suffix}"}
        visited = step.stream if step.pathway.prepost == "pre" else None
        if order and self._other_side_is_fixed(step):
            names[step.other_side] = f"_target_{suffix}"
        target_index = names.get(step.other_side, f"{step.other_side}_{suffix}")
        if visited is not None:
            names["_then_idx"] = f"_then_{suffix} + {target_index}"
        once, per_source, each = self._render(step.synapse_block, suffix, names).lines()
        out.add(f"if _n_{suffix} > 0:")
        with out.indented():
            if step.decay is not None:
                self._write_decay(out, step.decay, suffix)
            if step.stream is not None:
                self._write_scales(out, step.stream, step, suffix)
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
                if visited is not None:
                    self._write_visit(out, visited, suffix)
                elif step.stream is not None:
                    self._write_gain(out, step.stream, suffix)
                position = f"_position_{suffix}" if order else f"_idx_{suffix}"
                body = [f"_idx_{suffix} = {order}[{position}]"] if order else []
                if step.other_side in names:
                    target = self._queue_array(step, "target", lambda: _gathered_targets(step))
                    body.append(f"{names[step.other_side]} = {target}[{position}]")
                low, high = (f"{segments}[{k}, _segment_{suffix}]" for k in (1, 2))
                header = f"for {position} in range(uint64({low}), uint64({high})):"
                if visited is None:
                    self._write_loop(out, header, body + each if each else [])
                    return
                # Most visits find the epoch of the last one: then one sum is read, not two.
                names["_then_idx"] = str(target_index)
                same = self._render(step.synapse_block, suffix, names).lines()[2]
                out.add(f"if _then_{suffix} == 0:")
                with out.indented():
                    self._write_loop(out, header, body + same)
                out.add("else:")
                with out.indented():
                    self._write_loop(out, header, body + each)

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
                    size = self._binder.array(sized_by) + ".shape[0]"
                    out.add(*once)
                    self._write_loop(out, f"for _idx_{inner} in range({size}):", each)
                out.add(f"{last}[0] = {t}[0]")
        if decay.scale_block is not None:
            once, _, _ = self._render(decay.scale_block, f"{suffix}d").lines()
            out.add(*once)
            self._write_rescaling(out, decay, t)

    def _write_rescaling(self, out: Lines, decay: Decay, t: str) -> None:
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

    # -- streamed weights: see spikeplast.engine.streamed ------------------------------------

    def _stream_values(self, stream: Stream) -> dict[str, str]:
        """What the kernels take, by name."""
        label = self._binder.label(stream.traces.synapses)
        arrays = {
            name: self._binder.array(getattr(stream, name))
            for name in ("X", "sums", "scales", "starts", "gain", "w", "seen")
        }
        others = {
            "n_post": lambda: stream.n_post,
            "slots": lambda: stream.slots,
            "first_source": lambda: stream.first_source,
            "pointers": lambda: stream.pointers,
            "order": lambda: stream.order,
            "targets": lambda: stream.targets,
            "low": lambda: stream.present_bounds[0],
            "high": lambda: stream.present_bounds[1],
        }
        return arrays | {
            name: self._binder.value((name, id(stream)), f"{label}_stream_{name}", value)
            for name, value in others.items()
        }

    def _write_scales(self, out: Lines, stream: Stream, step: PathwayStep, suffix: str) -> None:
        values = self._stream_values(stream)
        inner = f"{suffix}e"
        once, _, each = self._render(stream.scale_block, inner).lines()
        out.add(*once)
        # A visit needs the present epoch's scale only.
        n = "1" if step.pathway.prepost == "pre" else f"{values['scales']}.shape[0]"
        self._write_loop(out, f"for _idx_{inner} in range({n}):", each)
        t = self._binder.array(step.synapse_block.variables["t"])
        out.add(f"if {values['scales']}[0] < {SMALLEST_SCALE}:")
        with out.indented():
            arguments = [values[name] for name in ("scales", "starts", *_OF_ROWS)]
            self._write_call(out, "new_epoch", [f"{t}[0]", *arguments])

    def _write_visit(self, out: Lines, stream: Stream, suffix: str) -> None:
        values = self._stream_values(stream)
        out.add(
            f"_then_{suffix} = uint64({values['slots']}[_source_{suffix}] * {values['n_post']})",
            f"{values['slots']}[_source_{suffix}] = 0",
        )

    def _write_gain(self, out: Lines, stream: Stream, suffix: str) -> None:
        values = self._stream_values(stream)
        source = f"_source_{suffix}"
        arguments = [values[name] for name in ("sums", "scales", "n_post")]
        self._write_call(out, "add_gain", [*arguments, source, f"{values['gain']}[{source}]"])

    def _write_flush(self, out: Lines, step: FlushStep) -> None:
        values = self._stream_values(step.stream)
        if step.indices is None:
            arguments = ["-1", *(values[name] for name in _OF_ROWS)]
            self._write_call(out, "flush_rows", arguments)
        else:
            names = "slots X sums n_post w seen targets low high"
            sources = self._binder.index_array(
                step.stream.traces.synapses.variables["_synaptic_pre"]
            )
            arguments = [self._binder.index_array(step.indices), sources]
            arguments += [values[name] for name in names.split()]
            self._write_call(out, "flush_synapses", arguments)

    def _queue_array(self, step: PathwayStep, name: str, value: Any) -> str:
        label = self._binder.label(step.pathway.synapses)
        return self._binder.value((name, id(step)), f"{label}_{step.pathway.objname}_{name}", value)

    def _write_gather(
        self, out: Lines, step: PathwayStep, arrays: PathwayArrays, suffix: str
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
        self._write_call(out, f"_n_{suffix} = gather_{kind}", arguments)
        return segments


def _gathered_targets(step: PathwayStep) -> Any:
    """The other side's neuron of each synapse, in the order in which they are visited."""
    targets = step.pathway.synapse_targets.get_value().view("uint32")
    return targets[step.queue.layout.order]
