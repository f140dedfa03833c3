"""Adding what waits for synapses; see `spikeplast.engine.streamed`."""

from .compiled import compiled


@compiled
def add_rows(slot, sign, slots, X, sums, older, ratios, w, first_source, pointers, order, targets):
    """Add, times `sign`, for all neurons that use a slot, or for all neurons for slot -1."""
    n_post = sums.shape[0]
    for row in range(pointers.shape[0] - 1):
        source = row + first_source
        x = sign * X[source]
        if x == 0.0 or (slot >= 0 and slots[source] != slot):
            continue
        base = slots[source] * n_post
        ratio = ratios[slots[source]]
        for position in range(pointers[row], pointers[row + 1]):
            k = position if order.shape[0] == 0 else order[position]
            w[k] += x * (older[base + targets[k]] + ratio * sums[targets[k]])


@compiled
def clip_rows(w, low, high):
    for k in range(w.shape[0]):
        w[k] = min(max(w[k], low), high)


@compiled
def keep_synapses(indices, w, kept):
    for n in range(indices.shape[0]):
        kept[n] = w[indices[n]]


@compiled
def add_synapses(indices, sources, slots, X, sums, older, ratios, w, targets):
    """Add for some synapses."""
    n_post = sums.shape[0]
    for n in range(indices.shape[0]):
        k = indices[n]
        slot = slots[sources[k]]
        total = older[slot * n_post + targets[k]] + ratios[slot] * sums[targets[k]]
        w[k] += X[sources[k]] * total


@compiled
def clip_synapses(indices, w, low, high):
    for n in range(indices.shape[0]):
        w[indices[n]] = min(max(w[indices[n]], low), high)


@compiled
def put_back_synapses(indices, w, kept):
    for n in range(indices.shape[0]):
        w[indices[n]] = kept[n]


@compiled
def new_epoch(
    t, scale, start, slots, X, sums, older, ratios, w, first_source, pointers, order, targets
):
    """Begin slot 0 anew and move each slot up by one."""
    n_post = sums.shape[0]
    last = ratios.shape[0] - 1
    add_rows(last, 1.0, slots, X, sums, older, ratios, w, first_source, pointers, order, targets)
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
