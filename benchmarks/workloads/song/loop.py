"""The network as one Numba loop that updates weights at every spike of either side.

Traces are kept per neuron as x*exp(+t/tau), t from the start of a chunk, so that none decays at
each step.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from benchmarks.inputs import GivenInputs, Inputs, PoissonInputs
from benchmarks.loop import Loop, compiled
from benchmarks.workload import SpikeList
from benchmarks.workloads.feed_forward import Draw
from benchmarks.workloads.song.network import (
    A_MINUS,
    A_PLUS,
    DT,
    E_E,
    E_L,
    INPUT_RATE,
    TAU_E,
    TAU_M,
    TAU_MINUS,
    TAU_PLUS,
    V_R,
    V_T,
    SongNetwork,
)

DT_OVER_TAU_M = DT / TAU_M
KEEP_G = 1 - DT / TAU_E
GROW_PLUS = np.exp(DT / TAU_PLUS)
GROW_MINUS = np.exp(DT / TAU_MINUS)


class State(NamedTuple):
    """What changes."""

    v: np.ndarray
    g_e: np.ndarray
    x_pre: np.ndarray
    x_post: np.ndarray
    w: np.ndarray


@compiled
def _advance(first_step, n_steps, w_max, state, input_step, input_cell, spike_step, spike_cell):
    v, g_e, x_pre, x_post, w = state
    n_inputs, n = w.shape
    n_recorded = 0
    event = 0
    grow_plus = 1.0
    grow_minus = 1.0
    for step in range(first_step, first_step + n_steps):
        grow_plus *= GROW_PLUS
        grow_minus *= GROW_MINUS
        first = n_recorded
        for j in range(n):
            v[j] += DT_OVER_TAU_M * (g_e[j] * (E_E - v[j]) + E_L - v[j])
            g_e[j] *= KEEP_G
            if v[j] > V_T:
                spike_step[n_recorded] = step
                spike_cell[n_recorded] = j
                n_recorded += 1
        while event < input_step.size and input_step[event] == step:
            i = input_cell[event]
            event += 1
            row = w[i]
            for j in range(n):
                g_e[j] += row[j]
                row[j] = min(max(row[j] + x_post[j] / grow_minus, 0.0), w_max)
            x_pre[i] += A_PLUS * w_max * grow_plus
        for s in range(first, n_recorded):
            j = spike_cell[s]
            x_post[j] -= A_MINUS * w_max * grow_minus
            for i in range(n_inputs):
                w[i, j] = min(max(w[i, j] + x_pre[i] / grow_plus, 0.0), w_max)
            v[j] = V_R
    x_pre /= grow_plus
    x_post /= grow_minus
    return n_recorded


class SongLoop(Loop):
    """The loop over the arrays of `Draw`; `w` is in the order of `Draw.w`, flat."""

    def __init__(self, network: SongNetwork, drawn: Draw, given: SpikeList | None = None):
        super().__init__(DT, network.n_neurons)
        self._w_max = network.w_max
        self._inputs: Inputs = (
            PoissonInputs(network.n_inputs, INPUT_RATE * DT, drawn.seed)
            if given is None
            else GivenInputs(*given)
        )
        self._state = State(
            v=drawn.v.copy(),
            g_e=np.zeros(network.n_neurons),
            x_pre=np.zeros(network.n_inputs),
            x_post=np.zeros(network.n_neurons),
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
