"""The spikes under way in one synaptic pathway.

Between runs, what is under way is a list of (steps ahead, synapse), which survives
changed delays, new synapses and `store`.  During a run the compiled loop keeps a ring of
the *sources* that spiked (see the gather functions of `spikeplast.engine.kernels`), which
is far smaller, and delivers in the same order as Brian 2's queue.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass
class Layout:
    """A pathway's synapses sorted by source (and by delay, if delays differ).

    `order` maps positions to synapses; it is None when they are the same.
    `pointers` has an entry for each source (and delay), and one more.  If several threads deliver,
    `parts` has the first position of each thread's part of what each of them begins, and the last
    one + 1: two arrays of shape (threads, entries).
    """

    pointers: np.ndarray
    order: np.ndarray | None
    min_delay: int
    max_delay: int
    parts: tuple[np.ndarray, np.ndarray] | None = None


@dataclass
class RunState:
    """The arrays of one run; their roles are those of the gather functions' arguments."""

    ring: np.ndarray
    ring_count: np.ndarray
    state: np.ndarray
    pending: np.ndarray
    segments: np.ndarray


class SpikeQueue:
    """Brian 2's queue interface, with a compiled loop's needs added.

    Parameters
    ----------
    source_start, source_end : int
        The range of source indices (of a subgroup) that this pathway listens to.
    """

    def __init__(self, source_start: int, source_end: int):
        self.start = int(source_start)
        self.stop = int(source_end)
        self._state_tuple = (self.start, self.stop, np.int32)
        self._dt: float | None = None
        self._sources = np.zeros(0, np.int32)
        self._delays = np.zeros(0, np.int64)
        self._ahead = np.zeros(0, np.int64)
        self._synapses = np.zeros(0, np.int64)
        self._layout: Layout | None = None
        self._run: RunState | None = None
        #: Counts how often synapses or delays have changed.
        self.version = 0
        #: Whether the spikes under way were replaced during this run.
        self.was_restored = False
        self._targets: Callable[[], np.ndarray] | None = None
        self._bounds = np.zeros(0, np.int64)
        #: Spikes under way and layout, and the stretches that were found in them.
        self._stretches: tuple[Any, Any, np.ndarray] | None = None

    def get_capsule(self) -> None:
        """Brian 2 asks for a pointer to its own C++ queue; there is none here."""

    def prepare(self, delays: np.ndarray, dt: float, sources: np.ndarray) -> None:
        """Take the synapses and delays of the run that begins.

        Parameters
        ----------
        delays : array of float, one or one per synapse, in seconds
        dt : float, the time step in seconds
        sources : array of int32, the source neuron of each synapse
        """
        if self._dt is not None and self._dt != dt:
            self._ahead = np.round(self._ahead * self._dt / dt).astype(np.int64)
        self._dt = float(dt)
        delays = np.asarray(delays)
        if delays.size == 0 or np.all(delays == delays[0]):
            # Usual, and converting many equal numbers would take most of a short run.
            delays = delays[:1] if delays.size else np.zeros(1)
        steps = (delays / dt + 0.5).astype(np.int64)
        if not (np.array_equal(steps, self._delays) and np.array_equal(sources, self._sources)):
            self._delays = steps
            self._sources = np.array(sources, np.int32)
            self._layout = None
            self.version += 1

    def divide(self, targets: Callable[[], np.ndarray] | None, bounds: np.ndarray) -> None:
        """Let several threads deliver, each to its own range of target neurons.

        Parameters
        ----------
        targets : gives the target of each synapse; None for one thread
        bounds : where each thread's range begins, and where the last one ends
        """
        if (targets is None) != (self._targets is None) or not np.array_equal(bounds, self._bounds):
            self._layout = None
        self._targets, self._bounds = targets, bounds

    @property
    def layout(self) -> Layout:
        if self._layout is None:
            self._layout = self._make_layout()
        return self._layout

    @property
    def n_synapses(self) -> int:
        """How many there were when the run began."""
        return self._sources.size

    @property
    def kind(self) -> str:
        """Which gather function of `spikeplast.engine.kernels` delivers."""
        if self.layout.min_delay != self.layout.max_delay:
            return "heterogeneous"
        return "delayed" if self.layout.max_delay or self._ahead.size else "immediate"

    @property
    def row_of_synapses(self) -> np.ndarray:
        """The entry of the layout's `pointers` that each synapse belongs to, int32."""
        layout = self.layout
        of_positions = np.repeat(
            np.arange(layout.pointers.size - 1, dtype=np.int32), np.diff(layout.pointers)
        )
        if layout.order is None:
            return of_positions
        rows = np.empty_like(of_positions)
        rows[layout.order] = of_positions
        return rows

    def _make_layout(self) -> Layout:
        low, high = int(self._delays.min()), int(self._delays.max())
        keys = self._sources.astype(np.int64) - self.start
        n_keys = self.stop - self.start
        if low != high:
            keys = keys * (high + 1) + self._delays
            n_keys *= high + 1
        n_parts = 1
        if self._targets is not None:
            # The synapses of one source and delay lie together for each thread.
            n_parts = self._bounds.size - 1
            keys = keys * n_parts
            keys += np.searchsorted(self._bounds[1:-1], self._targets(), side="right")
        ends = np.concatenate([[0], np.cumsum(np.bincount(keys, minlength=n_keys * n_parts))])
        in_order = bool(np.all(keys[1:] >= keys[:-1]))
        order = None if in_order else _sorted_order(keys)
        pointers = np.ascontiguousarray(ends[::n_parts])
        parts = None
        if self._targets is not None:
            first, last = (e.reshape(n_keys, n_parts).T for e in (ends[:-1], ends[1:]))
            parts = np.ascontiguousarray(first), np.ascontiguousarray(last)
        return Layout(pointers, order, low, high, parts)

    # -- a compiled run ----------------------------------------------------------------

    def begin_run(self) -> RunState:
        layout = self.layout
        n_sources = self.stop - self.start
        n_slots = layout.max_delay + 1
        self.was_restored = False
        pending = self._pending_stretches()
        capacity = n_sources * (n_slots if self.kind == "heterogeneous" else 1)
        self._run = RunState(
            ring=np.zeros((n_slots, max(n_sources, 1)), np.int32),
            ring_count=np.zeros(n_slots, np.int64),
            state=np.zeros(2, np.int64),
            pending=pending,
            segments=np.zeros((4, capacity + pending.shape[1] + 1), np.int64),
        )
        return self._run

    def run_of_thread(self, thread: int) -> RunState:
        """What one of several threads needs of the run that begins."""
        run, parts = self._run, self.layout.parts
        assert run is not None
        pending = run.pending.copy()
        if parts is not None and pending.size:
            entries = np.searchsorted(self.layout.pointers, pending[1], side="right") - 1
            lows, highs = (part[thread][entries] for part in parts)
            pending[[1, 3]] = np.clip(pending[[1, 3]], lows, highs)
        own = [run.ring, run.ring_count, run.state]
        if thread:
            own = [array.copy() for array in own]
        ring, ring_count, state = own
        return RunState(ring, ring_count, state, pending, np.zeros_like(run.segments))

    def _pending_stretches(self) -> np.ndarray:
        """Rows: steps ahead, first position, source, last position + 1, entry; sorted by time.

        What one spike sent to neighbouring synapses is one stretch.
        """
        known = self._stretches
        if known is None or known[0] is not self._ahead or known[1] is not self.layout:
            known = self._stretches = self._ahead, self.layout, self._find_stretches()
        return known[2].copy()

    def _find_stretches(self) -> np.ndarray:
        by_time = np.argsort(self._ahead, kind="stable")
        ahead, synapses = self._ahead[by_time], self._synapses[by_time]
        if synapses.size == 0:
            return np.zeros((5, 0), np.int64)
        positions, order = synapses, self.layout.order
        if order is not None:
            place = np.empty(order.size, np.int64)
            place[order] = np.arange(order.size)
            positions = place[synapses]
        sources = self._sources[synapses]
        entries = np.searchsorted(self.layout.pointers, positions, side="right") - 1
        same = (np.diff(ahead) == 0) & (np.diff(entries) == 0) & (np.diff(positions) == 1)
        first = np.flatnonzero(np.concatenate([[True], ~same]))
        last = np.concatenate([first[1:] - 1, [synapses.size - 1]])
        stretches = [ahead[first], positions[first], sources[first], positions[last] + 1]
        stretches.append(entries[first])
        return np.stack(stretches).astype(np.int64)

    @property
    def whole_rows_pending(self) -> bool:
        """Whether each spike under way reaches all synapses of an entry of the layout together.

        That is all synapses of its source, or if delays differ all those with the same delay.
        """
        if self._ahead.size == 0:
            return True
        _, first, _, stop, entries = self._pending_stretches()
        pointers = self.layout.pointers
        return bool(np.all(pointers[entries] == first) and np.all(pointers[entries + 1] == stop))

    def end_run(self, run: RunState) -> None:
        layout = self.layout
        step, cursor = int(run.state[0]), int(run.state[1])
        ahead: list[np.ndarray] = [np.zeros(0, np.int64)]
        positions: list[np.ndarray] = [np.zeros(0, np.int64)]
        for time, first, _, stop, _ in run.pending[:, cursor:].T:
            ahead.append(np.full(stop - first, time - step))
            positions.append(np.arange(first, stop))
        n_slots = layout.max_delay + 1
        if self.kind == "delayed":
            for k in range(layout.max_delay):
                slot = (step + k) % n_slots
                for source in run.ring[slot, : run.ring_count[slot]]:
                    row = np.arange(*layout.pointers[source - self.start :][:2])
                    ahead.append(np.full(row.size, k))
                    positions.append(row)
        elif self.kind == "heterogeneous":
            for sent in range(max(0, step - layout.max_delay), step):
                slot = sent % n_slots
                for source in run.ring[slot, : run.ring_count[slot]]:
                    first = (source - self.start) * n_slots
                    row = np.arange(
                        layout.pointers[first + step - sent], layout.pointers[first + n_slots]
                    )
                    synapses = row if layout.order is None else layout.order[row]
                    ahead.append(sent + self._delays[synapses] - step)
                    positions.append(row)
        self._ahead = np.concatenate(ahead).astype(np.int64)
        where = np.concatenate(positions).astype(np.int64)
        self._synapses = where if layout.order is None else layout.order[where].astype(np.int64)

    def forget_run(self) -> None:
        self._run = None

    # -- Brian 2's interface, for pathways that run outside the compiled loop -------------

    def push(self, sources: np.ndarray) -> None:
        layout = self.layout
        n_slots = layout.max_delay + 1 if self.kind == "heterogeneous" else 1
        for source in sources:
            if self.start <= source < self.stop:
                first = (int(source) - self.start) * n_slots
                row = np.arange(layout.pointers[first], layout.pointers[first + n_slots])
                synapses = row if layout.order is None else np.sort(layout.order[row])
                delays = self._delays[synapses if self._delays.size > 1 else 0]
                self._ahead = np.append(self._ahead, np.broadcast_to(delays, synapses.shape))
                self._synapses = np.append(self._synapses, synapses)

    def peek(self) -> np.ndarray:
        return self._synapses[self._ahead == 0].astype(np.int32)

    def advance(self) -> None:
        later = self._ahead > 0
        self._ahead = self._ahead[later] - 1
        self._synapses = self._synapses[later]

    # -- store and restore --------------------------------------------------------------

    def _full_state(self) -> dict[str, Any]:
        if self._run is not None:
            self.end_run(self._run)
        return {
            "dt": self._dt,
            "ahead": self._ahead.copy(),
            "synapses": self._synapses.copy(),
        }

    def _restore_from_full_state(self, state: dict[str, Any] | tuple | None) -> None:
        if state is None:
            state = {"dt": None, "ahead": [], "synapses": []}
        elif not isinstance(state, dict):
            # Stored on one of Brian 2's own devices: the present slot, and the synapses in each.
            offset, slots = state
            numbers = [len(slot) for slot in slots]
            ahead = (np.arange(len(slots)) - offset) % max(len(slots), 1)
            synapses = [synapse for slot in slots for synapse in slot]
            state = {"dt": self._dt, "ahead": np.repeat(ahead, numbers), "synapses": synapses}
        self._dt = state["dt"]
        self._ahead = np.array(state["ahead"], np.int64)
        self._synapses = np.array(state["synapses"], np.int64)
        self.was_restored = self._run is not None


def _sorted_order(keys: np.ndarray) -> np.ndarray:
    """The stable order of numbers that are not negative.

    By 16 bits at a time, for which NumPy's sort takes a time proportional to their number.
    """
    order = np.argsort((keys & 0xFFFF).astype(np.uint16), kind="stable")
    higher = keys >> 16
    while higher.any():
        order = order[np.argsort((higher & 0xFFFF).astype(np.uint16)[order], kind="stable")]
        higher >>= 16
    return order.astype(np.uint32)
