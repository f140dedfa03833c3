"""Changes of weights at postsynaptic spikes that wait for the next presynaptic one.

Between two visits of a presynaptic neuron i, its trace only decays, so all that postsynaptic
neuron j adds to their weight is

    X_i * sum over j's spikes s of scale(s) * gain_j(s)

with X_i the trace without its decay since an epoch, scale(s) that decay, and gain_j(s) what the
rule makes of j's own variables.  One sum for each postsynaptic neuron, and for each synapse the
sum at the last visit, are enough: the weight changes when i is visited next, and no postsynaptic
spike walks over its synapses, which lie far from each other in memory.

A scale falls without bound, and a sum would lose what is small.  So time is cut into epochs, each
as long as the scale takes to fall to `SMALLEST_SCALE`, and sums are kept for the last `N_EPOCHS`:
slot 0 counts from the begin of the present epoch, slot a from that of the epoch a before it.  A
neuron uses the slot of the epoch of its last visit.  Before a slot is given up, the neurons that
still use it are visited; nothing is left of their traces afterwards.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from brian2.core.variables import ArrayVariable

from .kept import keep, keeper_of, release
from .kernels import flush_rows
from .lifted import LiftedTraces
from .queue import SpikeQueue

N_EPOCHS = 7
SMALLEST_SCALE = 1e-3


class Stream:
    """The sums of one synaptic variable, `w`, and one presynaptic trace.

    Parameters
    ----------
    traces : LiftedTraces
        Those of the Synapses object.
    w : ArrayVariable
        The synaptic variable that changes.
    trace : str
        The presynaptic trace.
    queue : SpikeQueue
        Of a presynaptic pathway: it has the synapses by neuron.
    bounds : (variable, variable) or None
        Where `w` is clipped.
    device : NumbaDevice
    """

    def __init__(
        self,
        traces: LiftedTraces,
        w: ArrayVariable,
        trace: str,
        queue: SpikeQueue,
        bounds: tuple[Any, Any] | None,
        device: Any,
    ):
        self.traces, self.w, self.trace = traces, w, trace
        self._queue, self._bounds, self._device = queue, bounds, device
        #: Of the synapses for which something may wait; the queue's may be newer.
        self._layout = queue.layout
        self._kept_bounds: tuple[float, float] | None = None
        self.n_post = int(traces.synapses.target.stop)
        new = traces.new_variable
        self.sums = new("_sums", N_EPOCHS * self.n_post)
        self.scales = new("_scales", N_EPOCHS)
        self.starts = new("_starts", N_EPOCHS)
        self.gain = traces.per_neuron("_gain", "post")
        self.X = traces.per_neuron("_X", "pre")
        self.X_then = traces.per_neuron("_X_then", "pre")
        #: Says whether all that is added has one sign; only asked if there are bounds.
        self.one_sign: Callable[[], bool] = lambda: True
        #: Sets the scales of all slots; see passes/stream_plasticity.py.
        self.scale_block: Any = None
        #: The slot that a presynaptic neuron uses.
        self.slots = np.zeros(self.X.size, np.int64)
        #: The sum in that slot at the synapse's last visit.
        self.seen = new("_seen", 1)

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
        return self._queue.start

    def restart(self, t: float) -> None:
        """Begin with no change waiting, from the traces as they are at time `t`."""
        lifted = self.traces.variables[self.trace]
        assert lifted.scale is not None
        n_synapses = self._device.raw_value(self.w).size
        if self.seen.get_value().size == n_synapses:
            # In place: during a run, the loop has this array.
            self.seen.get_value()[:] = 0
        else:
            self._device.arrays[self.seen] = np.zeros(n_synapses)
        self.sums.get_value()[:] = 0
        self.starts.get_value()[:] = t
        self.scales.get_value()[:] = 1
        self.slots[:] = 0
        self.X.get_value()[:] = lifted.values.get_value() * lifted.scale.get_value()[0]

    def take_over(self) -> None:
        keep(self.w, self)

    def in_bounds(self) -> bool:
        """Whether clipping after several changes is the same as clipping after each."""
        low, high = self.present_bounds
        w = self._device.raw_value(self.w)
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
            self.take_over()
        return self.one_sign()

    def expand(self) -> None:
        """Add all that waits."""
        release(self.w)
        if self.targets.size < self.seen.get_value().size:
            # Fewer synapses are being restored, and their weights will be.
            return
        low, high = self.bounds
        flush_rows(
            -1,
            self.slots,
            self.X.get_value(),
            self.sums.get_value(),
            self.n_post,
            self._device.raw_value(self.w),
            self.seen.get_value(),
            self.first_source,
            self.pointers,
            self.order,
            self.targets,
            low,
            high,
        )
