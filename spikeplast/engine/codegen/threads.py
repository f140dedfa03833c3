"""The source of a function that several threads run at the same time; see `engine.division`."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..division import Division
from ..program import BlockStep, GainStep, PathwayStep, Program, Step
from ..shares import COPY, Own, cells, own_range, root
from ..streamed import Part, Stream
from .assemble import HEADER, Assembler, Loop
from .pathways import PathwayArrays
from .streams import OF_ROWS
from .writer import Lines, int_value

_HEADER = HEADER.replace(
    "outside object run.\n",
    """outside object run.

Several threads run it at the same time, each with ranges of cells of its own and copies of what
is common to all cells.
""",
).replace(
    "    clip,\n",
    "    clip,\n    count_events,\n    gather_delayed_part,\n    gather_heterogeneous_part,\n"
    "    gather_immediate_part,\n    join_events,\n    wait_for_all,\n",
)
_WAIT = "wait_for_all(barrier, n_threads)"
_FIRST = "if thread == 0:"


class ThreadedAssembler(Assembler):
    """Writes the loop for one of several threads."""

    _header = _HEADER
    #: The last two stand for arrays that only the first thread may touch.
    _first_arguments = ("thread", "n_threads", "barrier", "nothing", "no_rows")

    def __init__(self, program: Program, device: Any, division: Division):
        super().__init__(program, device)
        self._division, self._n_threads = division, division.n_threads
        self._mode = "alone"
        self._turns: list[str] = []
        if self._watch is not None:
            for name in self._watch.names:
                self._copy(name)
        for step in program.steps_of(PathwayStep):
            synapses = step.pathway.synapses
            if division.mode(step) == "divided" and step.pathway.prepost == "pre":
                targets = synapses.variables["_synaptic_post"].get_value
                step.queue.divide(targets, division.bounds(cells(synapses.target)))
            else:
                step.queue.divide(None, np.zeros(0, np.int64))

    def assemble(self) -> Loop:
        loop = super().assemble()
        loop.division = self._division
        return loop

    # -- steps -----------------------------------------------------------------------------

    def _before_steps(self) -> list[str]:
        return [f"{turn} = 0" for turn in self._turns]

    def _write_ticking(self, out: Lines, steps: list[tuple[int, Step]]) -> None:
        numbers = {id(step): number for number, step in steps}
        written: set[int] = set()
        for _, step in steps:
            if id(step) in written:
                continue
            group = self._division.together.get(id(step), [step])
            written |= {id(each) for each in group}
            if id(step) in self._division.waits:
                out.add("", _WAIT)
            super()._write_ticking(out, [(numbers[id(each)], each) for each in group])
            if self._division.is_found(step):
                out.add("", _WAIT)
                for each in group:
                    tick = self._tick(each)
                    if tick:
                        out.add(f"if {tick}:")
                    with out.indented(bool(tick)):
                        self._write_join(out, each, str(numbers[id(each)]))

    def _write_work(self, out: Lines, step: Step, suffix: str) -> None:
        self._mode = self._division.mode(step)
        if self._mode != "alone":
            super()._write_work(out, step, suffix)
            return
        out.add(_FIRST)
        with out.indented():
            super()._write_work(out, step, suffix)
        if isinstance(step, BlockStep) and step.template.endswith("monitor"):
            self._write_count(out, step)

    def _write_highest(self, out: Lines, rates: list[Any]) -> None:
        if rates and out.depth > 1:
            # In a time step, all must have written their part of them.
            out.add(_WAIT)
        super()._write_highest(out, rates)

    def _write_count(self, out: Lines, step: BlockStep) -> None:
        """All threads know how full a buffer is, to stop together."""
        rows = self._buffers[-1].n
        self._copy(rows)
        added = "1"
        if step.template == "spikemonitor":
            events = self._binder.array(step.kwds["eventspace_variable"])
            label = self._binder.label(step.obj)
            start, stop = (
                self._binder.value(
                    (name, id(step)), label + name, partial(int_value, step.block.variables[name])
                )
                for name in ("_source_start", "_source_stop")
            )
            added = f"count_events({events}, {start}, {stop})"
        out.add("else:", f"    {rows}[0] += {added}")

    def _copy(self, name: str) -> None:
        """Give each thread a copy of an argument that is no variable."""
        self._binder.variables[name] = name
        self._division.copied.add(name)

    # -- ranges of cells -------------------------------------------------------------------

    def _ends(self, own: Own, owner: Any) -> tuple[str, str]:
        """Names of a thread's first element and of the one after its last."""
        label = self._binder.label(owner)

        def end(k: int) -> str:
            return self._binder.of_thread(
                ("own", own, k),
                f"{label}_own_{('first', 'stop')[k]}",
                lambda thread: int(self._division.bounds(own)[thread + k]),
            )

        return end(0), end(1)

    def _ends_of(self, owner: Any) -> tuple[str, str]:
        owner = root(owner)
        own = own_range(owner)
        assert own is not None
        return self._ends(own, owner)

    def _all_cells(self, block: Any) -> str:
        if self._mode != "divided":
            return super()._all_cells(block)
        # Unsigned, because Numba then knows that no index counts from the end.
        first, stop = self._ends_of(block.owner)
        return f"range(uint64({first}), uint64({stop}))"

    def _if_own(self, block: Any, cell: str, lines: list[str]) -> list[str]:
        if self._mode != "divided" or not lines:
            return lines
        first, stop = self._ends_of(block.owner)
        return [f"if {first} <= {cell} < {stop}:", *(f"    {line}" for line in lines)]

    def _target_cells(self, step: GainStep, first: str, stop: str) -> str:
        if self._mode != "divided":
            return super()._target_cells(step, first, stop)
        own_first, own_stop = self._ends_of(step.stream.traces.synapses.target)
        return f"range(max({first}, {own_first}), min({stop}, {own_stop}))"

    def _all_values(self, variable: Any) -> str:
        if self._mode != "divided" or self._division.side(variable) == COPY:
            return super()._all_values(variable)
        # The array is as long as the targets that there are.
        first, stop = self._ends_of(variable.owner.target)
        size = f"uint64({self._binder.array(variable)}.shape[0])"
        return f"range(uint64({first}), min(uint64({stop}), {size}))"

    # -- thresholds ------------------------------------------------------------------------

    def _write_threshold(self, out: Lines, step: BlockStep, suffix: str) -> None:
        if self._mode != "divided":
            super()._write_threshold(out, step, suffix)
            return
        found, counts, _, turn = self._found(step, suffix)
        self._turns.append(turn)
        ends = self._ends_of(step.block.owner)
        # The events of the last time step may still be read.
        out.add(f"{turn} = 1 - {turn}", f"_events_{suffix} = {found}[{turn}]")
        lines = self._render(step.block, suffix).lines()
        self._write_search(out, step, suffix, lines, f"_events_{suffix}", ends)
        out.add(f"{counts}[{turn}, thread, 0] = _n_{suffix} - {ends[0]}")

    def _write_join(self, out: Lines, step: Any, suffix: str) -> None:
        found, counts, bounds, turn = self._found(step, suffix)
        events = self._binder.array(step.kwds["eventspace_variable"])
        self._write_call(out, "join_events", [found, counts, bounds, turn, events])

    def _found(self, step: BlockStep, suffix: str) -> tuple[str, str, str, str]:
        """Names of what each thread finds, how much that is, whose it is, and a turn."""
        owner = step.block.owner
        own = own_range(owner)
        assert own is not None
        label = f"{self._binder.label(owner)}_{step.kwds['eventspace_variable'].name}"
        # A line of memory for each thread's number.
        counts = np.zeros((2, self._division.n_threads, 16), np.int64)
        found = np.zeros((2, self._division.bounds(own)[-1]), np.int32)

        def bind(name: str, value: Callable[[], Any]) -> str:
            return self._binder.value((name, id(step)), f"{label}_{name}", value)

        return (
            bind("found", lambda: found),
            bind("counts", lambda: counts),
            bind("bounds", lambda: self._division.bounds(own)),
            f"_turn_{suffix}",
        )

    # -- pathways --------------------------------------------------------------------------

    def _queue_part(self, step: PathwayStep, arrays: PathwayArrays, name: str) -> str:
        def value(thread: int) -> Any:
            return getattr(arrays.of_thread[thread], name) if arrays.of_thread else None

        label = self._binder.label(step.pathway.synapses)
        key = (name, id(step))
        return self._binder.of_thread(key, f"{label}_{step.pathway.objname}_{name}", value)

    def _own_stretches(self, step: PathwayStep) -> list[str]:
        if self._mode != "divided" or step.pathway.prepost != "pre":
            return []
        label = f"{self._binder.label(step.pathway.synapses)}_{step.pathway.objname}"

        def part(k: int) -> str:
            def value(thread: int) -> Any:
                assert step.layout.parts is not None
                return step.layout.parts[k][thread]

            name = ("lows", "highs")[k]
            return self._binder.of_thread((name, id(step)), f"{label}_{name}", value)

        return [part(0), part(1)]

    def _write_own_only(self, out: Lines, step: PathwayStep, source: str) -> None:
        if self._mode == "divided" and step.pathway.prepost == "post":
            first, stop = self._ends_of(step.pathway.synapses.target)
            out.add(f"if not (uint64({first}) <= {source} < uint64({stop})):", "    continue")

    # -- what is common to all cells -------------------------------------------------------

    def _write_rescaling(
        self, out: Lines, scaled: list[tuple], afterwards: tuple[str, ...] = ()
    ) -> None:
        if self._mode == "alone":
            super()._write_rescaling(out, scaled, afterwards)
            return
        names = [(self._binder.array(v), self._binder.array(scale)) for v, scale in scaled]
        in_range = " and ".join(f"1e-100 < {scale}[0] < 1e100" for _, scale in names)
        out.add(f"if not ({in_range}):", f"    {_WAIT}")
        with out.indented():
            for (variable, _), (values, scale) in zip(scaled, names, strict=True):
                if id(variable) in self._division.copied:
                    out.add(f"rescale({values}, {scale})")
                else:
                    out.add(_FIRST, f"    rescale({values}, {scale})")
                    out.add("else:", f"    {scale}[0] = 1.0")
            out.add(*afterwards, _WAIT)

    def _write_epoch(self, out: Lines, stream: Stream, part: Part, t: str) -> None:
        if self._mode == "alone":
            super()._write_epoch(out, stream, part, t)
            return
        values = self._values(stream, part)
        others = values | {"sums": "nothing", "older": "nothing", "pointers": "no_rows"}
        out.add(f"if {values['scale']}[0] < {part.smallest_scale}:", f"    {_WAIT}")
        with out.indented():
            for condition, known in ((_FIRST, values), ("else:", others)):
                out.add(condition)
                with out.indented():
                    arguments = [known[name] for name in ("scale", "start", *OF_ROWS)]
                    self._write_call(out, "new_epoch", [t, *arguments])
            out.add(_WAIT)
