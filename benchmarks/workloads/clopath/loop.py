"""The Clopath network as one Numba loop that potentiates at each step.

The presynaptic trace is kept per input. Only synapses onto cells above both thresholds change in
a step, so the weights lie in rows by postsynaptic cell and the others' rows are left out.
"""

from __future__ import annotations

import numpy as np

from benchmarks.inputs import GivenInputs, Inputs, PoissonInputs
from benchmarks.loop import Loop, compiled
from benchmarks.workload import SpikeList
from benchmarks.workloads.clopath.cells import Cells, potentiation, step_cells
from benchmarks.workloads.clopath.network import (
    A_LTD,
    DT,
    INPUT_RATE,
    REFRACTORY_STEPS,
    TAU_X,
    THETA_MINUS,
    V_RESET,
    ClopathNetwork,
)
from benchmarks.workloads.feed_forward import Draw


@compiled
def _advance(
    first_step, n_steps, gain, cells, x, w, input_step, input_cell, spike_step, spike_cell
):
    v, current, v_minus, v_plus, free_from = cells
    n, n_inputs = w.shape
    n_recorded = 0
    event = 0
    # The trace is kept as x*exp(+t/tau_x), t from the start of the chunk.
    for step in range(first_step, first_step + n_steps):
        shrink = np.exp(-(step - first_step) * DT / TAU_X)
        grow = np.exp((step + 1 - first_step) * DT / TAU_X)
        for j in range(n):
            amount = potentiation(v[j], v_plus[j]) * shrink
            if amount > 0.0:
                row = w[j]
                for i in range(n_inputs):
                    row[i] = min(row[i] + amount * x[i], 1.0)
        first = n_recorded
        n_recorded = step_cells(step, cells, spike_step, spike_cell, n_recorded)
        while event < input_step.size and input_step[event] == step:
            i = input_cell[event]
            event += 1
            for j in range(n):
                current[j] += gain * w[j, i]
                w[j, i] = max(w[j, i] - A_LTD * max(v_minus[j] - THETA_MINUS, 0.0), 0.0)
            x[i] += grow
        for s in range(first, n_recorded):
            v[spike_cell[s]] = V_RESET
            free_from[spike_cell[s]] = step + REFRACTORY_STEPS
    x *= np.exp(-n_steps * DT / TAU_X)
    return n_recorded


class ClopathLoop(Loop):
    """The loop over the arrays of `Draw`; `w` is in the order of `Draw.w`, flat."""

    def __init__(self, network: ClopathNetwork, drawn: Draw, given: SpikeList | None = None):
        super().__init__(DT, network.n_neurons, REFRACTORY_STEPS)
        self._gain = network.gain
        self._inputs: Inputs = (
            PoissonInputs(network.n_inputs, INPUT_RATE * DT, drawn.seed)
            if given is None
            else GivenInputs(*given)
        )
        self._cells = Cells.of(drawn)
        self._x = np.zeros(network.n_inputs)
        self._w = drawn.w.T.copy()

    @property
    def w(self) -> np.ndarray:
        return self._w.T.ravel()

    def _advance(
        self, first_step: int, n_steps: int, spike_step: np.ndarray, spike_cell: np.ndarray
    ) -> int:
        arrived = self._inputs.take(first_step, n_steps)
        return _advance(
            first_step,
            n_steps,
            self._gain,
            self._cells,
            self._x,
            self._w,
            *arrived,
            spike_step,
            spike_cell,
        )
