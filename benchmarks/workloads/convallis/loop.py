"""The Convallis network as one Numba loop that adds to every synapse's `psi` at each step.

The postsynaptic potential is kept per input; `psi` lies in rows by postsynaptic cell, `w` in rows
by input.
"""

from __future__ import annotations

import numpy as np

from benchmarks.inputs import GivenInputs, Inputs, PoissonInputs
from benchmarks.loop import Loop, compiled
from benchmarks.workload import SpikeList
from benchmarks.workloads.convallis.cells import Cells, drive_at, reset_cells, step_cells, updated
from benchmarks.workloads.convallis.network import (
    C_0,
    DT,
    INPUT_RATE,
    REFRACTORY_STEPS,
    TAU_P,
    TAU_Q,
    UPDATE_STEPS,
    ConvallisNetwork,
)
from benchmarks.workloads.feed_forward import Draw

KEEP_P = np.exp(-DT / TAU_P)
KEEP_Q = np.exp(-DT / TAU_Q)


@compiled
def _advance(
    first_step,
    n_steps,
    w_max,
    w_i,
    cells,
    p,
    q,
    psi,
    w,
    input_step,
    input_cell,
    spike_step,
    spike_cell,
):
    n_inputs, n = w.shape
    drive = np.empty(n)
    potential = np.empty(n_inputs)
    n_recorded = 0
    event = 0
    for step in range(first_step, first_step + n_steps):
        drive_at(cells, drive)
        for i in range(n_inputs):
            potential[i] = C_0 * DT * (p[i] - q[i])
            p[i] *= KEEP_P
            q[i] *= KEEP_Q
        for j in range(n):
            row = psi[j]
            for i in range(n_inputs):
                row[i] += drive[j] * potential[i]
        if step % UPDATE_STEPS == 0:
            for i in range(n_inputs):
                for j in range(n):
                    w[i, j] = updated(w[i, j], psi[j, i], w_max)
            psi[:] = 0.0
        first = n_recorded
        n_recorded = step_cells(step, cells, spike_step, spike_cell, n_recorded)
        while event < input_step.size and input_step[event] == step:
            i = input_cell[event]
            event += 1
            for j in range(n):
                cells.g_e[j] += w[i, j]
                cells.g_i[j] += w_i
            p[i] += 1.0
            q[i] += 1.0
        reset_cells(step, cells, spike_cell[first:n_recorded])
    return n_recorded


class ConvallisLoop(Loop):
    """The loop over the arrays of `Draw`; `w` is in the order of `Draw.w`, flat."""

    def __init__(self, network: ConvallisNetwork, drawn: Draw, given: SpikeList | None = None):
        super().__init__(DT, network.n_neurons, REFRACTORY_STEPS)
        self._w_max = network.w_max
        self._w_i = network.w_i
        self._inputs: Inputs = (
            PoissonInputs(network.n_inputs, INPUT_RATE * DT, drawn.seed)
            if given is None
            else GivenInputs(*given)
        )
        self._cells = Cells.of(drawn)
        self._p = np.zeros(network.n_inputs)
        self._q = np.zeros(network.n_inputs)
        self._psi = np.zeros((network.n_neurons, network.n_inputs))
        self._w = drawn.w.copy()

    @property
    def w(self) -> np.ndarray:
        return self._w.ravel()

    def _advance(
        self, first_step: int, n_steps: int, spike_step: np.ndarray, spike_cell: np.ndarray
    ) -> int:
        return _advance(
            first_step,
            n_steps,
            self._w_max,
            self._w_i,
            self._cells,
            self._p,
            self._q,
            self._psi,
            self._w,
            *self._inputs.take(first_step, n_steps),
            spike_step,
            spike_cell,
        )
