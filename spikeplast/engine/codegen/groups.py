"""Steps of groups: equations, thresholds, resets, given spikes, sums over synapses."""

from typing import Any

from ..functions import UNIFORM
from ..program import BlockStep
from .writer import Lines, Writer

#: How many cells are looked at together for a spike; see passes/scan_thresholds.py.
SCAN_SIZE = 64


def highest_of(rates: str) -> str:
    """The name of the largest of some rates, which is sought only when they may have changed."""
    return f"_highest_{rates}"


class GroupWriter(Writer):
    """A method `_write_TEMPLATE` for each of Brian 2's templates."""

    def _write_stateupdate(self, out: Lines, step: BlockStep, suffix: str) -> None:
        self._write_over_all(out, step.block, suffix)

    def _write_over_all(self, out: Lines, block: Any, suffix: str) -> None:
        once, _, each = self._render(block, suffix).lines()
        out.add(*once)
        self._write_loop(out, f"for _idx_{suffix} in {self._all_cells(block)}:", each)

    def _all_cells(self, block: Any) -> str:
        """The indices of a loop over all elements of a block's owner."""
        return f"range({self._size(block)})"

    def _write_threshold(self, out: Lines, step: BlockStep, suffix: str) -> None:
        if "_rates" in step.kwds:
            self._write_sampling(out, step)
            return
        lines = self._render(step.block, suffix).lines()
        events = self._binder.array(step.kwds["eventspace_variable"])
        size = self._size(step.block)
        self._write_search(out, step, suffix, lines, events, ("0", size))
        out.add(f"{events}[{size}] = _n_{suffix}")

    def _write_search(
        self,
        out: Lines,
        step: BlockStep,
        suffix: str,
        lines: tuple[list[str], list[str], list[str]],
        events: str,
        ends: tuple[str, str],
    ) -> None:
        """Write the events among some cells to `events`, from the first cell's place on."""
        block = step.block
        first, last = ends
        once, _, each = lines
        index, count, condition = f"_idx_{suffix}", f"_n_{suffix}", f"_cond_{suffix}"
        fire = [f"if {condition}:", f"    {events}[{count}] = {index}", f"    {count} += 1"]
        if step.kwds["_uses_refractory"]:
            not_refractory = self._binder.array(block.variables["not_refractory"])
            last_spike = self._binder.array(block.variables["lastspike"])
            t = self._binder.array(block.variables["t"])
            fire.append(f"    {not_refractory}[{index}] = False")
            fire.append(f"    {last_spike}[{index}] = {t}[0]")
        out.add(*once, f"{count} = {first}")
        if step.kwds.get("_scan"):
            low, high, found = (f"_{name}_{suffix}" for name in ("low", "high", "found"))
            cells = f"for {index} in range(uint64({low}), uint64({high})):"
            out.add(f"for {low} in range({first}, {last}, {SCAN_SIZE}):")
            with out.indented():
                out.add(f"{high} = min({low} + {SCAN_SIZE}, {last})", f"{found} = 0")
                self._write_loop(out, cells, [*each, f"{found} += {condition}"])
                out.add(f"if {found} > 0:")
                with out.indented():
                    self._write_loop(out, cells, [*each, *fire])
        else:
            self._write_loop(out, f"for {index} in {self._all_cells(block)}:", [*each, *fire])

    def _write_sampling(self, out: Lines, step: BlockStep) -> None:
        names = ("eventspace_variable", "_rates")
        events, rates = (self._binder.array(step.kwds[name]) for name in names)
        dt = self._binder.array(step.block.variables["dt"])
        arguments = [events, rates, highest_of(rates), f"{dt}[0]", *UNIFORM]
        self._write_call(out, "sample_events", arguments)

    def _write_reset(self, out: Lines, step: BlockStep, suffix: str) -> None:
        once, _, each = self._render(step.block, suffix).lines()
        events = self._binder.array(step.kwds["eventspace_variable"])
        out.add(*once)
        body = [f"_idx_{suffix} = {events}[_k_{suffix}]"]
        body += self._if_own(step.block, f"_idx_{suffix}", each)
        header = f"for _k_{suffix} in range({events}[{events}.shape[0] - 1]):"
        self._write_loop(out, header, body)

    def _if_own(self, block: Any, cell: str, lines: list[str]) -> list[str]:
        """Lines that a thread runs only for its own cells."""
        return lines

    def _write_spikegenerator(self, out: Lines, step: BlockStep, suffix: str) -> None:
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

    def _write_summed_variable(self, out: Lines, step: BlockStep, suffix: str) -> None:
        once, _, each = self._render(step.block, suffix).lines()
        target = self._binder.array(step.kwds["_target_var"])
        index = self._binder.index_array(step.kwds["_index_var"])
        size = self._size(step.block, step.kwds["_target_size_name"])
        start = int(step.kwds["_target_start"])
        start_name = self._binder.value(("start", id(step)), f"{target}_start", lambda: start)
        out.add(f"{target}[{start_name} : {start_name} + {size}] = 0", *once)
        body = [*each, f"{target}[{index}[_idx_{suffix}]] += _synaptic_var_{suffix}"]
        self._write_loop(out, f"for _idx_{suffix} in range({self._size(step.block)}):", body)
