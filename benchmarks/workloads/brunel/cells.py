"""What both loops of the Brunel network share: wiring, cells, fixed synapses and the two rules."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from benchmarks.loop import compiled, row_starts
from benchmarks.workloads.brunel.network import (
    A_MINUS,
    A_PLUS,
    ALPHA,
    DELAY_STEPS,
    DT,
    J_E,
    J_I,
    LAMBDA,
    REFRACTORY_STEPS,
    TAU_M,
    V_T,
    Draw,
)

KEEP_V = 1 - DT / TAU_M
RING = DELAY_STEPS + 1


class Fixed(NamedTuple):
    """Static synapses in rows: cell `i` owns entries `start[i]` up to `start[i + 1]`.

    `local` from each cell: of excitatory ones to inhibitory ones, of inhibitory ones to all.
    """

    local_start: np.ndarray
    local_target: np.ndarray
    external_start: np.ndarray
    external_target: np.ndarray

    @classmethod
    def of(cls, drawn: Draw) -> Fixed:
        n = drawn.n_exc + drawn.n_inh
        owner = np.concatenate([drawn.ei[0], drawn.ia[0] + drawn.n_exc])
        target = np.concatenate([drawn.ei[1] + drawn.n_exc, drawn.ia[1]])
        return cls(
            local_start=row_starts(owner, n),
            local_target=target.astype(np.uint32),
            external_start=row_starts(drawn.xa[0], n),
            external_target=drawn.xa[1].astype(np.uint32),
        )


class Cells(NamedTuple):
    """Voltages, and spikes under way in a ring of the last steps.

    `free_from` is the first step at which a cell may spike; `spikes` (RING, n) and `n_spikes`
    (RING,) those of cells, `inputs` and `n_inputs` those of inputs, by step modulo RING.
    """

    v: np.ndarray
    free_from: np.ndarray
    spikes: np.ndarray
    n_spikes: np.ndarray
    inputs: np.ndarray
    n_inputs: np.ndarray

    @classmethod
    def of(cls, drawn: Draw) -> Cells:
        n = drawn.v.size
        return cls(
            v=drawn.v.copy(),
            free_from=np.zeros(n, dtype=np.int64),
            spikes=np.zeros((RING, n), dtype=np.int64),
            n_spikes=np.zeros(RING, dtype=np.int64),
            inputs=np.zeros((RING, n), dtype=np.int64),
            n_inputs=np.zeros(RING, dtype=np.int64),
        )


@compiled
def step_cells(step, cells, spike_step, spike_cell, n_recorded):
    """Advance the cells by one step, write the spikes, return how many there are so far."""
    v, free_from = cells.v, cells.free_from
    first = n_recorded
    for low in range(0, v.size, 64):
        some = v[low : low + 64]
        n_above = 0
        for k in range(some.size):
            some[k] *= KEEP_V
            n_above += some[k] > V_T
        if n_above:
            for j in range(low, low + some.size):
                if v[j] > V_T and step >= free_from[j]:
                    spike_step[n_recorded] = step
                    spike_cell[n_recorded] = j
                    n_recorded += 1
    slot = step % RING
    cells.n_spikes[slot] = n_recorded - first
    cells.spikes[slot, : n_recorded - first] = spike_cell[first:n_recorded]
    return n_recorded


@compiled
def take_inputs(step, cells, event, input_step, input_cell):
    """Put this step's input spikes under way; return the number of input spikes used so far."""
    slot = step % RING
    n = 0
    while event < input_step.size and input_step[event] == step:
        cells.inputs[slot, n] = input_cell[event]
        n += 1
        event += 1
    cells.n_inputs[slot] = n
    return event


@compiled
def deliver_fixed(slot, scale, n_exc, cells, fixed):
    """Deliver the spikes of `slot` that go through synapses that are not plastic."""
    v = cells.v
    for s in range(cells.n_spikes[slot]):
        i = cells.spikes[slot, s]
        jump = scale * (J_E if i < n_exc else J_I)
        for k in range(fixed.local_start[i], fixed.local_start[i + 1]):
            v[fixed.local_target[k]] += jump
    for s in range(cells.n_inputs[slot]):
        i = cells.inputs[slot, s]
        for k in range(fixed.external_start[i], fixed.external_start[i + 1]):
            v[fixed.external_target[k]] += scale * J_E


@compiled
def reset_cells(step, cells, spiked):
    for j in spiked:
        cells.v[j] = 0.0
        cells.free_from[j] = step + REFRACTORY_STEPS


@njit(inline="always")
def depressed(additive, w, x_post, w_max):
    """The weight after a presynaptic spike."""
    if additive:
        return min(max(w - A_MINUS * w_max * x_post, 0.0), w_max)
    return w - LAMBDA * ALPHA * w * x_post


@njit(inline="always")
def potentiated(additive, w, x_pre, w_max):
    """The weight after a postsynaptic spike."""
    if additive:
        return min(max(w + A_PLUS * w_max * x_pre, 0.0), w_max)
    return w + LAMBDA * (w_max - w) * x_pre
