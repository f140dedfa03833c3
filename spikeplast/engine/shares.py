"""What each step of a program reads and writes, and so what of it several threads may divide.

See `spikeplast.engine.division`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from brian2.core.functions import Function
from brian2.core.variables import ArrayVariable
from brian2.groups.neurongroup import NeuronGroup
from brian2.groups.subgroup import Subgroup
from brian2.input.poissongroup import PoissonGroup
from brian2.input.spikegeneratorgroup import SpikeGeneratorGroup
from brian2.synapses.synapses import Synapses

from .code_object import Block
from .program import (
    BlockStep,
    Decay,
    FlushStep,
    GainStep,
    PathwayStep,
    Program,
    RowsStep,
    ScaleStep,
    Step,
    WaitStep,
)
from .streamed import Part

#: Whose part of an array a step touches: ("cells", group) are a thread's own cells, ("synapses",
#: name) the synapses that lead to its own cells, ("range", name) a range of synapses.
Own = tuple[str, str]
#: Any element; of a copy; any element, by the first thread.
ANY, COPY, FIRST = ("any", ""), ("copy", ""), ("first", "")
#: Stands for the state of the random numbers.
RANDOM = "random numbers"


class NotDivisible(Exception):
    """Says why a step is done by one thread."""


@dataclass
class Share:
    """How one step is done: what it reads and writes, by key, and where."""

    mode: str
    why: str = ""
    reads: list[tuple[Any, Own]] = field(default_factory=list)
    writes: list[tuple[Any, Own]] = field(default_factory=list)

    def add(self, other: "Share") -> None:
        self.reads += other.reads
        self.writes += other.writes

    def alone(self, why: str) -> "Share":
        keys = {key for key, _ in self.reads}, {key for key, _ in self.writes}
        return Share("alone", why, *([(key, FIRST) for key in k] for k in keys))


def root(group: Any) -> Any:
    return group.source if isinstance(group, Subgroup) else group


def cells(group: Any) -> Own:
    return "cells", root(group).name


def own_range(owner: Any) -> Own | None:
    """What a loop over all elements of `owner` is divided into; None if it is not."""
    if isinstance(owner, Synapses):
        return "range", owner.name
    if isinstance(owner, NeuronGroup | PoissonGroup | SpikeGeneratorGroup):
        return cells(owner)
    return None


class Shares:
    """Makes the share of each step of a program, as if there were no other step."""

    def __init__(self, program: Program):
        self._sides = dict(_sides(program))

    def side(self, variable: Any) -> Own:
        """Where an array that lifted traces keep per neuron belongs."""
        return self._sides[id(variable)]

    def of(self, step: Step) -> Share:
        """The share of a step as if it were the only one."""
        try:
            share = self._divided(step)
            _check_independent(share)
        except NotDivisible as reason:
            return self.undivided(step).alone(str(reason))
        if any(kind == COPY for _, kind in share.writes) and not any(
            kind not in (COPY, ANY) for _, kind in share.reads + share.writes
        ):
            share.mode = "copied"
        return share

    def _divided(self, step: Step) -> Share:
        if isinstance(step, PathwayStep):
            return self._pathway(step)
        if isinstance(step, GainStep):
            synapses = step.stream.traces.synapses
            own = {"_idx": cells(_target(synapses))}
            return _of_block(step.block, own)
        if isinstance(step, RowsStep):
            side = self._sides.get(id(step.sized_by))
            if side is None:
                raise NotDivisible("its rows are no cells")
            return _of_block(step.block, {"_idx": side})
        if isinstance(step, ScaleStep):
            share = _of_block(step.block, {})
            for values, scale in step.scaled:
                share.add(self._rescaling(values, scale))
            for _, part in step.parts:
                share.add(self._epoch(part))
            return share
        if isinstance(step, BlockStep):
            return self._block_step(step)
        raise NotDivisible("it adds what waits, wherever it is needed")

    def _block_step(self, step: BlockStep) -> Share:
        if step.template in ("spikemonitor", "statemonitor", "ratemonitor"):
            raise NotDivisible("what is recorded is written in order")
        if step.template == "summed_variable":
            raise NotDivisible("a sum may come from all synapses")
        if step.template == "spikegenerator":
            events, last = (step.block.variables[n] for n in ("_spikespace", "_lastindex"))
            return Share("divided", writes=[(id(events), COPY), (id(last), COPY)])
        events = id(step.kwds["eventspace_variable"]) if "eventspace_variable" in step.kwds else 0
        if step.template == "threshold" and _draws(step.block):
            # A draw depends on those before: all threads draw the same, each for itself.
            share = _of_block(step.block, {"_idx": ANY}, draws=True)
            refractory = [(key, COPY) for key in _refractory(step)]
            share.writes += [(RANDOM, COPY), (events, COPY), *refractory]
            share.reads += [(id(rates), ANY) for rates in [step.kwds.get("_rates")] if rates]
            return share
        own = own_range(step.block.owner)
        if own is None:
            raise NotDivisible("it is about part of a group")
        share = _of_block(step.block, {"_idx": own})
        if step.template == "threshold":
            share.writes += [(events, COPY), *((key, own) for key in _refractory(step))]
        elif events:
            share.reads.append((events, ANY))
        return share

    def _pathway(self, step: PathwayStep) -> Share:
        synapses = step.pathway.synapses
        target = _target(synapses)
        own: dict[str, Own] = {
            "_idx": ("synapses", synapses.name),
            "_postsynaptic_idx": cells(target),
            "_presynaptic_idx": ANY,
        }
        for stream in step.streams:
            for part in stream.parts:
                own |= {f"{part.label}_older_idx": cells(target), f"{part.label}_slot": ANY}
        share = Share("divided", reads=[(id(step.eventspace), ANY)])
        for block in (step.synapse_block, step.recent_block):
            if block is not None:
                share.add(_of_block(block, own))
        if step.source_block is not None:
            # Rows of neurons and delays are no cells.
            others = ANY if step.row_index else cells(target)
            spiking = COPY if step.pathway.prepost == "pre" else others
            share.add(_of_block(step.source_block, {"_idx": spiking}))
        if step.decay is not None:
            share.add(self._decay(step.decay))
        for stream in step.streams:
            for part in stream.parts:
                if step.pathway.prepost == "pre":
                    share.writes.append((id(part.slots), COPY))
                if not part.clocked:
                    share.add(_of_block(part.scale_block, {}))
                    share.add(self._epoch(part))
        return share

    def _decay(self, decay: Decay) -> Share:
        share = Share("divided", writes=[(id(decay.last_update), COPY), (id(decay.epoch), COPY)])
        for block, sized_by in decay.blocks:
            share.add(_of_block(block, {"_idx": self.side(sized_by)}))
        if decay.scale_block is not None:
            share.add(_of_block(decay.scale_block, {}))
        for values, scale in decay.scaled:
            share.add(self._rescaling(values, scale))
        return share

    def _rescaling(self, values: Any, scale: Any) -> Share:
        """What is no copy is rescaled by one thread, while the others wait."""
        writes = [(id(scale), COPY)]
        if self._sides.get(id(values)) == COPY:
            writes.append((id(values), COPY))
        return Share("divided", writes=writes)

    def _epoch(self, part: Part) -> Share:
        """As well: the sums and synapses are taken care of by one thread."""
        copied = (part.scale, part.start, part.slots, part.X, part.ratios)
        return Share("divided", writes=[(id(each), COPY) for each in copied])

    def undivided(self, step: Step) -> Share:
        """All that a step touches."""
        share = Share("alone")
        anywhere = _Anywhere()
        if isinstance(step, FlushStep | WaitStep):
            stream = step.stream
            share.writes.append((id(stream.w), ANY))
            for part in stream.parts:
                arrays = (part.sums, part.older, part.ratios, part.X, part.slots)
                share.reads += [(id(array), ANY) for array in arrays]
        elif isinstance(step, PathwayStep):
            share.add(_of_pathway_alone(step))
        elif isinstance(step, BlockStep):
            share.add(_of_block(step.block, anywhere, draws=True))
            if _draws(step.block):
                share.writes.append((RANDOM, ANY))
            if "eventspace_variable" in step.kwds:
                events = (id(step.kwds["eventspace_variable"]), ANY)
                side = share.writes if step.template == "threshold" else share.reads
                side.append(events)
            if step.template == "threshold":
                share.writes += [(key, ANY) for key in _refractory(step)]
            for name in ("_spikespace", "_lastindex"):
                if step.template == "spikegenerator":
                    share.writes.append((id(step.block.variables[name]), ANY))
            if step.template == "ratemonitor":
                share.reads.append((id(step.block.variables["_spikespace"]), ANY))
            if step.template == "summed_variable":
                share.writes.append((id(step.kwds["_target_var"]), ANY))
            if step.template == "spikemonitor":
                share.writes.append((id(step.block.variables["count"]), ANY))
            if step.template == "statemonitor":
                variables = step.block.variables
                share.reads += [(id(v), ANY) for v in variables.values() if _is_array(v)]
        elif isinstance(step, ScaleStep):
            share.add(_of_block(step.block, anywhere))
            for pair in step.scaled:
                share.writes += [(id(each), ANY) for each in pair]
            for stream, part in step.parts:
                share.writes += [(key, ANY) for key in _all_of(stream, part)]
        elif isinstance(step, GainStep | RowsStep):
            share.add(_of_block(step.block, anywhere))
        return share


def _target(synapses: Any) -> Any:
    target = root(synapses.target)
    if own_range(target) is None or isinstance(target, Synapses):
        raise NotDivisible("its targets are not the cells of a group")
    return target


def _sides(program: Program) -> Iterator[tuple[int, Own]]:
    """Where what lifted traces keep per neuron belongs."""
    for traces in program.lifted:
        target = cells(traces.synapses.target)
        for lifted in traces.variables.values():
            if lifted.rows == "post":
                yield id(lifted.values), target
            elif lifted.rows != "synapse" and traces.rows[lifted.rows].side == "pre":
                yield id(lifted.values), COPY


def _is_array(variable: Any) -> bool:
    return isinstance(variable, ArrayVariable)


def _draws(block: Block) -> bool:
    return any(isinstance(v, Function) and not v.stateless for v in block.variables.values())


def _refractory(step: BlockStep) -> list[int]:
    if not step.kwds["_uses_refractory"]:
        return []
    return [id(step.block.variables[name]) for name in ("not_refractory", "lastspike")]


class _Anywhere(dict):
    """Every index may be any."""

    def get(self, key: Any, default: Any = None) -> Own:
        return ANY


def _of_block(block: Block, own: dict[str, Own], draws: bool = False) -> Share:
    """What the statements of a block touch; `own` says what an index of theirs is."""
    if _draws(block) and not draws:
        raise NotDivisible("it draws random numbers")
    helper = block.generator.arrays_helper
    share = Share("divided")
    for statements in (block.scalar, block.vector):
        read, write, indices, _ = helper(statements)
        for name in read | indices:
            variable = block.variables[name]
            kind = ANY if variable.scalar else own.get(block.indices[name], ANY)
            share.reads.append((id(variable), ANY if kind == COPY else kind))
        for name in write:
            variable = block.variables[name]
            shared = statements is block.scalar
            kind = COPY if shared else own.get(block.indices[name], ANY)
            share.writes.append((id(variable), kind))
    return share


def _of_pathway_alone(step: PathwayStep) -> Share:
    anywhere = _Anywhere()
    share = Share("alone", reads=[(id(step.eventspace), ANY)])
    blocks = [step.synapse_block, step.recent_block, step.source_block]
    if step.decay is not None:
        blocks += [step.decay.scale_block, *(block for block, _ in step.decay.blocks)]
        for pair in step.decay.scaled:
            share.writes += [(id(each), ANY) for each in pair]
        share.writes += [(id(v), ANY) for v in (step.decay.last_update, step.decay.epoch)]
    for stream in step.streams:
        for part in stream.parts:
            if not part.clocked:
                blocks.append(part.scale_block)
            share.writes += [(key, ANY) for key in _all_of(stream, part)]
    draws = False
    for block in blocks:
        if block is not None:
            share.add(_of_block(block, anywhere, draws=True))
            draws = draws or _draws(block)
    if draws:
        share.writes.append((RANDOM, ANY))
    return share


def _all_of(stream: Any, part: Part) -> list[int]:
    arrays = (part.scale, part.start, part.slots, part.X, part.ratios, part.sums, part.older)
    return [id(each) for each in (*arrays, stream.w)]


def _check_independent(share: Share) -> None:
    """Raises NotDivisible if a thread may write what another one touches in the same step."""
    for key, kind in share.writes:
        if kind == ANY:
            raise NotDivisible("it writes to others than its own cells")
        touching = [k for k2, k in share.reads + share.writes if k2 == key]
        if kind != COPY and any(k != kind for k in touching):
            raise NotDivisible("it reads from other cells what it writes")
        if kind == COPY and any(k not in (COPY, ANY) for k in touching):
            raise NotDivisible("it changes what is common to all by its own cells")
