"""The triplet network as one Numba loop that updates weights at every spike of either side.

Traces are kept per neuron as x*exp(+t/tau), t from the start of a chunk, so that none decays at
each step. A postsynaptic spike walks over a column of the weight matrix.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from benchmarks.inputs import GivenInputs, Inputs, PoissonInputs
from benchmarks.loop import Loop, compiled
from benchmarks.workload import SpikeList
from benchmarks.workloads.feed_forward import Draw
from benchmarks.workloads.triplet.cells import step_cells
from benchmarks.workloads.triplet.network import (
    A2_MINUS,
    A2_PLUS,
    A3_MINUS,
    A3_PLUS,
    DT,
    INPUT_RATE,
    REFRACTORY_STEPS,
    TAU_MINUS,
    TAU_PLUS,
    TAU_X,
    TAU_Y,
    TripletNetwork,
)


class State(NamedTuple):
    """What changes; `free_from` is the first step at which a cell is no longer refractory."""

    v: np.ndarray
    g: np.ndarray
    free_from: np.ndarray
    r1: np.ndarray
    r2: np.ndarray
    o1: np.ndarray
    o2: np.ndarray
    w: np.ndarray


@compiled
def _advance(first_step, n_steps, w_max, state, input_step, input_cell, spike_step, spike_cell):
    v, g, free_from, r1, r2, o1, o2, w = state
    n_inputs, n = w.shape
    n_recorded = 0
    event = 0
    for step in range(first_step, first_step + n_steps):
        age = (step + 1 - first_step) * DT
        grow_plus, grow_x = np.exp(age / TAU_PLUS), np.exp(age / TAU_X)
        grow_minus, grow_y = np.exp(age / TAU_MINUS), np.exp(age / TAU_Y)
        first = n_recorded
        n_recorded = step_cells(step, v, g, free_from, spike_step, spike_cell, n_recorded)
        while event < input_step.size and input_step[event] == step:
            i = input_cell[event]
            event += 1
            depression = w_max * (A2_MINUS + A3_MINUS * r2[i] / grow_x) / grow_minus
            row = w[i]
            for j in range(n):
                g[j] += row[j]
                row[j] = min(max(row[j] - depression * o1[j], 0.0), w_max)
            r1[i] += grow_plus
            r2[i] += grow_x
        for s in range(first, n_recorded):
            j = spike_cell[s]
            potentiation = w_max * (A2_PLUS + A3_PLUS * o2[j] / grow_y) / grow_plus
            for i in range(n_inputs):
                w[i, j] = min(max(w[i, j] + potentiation * r1[i], 0.0), w_max)
            o1[j] += grow_minus
            o2[j] += grow_y
            v[j] = 0.0
            free_from[j] = step + REFRACTORY_STEPS
    age = n_steps * DT
    r1 *= np.exp(-age / TAU_PLUS)
    r2 *= np.exp(-age / TAU_X)
    o1 *= np.exp(-age / TAU_MINUS)
    o2 *= np.exp(-age / TAU_Y)
    return n_recorded


class TripletLoop(Loop):
    """The loop over the arrays of `Draw`; `w` is in the order of `Draw.w`, flat."""

    def __init__(self, network: TripletNetwork, drawn: Draw, given: SpikeList | None = None):
        super().__init__(DT, network.n_neurons, REFRACTORY_STEPS)
        n_inputs, n = network.n_inputs, network.n_neurons
        self._w_max = network.w_max
        self._inputs: Inputs = (
            PoissonInputs(n_inputs, INPUT_RATE * DT, drawn.seed)
            if given is None
            else GivenInputs(*given)
        )
        self._state = State(
            v=drawn.v.copy(),
            g=np.zeros(n),
            free_from=np.zeros(n, dtype=np.int64),
            r1=np.zeros(n_inputs),
            r2=np.zeros(n_inputs),
            o1=np.zeros(n),
            o2=np.zeros(n),
            w=drawn.w.copy(),
        )

    @property
    def w(self) -> np.ndarray:
        return self._state.w.ravel()

    def _advance(
        self, first_step: int, n_steps: int, spike_step: np.ndarray, spike_cell: np.ndarray
    ) -> int:
        arrived = self._inputs.take(first_step, n_steps)
        return _advance(
            first_step, n_steps, self._w_max, self._state, *arrived, spike_step, spike_cell
        )
