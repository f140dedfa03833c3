"""One step of the cells of `network`, for both loops."""

from __future__ import annotations

from benchmarks.loop import compiled
from benchmarks.workloads.triplet.network import DT, TAU_M, TAU_S

DT_OVER_TAU_M = DT / TAU_M
KEEP_G = 1 - DT / TAU_S


@compiled
def step_cells(step, v, g, free_from, spike_step, spike_cell, n_recorded):
    """Advance `v` and `g` by one step, write the spikes, return how many there are so far."""
    n_above = 0
    for j in range(v.size):
        v[j] += DT_OVER_TAU_M * (g[j] - v[j]) if step >= free_from[j] else 0.0
        g[j] *= KEEP_G
        n_above += v[j] > 1.0
    if n_above:
        for j in range(v.size):
            if v[j] > 1.0:
                spike_step[n_recorded] = step
                spike_cell[n_recorded] = j
                n_recorded += 1
    return n_recorded
