"""Steps of streamed variables; see `spikeplast.engine.streamed`."""

import numpy as np

from ..program import FlushStep, GainStep, PathwayStep, ScaleStep, WaitStep
from ..streamed import Part, Stream
from .writer import Lines, Writer

#: What the kernels that visit rows of synapses take, in this order.
OF_ROWS = (
    *("slots", "X", "sums", "older", "ratios", "w"),
    *("first_source", "pointers", "order", "targets"),
)
#: And the one that visits some synapses.
_OF_SYNAPSES = ("slots", "X", "sums", "older", "ratios", "w", "targets")


class StreamWriter(Writer):
    """Writes what becomes of sums and scales, and visits."""

    def _values(self, stream: Stream, part: Part) -> dict[str, str]:
        """What the kernels take, by name."""
        label = self._binder.label(stream.traces.synapses)
        arrays = {
            name: self._binder.array(getattr(part, name))
            for name in ("X", "sums", "older", "ratios", "scale", "start")
        }
        arrays["w"] = self._binder.array(stream.w)
        of_stream = {
            "n_post": lambda: stream.n_post,
            "first_source": lambda: stream.first_source,
            "first_target": lambda: stream.first_target,
            "pointers": lambda: stream.pointers,
            "order": lambda: stream.order,
            "targets": lambda: stream.targets,
            "low": lambda: stream.present_bounds[0],
            "high": lambda: stream.present_bounds[1],
        }
        values = {
            name: self._binder.value((name, id(stream)), f"{label}_stream_{name}", value)
            for name, value in of_stream.items()
        }
        slots = self._binder.value(
            ("slots", id(part)), f"{label}{part.label}_slots", lambda: part.slots
        )
        self._binder.variables[slots] = id(part.slots)
        return {**arrays, **values, "slots": slots}

    def _write_scales(self, out: Lines, step: PathwayStep, suffix: str) -> None:
        """Bring scales of traces that are event-driven to the time of these events."""
        for stream in step.streams:
            for k, part in enumerate(stream.parts):
                if not part.clocked:
                    once, _, _ = self._render(part.scale_block, f"{suffix}e{k}").lines()
                    out.add(*once)
                    t = self._binder.array(step.clock.variables["t"])
                    self._write_epoch(out, stream, part, f"{t}[0]")

    def _write_epoch(self, out: Lines, stream: Stream, part: Part, t: str) -> None:
        values = self._values(stream, part)
        out.add(f"if {values['scale']}[0] < {part.smallest_scale}:")
        with out.indented():
            arguments = [values[name] for name in ("scale", "start", *OF_ROWS)]
            self._write_call(out, "new_epoch", [t, *arguments])

    def _write_scale_step(self, out: Lines, step: ScaleStep, suffix: str) -> None:
        once, _, _ = self._render(step.block, suffix).lines()
        out.add(*once)
        self._write_rescaling(out, step.scaled)
        for k, (stream, part) in enumerate(step.parts):
            once, _, _ = self._render(part.scale_block, f"{suffix}e{k}").lines()
            out.add(*once)
            # The time of the begin only counts for what is event-driven.
            self._write_epoch(out, stream, part, "0.0")

    def _write_rescaling(
        self, out: Lines, scaled: list[tuple], afterwards: tuple[str, ...] = ()
    ) -> None:
        """Before a scale leaves the range of numbers, multiply it out."""
        names = [(self._binder.array(v), self._binder.array(scale)) for v, scale in scaled]
        in_range = " and ".join(f"1e-100 < {scale}[0] < 1e100" for _, scale in names)
        out.add(f"if not ({in_range}):")
        with out.indented():
            out.add(*(f"rescale({values}, {scale})" for values, scale in names), *afterwards)

    def _write_gain_step(self, out: Lines, step: GainStep, suffix: str) -> None:
        values = self._values(step.stream, step.stream.parts[0])
        once, _, each = self._render(step.block, suffix).lines()
        out.add(*once)
        cells = self._target_cells(step, values["first_target"], values["n_post"])
        self._write_loop(out, f"for _idx_{suffix} in {cells}:", each)

    def _target_cells(self, step: GainStep, first: str, stop: str) -> str:
        return f"range({first}, {stop})"

    def _slot_names(self, streams: list[Stream], suffix: str, target: str) -> dict[str, str]:
        """What to write for the indices of slots in a visit."""
        names = {}
        for stream in streams:
            for part in stream.parts:
                slot = f"_source_slot{part.label}_{suffix}"
                n_post = self._values(stream, part)["n_post"]
                names[f"{part.label}_slot"] = slot
                names[f"{part.label}_older_idx"] = f"{target} + {slot} * uint64({n_post})"
        return names

    def _write_visits(self, out: Lines, streams: list[Stream], suffix: str, row: str) -> str:
        """Note the slots of a row that is visited; returns when all are the present one."""
        recent = []
        for stream in streams:
            for part in stream.parts:
                slots = self._values(stream, part)["slots"]
                slot = f"_source_slot{part.label}_{suffix}"
                out.add(
                    f"{slot} = uint64({slots}[{row}])",
                    f"{slots}[{row}] = 0",
                )
                recent.append(f"{slot} == 0")
        return " and ".join(recent)

    def _write_flush(self, out: Lines, step: FlushStep) -> None:
        values = self._values(step.stream, step.stream.parts[0])
        bounds = [values["low"], values["high"]]
        if step.indices is None:
            self._write_add_rows(out, step.stream, "1.0")
            self._write_call(out, "clip_rows", [values["w"], *bounds])
            return
        indices, kept = self._kept_synapses(step)
        self._write_call(out, "keep_synapses", [indices, values["w"], kept])
        sources = self._binder.index_array(step.stream.rows.variable)
        for part in step.stream.parts:
            of_part = self._values(step.stream, part)
            arguments = [of_part[name] for name in _OF_SYNAPSES]
            self._write_call(out, "add_synapses", [indices, sources, *arguments])
        self._write_call(out, "clip_synapses", [indices, values["w"], *bounds])

    def _write_wait(self, out: Lines, step: WaitStep) -> None:
        if step.indices is None:
            self._write_add_rows(out, step.stream, "-1.0")
            return
        indices, kept = self._kept_synapses(step)
        w = self._values(step.stream, step.stream.parts[0])["w"]
        self._write_call(out, "put_back_synapses", [indices, w, kept])

    def _write_add_rows(self, out: Lines, stream: Stream, sign: str) -> None:
        for part in stream.parts:
            values = self._values(stream, part)
            self._write_call(out, "add_rows", ["-1", sign, *(values[n] for n in OF_ROWS)])

    def _kept_synapses(self, step: FlushStep | WaitStep) -> tuple[str, str]:
        """Each synapse that a step reads, once, and what it has in the form that waits.

        It is kept, because to subtract again what was added would change its last bits.
        """
        label = self._binder.label(step.stream.traces.synapses)

        def indices() -> np.ndarray:
            return np.unique(step.indices.get_value())

        return (
            self._binder.value(
                ("read", id(step.stream), id(step.indices)), f"{label}_stream_read", indices
            ),
            self._binder.value(
                ("kept", id(step.stream), id(step.indices)),
                f"{label}_stream_kept",
                lambda: np.zeros(indices().size),
            ),
        )
