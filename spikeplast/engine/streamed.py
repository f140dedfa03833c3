"""Changes of synaptic variables that wait for the next presynaptic spike.

Between two visits of a presynaptic neuron i, its trace only decays, so all that postsynaptic
neuron j adds to a variable w of their synapse, at its spikes or in each time step, is

    X_i * sum over all such times s of scale(s) * gain_j(s)

with X_i the trace without its decay since an epoch, scale(s) that decay, and gain_j(s) what the
rule makes of j's own variables.  One sum for each postsynaptic neuron is enough: w changes when i
is visited next.  No postsynaptic spike walks over its synapses, which lie far from each other in
memory, and no time step over all synapses.  So that a synapse need not remember which sum it has
seen, a visit leaves w less X_i times the sum then in its place, and the next one adds X_i times
the sum that it finds.
If the changes come from several traces, each has its own sums: they are the parts of a stream.

A scale falls without bound, and a sum would lose what is small.  So time is cut into epochs, each
as long as the scale takes to fall to `smallest_scale`.  `sums` count from the begin of the present
epoch.  A neuron visited last in an older epoch, `slot` epochs ago, needs the sum since that one's
begin: it is `older[slot] + ratios[slot] * sums`, where `older` is what came before the present
epoch, and `ratios` the decay until then.  Before the last slot is given up, the neurons that still
use it are visited; nothing is left of their traces afterwards.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from brian2.core.variables import ArrayVariable

from .code_object import Block
from .kept import keep, keeper_of, release
from .lifted import LiftedTraces
from .queue import SpikeQueue

N_EPOCHS = 7


class Part:
    """The sums of one synaptic variable and one presynaptic trace.

    Attributes
    ----------
    trace : str
    label : str
        What the names of its variables begin with.
    sums : variable
        For each postsynaptic neuron.
    older : variable
        For each slot and postsynaptic neuron.
    ratios : variable
        For each slot.
    slots : array
        The slot that a presynaptic neuron uses.
    X, X_then : variables
        For each presynaptic neuron, or neuron and delay, since its last visit and since the one
        before.
    scale, start : variables
        The decay in the present epoch, and when that began.
    scale_block : Block
        Brings the scale up to date.
    """

    def __init__(self, traces: LiftedTraces, w: str, trace: str):
        self._traces = traces
        self._w = traces.synapses.variables[w]
        self.trace = trace
        self.label = f"_{w}_{trace}"
        n_post = int(traces.synapses.target.stop)
        new = traces.new_variable
        self.sums = new(f"{self.label}_sum", n_post)
        self.older = new(f"{self.label}_older", N_EPOCHS * n_post)
        self.ratios = new(f"{self.label}_ratio", N_EPOCHS)
        rows = traces.variables[trace].rows
        self.X = traces.per_row(f"{self.label}_X", rows)
        self.X_then = traces.per_row(f"{self.label}_X_then", rows)
        self.scale = new(f"{self.label}_scale", 1, scalar=True)
        self.start = new(f"{self.label}_start", 1, scalar=True)
        self.slots = np.zeros(self.X.size, np.int64)
        self.scale_block: Block

    @property
    def sums_were_added_to(self) -> bool:
        return bool(self.sums.get_value().any() or self.older.get_value().any())

    @property
    def smallest_scale(self) -> float:
        """When an epoch ends; a weight that waits loses as many digits as this has."""
        return 1e-3 if self._w.dtype == np.float64 else 0.1

    @property
    def clocked(self) -> bool:
        return self._traces.variables[self.trace].clocked

    def restart(self, t: float) -> None:
        for variable in (self.sums, self.older, self.ratios):
            variable.get_value()[:] = 0
        self.ratios.get_value()[0] = self.scale.get_value()[0] = 1
        self.start.get_value()[:] = t
        self.slots[:] = 0
        self.X.get_value()[:] = self._traces.at(self.trace, t)


class Stream:
    """All that waits for one synaptic variable.

    Parameters
    ----------
    traces : LiftedTraces
        Those of the Synapses object.
    w : ArrayVariable
        The synaptic variable that changes.
    parts : list of Part
    queue : SpikeQueue
        Of a presynaptic pathway: it has the synapses by neuron.
    bounds : (variable, variable) or None
        Where `w` is clipped.
    """

    def __init__(
        self,
        traces: LiftedTraces,
        w: ArrayVariable,
        parts: list[Part],
        queue: SpikeQueue,
        bounds: tuple[Any, Any] | None,
    ):
        self.traces, self.w, self.parts = traces, w, parts
        self._queue, self._bounds, self._device = queue, bounds, traces.device
        #: By which the traces are kept.
        self.rows = traces.rows[traces.variables[parts[0].trace].rows]
        #: Of the synapses for which something may wait; the queue's may be newer.
        self._layout = queue.layout
        self._kept_bounds: tuple[float, float] | None = None
        #: Says whether all that is added has one sign; only asked if there are bounds.
        self.one_sign: Callable[[], bool] = lambda: True

    @property
    def bounds(self) -> tuple[float, float]:
        if self._kept_bounds is not None:
            return self._kept_bounds
        return self.present_bounds

    @property
    def present_bounds(self) -> tuple[float, float]:
        if self._bounds is None:
            return -np.inf, np.inf
        low, high = (float(np.asarray(b.get_value()).item()) for b in self._bounds)
        return low, high

    @property
    def targets(self) -> np.ndarray:
        """The postsynaptic neuron of each synapse."""
        return self.traces.neurons("post").view(np.uint32)

    @property
    def order(self) -> np.ndarray:
        """The synapse at each position of the walk; empty if they are the same."""
        order = self._layout.order
        return np.zeros(0, np.uint32) if order is None else order

    @property
    def pointers(self) -> np.ndarray:
        return self._layout.pointers

    @property
    def first_source(self) -> int:
        """The row that the first pointer is for."""
        return 0 if self.rows.pathway else self._queue.start

    @property
    def first_target(self) -> int:
        return int(self.traces.synapses.target.start)

    @property
    def n_post(self) -> int:
        return int(self.traces.synapses.target.stop)

    def restart(self, t: float) -> None:
        """Begin with no change waiting, from the traces as they are at time `t`."""
        for part in self.parts:
            part.restart(t)

    def take_over(self) -> None:
        """From now on the values less what waits count."""
        keep(self.w, self)

    def present(self, name: str) -> np.ndarray:
        """The values of the variable, less what waits."""
        return self._device.raw_value(self.w)

    def in_bounds(self) -> bool:
        """Whether clipping after several changes is the same as clipping after each."""
        w = self._device.raw_value(self.w)
        low, high = map(w.dtype.type, self.present_bounds)
        return bool(w.size == 0 or (w.min() >= low and w.max() <= high))

    def settle(self) -> None:
        """At the end of a run: bounds that change from now on count from the next run on."""
        self._kept_bounds = self.present_bounds

    def try_to_take_up(self) -> bool:
        """Go on after code that may have changed `w` or its bounds."""
        bounds_changed = self._kept_bounds is not None and self._kept_bounds != self.present_bounds
        if bounds_changed or self._layout is not self._queue.layout:
            self.expand()
        self._kept_bounds = None
        self._layout = self._queue.layout
        if keeper_of(self.w) is None:
            if not self.in_bounds():
                return False
            # Sums of 0: what does not change from now on keeps its bits.
            self.restart(self.traces.now)
            self.take_over()
        return self.one_sign() and self.decays()

    def decays(self) -> bool:
        """Whether no trace grows by itself, as things are."""
        return all(part.clocked or self.traces.decays(part.trace) for part in self.parts)

    def expand(self) -> None:
        """Add all that waits."""
        if keeper_of(self.w) is not self:
            return
        release(self.w)
        w = self._device.raw_value(self.w)
        if self.targets.size < self.pointers[-1]:
            # Fewer synapses are being restored, and their weights will be.
            return
        self._add_all()
        low, high = self.bounds
        np.clip(w, low, high, out=w)

    def _add_all(self) -> None:
        waiting = [part for part in self.parts if part.sums_were_added_to]
        if not waiting:
            return
        from .kernels import add_rows  # imports Numba

        for part in waiting:
            add_rows(
                -1,
                1.0,
                part.slots,
                *(v.get_value() for v in (part.X, part.sums, part.older, part.ratios)),
                self._device.raw_value(self.w),
                self.first_source,
                self.pointers,
                self.order,
                self.targets,
            )
