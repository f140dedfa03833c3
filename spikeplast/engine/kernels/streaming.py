"""Adding what waits for synapses; see `spikeplast.engine.streamed`."""

from .compiled import compiled


@compiled
def flush_rows(
    slot, slots, X, sums, n_post, w, seen, first_source, pointers, order, targets, low, high
):
    """Visit the synapses of all neurons that use a slot, or of all neurons for slot -1."""
    for row in range(pointers.shape[0] - 1):
        source = row + first_source
        x = X[source]
        # Then nothing waits, whatever the synapses have seen.
        if x == 0.0 or (slot >= 0 and slots[source] != slot):
            continue
        base = slots[source] * n_post
        for position in range(pointers[row], pointers[row + 1]):
            k = position if order.shape[0] == 0 else order[position]
            total = sums[base + targets[k]]
            # Where nothing waits, weights from outside of the bounds must not be clipped.
            if total != seen[k]:
                w[k] = min(max(w[k] + x * (total - seen[k]), low), high)
                seen[k] = total


@compiled
def flush_synapses(indices, sources, slots, X, sums, n_post, w, seen, targets, low, high):
    """Visit some synapses."""
    for n in range(indices.shape[0]):
        k = indices[n]
        source = sources[k]
        total = sums[slots[source] * n_post + targets[k]]
        if total != seen[k]:
            w[k] = min(max(w[k] + X[source] * (total - seen[k]), low), high)
            seen[k] = total


@compiled
def new_epoch(
    t,
    scales,
    starts,
    slots,
    X,
    sums,
    n_post,
    w,
    seen,
    first_source,
    pointers,
    order,
    targets,
    low,
    high,
):
    """Begin slot 0 anew and move each slot up by one."""
    n_slots = scales.shape[0]
    last = n_slots - 1
    flush_rows(
        last, slots, X, sums, n_post, w, seen, first_source, pointers, order, targets, low, high
    )
    for source in range(slots.shape[0]):
        if slots[source] == last:
            X[source] = 0.0
        else:
            slots[source] += 1
    for slot in range(last, 0, -1):
        scales[slot] = scales[slot - 1]
        starts[slot] = starts[slot - 1]
        for j in range(n_post):
            sums[slot * n_post + j] = sums[(slot - 1) * n_post + j]
    scales[0] = 1.0
    starts[0] = t
    for j in range(n_post):
        sums[j] = 0.0


@compiled
def add_gain(sums, scales, n_post, target, gain):
    """One postsynaptic spike, in the sums of all epochs."""
    for slot in range(scales.shape[0]):
        sums[slot * n_post + target] += scales[slot] * gain
