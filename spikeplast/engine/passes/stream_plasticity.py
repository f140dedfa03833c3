"""Let the changes that postsynaptic spikes make wait for the next presynaptic spike.

A presynaptic spike walks over synapses that lie next to each other; those of a postsynaptic
neuron lie far apart, and each costs a cache miss.  `spikeplast.engine.streamed` says how the
changes of a weight between two visits of its presynaptic neuron can be added at once.

Precondition, for a Synapses object with lifted traces:

1. all that its postsynaptic pathways do at synapses is to add to one variable w a product of one
   presynaptic trace and variables of the postsynaptic neuron, shared variables and constants;
   that trace is kept per neuron and only decays between events;
2. if the sum is clipped, the bounds are constant, w is within them when the run begins, every
   presynaptic pathway that writes w clips it to the same bounds last, and all that is added has
   one sign: then it is the same to clip after each change and after their sum;
3. spikes reach all synapses of a presynaptic neuron in the same time step;
4. nothing else writes w, and nothing else reads it in every time step, but for StateMonitors.
   Before something does, what waits is added: for all synapses, or for those it records.

The values are those of the untransformed program up to rounding; of a presynaptic trace, what
is left after forty time constants without a spike counts as nothing.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy
from brian2.core.functions import DEFAULT_FUNCTIONS, Function
from brian2.core.variables import ArrayVariable, AuxiliaryVariable, Constant
from brian2.parsing.statements import parse_statement
from brian2.parsing.sympytools import str_to_sympy, sympy_to_str
from brian2.utils.stringtools import get_identifiers

from ..code_object import parse
from ..lifted import LiftedTraces
from ..program import BlockStep, FlushStep, LiftedCode, OutsideStep, PathwayStep, Program
from ..streamed import Stream
from .lift_traces import parse_lifted
from .signs import ANY, POSITIVE, Sign, either, of_expression, of_numbers

#: Something that reads all weights may do so once in so many time steps.
SELDOM = 50


class NotStreamable(Exception):
    """The precondition does not hold; the text says why."""


@dataclass(frozen=True)
class Change:
    """What a postsynaptic spike adds to w: `trace` times `gain`, clipped to `bounds`."""

    w: str
    trace: str
    gain: str
    bounds: tuple[str, str] | None


def stream_plasticity(program: Program, device: Any) -> None:
    """Apply the pass to each Synapses object for which the precondition holds."""
    for traces in program.lifted:
        steps = [
            step
            for step in program.steps_of(PathwayStep)
            if step.pathway.synapses.name == traces.synapses.name
        ]
        changing = [s for s in steps if s.pathway.prepost == "post" and _code(s).synaptic]
        changed = [
            line.target
            for step in changing
            for line in _code(step).lines
            if line.target not in traces.variables
        ]
        if not changed:
            continue
        try:
            _stream(program, traces, steps, changing, device)
        except NotStreamable as reason:
            where = f"changed at each postsynaptic spike: {reason}"
        else:
            where = "changed by postsynaptic spikes at the next presynaptic one"
        program.notes.append((traces.synapses.name, changed[0], where))


def _stream(
    program: Program,
    traces: LiftedTraces,
    steps: list[PathwayStep],
    changing: list[PathwayStep],
    device: Any,
) -> None:
    written = {id(variable) for step in program.steps for variable in _written(step)}
    changes = [_change(step, traces, written) for step in changing]
    first = changes[0]
    if any((c.w, c.trace, c.bounds) != (first.w, first.trace, first.bounds) for c in changes):
        raise NotStreamable("the postsynaptic pathways change it in different ways")
    variables = _code(changing[0]).variables
    w = variables[first.w]
    visiting = [s for s in steps if s.pathway.prepost == "pre" and _visits(s, first)]
    if not visiting:
        raise NotStreamable("no presynaptic pathway uses it")
    if not all(step.arrives_together for step in visiting):
        raise NotStreamable("its synapses have different delays")
    flushes = _flushes(program, steps, w)
    bounds = None
    if first.bounds is not None:
        bounds = _bound(first.bounds[0], variables), _bound(first.bounds[1], variables)
        for step in visiting:
            _check_clips(step, first)
    stream = Stream(traces, w, first.trace, visiting[0].queue, bounds, device)
    if first.bounds is not None:
        stream.one_sign = _one_sign_test(steps, first.w, traces)
        if not stream.one_sign() or not stream.in_bounds():
            raise NotStreamable("bounds could act before all changes are added")
    for step in visiting:
        _let_visit(step, stream, first, variables)
    for step, change in zip(changing, changes, strict=True):
        _let_wait(step, stream, change)
    stream.scale_block = _scale_block(changing[0], stream)
    for position in range(len(program.steps) - 1, -1, -1):
        if id(program.steps[position]) in flushes:
            reader = program.steps[position]
            program.steps.insert(position, FlushStep(reader.obj, stream, flushes[id(reader)]))
    traces.stream = stream
    stream.restart(traces.now)
    stream.take_over()


def _code(step: PathwayStep) -> LiftedCode:
    assert step.lifted_code is not None
    return step.lifted_code


# -- condition 1 ---------------------------------------------------------------------------


def _change(step: PathwayStep, traces: LiftedTraces, written: set[int]) -> Change:
    code = _code(step)
    if len(code.synaptic) != 1 or not step.arrives_together:
        raise NotStreamable("a postsynaptic pathway does more at a synapse, or has delays")
    w = parse_statement(code.synaptic[0])[0]
    if not _is_weight(w, code.variables, code.indices):
        raise NotStreamable(f"{w} is no variable of the synapse of double precision")
    added, bounds = _added(code.synaptic[0], code.variables)
    names = {str(symbol) for symbol in added.free_symbols}
    if w in names:
        raise NotStreamable(f"the change depends on {w} itself")
    found = [n for n in names & set(traces.variables) if traces.variables[n].side == "pre"]
    if len(found) != 1 or traces.variables[found[0]].scale is None:
        raise NotStreamable("the change is no product with one decaying presynaptic trace")
    if of_expression(traces.factors[found[0]], lambda name: ANY) != POSITIVE:
        raise NotStreamable(f"the decay of {found[0]} is no exponential")
    trace = sympy.Symbol(found[0], real=True)
    gain = sympy.diff(added, trace)
    if gain.has(trace) or sympy.expand(added - gain * trace) != 0:
        raise NotStreamable(f"the change is not proportional to {trace}")
    gain = gain.subs(sympy.Symbol(f"_{trace}_scale", real=True), 1)
    text = sympy_to_str(gain)
    for name in get_identifiers(text):
        variable = code.variables.get(name)
        if not (
            (isinstance(variable, Function) and variable.stateless)
            or isinstance(variable, Constant)
            or (isinstance(variable, ArrayVariable) and code.indices[name] == step.own_side)
            or _is_constant(variable, written)
        ):
            raise NotStreamable(f"the change depends on {name}")
    return Change(w, found[0], text, bounds)


def _added(text: str, variables: dict[str, Any]) -> tuple[sympy.Expr, tuple[str, str] | None]:
    """What a statement adds to its variable before it clips, and the bounds."""
    w, operator, expression, _ = parse_statement(text)
    expression, bounds = _without_clip(w, operator, expression, variables)
    try:
        total = sympy.expand(str_to_sympy(expression, variables))
    except Exception as error:
        raise NotStreamable(f"sympy does not understand '{expression}'") from error
    return total - sympy.Symbol(w, real=True), bounds


def _is_weight(name: str, variables: dict[str, Any], indices: dict[str, str]) -> bool:
    variable = variables.get(name)
    return (
        isinstance(variable, ArrayVariable)
        and indices[name] == "_idx"
        and np.dtype(variable.dtype) == np.float64
    )


def _without_clip(
    w: str, operator: str, expression: str, variables: dict[str, Any]
) -> tuple[str, tuple[str, str] | None]:
    """The new value of w before it is clipped, and the bounds."""
    if operator in ("+=", "-="):
        return f"{w} {operator[0]} ({expression})", None
    if operator != "=":
        raise NotStreamable(f"{w} is changed by {operator}")
    match ast.parse(expression, mode="eval").body:
        case ast.Call(func=ast.Name("clip"), args=[value, low, high]):
            if variables["clip"] is DEFAULT_FUNCTIONS["clip"]:
                return ast.unparse(value), (ast.unparse(low), ast.unparse(high))
    return expression, None


# -- condition 2 ---------------------------------------------------------------------------


def _bound(text: str, variables: dict[str, Any]) -> Any:
    match ast.parse(text, mode="eval").body:
        case ast.Constant(value=int() | float() as value):
            return Constant("bound", value=float(value))
        case ast.Name(name) if isinstance(variables.get(name), Constant):
            return variables[name]
        case ast.Name(name) if _is_constant(variables.get(name), set()):
            return variables[name]
    raise NotStreamable(f"the bound {text} is neither a number nor a constant")


def _check_clips(step: PathwayStep, change: Change) -> None:
    code = _code(step)
    writes = [line for line in code.synaptic if parse_statement(line)[0] == change.w]
    if writes:
        w, operator, expression, _ = parse_statement(writes[-1])
        if _without_clip(w, operator, expression, code.variables)[1] != change.bounds:
            raise NotStreamable(f"{step.pathway.name} does not clip {w} to the same bounds")


def _one_sign_test(steps: list[PathwayStep], w: str, traces: LiftedTraces) -> Callable[[], bool]:
    """A test whether all that postsynaptic spikes add to w has the same sign, as things are."""
    lines = [(step, line) for step in steps for line in _code(step).lines]
    writing = [(step, line) for step, line in lines if line.target in traces.variables]
    added = [
        (step, sympy_to_str(_added(line.text, _code(step).variables)[0]))
        for step, line in lines
        if line.target == w and step.pathway.prepost == "post"
    ]

    def one_sign() -> bool:
        signs = {
            name: of_numbers(lifted.values.get_value()) for name, lifted in traces.variables.items()
        }
        before: dict[str, Sign] = {}
        while before != signs:
            before = dict(signs)
            for step, line in writing:
                new = _sign_written(line.text, step, signs)
                signs[line.target] = either(signs[line.target], new)
        found = (False, False)
        for step, text in added:
            found = either(found, _sign(text, step, signs))
        return found != ANY

    return one_sign


def _sign_written(text: str, step: PathwayStep, signs: dict[str, Sign]) -> Sign:
    """The sign of a trace after a statement."""
    target, operator, expression, _ = parse_statement(text)
    if operator != "=":
        expression = f"{target} {operator[:-1]} ({expression})"
    return _sign(expression, step, signs)


def _sign(expression: str, step: PathwayStep, signs: dict[str, Sign]) -> Sign:
    def of_name(name: str) -> Sign:
        variable = _code(step).variables.get(name)
        if name in signs:
            return signs[name]
        if variable is not None and (
            isinstance(variable, Constant) or _is_constant(variable, set())
        ):
            return of_numbers(np.asarray(variable.get_value()))
        return ANY

    return of_expression(expression, of_name)


# -- conditions 3 and 4 --------------------------------------------------------------------


def _visits(step: PathwayStep, change: Change) -> bool:
    """Whether a presynaptic pathway uses w, or changes the trace."""
    code = _code(step)
    used = set().union(*(line.reads | {line.target} for line in code.lines)) if code.lines else ()
    return change.w in used or any(line.target == change.trace for line in code.lines)


def _flushes(program: Program, own: list[PathwayStep], w: ArrayVariable) -> dict[int, Any]:
    """For each step that reads w, by its id, the variable with the synapses that it reads."""
    found: dict[int, Any] = {}
    dt = min(clock.dt_ for clock in program.clocks)
    for step in program.steps:
        if step in own:
            continue
        if isinstance(step, OutsideStep):
            if any(w is v for c in step.obj.code_objects for v in c.variables.values()):
                raise NotStreamable(f"{step.obj.name} uses it in Python")
        elif isinstance(step, PathwayStep):
            if any(w is v for v in step.synapse_block.variables.values()):
                raise NotStreamable(f"{step.obj.name} uses it")
        elif isinstance(step, BlockStep) and any(w is v for v in step.block.variables.values()):
            if any(w is variable for variable in _written(step)):
                raise NotStreamable(f"{step.obj.name} writes it")
            if step.template == "statemonitor":
                found[id(step)] = step.block.variables["_indices"]
            elif step.clock.dt_ < (SELDOM - 0.5) * dt:
                raise NotStreamable(f"{step.obj.name} reads it often")
            else:
                found[id(step)] = None
    return found


def _written(step: Any) -> list[Any]:
    if isinstance(step, PathwayStep):
        blocks = [b for b in (step.source_block, step.synapse_block) if b is not None]
    elif isinstance(step, BlockStep):
        blocks = [step.block]
    else:
        return []
    statements = [s for block in blocks for s in [*block.scalar, *block.vector]]
    names = {s.var for s in statements}
    return [v for block in blocks for name, v in block.variables.items() if name in names]


def _is_constant(variable: Any, written: set[int]) -> bool:
    return isinstance(variable, ArrayVariable) and variable.scalar and id(variable) not in written


# -- the rewriting -------------------------------------------------------------------------


def _let_visit(
    step: PathwayStep, stream: Stream, change: Change, variables: dict[str, Any]
) -> None:
    code = _code(step)
    total = f"{change.w} + _X_then*(_sum_then - _seen)"
    if change.bounds is not None:
        total = f"clip({total}, {change.bounds[0]}, {change.bounds[1]})"
    code.synaptic[:] = [f"{change.w} = {total}", *code.synaptic, "_seen = _sum_now"]
    code.own.extend(["_X_then = _X", f"_X = _{change.trace}_true/_scale_now"])
    needed: dict[str, Any] = {"clip": DEFAULT_FUNCTIONS["clip"], change.w: stream.w}
    for bound in change.bounds or ():
        if bound in variables:
            needed[bound] = variables[bound]
            code.indices[bound] = "0"
    code.indices[change.w] = "_idx"
    for name, variable, index in (
        ("_X", stream.X, step.own_side),
        ("_X_then", stream.X_then, step.own_side),
        ("_sum_then", stream.sums, "_then_idx"),
        ("_sum_now", stream.sums, step.other_side),
        ("_seen", stream.seen, "_idx"),
        ("_scale_now", stream.scales, "0"),
    ):
        needed[name] = variable
        code.indices[name] = index
    # An index that the writer of the pathway knows.
    needed["_then_idx"] = AuxiliaryVariable("_then_idx", dtype=np.int64)
    code.variables.update(needed)
    step.stream = stream
    parse_lifted(step)


def _let_wait(step: PathwayStep, stream: Stream, change: Change) -> None:
    code = _code(step)
    code.own.append(f"_gain = {change.gain}")
    code.synaptic[:] = []
    code.variables["_gain"] = stream.gain
    code.indices["_gain"] = step.own_side
    step.stream = stream
    parse_lifted(step)


def _scale_block(step: PathwayStep, stream: Stream) -> Any:
    """Sets the scale of each epoch."""
    assert step.decay is not None and step.decay.scale_block is not None
    code = f"_scale = {stream.traces.factors[stream.trace]}"
    used = get_identifiers(code)
    variables = {
        **step.synapse_block.variables,
        "lastupdate": stream.starts,
        "_scale": stream.scales,
    }
    variables = {name: variable for name, variable in variables.items() if name in used}
    indices = dict.fromkeys(variables, "0") | {"lastupdate": "_idx", "_scale": "_idx"}
    return parse(code, stream.traces.synapses, variables, indices, "scales", "stateupdate")
