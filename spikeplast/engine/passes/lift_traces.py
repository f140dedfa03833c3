"""Keep traces once per neuron.

Brian 2's documented style gives each synapse its own copy of the traces of its two
neurons, brought up to date with an exponential at each event.  If all synapses of a
neuron hold the same value, one copy for the neuron does: a spike changes its own neuron's
copies once, and a synapse only reads.

A trace x whose decay is a product of x and a factor decays alike in all neurons: then the
copies are kept without the decay since an epoch, and the factor is computed once in each
time step with spikes.  Other traces (coupled ones, those with a resting value) are brought
up to date for all neurons, in one vectorised loop.

Precondition, for all event-driven variables of a Synapses object together.  A variable x
belongs to one side (pre or post), and

1. its decay uses only x, other variables of its side, constants and stateless functions;
2. it is written only in pathways of its side, by statements that use only variables of
   that side, constants, the side's own neurons and stateless functions;
3. each pathway of the Synapses object has one delay for all synapses;
4. no other code in the network reads or writes it;
5. when the run begins its present value is the same at all synapses of a neuron.

The values are those of the untransformed program up to rounding: exp(a) * exp(b) stands
for exp(a + b).
"""

import ast
import copy
import re
from dataclasses import dataclass, field
from typing import Any

from brian2.core.functions import DEFAULT_FUNCTIONS, Function
from brian2.core.variables import ArrayVariable, Constant, Subexpression
from brian2.parsing.statements import parse_statement
from brian2.synapses.synapses import Synapses
from brian2.utils.stringtools import get_identifiers, word_substitute

from ..code_object import Block, parse
from ..lifted import DecayFunction, LiftedTraces, LiftedVariable
from ..program import BlockStep, Decay, OutsideStep, PathwayStep, Program

#: Below this a decaying trace is set to zero: denormal numbers are slow.
SMALLEST = "1e-290"


class NotLiftable(Exception):
    """The precondition does not hold; the text says why."""


@dataclass
class Line:
    """One statement of abstract code."""

    target: str
    text: str
    expression: str
    reads: set[str]


@dataclass
class Rule:
    """The event-driven part of a Synapses object.

    `decay` has the statements that bring all variables up to date, `on_event` what
    follows in each pathway.
    """

    synapses: Synapses
    names: set[str]
    steps: list[PathwayStep]
    decay: list[Line] = field(default_factory=list)
    on_event: list[list[Line]] = field(default_factory=list)


def lift_traces(program: Program, device: Any) -> None:
    """Apply the pass to each Synapses object for which the precondition holds."""
    for rule in _rules(program):
        name = rule.synapses.name
        try:
            sides = _sides(rule, program)
            traces = _traces(rule, sides, device)
            if not traces.compress(_time(rule)):
                raise NotLiftable("its values differ among the synapses of a neuron")
        except NotLiftable as reason:
            for variable in sorted(rule.names):
                program.notes.append((name, variable, f"per synapse: {reason}"))
            continue
        for step, lines in zip(rule.steps, rule.on_event, strict=True):
            _rewrite(step, lines, rule, traces)
        program.lifted.append(traces)
        for variable, side in sorted(sides.items()):
            program.notes.append((name, variable, f"per {side}synaptic neuron"))


def _rules(program: Program) -> list[Rule]:
    by_synapses: dict[str, Rule] = {}
    for step in program.steps_of(PathwayStep):
        synapses = step.pathway.synapses
        if synapses.event_driven is None:
            continue
        if synapses.name not in by_synapses:
            strong = synapses.__repr__.__self__
            names = set(synapses.event_driven.diff_eq_names)
            by_synapses[synapses.name] = Rule(strong, names, [])
        by_synapses[synapses.name].steps.append(step)
    rules = list(by_synapses.values())
    for rule in rules:
        for step in rule.steps:
            decay, on_event = _split(step)
            rule.decay = decay
            rule.on_event.append(on_event)
    return rules


def _split(step: PathwayStep) -> tuple[list[Line], list[Line]]:
    """The lines that update event-driven variables, and the user's."""
    ending = step.pathway.code + "\nlastupdate = t\n"
    assert step.code.endswith(ending), step.code
    return _lines(step.code.removesuffix(ending)), _lines(step.pathway.code)


def _lines(code: str) -> list[Line]:
    lines = []
    for text in re.split(r"[;\n]", code):
        text = text.split("#")[0].strip()
        if not text:
            continue
        target, operator, expression, _ = parse_statement(text)
        reads = set(get_identifiers(expression))
        if operator not in ("=", ":="):
            reads.add(target)
        lines.append(Line(target, text, expression, reads))
    return lines


# -- the precondition --------------------------------------------------------------------


def _sides(rule: Rule, program: Program) -> dict[str, str]:
    """The side that each variable belongs to; raises NotLiftable."""
    _check_reached_elsewhere(rule, program)
    sides = _written_sides(rule)
    _check_decay(rule, sides)
    for step, lines in zip(rule.steps, rule.on_event, strict=True):
        _check_pathway(rule, step, lines, sides)
    return sides


def _written_sides(rule: Rule) -> dict[str, str]:
    sides: dict[str, str] = {}
    for step, lines in zip(rule.steps, rule.on_event, strict=True):
        for line in lines:
            if line.target in rule.names:
                side = step.pathway.prepost
                if sides.setdefault(line.target, side) != side:
                    raise NotLiftable(f"both sides write {line.target}")
    for name in rule.names - set(sides):
        # Written nowhere, it may count as either side's.
        sides[name] = "pre"
    return sides


def _check_decay(rule: Rule, sides: dict[str, str]) -> None:
    variables = rule.steps[0].synapse_block.variables
    temporaries = {line.target for line in rule.decay} - rule.names
    for line in rule.decay:
        name = line.target if line.target in rule.names else line.target.removeprefix("_")
        for read in line.reads - temporaries - {"t", "lastupdate"}:
            if read in rule.names:
                if sides[read] != sides.get(name):
                    raise NotLiftable(f"the decay of {name} depends on {read}")
            elif not _is_constant(variables.get(read)):
                raise NotLiftable(f"the decay of {name} depends on {read}")


def _check_pathway(rule: Rule, step: PathwayStep, lines: list[Line], sides: dict[str, str]) -> None:
    variables, indices = step.synapse_block.variables, step.synapse_block.indices
    written = {line.target for line in lines}
    for variable in variables.values():
        if isinstance(variable, Subexpression) and variable.identifiers & (
            rule.names | {"lastupdate"}
        ):
            raise NotLiftable(f"subexpression {variable.name} depends on it")
    if step.layout.min_delay != step.layout.max_delay:
        raise NotLiftable(f"the delays of {step.pathway.name} differ")
    for line in lines:
        if "lastupdate" in line.reads | {line.target}:
            raise NotLiftable("a statement uses lastupdate")
        if line.target not in rule.names:
            continue
        for read in line.reads:
            own = sides.get(read) == step.pathway.prepost
            of_neuron = indices.get(read) == step.own_side and read not in written
            if not (own or of_neuron or _is_shared(variables.get(read))):
                raise NotLiftable(f"{line.target} is written with {read}")


def _is_constant(variable: Any) -> bool:
    if isinstance(variable, Function):
        return variable.stateless and not variable.auto_vectorise
    if isinstance(variable, ArrayVariable):
        return variable.scalar and variable.constant
    return isinstance(variable, Constant)


def _is_shared(variable: Any) -> bool:
    return _is_constant(variable) or (isinstance(variable, ArrayVariable) and variable.scalar)


def _check_reached_elsewhere(rule: Rule, program: Program) -> None:
    own_steps = {id(step) for step in rule.steps}
    watched = {id(rule.synapses.variables[name]): name for name in (*rule.names, "lastupdate")}
    for step in program.steps:
        if id(step) in own_steps:
            continue
        for variable in _variables_of(step):
            if id(variable) in watched:
                raise NotLiftable(f"{step.obj.name} uses {watched[id(variable)]}")


def _variables_of(step: Any) -> list[Any]:
    if isinstance(step, BlockStep):
        return [*step.block.variables.values(), *step.kwds.values()]
    if isinstance(step, PathwayStep):
        return list(step.synapse_block.variables.values())
    assert isinstance(step, OutsideStep)
    return [
        variable
        for code_object in step.obj.code_objects
        for variable in code_object.variables.values()
    ]


# -- the transformation --------------------------------------------------------------------


def _time(rule: Rule) -> float:
    return float(rule.steps[0].synapse_block.variables["t"].get_value().item())


def _traces(rule: Rule, sides: dict[str, str], device: Any) -> LiftedTraces:
    """Those of the last run if they are still valid, else new ones."""
    known = device.lifted.get(rule.synapses.variables["lastupdate"])
    if known is not None and known.sides == sides:
        return known
    if known is not None:
        known.expand()
    used = set().union(*(line.reads for line in rule.decay))
    variables = {
        name: variable
        for name, variable in rule.steps[0].synapse_block.variables.items()
        if name in used and name not in rule.names
    }
    decay = DecayFunction(
        [(line.target, line.expression) for line in rule.decay], variables, sorted(rule.names)
    )
    return LiftedTraces(rule.synapses, sides, set(_factors(rule)), decay, device)


def _factors(rule: Rule) -> dict[str, str]:
    """The factor by which a variable decays, for those that only decay, by themselves."""
    factors = {}
    updates = {line.target: line.expression for line in rule.decay}
    for name in rule.names:
        if any(name in line.reads and line.target != f"_{name}" for line in rule.decay):
            continue
        match ast.parse(updates.get(f"_{name}", "0"), mode="eval").body:
            case ast.BinOp(left=ast.Name(left), op=ast.Mult(), right=factor) if left == name:
                text = ast.unparse(factor)
                if not get_identifiers(text) & {*rule.names, *updates}:
                    factors[name] = text
    return factors


def _rewrite(step: PathwayStep, lines: list[Line], rule: Rule, traces: LiftedTraces) -> None:
    side = step.pathway.prepost
    own = {name: lifted for name, lifted in traces.variables.items() if lifted.side == side}
    versions = {name: _Versions(name, lines) for name in own}
    true = {name: f"_{name}_true" for name in own}
    per_neuron = {"_event_time": traces.event_times[side]}
    source_code = ["_event_time = t"]
    source_code += [f"{true[name]} = {name}{_times_scale(own[name], name)}" for name in own]
    synapse_code: list[str] = []
    for line in lines:
        if line.target in own:
            before = versions[line.target].kept()
            if before is not None:
                per_neuron[before] = traces.per_neuron(before, side)
                source_code.append(f"{before} = {true[line.target]}")
            source_code.append(word_substitute(line.text, true))
            versions[line.target].written()
        else:
            names = {name: versions[name].current() for name in own}
            names |= {
                name: f"({name}*_{name}_scale)"
                for name, lifted in traces.variables.items()
                if name not in own and lifted.scale is not None
            }
            synapse_code.append(_substitute(line, names))
    for name, lifted in own.items():
        per_neuron[f"_{name}_base"] = lifted.base
        source_code.append(f"_{name}_base = {true[name]}")
        if any(line.target == name for line in lines):
            over_scale = "" if lifted.scale is None else f"/_{name}_scale"
            source_code.append(f"{name} = {true[name]}{over_scale}")
    step.decay = _decay(step, rule, traces)
    variables, indices = _lifted_variables(step, traces, per_neuron)
    # A spike's own neuron is one element, though many synapses lead to it.
    of_source = copy.copy(indices)
    of_source.update((name, "_idx") for name, index in indices.items() if index == step.own_side)
    step.source_block = _parse(step, source_code, variables, of_source)
    step.synapse_block = _parse(step, synapse_code, variables, indices)


def _times_scale(lifted: LiftedVariable, name: str) -> str:
    return "" if lifted.scale is None else f"*_{name}_scale"


class _Versions:
    """What to call a variable that a spike changes, before and after each change.

    After the last change it is the value after the neuron's last event.  Earlier values
    are kept under names of their own, if a synapse's statement reads them.
    """

    def __init__(self, name: str, lines: list[Line]):
        self._name = name
        self._writes = 0
        self._total = sum(line.target == name for line in lines)
        self._read: set[int] = set()
        writes = 0
        for line in lines:
            if line.target == name:
                writes += 1
            elif name in line.reads:
                self._read.add(writes)

    def current(self) -> str:
        if self._writes == self._total:
            return f"_{self._name}_base"
        return f"_{self._name}_before_{self._writes + 1}"

    def kept(self) -> str | None:
        return self.current() if self._writes in self._read else None

    def written(self) -> None:
        self._writes += 1


def _substitute(line: Line, names: dict[str, str]) -> str:
    target, operator, expression, _ = parse_statement(line.text)
    return f"{target} {operator} {word_substitute(expression, names)}"


def _decay(step: PathwayStep, rule: Rule, traces: LiftedTraces) -> Decay:
    factors = _factors(rule)
    scaled = {name: traces.variables[name] for name in sorted(factors)}
    scale_block = None
    if factors:
        code = [f"_{name}_scale = {factors[name]}" for name in scaled]
        scales = {f"_{name}_scale": lifted.scale for name, lifted in scaled.items()}
        scale_block = _decay_block(step, rule, code, traces.epoch, scales, "0")
    blocks = []
    for side in ("pre", "post"):
        values = {
            name: lifted.values
            for name, lifted in traces.variables.items()
            if lifted.side == side and name not in factors
        }
        if values:
            mine = set(values) | {f"_{name}" for name in values}
            code = [line.text for line in rule.decay if line.target in mine]
            code += [f"{name} = {name} * int(abs({name}) > {SMALLEST})" for name in values]
            block = _decay_block(step, rule, code, traces.last_update, values, "_idx")
            blocks.append((block, next(iter(values.values()))))
    return Decay(
        time=step.synapse_block.variables["t"],
        blocks=blocks,
        last_update=traces.last_update,
        scale_block=scale_block,
        scaled=[(lifted.values, lifted.scale) for lifted in scaled.values()],
        epoch=traces.epoch,
    )


def _decay_block(
    step: PathwayStep,
    rule: Rule,
    code: list[str],
    last_update: ArrayVariable,
    written: dict[str, Any],
    index: str,
) -> Block:
    text = "\n".join(code)
    variables = {
        **step.synapse_block.variables,
        "abs": DEFAULT_FUNCTIONS["abs"],
        "int": DEFAULT_FUNCTIONS["int"],
        "lastupdate": last_update,
        **written,
    }
    indices = copy.copy(step.synapse_block.indices)
    indices.update({"lastupdate": "0", **dict.fromkeys(written, index)})
    used = get_identifiers(text)
    variables = {name: variable for name, variable in variables.items() if name in used}
    return parse(text, rule.synapses, variables, indices, "decay", "stateupdate")


def _lifted_variables(
    step: PathwayStep, traces: LiftedTraces, per_neuron: dict[str, ArrayVariable]
) -> tuple[dict[str, Any], dict[str, str]]:
    variables = dict(step.synapse_block.variables)
    indices = copy.copy(step.synapse_block.indices)
    variables.pop("lastupdate", None)
    for index in (step.own_side, step.other_side):
        variables[index] = traces.synapses.variables[index]
    for name, lifted in traces.variables.items():
        variables[name] = lifted.values
        own = lifted.side == step.pathway.prepost
        indices[name] = step.own_side if own else step.other_side
        if lifted.scale is not None:
            variables[f"_{name}_scale"] = lifted.scale
            indices[f"_{name}_scale"] = "0"
    for name, variable in per_neuron.items():
        variables[name] = variable
        indices[name] = step.own_side
    return variables, indices


def _parse(
    step: PathwayStep, code: list[str], variables: dict[str, Any], indices: dict[str, str]
) -> Block:
    old = step.synapse_block
    return parse("\n".join(code), old.owner, variables, indices, step.obj.name, "synapses")
