"""Event-driven traces that other code reads at synapses, such as monitors.

Brian 2 shows of an event-driven variable what it was at the last event of its synapse.  That is
computed where it is read: from the value after the last event of the rows by which the variable is
kept, as much later as the synapse's last event was.
"""

import copy
from typing import Any

import numpy as np
from brian2.core.functions import DEFAULT_FUNCTIONS, Function
from brian2.core.variables import Constant
from brian2.utils.stringtools import word_substitute

from ..code_object import parse
from ..lifted import LiftedTraces
from ..program import BlockStep, Program
from .event_driven import Rule
from .statements import Line
from .synaptic_steps import lines_of


def show_where_read(program: Program, rule: Rule, traces: LiftedTraces) -> None:
    """Let all steps but the pathways read what Brian 2 would show."""
    if not rule.event_driven:
        return
    names = {id(rule.synapses.variables[name]): name for name in rule.event_driven}
    names[id(rule.synapses.variables["lastupdate"])] = "lastupdate"
    for step in program.steps_of(BlockStep):
        used = {
            alias: names[id(variable)]
            for alias, variable in step.block.variables.items()
            if id(variable) in names
        }
        if used:
            _rewrite(step, used, rule, traces)
            what = f"computes what is shown of {', '.join(sorted(set(used.values())))}"
            program.reports.append(("lift_traces", step.obj.name, what))


def _rewrite(step: BlockStep, used: dict[str, str], rule: Rule, traces: LiftedTraces) -> None:
    shown = _Shown(rule, traces)
    for name in sorted(set(used.values()) - {"lastupdate"}):
        shown.add(name)
    text = {
        alias: "_shown_at" if name == "lastupdate" else f"_{name}_shown"
        for alias, name in used.items()
    }
    lines = lines_of(step)
    code = shown.code + [
        f"{line.target} {line.operator} {word_substitute(line.expression, text)}" for line in lines
    ]
    indices = copy.copy(step.block.indices)
    indices.update(shown.indices)
    step.code = "\n".join(code)
    old = step.block
    step.block = parse(
        step.code,
        old.owner,
        {**old.variables, **shown.variables},
        indices,
        old.generator.name,
        step.template,
    )


class _Shown:
    """Statements that compute what is shown, with their variables."""

    def __init__(self, rule: Rule, traces: LiftedTraces):
        self._rule, self._traces = rule, traces
        self.code: list[str] = []
        self.variables: dict[str, Any] = {
            "clip": DEFAULT_FUNCTIONS["clip"],
            "int": DEFAULT_FUNCTIONS["int"],
            "inf": Constant("inf", value=np.inf),
        }
        self.indices: dict[str, str] = {}
        self._bind("_last_stored", rule.synapses.variables["lastupdate"], "_idx")
        self._bind("_since", traces.since, "0")
        last = "_last_stored"
        for name, rows in traces.rows.items():
            self._bind(rows.index, rows.variable, "_idx")
            self._bind(f"_{name}_event", traces.event_times[name], rows.index)
            last = _larger(last, f"_{name}_event")
        self.code.append(f"_shown_at = {last}")

    def _bind(self, name: str, variable: Any, index: str) -> None:
        self.variables[name] = variable
        self.indices[name] = index

    def add(self, name: str) -> None:
        lifted = self._traces.variables[name]
        since = _larger(f"_{lifted.rows}_event", "_since")
        self.code.append(f"_{name}_from = {since}")
        self.code.append(f"_{name}_until = {_larger('_shown_at', f'_{name}_from')}")
        self._decay(name)
        # Before any event, synapses show what they have stored.
        self._bind(f"_{name}_stored", lifted.variable, "_idx")
        self.code.append(
            f"_{name}_shown = int(_shown_at >= _since)*_{name}_later_of_{name}"
            f" + int(_shown_at < _since)*_{name}_stored"
        )

    def _decay(self, name: str) -> None:
        """Statements that bring `name` to the time at which it is shown, as the equations do it."""
        lines = _needed(name, self._rule.decay)
        block = self._rule.steps[0].synapse_block
        local = {line.target for line in lines}
        text = {"t": f"_{name}_until", "lastupdate": f"_{name}_from"}
        for read in sorted(set().union(*(line.reads for line in lines)) - {"t", "lastupdate"}):
            variable = block.variables.get(read)
            if read in self._rule.event_driven:
                lifted = self._traces.variables[read]
                index = self._traces.rows[lifted.rows].index
                self._bind(f"_{read}_start", lifted.base, index)
                self.code.append(f"_{read}_later_of_{name} = _{read}_start")
            elif read not in local and not isinstance(variable, Function):
                text[read] = f"_{read}_of_decay"
                self._bind(text[read], variable, block.indices[read])
            elif read not in local:
                self.variables[read] = variable
        for target in local | self._rule.event_driven:
            text[target] = f"_{target}_later_of_{name}"
        self.code += [
            f"{text[line.target]} {line.operator} {word_substitute(line.expression, text)}"
            for line in lines
        ]


def _larger(a: str, b: str) -> str:
    return f"clip({a}, {b}, inf)"


def _needed(name: str, lines: list[Line]) -> list[Line]:
    """The statements on which the last value of a variable depends."""
    kept: list[Line] = []
    needed = {name}
    for line in reversed(lines):
        if line.target in needed:
            kept.insert(0, line)
            needed |= line.reads
    return kept
