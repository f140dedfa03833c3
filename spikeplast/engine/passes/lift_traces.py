"""Keep traces once per neuron.

Brian 2's documented style gives each synapse its own copy of the traces of its two
neurons, brought up to date with an exponential at each event.  If all synapses of a
neuron hold the same value, one copy for the neuron does: a spike changes its own neuron's
copies once, and a synapse only reads.

A trace x whose decay is a product of x and a factor decays alike in all neurons: then the
copies are kept without the decay since an epoch, and the factor is computed once in each
time step with spikes.  Other traces (coupled ones, those with a resting value, or with a time
constant of each neuron) are brought up to date for all neurons, in one vectorised loop.

Clock-driven variables that only decay, by a constant factor in each time step, are traces as well,
and so are others that change with such variables and those of one side's neurons: these change once
per neuron in each time step.

Precondition, for all event-driven variables of a Synapses object together:

1. no other code in the network writes them or `lastupdate`, or reads them but for those of the
   synapses that it is about, at most `event_driven.MOST_READ` per time step on average; it is
   given what Brian 2 would show, if what it reads is kept per neuron; and no subexpression of a
   pathway reads them;
2. their decay uses only themselves, constants, stateless functions, and variables of the neurons
   on whose side a trace is kept that nothing changes during the run.

For a clock-driven variable: nothing but its equation and the pathways writes it, no Python code
between the time steps has its array, and what it changes with is kept where it is, or belongs to
the neurons of that side.  If it does more than to decay, nothing runs in Python between the time
steps, and there are no fewer synapses than neurons.

A variable is kept per pre- or postsynaptic neuron if

3. it is written only in pathways of that side, by statements that use only variables of
   that side, constants, the side's own neurons and stateless functions, or in none, and is
   driven by variables of that side or not at all;
4. those pathways have one delay for all synapses, and so have the spikes under way;
5. when the run begins its present value is the same at all synapses of a neuron.

Where 4 does not hold, a variable that only decays is kept once per neuron and delay, and these
stand for neurons in 3 and 5: all that happens to such synapses because of the neuron's spikes
happens at the same time, too.  That takes one pathway that writes it, at least `rows.SEVERAL`
synapses on average per neuron and delay that occur, one per neuron and possible delay, and spikes
under way that reach all synapses of a neuron and delay together.

What is kept per neuron has double precision, whatever that of the variable.

A variable for which 3 to 5 do not hold stays with the synapses.  If it is event-driven, of double
precision, and its decay is a factor, it takes part all the same: without the decay since an epoch,
so that events compute no exponentials.  If not, nothing is lifted.

The values are those of the untransformed program up to rounding: exp(a) * exp(b) stands
for exp(a + b).  Of a trace that stays with the synapses, Brian 2 shows the value at the
synapse's last event; if that is so long ago that nothing of it is left, 0 is shown.  Python
code that runs in between may read the variables, and set them as long as 5 goes on to hold.
"""

import copy
from typing import Any

from brian2.core.functions import DEFAULT_FUNCTIONS
from brian2.core.variables import ArrayVariable
from brian2.parsing.statements import parse_statement
from brian2.utils.stringtools import get_identifiers, word_substitute

from ..code_object import Block, parse
from ..decay import DecayFunction
from ..lifted import SMALLEST, LiftedTraces, LiftedVariable
from ..program import Decay, LiftedCode, PathwayStep, Program
from .clocked_traces import lift_clocked
from .event_driven import (
    NotLiftable,
    Rule,
    check_all,
    factors_of,
    find_rows,
    read_code,
    rules,
)
from .shown_traces import show_where_read
from .statements import Line
from .synaptic_steps import clocked_factors


def lift_traces(program: Program, device: Any) -> None:
    """Apply the pass to each Synapses object for which the precondition holds."""
    for rule in rules(program):
        name = rule.synapses.name
        try:
            names = rule.names
            read_code(rule)
            check_all(rule, program)
            kept, traces = _compressed(rule, device)
        except NotLiftable as reason:
            for variable in sorted(names):
                program.notes.append((name, variable, f"per synapse: {reason}"))
            continue
        for step, rows, lines in zip(rule.steps, rule.rows, rule.on_event, strict=True):
            _rewrite(step, rows, lines, rule, traces)
        show_where_read(program, rule, traces)
        lift_clocked(program, rule.clocked, traces)
        traces.take_over()
        program.lifted.append(traces)
        for variable in sorted(names):
            rows_name = kept.get(variable)
            if rows_name == "synapse":
                where = f"per synapse, without decay: {rule.reasons[variable]}"
            elif rows_name is None:
                where = f"per synapse: {rule.reasons[variable]}"
            else:
                where = traces.rows[rows_name].place
            program.notes.append((name, variable, where))


def _compressed(rule: Rule, device: Any) -> tuple[dict[str, str], LiftedTraces]:
    """By what each variable is kept, and the traces with the values of the beginning run."""
    unequal: set[str] = set()
    while True:
        kept = find_rows(rule, unequal)
        traces = _new_traces(rule, kept, device)
        found = traces.compress()
        if not found:
            return kept, traces
        unequal |= found


def _new_traces(rule: Rule, kept: dict[str, str], device: Any) -> LiftedTraces:
    used = set().union(*(line.reads for line in rule.decay))
    variables = {
        name: variable
        for name, variable in rule.steps[0].synapse_block.variables.items()
        if name in used and name not in {*rule.event_driven, "t", "lastupdate"}
    }
    decay = DecayFunction(
        [(line.target, line.expression) for line in rule.decay],
        variables,
        sorted(rule.event_driven),
        rule.of_neurons,
    )
    clocked = clocked_factors(rule.clocked)
    return LiftedTraces(
        rule.synapses,
        kept,
        factors_of(rule),
        decay,
        clocked,
        {name for name, change in rule.clocked.items() if change.factor is None},
        rule.steps,
        device,
        set(rule.read_by),
    )


def _rewrite(
    step: PathwayStep, rows: str, lines: list[Line], rule: Rule, traces: LiftedTraces
) -> None:
    """Divide a pathway's statements into those for its own rows and those for a synapse."""
    own = {name: lifted for name, lifted in traces.variables.items() if lifted.rows == rows}
    versions = {name: _Versions(name, lines) for name in own}
    true = {name: f"_{name}_true" for name in traces.variables}
    per_row = {}
    source_code = []
    if rows and rows != step.pathway.prepost:
        step.row_index = traces.rows[rows].index
    if rows and rule.event_driven:
        per_row["_event_time"] = traces.event_times[rows]
        source_code.append("_event_time = t")
    source_code += [f"{true[name]} = {name}{_times_scale(own[name], name)}" for name in own]
    synapse_code: list[str] = []
    elsewhere = {
        name: f"({name}*_{name}_scale)"
        for name, lifted in traces.variables.items()
        if lifted.rows not in (rows, "synapse") and lifted.scale is not None
    }
    at_synapse = {name for name, lifted in traces.variables.items() if lifted.rows == "synapse"}
    used = set().union(*(line.reads | {line.target} for line in lines)) if lines else set()
    for name in sorted(at_synapse & used):
        synapse_code.append(f"{true[name]} = {name}*_{name}_scale")
    for line in lines:
        if line.target in own:
            before = versions[line.target].kept()
            if before is not None:
                per_row[before] = traces.per_row(before, rows)
                source_code.append(f"{before} = {true[line.target]}")
            source_code.append(word_substitute(line.text, true))
            versions[line.target].written()
        else:
            names = {name: versions[name].current() for name in own}
            names |= elsewhere | {name: true[name] for name in at_synapse}
            synapse_code.append(_substitute(line, names))
    used = get_identifiers("\n".join(synapse_code))
    for name, lifted in own.items():
        base = f"_{name}_base"
        if lifted.base is not None or base in used:
            per_row[base] = lifted.base or traces.per_row(base, rows)
            source_code.append(f"{base} = {true[name]}")
    for name in sorted({line.target for line in lines} & set(traces.variables)):
        code = source_code if name in own else synapse_code
        code.append(f"{name} = {true[name]}{_over_scale(traces.variables[name], name, code)}")
    if not rows and rule.event_driven:
        # Then the neuron's event reaches its synapses at different times.
        synapse_code.append("lastupdate = t")
    if rule.event_driven:
        step.decay = _decay(step, rule, traces)
    variables, indices = _lifted_variables(step, traces, per_row)
    step.lifted_code = LiftedCode(lines, source_code, synapse_code, variables, indices)
    parse_lifted(step)


def parse_lifted(step: PathwayStep) -> None:
    """Make the blocks of a pathway from its lifted code."""
    code = step.lifted_code
    assert code is not None
    # A spike's own row is one element, though it has many synapses.
    of_source = copy.copy(code.indices)
    row = step.row_index or step.own_side
    of_source.update((name, "_idx") for name, index in code.indices.items() if index == row)
    if code.own:
        step.source_block = _parse(step, code.own, code.variables, of_source)
    blocks = []
    for version in range(2 if code.until_then else 1):
        texts = {name: f"({both[version]})" for name, both in code.until_then.items()}
        synaptic = [word_substitute(text, texts) for text in code.synaptic]
        blocks.append(_parse(step, synaptic, code.variables, code.indices))
    step.synapse_block = blocks[0]
    step.recent_block = blocks[1] if code.until_then else None


def _over_scale(lifted: LiftedVariable, name: str, code: list[str]) -> str:
    if lifted.scale is None:
        return ""
    code.insert(0, f"_{name}_unscale = 1/_{name}_scale")
    return f"*_{name}_unscale"


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
    # What stays with the synapse is written under its new name, what a synapse reads is not.
    target = names.get(target, target)
    return f"{target} {operator} {word_substitute(expression, names)}"


def _decay(step: PathwayStep, rule: Rule, traces: LiftedTraces) -> Decay:
    factors = factors_of(rule)
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
            for name, lifted in sorted(traces.variables.items())
            if lifted.rows == side and lifted.scale is None and not lifted.clocked
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
    indices.update({"lastupdate": "0", **dict.fromkeys([*written, *rule.of_neurons], index)})
    used = get_identifiers(text)
    variables = {name: variable for name, variable in variables.items() if name in used}
    return parse(text, rule.synapses, variables, indices, "decay", "stateupdate")


def _lifted_variables(
    step: PathwayStep, traces: LiftedTraces, per_row: dict[str, ArrayVariable]
) -> tuple[dict[str, Any], dict[str, str]]:
    variables = dict(step.synapse_block.variables)
    indices = copy.copy(step.synapse_block.indices)
    for rows in traces.rows.values():
        variables[rows.index] = rows.variable
        indices[rows.index] = "_idx"
    for name, lifted in traces.variables.items():
        variables[name] = lifted.values
        indices[name] = "_idx" if lifted.rows == "synapse" else traces.rows[lifted.rows].index
        if lifted.scale is not None:
            variables[f"_{name}_scale"] = lifted.scale
            indices[f"_{name}_scale"] = "0"
    for name, variable in per_row.items():
        variables[name] = variable
        indices[name] = step.row_index or step.own_side
    return variables, indices


def _parse(
    step: PathwayStep, code: list[str], variables: dict[str, Any], indices: dict[str, str]
) -> Block:
    old = step.synapse_block
    return parse("\n".join(code), old.owner, variables, indices, step.obj.name, "synapses")
