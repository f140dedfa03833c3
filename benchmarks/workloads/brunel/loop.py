"""The Brunel network as one Numba loop that updates weights at every spike of either side.

Traces are kept per neuron as x*exp(+t/tau), t from the start of a chunk, so that none decays at
each step. A postsynaptic spike visits its synapses through an index, one cache miss each.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from benchmarks.inputs import GivenInputs, Inputs, PoissonInputs
from benchmarks.loop import Loop, compiled, row_starts
from benchmarks.workload import SpikeList
from benchmarks.workloads.brunel.cells import (
    RING,
    Cells,
    Fixed,
    deliver_fixed,
    depressed,
    potentiated,
    reset_cells,
    step_cells,
    take_inputs,
)
from benchmarks.workloads.brunel.network import (
    DELAY_STEPS,
    DT,
    INPUT_RATE,
    REFRACTORY_STEPS,
    TAU_MINUS,
    TAU_PLUS,
    BrunelNetwork,
    Draw,
)


class Plastic(NamedTuple):
    """Plastic synapses in rows; `back_*` list those of each postsynaptic cell and their sources."""

    start: np.ndarray
    target: np.ndarray
    back_start: np.ndarray
    back_synapse: np.ndarray
    back_source: np.ndarray
    x_pre: np.ndarray
    x_post: np.ndarray
    w: np.ndarray

    @classmethod
    def of(cls, drawn: Draw) -> Plastic:
        pre, post = drawn.ee
        order = np.argsort(post, kind="stable")
        return cls(
            start=row_starts(pre, drawn.n_exc),
            target=post.astype(np.uint32),
            back_start=row_starts(post, drawn.n_exc),
            back_synapse=order.astype(np.uint32),
            back_source=pre[order].astype(np.uint32),
            x_pre=np.zeros(drawn.n_exc),
            x_post=np.zeros(drawn.n_exc),
            w=drawn.w.copy(),
        )


@compiled
def _advance(
    first_step,
    n_steps,
    additive,
    scale,
    w_max,
    cells,
    fixed,
    plastic,
    input_step,
    input_cell,
    spike_step,
    spike_cell,
):
    start, target, back_start, back_synapse, back_source, x_pre, x_post, w = plastic
    v = cells.v
    n_exc = x_pre.size
    n_recorded = 0
    event = 0
    for step in range(first_step, first_step + n_steps):
        age = (step + 1 - first_step) * DT
        grow_plus, grow_minus = np.exp(age / TAU_PLUS), np.exp(age / TAU_MINUS)
        shrink_plus, shrink_minus = 1 / grow_plus, 1 / grow_minus
        first = n_recorded
        n_recorded = step_cells(step, cells, spike_step, spike_cell, n_recorded)
        event = take_inputs(step, cells, event, input_step, input_cell)
        due = (step + RING - DELAY_STEPS) % RING
        deliver_fixed(due, scale, n_exc, cells, fixed)
        for s in range(cells.n_spikes[due]):
            i = cells.spikes[due, s]
            if i < n_exc:
                for k in range(start[i], start[i + 1]):
                    j = target[k]
                    v[j] += w[k]
                    w[k] = depressed(additive, w[k], shrink_minus * x_post[j], w_max)
                x_pre[i] += grow_plus
        for s in range(first, n_recorded):
            j = spike_cell[s]
            if j < n_exc:
                x_post[j] += grow_minus
                for k in range(back_start[j], back_start[j + 1]):
                    trace = shrink_plus * x_pre[back_source[k]]
                    at = back_synapse[k]
                    w[at] = potentiated(additive, w[at], trace, w_max)
        reset_cells(step, cells, spike_cell[first:n_recorded])
    x_pre *= np.exp(-n_steps * DT / TAU_PLUS)
    x_post *= np.exp(-n_steps * DT / TAU_MINUS)
    return n_recorded


class BrunelLoop(Loop):
    """The loop over the arrays of `Draw`; `w` is in the order of `Draw.ee`."""

    def __init__(self, network: BrunelNetwork, drawn: Draw, given: SpikeList | None = None):
        super().__init__(DT, network.n_neurons, REFRACTORY_STEPS)
        self._additive = network.additive
        self._scale = network.scale
        self._w_max = network.w_max
        self._inputs: Inputs = (
            PoissonInputs(network.n_inputs, INPUT_RATE * DT, drawn.seed)
            if given is None
            else GivenInputs(*given)
        )
        self._cells = Cells.of(drawn)
        self._fixed = Fixed.of(drawn)
        self._plastic = Plastic.of(drawn)

    @property
    def w(self) -> np.ndarray:
        return self._plastic.w

    def _advance(
        self, first_step: int, n_steps: int, spike_step: np.ndarray, spike_cell: np.ndarray
    ) -> int:
        return _advance(
            first_step,
            n_steps,
            self._additive,
            self._scale,
            self._w_max,
            self._cells,
            self._fixed,
            self._plastic,
            *self._inputs.take(first_step, n_steps),
            spike_step,
            spike_cell,
        )
