"""How the work of a time step is divided among threads.

All threads run the same loop at the same time.  Each owns a range of cells of each group, and
the synapses that lead to them.  A step of the program is done in one of three ways:

divided : each thread does the part that only changes what it owns.  Sums over the synapses of a
    neuron are made by one thread, in the order in which one thread alone makes them.
copied : each thread does all of it, on copies of its own: what is common to all cells (clocks,
    decays), events, and what is kept for presynaptic neurons.
alone : the first thread does it.

Before a step that touches what another thread may have touched since, the threads wait for each
other.  If it cannot be shown that a step's parts are independent, it is done alone.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from .code_object import Block
from .program import BlockStep, OutsideStep, PathwayStep, Program, Step, interval_of
from .shares import ANY, COPY, Own, Share, Shares, cells, own_range, root

#: Ranges of cells are multiples of this: the size of a cache line in the smallest type, and of
#: the groups in which a threshold is looked at.
ALIGNMENT = 64
#: When the costs of cells are compared: what a visit of an array costs in a loop over all cells, if
#: it costs 1 for a synapse, whose neuron lies anywhere in memory, and how many spikes per second a
#: synapse gets.  For the recurrent network of the benchmarks, ranges come out even
#: within 4 %.
_COST_IN_A_ROW = 1 / 2
_RATE = 5.0


class Division:
    """The shares of all steps of a program, and where the threads wait.

    Attributes
    ----------
    shares : dict
        By the identity of a step.
    copied : set
        Keys of what each thread has a copy of.
    waits : set
        Identities of the steps before which all threads wait for each other.
    together : dict
        For the first one of some thresholds that follow each other, all of them: they are looked
        at by all threads, who then wait once and join their events.
    """

    def __init__(self, program: Program, n_threads: int):
        self.n_threads = n_threads
        self._program = program
        self._maker = Shares(program)
        self.side = self._maker.side
        steps = [step for step in program.steps if not isinstance(step, OutsideStep)]
        self.shares = {id(step): self._maker.of(step) for step in steps}
        self._let_copies_agree()
        self.together = self._thresholds_together()
        self.waits = self._find_waits()
        self._bounds: dict[Own, np.ndarray] = {}

    def place(self, step: Step) -> str:
        """For explain(): who does it."""
        share = self.shares[id(step)]
        return {
            "divided": f"divided among {self.n_threads} threads",
            "copied": "each thread for itself",
            "alone": f"on one thread: {share.why}",
        }[share.mode]

    def mode(self, step: Step) -> str:
        return self.shares[id(step)].mode

    @property
    def any_divided(self) -> bool:
        return any(share.mode == "divided" for share in self.shares.values())

    # -- shares ----------------------------------------------------------------------------

    def _let_copies_agree(self) -> None:
        """What some steps write in copies must not be written otherwise by others."""
        steps = {id(step): step for step in self._program.steps}
        while True:
            elsewhere = {
                key for s in self.shares.values() for key, kind in s.writes if kind != COPY
            }
            unsure = [
                number
                for number, share in self.shares.items()
                if any(kind == COPY and key in elsewhere for key, kind in share.writes)
            ]
            if not unsure:
                break
            for number in unsure:
                self.shares[number] = self._maker.undivided(steps[number]).alone(
                    "what it changes for all is changed by one thread elsewhere"
                )
        self.copied = {key for s in self.shares.values() for key, kind in s.writes if kind == COPY}
        for clock in self._program.clocks:
            self.copied |= {id(clock.variables[name]) for name in ("timestep", "t")}

    # -- waiting ---------------------------------------------------------------------------

    def is_found(self, step: Step) -> bool:
        """Whether it is a threshold whose events are found by all threads and then joined."""
        return (
            isinstance(step, BlockStep)
            and step.template == "threshold"
            and self.mode(step) == "divided"
        )

    def _thresholds_together(self) -> dict[int, list[Step]]:
        together: dict[int, list[Step]] = {}
        run: list[Step] = []
        for step in self._program.steps:
            if isinstance(step, OutsideStep) or not self.is_found(step):
                run = []
                continue
            if any(self._conflict(self.shares[id(s)], self.shares[id(step)]) for s in run):
                run = []
            if not run:
                together[id(step)] = run = []
            run.append(step)
        return together

    def _conflict(self, a: Share, b: Share) -> bool:
        """Whether different threads may touch the same thing, one of them writing it."""
        return any(
            key == other and not (kind == of_other and kind not in (ANY, COPY))
            for written, touched in ((a.writes, b.reads + b.writes), (b.writes, a.reads))
            for key, kind in written
            if key not in self.copied
            for other, of_other in touched
        )

    def _find_waits(self) -> set[int]:
        """Go round the loop until what is unfinished at its end is the same as before."""
        found: set[int] = set()
        unfinished: list[Share] = []
        for turn in range(10):
            before, found = found, found if turn > 3 else set()
            unfinished = self._once_round(unfinished, found)
            if found == before and turn:
                break
        return found

    def _once_round(self, unfinished: list[Share], found: set[int]) -> list[Share]:
        joined: set[int] = set()
        for step in self._program.steps:
            if isinstance(step, OutsideStep):
                # Threads may end here, or go on.
                continue
            group = self.together.get(id(step), [step])
            if id(step) in joined:
                continue
            shares = [self.shares[id(s)] for s in group]
            conflict = any(self._conflict(a, b) for a in unfinished for b in shares)
            if conflict or id(step) in found:
                found.add(id(step))
                unfinished = []
            if self.is_found(step):
                # They wait before events are joined.
                unfinished = []
                joined |= {id(s) for s in group}
            else:
                unfinished = unfinished + shares
        return unfinished

    # -- ranges ----------------------------------------------------------------------------

    def bounds(self, own: Own) -> np.ndarray:
        """Where the ranges of the threads begin, and where the last one ends."""
        if own[0] == "range":
            return _bounds(np.ones(self._size(own[1])), self.n_threads)
        if own not in self._bounds:
            self._bounds[own] = _bounds(self._costs(own), self.n_threads)
        return self._bounds[own]

    def _size(self, name: str) -> int:
        return next(len(owner) for owner in self._owners() if owner.name == name)

    def _owners(self) -> Iterator[Any]:
        for step in self._program.steps:
            if isinstance(step, PathwayStep):
                yield step.pathway.synapses
                yield root(step.pathway.synapses.target)
            elif isinstance(step, BlockStep):
                yield step.block.owner

    def _costs(self, own: Own) -> np.ndarray:
        """About how much work each cell is in a time step, in visits of an array."""
        costs = np.zeros(self._size(own[1]))
        intervals = [interval_of(clock) for clock in self._program.clocks]
        time_step = min((dt for dt in intervals if math.isfinite(dt)), default=0.0)
        for step in self._program.steps:
            if isinstance(step, BlockStep) and own_range(step.block.owner) == own:
                costs += _COST_IN_A_ROW * _visits(step.block)
            elif isinstance(step, PathwayStep):
                synapses = step.pathway.synapses
                if cells(synapses.target) == own and step.synapse_block.vector:
                    targets = synapses.variables["_synaptic_post"].get_value()
                    usual = step.recent_block or step.synapse_block
                    per_spike = _visits(usual) * np.bincount(targets, minlength=costs.size)
                    costs += per_spike * _RATE * time_step
        return costs


def _visits(block: Block) -> int:
    """How many arrays an element of a loop takes something from, or changes."""
    read, write, indices, _ = block.generator.arrays_helper(block.vector)
    found = (block.variables[name] for name in read | write | indices)
    return len({id(variable) for variable in found if not variable.scalar})


def _bounds(costs: np.ndarray, n_threads: int) -> np.ndarray:
    """Ranges of about equal costs."""
    total = np.concatenate([[0.0], np.cumsum(costs)])
    wanted = np.arange(1, n_threads) * total[-1] / n_threads
    cuts = np.searchsorted(total, wanted)
    cuts = np.minimum((cuts + ALIGNMENT // 2) // ALIGNMENT * ALIGNMENT, costs.size)
    return np.concatenate([[0], cuts, [costs.size]]).astype(np.int64)
