"""Let changes of synaptic variables wait for the next presynaptic spike.

A presynaptic spike walks over synapses that lie next to each other; those of a postsynaptic
neuron lie far apart, and each costs a cache miss.  A rule that looks at voltages even changes all
synapses in each time step.  `spikeplast.engine.streamed` says how all that is added to a variable
between two visits of its presynaptic neuron can be added at once.

Precondition, for a variable w of a Synapses object with lifted traces:

1. all that its postsynaptic pathways do to w, and the code that runs in each time step, is to add
   products of one presynaptic trace and variables of the postsynaptic neuron, shared variables
   and constants; each such trace is kept per neuron and only decays between events;
2. if the sum is clipped, the bounds are constant and everywhere the same, w is within them when
   the run begins, all that writes w clips it last, and all that is added has one sign: then it is
   the same to clip after each change and after their sum;
3. spikes reach all synapses of a presynaptic neuron in the same time step, or those with the same
   delay, if the traces are kept by neuron and delay and there are at least `MANY` of them on
   average: then that is what "neuron" means here;
4. nothing else reads or writes w in every time step, but for StateMonitors.  Before something
   does, what waits is added: for all synapses, or for those it records.

The values are those of the untransformed program up to rounding; of a presynaptic trace, what
is left after forty time constants (sixteen in single precision) without a spike counts as nothing.
"""

import ast
import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from brian2.core.functions import DEFAULT_FUNCTIONS
from brian2.core.variables import Constant
from brian2.utils.stringtools import get_identifiers

from ..code_object import parse
from ..lifted import LiftedTraces
from ..program import (
    BlockStep,
    FlushStep,
    GainStep,
    OutsideStep,
    PathwayStep,
    Program,
    ScaleStep,
    Step,
    WaitStep,
    interval_of,
)
from ..streamed import Part, Stream
from .clocked_traces import scale_block, without
from .contributions import (
    Contribution,
    NotStreamable,
    auxiliary_index,
    code_of,
    is_shared_constant,
    of_block,
    of_pathway,
    without_clip,
)
from .lift_traces import parse_lifted
from .signs import ANY, POSITIVE, Sign, either, of_expression, of_numbers
from .statements import read_lines
from .synaptic_steps import steps_of, updates_of

#: If delays differ, on average so many synapses of a neuron must have the same one.
MANY = 16
#: Something that reads all weights may do so once in so many time steps.
SELDOM = 50


def stream_plasticity(program: Program, device: Any) -> None:
    """Apply the pass to each variable for which the precondition holds."""
    for traces in program.lifted:
        pathways = [
            step
            for step in program.steps_of(PathwayStep)
            if step.pathway.synapses.name == traces.synapses.name
        ]
        for w in _candidates(program, pathways, traces):
            try:
                _Streaming(program, traces, pathways, w).apply()
            except NotStreamable as reason:
                where = f"changed one synapse after the other: {reason}"
            else:
                where = "its changes wait for the next presynaptic spike"
            program.notes.append((traces.synapses.name, w, where))


def _candidates(program: Program, pathways: list[PathwayStep], traces: LiftedTraces) -> list[str]:
    """What postsynaptic pathways change, or code that uses traces in each time step."""
    found = [
        read_lines(text)[0].target
        for step in pathways
        if step.pathway.prepost == "post"
        for text in code_of(step).synaptic
    ]
    for step in steps_of(program, traces.synapses):
        for name, text in updates_of(step).items():
            if get_identifiers(text) & set(traces.variables):
                found.append(name)
    own = set(traces.variables) | {"lastupdate"}
    variables = traces.synapses.variables
    return [n for n in dict.fromkeys(found) if n in variables and n not in own]


class _Streaming:
    """The pass for one variable."""

    def __init__(self, program: Program, traces: LiftedTraces, pathways: list[PathwayStep], w: str):
        self.program, self.traces, self.pathways, self.w = program, traces, pathways, w
        self.variable = traces.synapses.variables[w]
        self.written = {id(v) for step in program.steps for v in step.written}
        self.contributions = self._contributions(self.written)
        first = self.contributions[0]
        self.bounds = first.bounds
        self.trace_names = sorted(set().union(*(c.gains for c in self.contributions)))
        if any(c.bounds != self.bounds for c in self.contributions):
            raise NotStreamable("not all that changes it has the same bounds")
        self.visits = [s for s in pathways if s.pathway.prepost == "pre" and self._visits(s)]
        if not self.visits:
            raise NotStreamable("no presynaptic pathway uses it")
        rows = {traces.variables[name].rows for name in self.trace_names}
        if len(rows) > 1 or {step.rows for step in self.visits} != rows:
            raise NotStreamable("its synapses have different delays")
        if not _worth_visiting(self.visits[0]):
            raise NotStreamable(f"fewer than {MANY} synapses of a neuron have the same delay")
        self.flushes = self._flushes()
        if self.bounds is not None:
            for step in self.visits:
                lines = [read_lines(text)[0] for text in code_of(step).synaptic]
                self._check_clipped(step, lines, code_of(step).variables)

    # -- the precondition ------------------------------------------------------------------

    def _contributions(self, written: set[int]) -> list[Contribution]:
        post = [s for s in self.pathways if s.pathway.prepost == "post"]
        found = [of_pathway(step, self.w, self.traces, written) for step in post]
        for step in steps_of(self.program, self.traces.synapses):
            if interval_of(step.clock) < self._seldom:
                found.append(of_block(step, self.w, self.traces, written))
        contributions = [c for c in found if c is not None]
        if not contributions:
            raise NotStreamable("it changes seldom")
        return contributions

    @property
    def _seldom(self) -> float:
        return (SELDOM - 0.5) * min(interval_of(clock) for clock in self.program.clocks)

    def _visits(self, step: PathwayStep) -> bool:
        """Whether a presynaptic pathway uses w, or changes one of its traces."""
        lines = code_of(step).lines
        return any(
            self.w in line.reads | {line.target} or line.target in self.trace_names
            for line in lines
        )

    def _flushes(self) -> list[tuple[Step, Any]]:
        """The steps that read or write w, with a variable that has the synapses, or None."""
        found: list[tuple[Step, Any]] = []
        own = [c.step for c in self.contributions]
        for step in self.program.steps:
            if any(step is other for other in [*own, *self.pathways]):
                continue
            if isinstance(step, OutsideStep):
                if any(self._has_w(c.variables) for c in step.obj.code_objects):
                    raise NotStreamable(f"{step.obj.name} uses it in Python")
            elif isinstance(step, BlockStep) and self._has_w(step.block.variables):
                found.append((step, self._flushed_by(step)))
            elif isinstance(step, PathwayStep):
                code = step.lifted_code
                lifted = {} if code is None else code.variables
                if self._has_w(step.synapse_block.variables) or self._has_w(lifted):
                    # Synapses that lead to these synapses, or come from them.
                    raise NotStreamable(f"{step.obj.name} uses it")
            elif isinstance(step, GainStep) and self._has_w(step.block.variables):
                raise NotStreamable(f"{step.obj.name} uses it")
        return found

    def _flushed_by(self, step: BlockStep) -> Any:
        if step.template == "statemonitor":
            names = [n for n, v in step.block.variables.items() if v is self.variable]
            if all(step.block.indices[name] == "_idx" for name in names):
                return step.block.variables["_indices"]
        if interval_of(step.clock) < self._seldom:
            raise NotStreamable(f"{step.obj.name} uses it often")
        if self.bounds is not None:
            self._check_clipped(step, read_lines(step.code), step.block.variables)
        return None

    def _has_w(self, variables: dict[str, Any]) -> bool:
        return any(variable is self.variable for variable in variables.values())

    def _check_clipped(self, step: Step, lines: Sequence[Any], variables: dict[str, Any]) -> None:
        writing = [line for line in lines if line.target == self.w]
        if writing and without_clip(writing[-1].new_value, variables)[1] != self.bounds:
            raise NotStreamable(f"{step.obj.name} does not clip it to the same bounds")

    def _one_sign_test(self) -> Callable[[], bool]:
        """A test whether all that is added to w has the same sign, as things are."""
        writing = [
            (step, line)
            for step in self.pathways
            for line in code_of(step).lines
            if line.target in self.traces.variables
        ]

        def one_sign() -> bool:
            signs = {
                # Raw: what stays with the synapses would be written out if it were asked for.
                name: of_numbers(self.traces.device.raw_value(lifted.values))
                for name, lifted in self.traces.variables.items()
            }
            before: dict[str, Sign] = {}
            while before != signs:
                before = dict(signs)
                for step, line in writing:
                    new = self._sign(line.new_value, code_of(step).variables, signs)
                    signs[line.target] = either(signs[line.target], new)
            found = (False, False)
            for c in self.contributions:
                new = self._sign(c.added, _variables(c.step), signs)
                found = either(found, new)
            return found != ANY

        return one_sign

    def _sign(self, text: str, variables: dict[str, Any], signs: dict[str, Sign]) -> Sign:
        scales = {f"_{name}_scale" for name in self.traces.variables}

        def of_name(name: str) -> Sign:
            if name in signs:
                return signs[name]
            if name in scales:
                return POSITIVE
            variable: Any = variables.get(name)
            if isinstance(variable, Constant) or is_shared_constant(variable, self.written):
                return of_numbers(np.asarray(variable.get_value()))
            return ANY

        return of_expression(text, of_name)

    # -- the rewriting ---------------------------------------------------------------------

    def apply(self) -> None:
        variables = _variables(self.contributions[0].step)
        bounds = None
        if self.bounds is not None:
            low, high = (_bound(text, variables, self.written) for text in self.bounds)
            bounds = low, high
        parts = [Part(self.traces, self.w, trace) for trace in self.trace_names]
        stream = Stream(self.traces, self.variable, parts, self.visits[0].queue, bounds)
        if bounds is not None:
            stream.one_sign = self._one_sign_test()
            if not stream.one_sign() or not stream.in_bounds():
                raise NotStreamable("bounds could act before all changes are added")
        if not stream.decays():
            raise NotStreamable("a trace grows by itself")
        for part in parts:
            self._keep_scale(part, stream)
        for visit in self.visits:
            self._let_visit(visit, stream, variables)
        for contribution in self.contributions:
            if isinstance(contribution.step, PathwayStep):
                self._let_wait(contribution.step, contribution, stream)
            else:
                self._let_wait_each_step(contribution.step, contribution, stream)
        for step, indices in self.flushes:
            position = _position(self.program, step)
            self.program.steps[position : position + 1] = [
                FlushStep(step.obj, stream, indices),
                step,
                WaitStep(step.obj, stream, indices),
            ]
        self.traces.streams.append(stream)
        stream.restart(self.traces.now)
        stream.take_over()

    def _keep_scale(self, part: Part, stream: Stream) -> None:
        """Write what brings the scale of a part up to date."""
        scale = f"{part.label}_scale"
        if part.clocked:
            for step in self.program.steps_of(ScaleStep):
                factor = step.factors.get((self.traces.synapses.name, part.trace))
                if factor is not None:
                    decay = [f"{scale} = {scale}*({factor})"]
                    part.scale_block = scale_block(step.source, decay, {scale: part.scale})
                    step.parts.append((stream, part))
            return
        code = f"{scale} = {self.traces.factors[part.trace]}"
        used = get_identifiers(code)
        known = {
            **self.visits[0].synapse_block.variables,
            "lastupdate": part.start,
            scale: part.scale,
        }
        variables = {name: variable for name, variable in known.items() if name in used}
        indices = dict.fromkeys(variables, "0")
        part.scale_block = parse(
            code, self.traces.synapses, variables, indices, "scale", "stateupdate"
        )

    def _let_visit(self, step: PathwayStep, stream: Stream, variables: dict[str, Any]) -> None:
        code = code_of(step)
        total = waiting = self.w
        known: dict[str, tuple[Any, str]] = {self.w: (self.variable, "_idx")}
        for part in stream.parts:
            p = part.label
            total += f" + {p}_X_then*{p}_then"
            waiting += f" - {p}_X*{p}_sum"
            code.own.extend([f"{p}_X_then = {p}_X", f"{p}_X = _{part.trace}_true/{p}_scale"])
            code.until_then[f"{p}_then"] = f"{p}_older + {p}_ratio*{p}_sum", f"{p}_sum"
            known |= {
                f"{p}_X": (part.X, step.row_index or step.own_side),
                f"{p}_X_then": (part.X_then, step.row_index or step.own_side),
                f"{p}_sum": (part.sums, step.other_side),
                f"{p}_older": (part.older, f"{p}_older_idx"),
                f"{p}_ratio": (part.ratios, f"{p}_slot"),
                f"{p}_scale": (part.scale, "0"),
            }
            for index in (f"{p}_older_idx", f"{p}_slot"):
                code.variables[index] = auxiliary_index(index)
        if self.bounds is not None:
            total = f"clip({total}, {self.bounds[0]}, {self.bounds[1]})"
            known["clip"] = DEFAULT_FUNCTIONS["clip"], "0"
            known |= {b: (variables[b], "0") for b in self.bounds if b in variables}
        code.synaptic[:] = [
            f"{self.w} = {total}",
            *code.synaptic,
            f"{self.w} = {waiting}",
        ]
        for name, (variable, index) in known.items():
            code.variables[name] = variable
            code.indices[name] = index
        step.streams.append(stream)
        parse_lifted(step)

    def _let_wait(self, step: PathwayStep, contribution: Contribution, stream: Stream) -> None:
        code = code_of(step)
        code.synaptic[:] = [t for t in code.synaptic if read_lines(t)[0].target != self.w]
        for part in stream.parts:
            if part.trace in contribution.gains:
                code.own.append(self._sum(part, contribution))
                for name, variable, index in (
                    (f"{part.label}_sum", part.sums, step.own_side),
                    (f"{part.label}_scale", part.scale, "0"),
                ):
                    code.variables[name] = variable
                    code.indices[name] = index
        step.streams.append(stream)
        parse_lifted(step)

    def _let_wait_each_step(
        self, step: BlockStep, contribution: Contribution, stream: Stream
    ) -> None:
        old = step.block
        variables, indices = dict(old.variables), copy.copy(old.indices)
        for name in variables:
            if indices[name] == "_postsynaptic_idx":
                indices[name] = "_idx"
        code = []
        for part in stream.parts:
            if part.trace in contribution.gains:
                code.append(self._sum(part, contribution))
                variables |= {f"{part.label}_sum": part.sums, f"{part.label}_scale": part.scale}
                indices[f"{part.label}_sum"] = "_idx"
                indices[f"{part.label}_scale"] = "0"
        position = _position(self.program, step)
        gains = parse(
            "\n".join(code), old.owner, variables, indices, old.generator.name, "stateupdate"
        )
        self.program.steps.insert(position, GainStep(step.obj, stream, gains))
        lines = without(read_lines(step.code), {self.w}, old.variables)
        if not lines:
            del self.program.steps[position + 1]
            return
        step.code = "\n".join(line.text for line in lines)
        step.block = parse(
            step.code, old.owner, old.variables, old.indices, old.generator.name, step.template
        )

    def _sum(self, part: Part, contribution: Contribution) -> str:
        p = part.label
        return f"{p}_sum = {p}_sum + {p}_scale*({contribution.gains[part.trace]})"


def _worth_visiting(step: PathwayStep) -> bool:
    """Whether there are enough synapses for what a visit of their row costs."""
    pointers = step.layout.pointers
    return not step.row_index or pointers[-1] >= MANY * np.count_nonzero(np.diff(pointers))


def _bound(text: str, variables: dict[str, Any], written: set[int]) -> Any:
    match ast.parse(text, mode="eval").body:
        case ast.Constant(value=int() | float() as value):
            return Constant("bound", value=float(value))
        case ast.Name(name) if isinstance(variables.get(name), Constant):
            return variables[name]
        case ast.Name(name) if is_shared_constant(variables.get(name), written):
            return variables[name]
    raise NotStreamable(f"the bound {text} is neither a number nor a constant")


def _variables(step: PathwayStep | BlockStep) -> dict[str, Any]:
    return code_of(step).variables if isinstance(step, PathwayStep) else step.block.variables


def _position(program: Program, step: Step) -> int:
    return next(k for k, other in enumerate(program.steps) if other is step)
