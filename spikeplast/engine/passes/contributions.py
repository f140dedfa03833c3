"""What pathways and time steps add to a synaptic variable, read from their statements.

A contribution is a sum of products, each of one presynaptic trace that only decays by itself, and
a gain: something of the postsynaptic neuron, shared variables and constants.  The sum may be
clipped.
"""

import ast
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy
from brian2.core.functions import DEFAULT_FUNCTIONS, Function
from brian2.core.variables import ArrayVariable, AuxiliaryVariable, Constant
from brian2.parsing.sympytools import str_to_sympy
from brian2.utils.stringtools import get_identifiers, word_substitute

from ..lifted import LiftedTraces
from ..program import BlockStep, LiftedCode, PathwayStep
from .signs import ANY, POSITIVE, of_expression
from .statements import Line, read_lines
from .synaptic_steps import updates_of


class NotStreamable(Exception):
    """The precondition does not hold; the text says why."""


@dataclass(frozen=True)
class Contribution:
    """What a step adds to w: the sum of each trace times its gain, clipped to `bounds`.

    `added` says the same in the names that the user's statements have.
    """

    step: PathwayStep | BlockStep
    w: str
    gains: dict[str, str]
    bounds: tuple[str, str] | None
    added: str


def code_of(step: PathwayStep) -> LiftedCode:
    assert step.lifted_code is not None
    return step.lifted_code


def is_shared_constant(variable: Any, written: set[int]) -> bool:
    return isinstance(variable, ArrayVariable) and variable.scalar and id(variable) not in written


def of_pathway(
    step: PathwayStep, w: str, traces: LiftedTraces, written: set[int]
) -> Contribution | None:
    """What a postsynaptic pathway adds to w; None if it does not write it."""
    code = code_of(step)
    lines = [read_lines(text)[0] for text in code.synaptic]
    if all(line.target != w for line in lines):
        return None
    if not step.arrives_together:
        raise NotStreamable(f"{step.pathway.name} has different delays")
    line = _only_line(lines, w)
    context = _Context(code.variables, code.indices, step.own_side, written)
    (of_user,) = (line.new_value for line in code.lines if line.target == w)
    return _contribution(step, w, line.new_value, of_user, traces, context)


def of_block(
    step: BlockStep, w: str, traces: LiftedTraces, written: set[int]
) -> Contribution | None:
    """What code that runs in each time step adds to w; None if it does not write it."""
    variables = step.block.variables
    if all(variables.get(w) is not variable for variable in step.written):
        return None
    updates = updates_of(step)
    if w not in updates:
        raise NotStreamable(f"{step.obj.name} changes it in too involved a way")
    if any(w in get_identifiers(text) for name, text in updates.items() if name != w):
        raise NotStreamable(f"{step.obj.name} uses it")
    own = {id(variable) for variable in step.written}
    context = _Context(variables, step.block.indices, "_postsynaptic_idx", written, own)
    return _contribution(step, w, updates[w], updates[w], traces, context)


@dataclass
class _Context:
    """What the names in a statement mean."""

    variables: dict[str, Any]
    indices: Any
    #: How Brian 2 calls the index of the postsynaptic neuron.
    neuron: str
    #: Variables that are written somewhere, and those that are written in the same code.
    written: set[int]
    written_here: frozenset[int] | set[int] = frozenset()

    def may_be_in_gain(self, name: str) -> bool:
        variable = self.variables.get(name)
        if id(variable) in self.written_here:
            return False
        return (
            (isinstance(variable, Function) and variable.stateless)
            or isinstance(variable, Constant)
            or (isinstance(variable, ArrayVariable) and self.indices[name] == self.neuron)
            or is_shared_constant(variable, self.written)
        )


def _only_line(lines: list[Line], w: str) -> Line:
    writing = [line for line in lines if line.target == w]
    if len(writing) > 1 or any(w in line.reads for line in lines if line.target != w):
        raise NotStreamable("a postsynaptic pathway does more with it")
    return writing[0]


def _contribution(
    step: PathwayStep | BlockStep,
    w: str,
    text: str,
    of_user: str,
    traces: LiftedTraces,
    context: _Context,
) -> Contribution:
    if not is_weight(w, context.variables, context.indices):
        raise NotStreamable(f"{w} is no floating-point variable of the synapse")
    text, bounds = without_clip(text, context.variables)
    presynaptic = {
        name
        for name, lifted in traces.variables.items()
        if lifted.rows != "synapse" and traces.rows[lifted.rows].side == "pre"
    }
    scales = {
        f"_{name}_scale": "1" for name in presynaptic if traces.variables[name].scale is not None
    }
    text = word_substitute(text, scales)
    names = set(get_identifiers(text))
    found = sorted(names & presynaptic)
    if not found:
        raise NotStreamable("the change is no product with a presynaptic trace")
    for name in found:
        _check_trace(name, traces)
    _check_linear(text, w, found, context)
    nothing = {w: "0", **dict.fromkeys(found, "0")}
    gains = {trace: word_substitute(text, {**nothing, trace: "1"}) for trace in found}
    for name in sorted(names - {w, *found}):
        if not context.may_be_in_gain(name):
            raise NotStreamable(f"the change depends on {name}")
    added = word_substitute(without_clip(of_user, context.variables)[0], {w: "0"})
    return Contribution(step, w, gains, bounds, added)


def _check_trace(name: str, traces: LiftedTraces) -> None:
    lifted = traces.variables[name]
    if lifted.scale is None:
        raise NotStreamable(f"{name} does more than to decay")
    if not lifted.clocked and of_expression(traces.factors[name], lambda name: ANY) != POSITIVE:
        raise NotStreamable(f"the decay of {name} is no exponential")


def _check_linear(text: str, w: str, traces: list[str], context: _Context) -> None:
    """Whether the text is w and a sum of products, each with one of the traces."""
    try:
        total = str_to_sympy(text, context.variables)
    except Exception as error:
        raise NotStreamable(f"sympy does not understand '{text}'") from error
    added = sympy.expand(total - sympy.Symbol(w, real=True))
    if sympy.Symbol(w, real=True) in added.free_symbols:
        raise NotStreamable(f"the change depends on {w} itself")
    symbols = [sympy.Symbol(name, real=True) for name in traces]
    gains = [sympy.diff(added, symbol) for symbol in symbols]
    if (
        any(gain.has(symbol) for gain in gains for symbol in symbols)
        or sympy.expand(
            added - sum(gain * symbol for gain, symbol in zip(gains, symbols, strict=True))
        )
        != 0
    ):
        raise NotStreamable(f"the change is not proportional to {', '.join(traces)}")


def is_weight(name: str, variables: dict[str, Any], indices: Any) -> bool:
    variable = variables.get(name)
    return (
        isinstance(variable, ArrayVariable)
        and indices[name] == "_idx"
        and np.issubdtype(variable.dtype, np.floating)
    )


def without_clip(text: str, variables: dict[str, Any]) -> tuple[str, tuple[str, str] | None]:
    """An expression before it is clipped, and the bounds."""
    match ast.parse(text, mode="eval").body:
        case ast.Call(func=ast.Name("clip"), args=[value, low, high]):
            if variables["clip"] is DEFAULT_FUNCTIONS["clip"]:
                return ast.unparse(value), (ast.unparse(low), ast.unparse(high))
    return text, None


def auxiliary_index(name: str) -> AuxiliaryVariable:
    """An index that the writer of the pathway knows."""
    return AuxiliaryVariable(name, dtype=np.int64)
