"""A network as data: the ordered steps of one time step, and what each needs.

A step is one Brian 2 object that does something each time its clock ticks.  Steps hold
parsed statements and references to Brian 2's variables; names and values of the user's
model are bound later, so that passes can rewrite steps and the source that is made of
them does not depend on parameters.
"""

import math
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from brian2.core.base import BrianObject
from brian2.core.network import Network
from brian2.groups.group import CodeRunner
from brian2.synapses.synapses import SynapticPathway

from .code_object import Block, NumbaCodeObject
from .lifted import LiftedTraces
from .queue import Layout, SpikeQueue
from .rows import SEVERAL
from .streamed import Part, Stream


@dataclass
class Step:
    """One Brian 2 object in the schedule."""

    obj: BrianObject

    @property
    def clock(self) -> Any:
        return self.obj.clock

    @property
    def blocks(self) -> list[Block]:
        """The user's statements."""
        return []

    @property
    def written(self) -> list[Any]:
        """The variables that the user's statements write."""
        return [variable for block in self.blocks for variable in block.written]


@dataclass
class BlockStep(Step):
    """A code object of any template but those of a synaptic pathway.

    `code` is Brian 2's abstract code, `block` the same, parsed.
    """

    template: str
    code: str
    block: Block
    kwds: dict[str, Any]

    @property
    def blocks(self) -> list[Block]:
        return [self.block]


@dataclass
class Decay:
    """Brings values that are kept once per neuron up to the present.

    Attributes
    ----------
    time : variable
        The present.
    blocks : list of (Block, variable)
        Statements for each neuron, and a variable with as many elements.
    last_update : variable
        When the blocks ran last.
    scale_block : Block, optional
        Sets the scales.
    scaled : list of (variable, variable)
        Values and the scale that they have to be multiplied with.
    epoch : variable
        Since when the scales count.
    """

    time: Any
    blocks: list[tuple[Block, Any]]
    last_update: Any
    scale_block: Block | None
    scaled: list[tuple[Any, Any]]
    epoch: Any


@dataclass
class LiftedCode:
    """The statements of a pathway after its traces were lifted, with their variables.

    `own` are the statements for the neuron whose spike it is, `synaptic` those for each synapse;
    `lines` are the user's statements.  For names in `until_then` there are two expressions: one
    that is always right, and one if the neuron was visited in the present epoch.
    """

    lines: list[Any]
    own: list[str]
    synaptic: list[str]
    variables: dict[str, Any]
    indices: dict[str, str]
    until_then: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass
class PathwayStep(Step):
    """Spikes in, statements for each synapse they reach.

    Attributes
    ----------
    code : str
        Brian 2's abstract code of what happens at each synapse.
    synapse_block : Block
        The same, parsed.
    decay : Decay, optional
        Run before any synapse, in steps in which there is a spike.
    source_block : Block, optional
        Run once for each spike, before its synapses.
    lifted_code : LiftedCode, optional
        What `decay`, `source_block` and `synapse_block` were parsed from, if traces are lifted.
    streams : list of Stream
        Those that it visits, or to whose sums it adds.
    recent_block : Block, optional
        For a visit, the same as `synapse_block` if the last one was in the present epoch.
    row_index : str
        How statements call the rows of this pathway, if they are those of neurons and delays.
    dense : bool
        Whether the synapses of each neuron are walked as leading to neighbours.
    """

    eventspace: Any
    queue: SpikeQueue
    code: str
    synapse_block: Block
    decay: Decay | None = None
    source_block: Block | None = None
    lifted_code: LiftedCode | None = None
    streams: list[Stream] = field(default_factory=list)
    recent_block: Block | None = None
    row_index: str = ""
    dense: bool = False

    @property
    def leads_to_neighbours(self) -> bool:
        """Whether the synapses of each neuron lead to neurons that follow one another."""
        targets = self.pathway.synapses.variables["_synaptic_post"].get_value()
        return (
            self.pathway.prepost == "pre"
            and self.layout.order is None
            and self.arrives_together
            and _rows_follow(self.layout.pointers, targets)
        )

    @property
    def blocks(self) -> list[Block]:
        return [b for b in (self.source_block, self.synapse_block) if b is not None]

    @property
    def pathway(self) -> SynapticPathway:
        return self.obj

    @property
    def layout(self) -> Layout:
        return self.queue.layout

    @property
    def arrives_together(self) -> bool:
        """Whether each spike reaches all synapses of its neuron in the same time step."""
        return self.layout.min_delay == self.layout.max_delay and self.queue.whole_rows_pending

    @property
    def rows(self) -> str:
        """Which synapses each spike reaches together; see `rows.Rows`.

        "pre" or "post" for all of its neuron, a name for those with the same delay, and "" if these
        are few or are not reached together.
        """
        if self.arrives_together:
            return self.pathway.prepost
        if self.layout.min_delay == self.layout.max_delay or not self.queue.whole_rows_pending:
            return ""
        pointers = self.layout.pointers
        if pointers.size - 1 > pointers[-1]:
            return ""
        several = pointers[-1] >= SEVERAL * np.count_nonzero(np.diff(pointers))
        return f"{self.pathway.objname}_delay" if several else ""

    @property
    def own_side(self) -> str:
        """The name that Brian 2 gives the index of the neurons whose spikes arrive."""
        return "_presynaptic_idx" if self.pathway.prepost == "pre" else "_postsynaptic_idx"

    @property
    def other_side(self) -> str:
        return "_postsynaptic_idx" if self.pathway.prepost == "pre" else "_presynaptic_idx"


def _rows_follow(pointers: np.ndarray, values: np.ndarray) -> bool:
    """Whether each value in a row is one more than the one before."""
    breaks = np.flatnonzero(values[1:] != values[:-1] + 1) + 1
    return breaks.size < pointers.size and bool(np.isin(breaks, pointers).all())


@dataclass
class ScaleStep(Step):
    """In each time step, the decay of traces that `obj` brings about.

    Attributes
    ----------
    source : BlockStep
        Where the decay was.
    factors : dict
        By which a trace is multiplied, by the names of Synapses object and trace.
    block : Block
        Changes the scales.
    scaled : list of (variable, variable)
        Values and the scale that they have to be multiplied with.
    parts : list of (Stream, Part)
        Those whose trace is one of them.
    """

    source: BlockStep
    factors: dict[tuple[str, str], str]
    block: Block
    scaled: list[tuple[Any, Any]]
    parts: list[tuple[Stream, Part]] = field(default_factory=list)


@dataclass
class RowsStep(Step):
    """In each time step, what variables that are kept by rows do by themselves.

    `block` is run for each row; `sized_by` is a variable with as many elements.
    """

    block: Block
    sized_by: Any


@dataclass
class GainStep(Step):
    """In each time step, what `obj` changes at synapses by something of their target neurons.

    `block` adds it to the sums of `stream`, for one neuron.
    """

    stream: Stream
    block: Block


@dataclass
class FlushStep(Step):
    """Before `obj` reads or writes streamed weights: what waits for them is added.

    `indices` is the variable with the synapses that it reads, None for all.
    """

    stream: Stream
    indices: Any


@dataclass
class WaitStep(Step):
    """After `obj`, the opposite of its FlushStep."""

    stream: Stream
    indices: Any


@dataclass
class OutsideStep(Step):
    """An object that runs in Python, between two stretches of the loop."""

    reason: str


@dataclass
class Program:
    """The steps of a network in the order in which they run, and its clocks."""

    steps: list[Step]
    clocks: list[Any]
    #: For explain(): object, variable, and where a pass keeps it and why.
    notes: list[tuple[str, str, str]] = field(default_factory=list)
    #: For explain(): pass, object, and what the pass did there or why it did not.
    reports: list[tuple[str, str, str]] = field(default_factory=list)
    #: The variables that this program keeps in another form while it runs.
    lifted: list[LiftedTraces] = field(default_factory=list)
    #: Whether the time that each step takes is measured.
    timed: bool = False
    #: Whether the loop runs with denormal numbers taken for zero.
    flushes_denormals: bool = False

    def steps_of(self, kind: type) -> Iterator[Any]:
        return (step for step in self.steps if isinstance(step, kind))

    @property
    def outside(self) -> list[OutsideStep]:
        return list(self.steps_of(OutsideStep))


def has_time_step(clock: Any) -> bool:
    """Whether a clock ticks at regular times; Brian 2's EventClock ticks at given ones."""
    return hasattr(clock, "dt_")


def interval_of(clock: Any) -> float:
    """Seconds between two ticks; infinite for an EventClock, which ticks seldom."""
    return clock.dt_ if has_time_step(clock) else math.inf


def build_program(net: Network, outside: Mapping[str, str] | None = None) -> Program:
    """The program of a network whose `before_run` has been called.

    `outside` names objects that have to run in Python, and says why.
    """
    objects = [obj for obj in net.sorted_objects if obj.active]
    clocks = sorted({obj.clock for obj in net.sorted_objects}, key=lambda clock: clock.name)
    steps = [step for obj in objects for step in _steps_of(obj, outside or {})]
    return Program(steps, clocks)


def _steps_of(obj: BrianObject, outside: Mapping[str, str]) -> list[Step]:
    if not _has_own_run(obj) and not obj.code_objects:
        return []
    reason = outside.get(obj.name) or _reason_outside(obj)
    if reason is not None:
        return [OutsideStep(obj, reason)]
    code_objects = [unwrapped(code_object) for code_object in obj.code_objects]
    if isinstance(obj, SynapticPathway):
        _, deliver = code_objects
        return [
            PathwayStep(
                obj,
                eventspace=obj.source.variables[obj.eventspace_name],
                queue=obj.queue,
                code=deliver.code[None],
                synapse_block=deliver.block,
            )
        ]
    return [
        BlockStep(
            obj,
            code_object.template_name,
            code_object.code[None],
            code_object.block,
            code_object.template_kwds,
        )
        for code_object in code_objects
    ]


def _reason_outside(obj: BrianObject) -> str | None:
    if _has_own_run(obj):
        return f"{type(obj).__name__} runs Python code"
    for code_object in map(unwrapped, obj.code_objects):
        if not isinstance(code_object, NumbaCodeObject):
            return "its code has no form in the compiled loop"
        obstacle = code_object.obstacle
        if obstacle is not None:
            warnings.warn(f"'{obj.name}' runs in Python, which is slow: {obstacle}", stacklevel=2)
            return obstacle
    return None


def _has_own_run(obj: BrianObject) -> bool:
    return type(obj).run not in (BrianObject.run, CodeRunner.run)


def unwrapped(code_object: Any) -> Any:
    """The object behind the weak reference that Brian 2 keeps; None if it is gone."""
    try:
        return code_object.__repr__.__self__
    except ReferenceError:
        return None
