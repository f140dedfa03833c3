"""What the code of a Synapses object does at each synapse in each time step.

State updaters first compute new values under names of their own and then assign them, in any
order; operations that run regularly are written by the user.  Both are read as what they come to:
for each variable, an expression of the values before the step.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy
from brian2.core.functions import Function
from brian2.core.variables import ArrayVariable, Subexpression
from brian2.parsing.sympytools import str_to_sympy
from brian2.synapses.synapses import Synapses
from brian2.utils.stringtools import get_identifiers, word_substitute

from ..functions import is_of_user
from ..lifted import DecayFunction, is_decay
from ..program import BlockStep, OutsideStep, PathwayStep, Program
from .statements import Line, is_constant, read_lines

#: Expressions longer than this are left alone; sympy would take too long.
MAX_LENGTH = 3000


@dataclass
class ClockedDecay:
    """A synaptic variable is multiplied by `factor` in each run of `step`."""

    step: BlockStep
    factor: str


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
        known[line.target] = word_substitute(line.new_value, before)
        if len(known[line.target]) > MAX_LENGTH:
            return {}
    return {
        name: text for name, text in known.items() if isinstance(variables.get(name), ArrayVariable)
    }


def _is_plain(function: Function) -> bool:
    return function.stateless and not function.auto_vectorise and not is_of_user(function)


def clocked_decays(program: Program, synapses: Synapses) -> dict[str, ClockedDecay]:
    """The variables of the synapses that decay step by step, and do nothing else by themselves.

    Nothing but their decay and the pathways of the same synapses may write them, and no Python
    code between the time steps may have their arrays.
    """
    found: dict[str, ClockedDecay] = {}
    written = {id(variable) for step in program.steps for variable in step.written}
    for step in steps_of(program, synapses):
        for name, text in updates_of(step).items():
            factor = _factor(name, text, step)
            if factor is not None and not _uses(factor, step, written):
                found[name] = ClockedDecay(step, factor)
    return {
        name: decay
        for name, decay in found.items()
        if _changes_by_itself(synapses.variables[name], decay, program, synapses)
        and is_decay(clocked_factors({name: decay}))
    }


def clocked_factors(clocked: dict[str, ClockedDecay]) -> DecayFunction:
    """The factor of each trace, as a function."""
    variables: dict[str, Any] = {}
    for decay in clocked.values():
        used = get_identifiers(decay.factor)
        variables |= {n: v for n, v in decay.step.block.variables.items() if n in used}
    factors = [(name, decay.factor) for name, decay in clocked.items()]
    return DecayFunction(factors, variables, list(clocked))


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


def _changes_by_itself(
    variable: Any, decay: ClockedDecay, program: Program, synapses: Synapses
) -> bool:
    for step in program.steps:
        if isinstance(step, OutsideStep):
            if any(variable is v for c in step.obj.code_objects for v in c.variables.values()):
                return False
        elif isinstance(step, PathwayStep):
            if step.pathway.synapses.name != synapses.name and any(
                variable is v for v in step.synapse_block.variables.values()
            ):
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
