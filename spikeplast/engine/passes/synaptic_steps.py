"""What the code of a Synapses object does at each synapse in each time step.

State updaters first compute new values under names of their own and then assign them, in any
order; operations that run regularly are written by the user.  Both are read as what they come to:
for each variable, an expression of the values before the step.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy
from brian2.core.functions import Function
from brian2.core.variables import ArrayVariable, Subexpression
from brian2.parsing.sympytools import str_to_sympy
from brian2.synapses.synapses import Synapses
from brian2.utils.stringtools import get_identifiers, word_substitute

from ..decay import DecayFunction, is_decay
from ..functions import is_of_user
from ..program import BlockStep, OutsideStep, PathwayStep, Program
from .statements import Line, is_constant, read_lines, substitute

#: The indices by which Brian 2 finds variables of a synapse's neurons.
SIDES = {"_presynaptic_idx": "pre", "_postsynaptic_idx": "post"}
#: Expressions longer than this are left alone; sympy would take too long.
MAX_LENGTH = 3000


@dataclass
class Clocked:
    """A synaptic variable that `step` changes.

    It is multiplied by `factor` in each run of it; or, if that is None, set to something made of
    the variables of the synapse in `reads`, and of variables of neurons, with their side.
    """

    step: BlockStep
    factor: str | None
    reads: frozenset[str] = frozenset()
    of_neurons: Mapping[str, str] = field(default_factory=dict)


def steps_of(program: Program, synapses: Synapses) -> list[BlockStep]:
    """What runs at each synapse in each time step, or each few of them."""
    return [
        step
        for step in program.steps_of(BlockStep)
        if step.template == "stateupdate" and step.block.owner.name == synapses.name
    ]


def lines_of(step: BlockStep) -> list[Line]:
    """The statements, with subexpressions written out."""
    texts = {
        name: f"({' '.join(variable.expr.split())})"
        for name, variable in step.block.variables.items()
        if isinstance(variable, Subexpression)
    }
    code = step.code
    while set(get_identifiers(code)) & set(texts):
        code = word_substitute(code, texts)
    return read_lines(code)


def updates_of(step: BlockStep) -> dict[str, str]:
    """The new values of all variables that a step writes; empty if its code is too involved."""
    variables = step.block.variables
    if any(isinstance(v, Function) and not _is_plain(v) for v in variables.values()):
        return {}
    known: dict[str, str] = {}
    for line in lines_of(step):
        before = {name: f"({text})" for name, text in known.items()}
        known[line.target] = substitute(line.new_value, before)
        if len(known[line.target]) > MAX_LENGTH:
            return {}
    return {
        name: text for name, text in known.items() if isinstance(variables.get(name), ArrayVariable)
    }


def _is_plain(function: Function) -> bool:
    return function.stateless and not function.auto_vectorise and not is_of_user(function)


def clocked_decays(program: Program, synapses: Synapses) -> dict[str, Clocked]:
    """The variables of the synapses that decay step by step, and do nothing else by themselves.

    Nothing but their decay and the pathways of the same synapses may write them, and no Python
    code between the time steps may have their arrays.
    """
    found: dict[str, Clocked] = {}
    written = {id(variable) for step in program.steps for variable in step.written}
    for step in steps_of(program, synapses):
        for name, text in updates_of(step).items():
            factor = _factor(name, text, step)
            if factor is not None and not _uses(factor, step, written):
                found[name] = Clocked(step, factor)
    return {
        name: decay
        for name, decay in found.items()
        if _changes_by_itself(synapses.variables[name], decay, program, synapses)
        and is_decay(clocked_factors({name: decay}))
    }


def clocked_others(
    program: Program, synapses: Synapses, decays: dict[str, Clocked]
) -> dict[str, Clocked]:
    """Other variables that change step by step, by what may be the same for a neuron's synapses.

    That is themselves, `decays`, constants, and variables of the neurons; the conditions of
    `clocked_decays` hold for them as well.  Python code that runs in between might give synapses
    values of their own, as it may do to weights.
    """
    if program.outside:
        return {}
    written = {id(variable) for step in program.steps for variable in step.written}
    of_pathways = _in_subexpressions(program, synapses)
    found: dict[str, Clocked] = {}
    for step in steps_of(program, synapses):
        own = {id(variable) for variable in step.written}
        for name, text in updates_of(step).items():
            if name in {*decays, *of_pathways} or not _is_number_of_synapse(name, step):
                continue
            change = _made_of(text, step, written, own)
            if change is not None and _changes_by_itself(
                synapses.variables[name], change, program, synapses
            ):
                found[name] = change
    while True:
        known = {*found, *decays}
        kept = {name: change for name, change in found.items() if change.reads <= known}
        if len(kept) == len(found):
            return found
        found = kept


def _in_subexpressions(program: Program, synapses: Synapses) -> set[str]:
    """What subexpressions read that pathways of the synapses use."""
    return {
        name
        for step in program.steps_of(PathwayStep)
        if step.pathway.synapses.name == synapses.name
        for variable in step.synapse_block.variables.values()
        if isinstance(variable, Subexpression)
        for name in variable.identifiers
    }


def _made_of(text: str, step: BlockStep, written: set[int], own: set[int]) -> Clocked | None:
    variables, indices = step.block.variables, step.block.indices
    reads, of_neurons = set(), {}
    for name in get_identifiers(text):
        variable = variables.get(name)
        if is_constant(variable) and id(variable) not in written:
            continue
        if not isinstance(variable, ArrayVariable) or variable.scalar:
            return None
        if indices[name] == "_idx":
            reads.add(name)
        elif indices[name] in SIDES and id(variable) not in own:
            of_neurons[name] = SIDES[indices[name]]
        else:
            return None
    return Clocked(step, None, frozenset(reads), of_neurons)


def _is_number_of_synapse(name: str, step: BlockStep) -> bool:
    variable = step.block.variables[name]
    is_own = not variable.scalar and step.block.indices[name] == "_idx"
    return is_own and np.dtype(variable.dtype) == np.float64


def clocked_factors(clocked: dict[str, Clocked]) -> DecayFunction:
    """The factor of each variable that only decays, as a function."""
    variables: dict[str, Any] = {}
    factors = []
    for name, decay in clocked.items():
        if decay.factor is not None:
            used = get_identifiers(decay.factor)
            variables |= {n: v for n, v in decay.step.block.variables.items() if n in used}
            factors.append((name, decay.factor))
    return DecayFunction(factors, variables, [name for name, _ in factors])


def _uses(text: str, step: BlockStep, written: set[int]) -> bool:
    return any(id(step.block.variables.get(name)) in written for name in get_identifiers(text))


def _factor(name: str, text: str, step: BlockStep) -> str | None:
    variables, indices = step.block.variables, step.block.indices
    variable = variables[name]
    is_float = np.issubdtype(variable.dtype, np.floating)
    if variable.scalar or indices[name] != "_idx" or not is_float:
        return None
    names = set(get_identifiers(text))
    if name not in names or not all(is_constant(variables.get(n)) for n in names - {name}):
        return None
    try:
        expression = str_to_sympy(text, variables)
    except Exception:
        return None
    symbol = sympy.Symbol(name, real=True)
    factor = sympy.diff(expression, symbol)
    if factor.has(symbol) or sympy.expand(expression - factor * symbol) != 0:
        return None
    return word_substitute(text, {name: "1"})


def _changes_by_itself(variable: Any, decay: Clocked, program: Program, synapses: Synapses) -> bool:
    for step in program.steps:
        if isinstance(step, OutsideStep):
            if any(variable is v for c in step.obj.code_objects for v in c.variables.values()):
                return False
        elif isinstance(step, PathwayStep):
            of_step = step.synapse_block.variables.values()
            if step.pathway.synapses.name != synapses.name and any(variable is v for v in of_step):
                return False
        elif isinstance(step, BlockStep) and step is not decay.step:
            if any(variable is v for v in step.written):
                return False
            names = [n for n, v in step.block.variables.items() if v is variable]
            if any(step.block.indices[n] != "_idx" for n in names):
                return False
    lines = lines_of(decay.step)
    last = max(k for k, line in enumerate(lines) if line.target == variable.name)
    # What reads it after its decay reads another value than before; no state updater does.
    return not any(variable.name in line.reads for line in lines[last + 1 :])
