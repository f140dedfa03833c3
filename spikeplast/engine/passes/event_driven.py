"""The event-driven part of Synapses objects, and what trace lifting needs to know of it.

The conditions are those listed in `lift_traces`.
"""

import ast
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from brian2.core.variables import ArrayVariable, Subexpression
from brian2.synapses.synapses import Synapses
from brian2.utils.stringtools import get_identifiers

from ..program import BlockStep, OutsideStep, PathwayStep, Program, ScaleStep, interval_of
from .statements import Line, factors_in, is_constant, is_shared, read_lines
from .synaptic_steps import SIDES, Clocked, clocked_decays, clocked_others

#: Of how many synapses others may read event-driven variables in a time step, on average: to find
#: what Brian 2 would show takes some exponentials.
MOST_READ = 100


class NotLiftable(Exception):
    """The precondition does not hold; the text says why."""


@dataclass
class Rule:
    """The traces of a Synapses object.

    `event_driven` are brought up to date at events by the statements in `decay`; `clocked` change
    in each time step.  `on_event` has the user's statements in each pathway.
    """

    synapses: Synapses
    event_driven: set[str]
    clocked: dict[str, Clocked]
    steps: list[PathwayStep]
    decay: list[Line] = field(default_factory=list)
    on_event: list[list[Line]] = field(default_factory=list)
    #: Variables of neurons that the decay uses, and the side of these neurons.
    of_neurons: dict[str, str] = field(default_factory=dict)
    #: Event-driven variables that other code reads, and what does.
    read_by: dict[str, str] = field(default_factory=dict)
    #: Why a variable is not kept per neuron.
    reasons: dict[str, str] = field(default_factory=dict)
    #: The rows that the spikes of each pathway reach together, as `PathwayStep.rows`.
    rows: list[str] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        return self.event_driven | set(self.clocked)


def rules(program: Program) -> list[Rule]:
    by_synapses: dict[str, Rule] = {}
    for step in program.steps_of(PathwayStep):
        synapses = step.pathway.synapses
        if synapses.name not in by_synapses:
            strong = synapses.__repr__.__self__
            equations = synapses.event_driven
            names = set() if equations is None else set(equations.diff_eq_names)
            clocked = clocked_decays(program, strong)
            clocked |= clocked_others(program, strong, clocked)
            by_synapses[synapses.name] = Rule(strong, names, clocked, [])
        by_synapses[synapses.name].steps.append(step)
        by_synapses[synapses.name].rows.append(step.rows)
    return [rule for rule in by_synapses.values() if rule.names]


def read_code(rule: Rule) -> None:
    """Fill in `decay` and `on_event`; raises NotLiftable."""
    for step in rule.steps:
        decay, on_event = _split(step, bool(rule.event_driven))
        rule.decay = decay
        rule.on_event.append(on_event)


def _split(step: PathwayStep, event_driven: bool) -> tuple[list[Line], list[Line]]:
    """The lines that update event-driven variables, and the user's."""
    ending = step.pathway.code + ("\nlastupdate = t\n" if event_driven else "\n")
    if not step.code.endswith(ending):
        raise NotLiftable("its code does not have the form that Brian 2 gives it")
    return read_lines(step.code.removesuffix(ending)), read_lines(step.pathway.code)


# -- the precondition --------------------------------------------------------------------


def check_all(rule: Rule, program: Program) -> None:
    """Conditions 1 and 2; raises NotLiftable."""
    _check_reached_elsewhere(rule, program)
    for name in sorted(rule.names):
        if not np.issubdtype(rule.synapses.variables[name].dtype, np.floating):
            raise NotLiftable(f"{name} is not a floating-point number")
    for end in (rule.synapses.source, rule.synapses.target):
        if not hasattr(end, "stop"):
            raise NotLiftable(f"{end.name} is no group of neurons")
    watched = rule.names | ({"lastupdate"} if rule.event_driven else set())
    for step, lines in zip(rule.steps, rule.on_event, strict=True):
        for variable in step.synapse_block.variables.values():
            if isinstance(variable, Subexpression) and variable.identifiers & watched:
                raise NotLiftable(f"subexpression {variable.name} depends on it")
        if any("lastupdate" in line.reads | {line.target} for line in lines):
            raise NotLiftable("a statement uses lastupdate")
    variables = rule.steps[0].synapse_block.variables
    temporaries = {line.target for line in rule.decay} - {f"_{name}" for name in rule.names}
    temporaries -= rule.names
    written = {id(variable) for step in program.steps for variable in step.written}
    rule.of_neurons = _constants_of_neurons(rule, program, written)
    for line in rule.decay:
        known = {*rule.event_driven, *(f"_{n}" for n in rule.event_driven), *temporaries}
        if line.target not in temporaries:
            known |= set(rule.of_neurons)
        for read in sorted(line.reads - known - {"t", "lastupdate"}):
            variable = variables.get(read)
            # What is declared to be constant may be written all the same.
            if (
                id(variable) in written
                or not is_constant(variable)
                or (
                    # Python code might change it during the run.
                    program.outside and isinstance(variable, ArrayVariable) and read != "dt"
                )
            ):
                raise NotLiftable(f"the decay of {line.target.removeprefix('_')} depends on {read}")


def _constants_of_neurons(rule: Rule, program: Program, written: set[int]) -> dict[str, str]:
    """What the decay reads of neurons and nothing changes during the run, with their side."""
    if program.outside:
        return {}
    block = rule.steps[0].synapse_block
    found = {}
    for name in sorted(set().union(*(line.reads for line in rule.decay)) - rule.names):
        variable = block.variables.get(name)
        if (
            isinstance(variable, ArrayVariable)
            and not variable.scalar
            and id(variable) not in written
            and block.indices[name] in SIDES
        ):
            found[name] = SIDES[block.indices[name]]
    return found


def find_rows(rule: Rule, unequal: set[str]) -> dict[str, str]:
    """By which rows each variable is kept, by conditions 3 to 5; raises NotLiftable."""
    kept: dict[str, str] = {}
    reasons = dict.fromkeys(sorted(unequal), "its values differ among the synapses of a neuron")
    by_pathway = list(zip(rule.steps, rule.rows, rule.on_event, strict=True))
    for step, rows, lines in by_pathway:
        for line in lines:
            if line.target not in rule.names:
                continue
            if not rows:
                reasons.setdefault(line.target, f"the delays of {step.pathway.name} differ")
            elif kept.setdefault(line.target, rows) != rows:
                both = {kept[line.target], rows} == {"pre", "post"}
                who = "both sides write it" if both else "pathways with different delays write it"
                reasons.setdefault(line.target, who)
    _place_unwritten(rule, kept)
    kept = {name: kept[name] for name in sorted(rule.names)}
    found = True
    while found:
        found = False
        for step, rows, lines in by_pathway:
            for line in lines:
                if line.target in rule.names and line.target not in reasons:
                    read = _foreign(line, step, rows, lines, kept, reasons)
                    if read is not None:
                        reasons[line.target] = f"it is written with {read}"
                        found = True
        for name, change in rule.clocked.items():
            if name not in reasons:
                if change.factor is None and _n_neurons(rule, kept[name]) > len(rule.synapses):
                    reasons[name] = "there are fewer synapses than neurons"
                    found = True
                    continue
                read = _changes_with(name, change, kept, reasons)
                if read is not None:
                    reasons[name] = f"it changes with {read}"
                    found = True
    for name in set(rule.clocked) & set(reasons):
        # Then it is a variable like any other; its code is as Brian 2 made it.
        del rule.clocked[name], kept[name]
    if not rule.names:
        raise NotLiftable(next(iter(reasons.values())))
    for name in sorted(set(rule.read_by) & set(reasons)):
        raise NotLiftable(f"{rule.read_by[name]} reads {name}, and {reasons[name]}")
    factors = factors_of(rule)
    for name in sorted(rule.event_driven - set(factors)):
        if name in reasons:
            raise NotLiftable(reasons[name])
        if kept[name] not in ("pre", "post"):
            # To bring all rows up to date at each event would cost more than it saves.
            raise NotLiftable(f"delays differ, and {name} does more than to decay")
        for line in rule.decay:
            if line.target == f"_{name}":
                for read in sorted(line.reads & rule.names):
                    if kept[read] != kept[name] or read in reasons:
                        raise NotLiftable(f"the decay of {name} depends on {read}")
                for read in sorted(line.reads & set(rule.of_neurons)):
                    if rule.of_neurons[read] != kept[name]:
                        raise NotLiftable(f"the decay of {name} depends on {read}")
    for name in sorted(set(reasons) & rule.names):
        if np.dtype(rule.synapses.variables[name].dtype) != np.float64:
            # Without its decay it would soon leave the range of numbers.
            raise NotLiftable(f"{name} is not of double precision, and {reasons[name]}")
    rule.reasons = reasons
    return {name: "synapse" if name in reasons else rows for name, rows in kept.items()}


def _place_unwritten(rule: Rule, kept: dict[str, str]) -> None:
    """Keep what no pathway writes with what drives it, as the second part of an alpha function."""
    drivers = {
        line.target.removeprefix("_"): sorted(
            line.reads & (rule.event_driven | set(rule.of_neurons))
        )
        for line in rule.decay
        if line.target.startswith("_")
    }
    of_neurons = dict(rule.of_neurons)
    for name, change in rule.clocked.items():
        drivers[name] = sorted({*change.reads, *change.of_neurons} - {name})
        of_neurons |= change.of_neurons
    unplaced = sorted(rule.names - set(kept))
    while unplaced:
        for name in unplaced:
            sides = [kept.get(d) or of_neurons.get(d) for d in drivers.get(name, [])]
            if any(sides):
                kept[name] = next(filter(None, sides))
                break
        else:
            # It may count as either side's.
            name = unplaced[0]
            kept[name] = "pre"
        unplaced.remove(name)


def _n_neurons(rule: Rule, rows: str) -> int:
    """How many neurons there are on a side; of neurons and delays there are never too many."""
    sides = {"pre": rule.synapses.source, "post": rule.synapses.target}
    return int(sides[rows].stop) if rows in sides else 0


def _changes_with(
    name: str, change: Clocked, kept: dict[str, str], reasons: dict[str, str]
) -> str | None:
    """What a clock-driven variable changes with that may differ among the synapses of a row."""
    for read in sorted(change.reads):
        if kept[read] != kept[name] or read in reasons:
            return read
    return next((n for n, side in sorted(change.of_neurons.items()) if side != kept[name]), None)


def _foreign(
    line: Line,
    step: PathwayStep,
    rows: str,
    lines: list[Line],
    kept: dict[str, str],
    reasons: dict[str, str],
) -> str | None:
    """What a statement uses that may differ among the synapses of a row."""
    variables, indices = step.synapse_block.variables, step.synapse_block.indices
    # By identity: in recurrent networks x_pre and x_post are the same variable.
    written = {id(variables.get(other.target)) for other in lines}
    for read in sorted(line.reads):
        if read in kept:
            if kept[read] != rows or read in reasons:
                return read
        elif not is_shared(variables.get(read)):
            variable = variables.get(read)
            of_neuron = isinstance(variable, ArrayVariable) and indices[read] == step.own_side
            if not of_neuron or id(variable) in written:
                return read
    return None


def _check_reached_elsewhere(rule: Rule, program: Program) -> None:
    if not rule.event_driven:
        return
    own_steps = {id(step) for step in rule.steps}
    names = (*rule.event_driven, "lastupdate")
    watched = {id(rule.synapses.variables[name]): name for name in names}
    for step in program.steps:
        if id(step) in own_steps:
            continue
        for variable in _variables_of(step):
            if id(variable) in watched:
                does = _does_with(variable, step, program)
                if does is not None:
                    raise NotLiftable(f"{step.obj.name} {does.format(watched[id(variable)])}")
                rule.read_by[watched[id(variable)]] = step.obj.name


def _does_with(variable: Any, step: Any, program: Program) -> str | None:
    """What a step does with an event-driven variable; None if it may."""
    if not isinstance(step, BlockStep):
        return "uses {}"
    if any(variable is other for other in [*step.written, *step.kwds.values()]):
        return "changes {}"
    names = [name for name, other in step.block.variables.items() if other is variable]
    if any(step.block.indices[name] != "_idx" for name in names):
        return "reads {} of other synapses"
    read = step.block.owner
    if step.template == "statemonitor":
        read = step.block.variables["_indices"].get_value()
    fastest = min(interval_of(clock) for clock in program.clocks)
    if len(read) * fastest / interval_of(step.clock) > MOST_READ:
        return f"reads {{}} of more than {MOST_READ} synapses in each time step"
    return None


def _variables_of(step: Any) -> list[Any]:
    if isinstance(step, BlockStep):
        return [*step.block.variables.values(), *step.kwds.values()]
    if isinstance(step, PathwayStep):
        return list(step.synapse_block.variables.values())
    if isinstance(step, ScaleStep):
        # The decay of other synapses' traces, which this pass has dealt with before.
        return _variables_of(step.source)
    assert isinstance(step, OutsideStep)
    return [
        variable
        for code_object in step.obj.code_objects
        for variable in code_object.variables.values()
    ]


def factors_of(rule: Rule) -> dict[str, str]:
    """The factor by which an event-driven variable decays, for those that only decay."""
    factors = {}
    updates = {line.target: line.expression for line in rule.decay}
    for name in sorted(rule.event_driven):
        if any(name in line.reads and line.target != f"_{name}" for line in rule.decay):
            continue
        others = [
            ast.unparse(factor)
            for factor in factors_in(updates.get(f"_{name}", "0"))
            if not (isinstance(factor, ast.Name) and factor.id == name)
        ]
        text = "*".join(f"({other})" for other in others)
        if text and not get_identifiers(text) & {*rule.names, *updates, *rule.of_neurons}:
            factors[name] = text
    return factors
