"""The delivery of spikes to synapses, and traces that are kept per neuron.

A "segment" is a stretch lo..hi of positions in a pathway's synapses, sorted by source,
that one spike of neuron `source` reaches in this step; with it goes, if delays differ, which
entry of `pointers` it begins at.  The gather functions take the
events of this step in, and write the segments to be delivered in this step.  Brian 2
delivers what was sent first first, then by order of the events.
"""

import numpy as np

from .compiled import compiled


@compiled
def rescale(values, scale):
    """Multiply a common factor out; what decayed to nothing becomes zero, as denormal
    numbers are slow."""
    for k in range(values.shape[0]):
        values[k] *= scale[0]
        if abs(values[k]) < 1e-290:
            values[k] = 0.0
    scale[0] = 1.0


@compiled
def _pending_segments(state, pending, segments):
    """Segments of spikes that were sent before this run; see SpikeQueue.begin_run."""
    n = 0
    cursor = state[1]
    while cursor < pending.shape[1] and pending[0, cursor] == state[0]:
        segments[0, n] = pending[2, cursor]
        segments[1, n] = pending[1, cursor]
        segments[2, n] = pending[3, cursor]
        segments[3, n] = pending[4, cursor]
        n += 1
        cursor += 1
    state[1] = cursor
    return n


@compiled
def _note_sources(events, start, stop, ring, ring_count, slot):
    """Write the sources of this step's events into a slot of the ring."""
    count = 0
    for k in range(events[events.shape[0] - 1]):
        source = np.int64(events[k])
        if start <= source < stop:
            ring[slot, count] = source
            count += 1
    ring_count[slot] = count


@compiled
def gather_immediate(events, start, stop, pointers, segments):
    """All delays are zero: deliver what happened in this very step."""
    return gather_immediate_part(events, start, stop, pointers, pointers, pointers[1:], segments)


@compiled
def gather_delayed(
    events, start, stop, pointers, segments, ring, ring_count, state, pending, delay
):
    """One delay for all synapses: a ring of `delay + 1` lists of sources."""
    return gather_delayed_part(
        events,
        start,
        stop,
        pointers,
        pointers,
        pointers[1:],
        segments,
        ring,
        ring_count,
        state,
        pending,
        delay,
    )


@compiled
def gather_heterogeneous(events, start, stop, pointers, segments, ring, ring_count, state, pending):
    """A delay per synapse: each source's synapses are sorted by delay, and `pointers`
    has one entry for each source and delay; the ring keeps the sources of the last
    steps, oldest first."""
    return gather_heterogeneous_part(
        events,
        start,
        stop,
        pointers,
        pointers,
        pointers[1:],
        segments,
        ring,
        ring_count,
        state,
        pending,
    )


# The same for one of several threads.  `lows` and `highs` are its stretches of what `pointers`
# begin.  All threads get as many segments, even if there is nothing in them for one.


@compiled
def gather_immediate_part(events, start, stop, pointers, lows, highs, segments):
    n = 0
    for k in range(events[events.shape[0] - 1]):
        source = np.int64(events[k])
        if start <= source < stop:
            segments[0, n] = source
            segments[1, n] = lows[source - start]
            segments[2, n] = highs[source - start]
            n += 1
    return n


@compiled
def gather_delayed_part(
    events,
    start,
    stop,
    pointers,
    lows,
    highs,
    segments,
    ring,
    ring_count,
    state,
    pending,
    delay,
):
    step = state[0]
    n_slots = ring.shape[0]
    slot = (step + delay) % n_slots
    _note_sources(events, start, stop, ring, ring_count, slot)
    n = _pending_segments(state, pending, segments)
    slot = step % n_slots
    for k in range(ring_count[slot]):
        source = np.int64(ring[slot, k])
        segments[0, n] = source
        segments[1, n] = lows[source - start]
        segments[2, n] = highs[source - start]
        n += 1
    state[0] = step + 1
    return n


@compiled
def gather_heterogeneous_part(
    events, start, stop, pointers, lows, highs, segments, ring, ring_count, state, pending
):
    step = state[0]
    n_slots = ring.shape[0]
    slot = step % n_slots
    _note_sources(events, start, stop, ring, ring_count, slot)
    n = _pending_segments(state, pending, segments)
    for delay in range(n_slots - 1, -1, -1):
        # From the slot after the present one, which is the oldest, round to it.
        slot = slot + 1 if slot + 1 < n_slots else 0
        if delay > step:
            continue
        for k in range(ring_count[slot]):
            source = np.int64(ring[slot, k])
            bucket = (source - start) * n_slots + delay
            if pointers[bucket + 1] > pointers[bucket]:
                segments[0, n] = source
                segments[1, n] = lows[bucket]
                segments[2, n] = highs[bucket]
                segments[3, n] = bucket
                n += 1
    state[0] = step + 1
    return n


@compiled
def join_events(found, counts, bounds, turn, events):
    """Write the events that each thread has found among its own cells, in order of the cells."""
    n = 0
    for thread in range(bounds.shape[0] - 1):
        for k in range(bounds[thread], bounds[thread] + counts[turn, thread, 0]):
            events[n] = found[turn, k]
            n += 1
    events[events.shape[0] - 1] = n


@compiled
def count_events(events, start, stop):
    n = 0
    for k in range(events[events.shape[0] - 1]):
        if start <= events[k] < stop:
            n += 1
    return n
