"""Steps of monitors, which write to buffers."""

from functools import partial
from typing import Any

from ..buffers import RecordBuffer
from ..program import BlockStep
from .writer import Lines, Writer, int_value


class MonitorWriter(Writer):
    """A method `_write_TEMPLATE` for each of Brian 2's templates."""

    def _buffer(self, step: BlockStep, variables: dict[str, Any], **shape: Any) -> RecordBuffer:
        dtypes = {name: variable.dtype for name, variable in variables.items()}
        buffer = RecordBuffer(step.obj, self._binder, dtypes, **shape)
        self._buffers.append(buffer)
        return buffer

    def _write_spikemonitor(self, out: Lines, step: BlockStep, suffix: str) -> None:
        block = step.block
        once, _, each = self._render(block, suffix).lines()
        events = self._binder.array(step.kwds["eventspace_variable"])
        buffer = self._buffer(
            step,
            step.kwds["record_variables"],
            rows=len(step.obj.source),
            with_times=False,
        )
        start, stop = (
            self._binder.value(
                (name, id(step)),
                f"{self._binder.label(step.obj)}{name}",
                partial(int_value, block.variables[name]),
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
                    for name, array in buffer.names.items():
                        out.add(f"{array}[{buffer.n}[0]] = _to_record_{name}_{suffix}")
                    out.add(f"{buffer.n}[0] += 1", f"{count}[_idx_{suffix} - {start}] += 1")

    def _write_statemonitor(self, out: Lines, step: BlockStep, suffix: str) -> None:
        block = step.block
        once, _, each = self._render(block, suffix).lines()
        indices = self._binder.index_array(block.variables["_indices"])
        width = len(block.variables["_indices"].get_value())
        buffer = self._buffer(step, step.kwds["_recorded_variables"], rows=1, width=width)
        t = self._binder.array(block.variables["_clock_t"])
        out.add(f"{buffer.time_name}[{buffer.n}[0]] = {t}[0]", *once)
        # One loop for each variable, as Brian 2 does: each draws its own random numbers.
        for name, array in buffer.names.items():
            body = [
                f"_idx_{suffix} = {indices}[_k_{suffix}]",
                *each,
                f"{array}[{buffer.n}[0], _k_{suffix}] = _to_record_{name}_{suffix}",
            ]
            self._write_loop(out, f"for _k_{suffix} in range({indices}.shape[0]):", body)
        out.add(f"{buffer.n}[0] += 1")

    def _write_ratemonitor(self, out: Lines, step: BlockStep, suffix: str) -> None:
        variables = step.block.variables
        events = self._binder.array(variables["_spikespace"])
        buffer = self._buffer(step, {"rate": step.obj.variables["rate"]}, rows=1)
        label = self._binder.label(step.obj)
        start, stop, n = (
            self._binder.value(
                (name, id(step)),
                f"{label}{name}",
                partial(int_value, variables[name]),
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
            f"{buffer.names['rate']}[{buffer.n}[0]] = _n_{suffix} / {dt}[0] / {n}",
            f"{buffer.n}[0] += 1",
        )
