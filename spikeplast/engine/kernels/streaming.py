"""Adding what waits for synapses; see `spikeplast.engine.streamed`."""

from .compiled import compiled


@compiled
def flush_rows(
    slot, slots, X, sums, older, ratios, w, seen, first_source, pointers, order, targets, low, high
):
    """Visit the synapses of all neurons that use a slot, or of all neurons for slot -1."""
    n_post = sums.shape[0]
    for row in range(pointers.shape[0] - 1):
        source = row + first_source
        x = X[source]
        # Then nothing waits, whatever the synapses have seen.
        if x == 0.0 or (slot >= 0 and slots[source] != slot):
            continue
        base = slots[source] * n_post
        ratio = ratios[slots[source]]
        for position in range(pointers[row], pointers[row + 1]):
            k = position if order.shape[0] == 0 else order[position]
            total = older[base + targets[k]] + ratio * sums[targets[k]]
            # Where nothing waits, weights from outside of the bounds must not be clipped.
            if total != seen[k]:
                w[k] = min(max(w[k] + x * (total - seen[k]), low), high)
                seen[k] = total


@compiled
def flush_synapses(indices, sources, slots, X, sums, older, ratios, w, seen, targets, low, high):
    """Visit some synapses."""
    n_post = sums.shape[0]
    for n in range(indices.shape[0]):
        k = indices[n]
        slot = slots[sources[k]]
        total = older[slot * n_post + targets[k]] + ratios[slot] * sums[targets[k]]
        if total != seen[k]:
            w[k] = min(max(w[k] + X[sources[k]] * (total - seen[k]), low), high)
            seen[k] = total


@compiled
def new_epoch(
    t,
    scale,
    start,
    slots,
    X,
    sums,
    older,
    ratios,
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
    n_post = sums.shape[0]
    last = ratios.shape[0] - 1
    flush_rows(
        last,
        slots,
        X,
        sums,
        older,
        ratios,
        w,
        seen,
        first_source,
        pointers,
        order,
        targets,
        low,
        high,
    )
    for source in range(slots.shape[0]):
        if slots[source] == last:
            X[source] = 0.0
        else:
            slots[source] += 1
    for slot in range(last, 0, -1):
        for j in range(n_post):
            before = older[(slot - 1) * n_post + j]
            older[slot * n_post + j] = before + ratios[slot - 1] * sums[j]
        ratios[slot] = ratios[slot - 1] * scale[0]
    for j in range(n_post):
        sums[j] = 0.0
    scale[0] = 1.0
    start[0] = t
