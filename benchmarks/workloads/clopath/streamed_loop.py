"""The Clopath network as one Numba loop without a walk over synapses at each step.

Between two spikes of input i all that happens to w[i, j] is x_i(s) f_j(s) at each step s, where
f_j is made of the cell's voltages and x_i only decays. So `total[j]` sums f_j(s) exp(-s/tau_x),
each synapse keeps in `before` what the sum was at its row's last visit, and the next visit adds the
trace times the sum's growth. Time s counts from the start of an epoch (a chunk); there is a sum
for this epoch and one for the last, and rows not visited during a whole epoch are settled, visited
without a spike, at its end. All rows are settled at the end of a run.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

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

EPOCH_STEPS = round(10 * TAU_X / DT)


class Waiting(NamedTuple):
    """Sums by the epoch's parity, and what the rows remember of them.

    `start` (2,) first step of the epoch; `total` (2, n); `before` (n_inputs, n); by row, shape
    (n_inputs,): `trace` and `epoch` of the last visit.
    """

    start: np.ndarray
    total: np.ndarray
    before: np.ndarray
    trace: np.ndarray
    epoch: np.ndarray


@compiled
def _settle(i, step, w, waiting):
    """Bring row `i` up to `step`; the caller begins its sum at zero."""
    parity = waiting.epoch[i] % 2
    row, before, total = w[i], waiting.before[i], waiting.total[parity]
    trace = waiting.trace[i]
    for j in range(row.size):
        row[j] = min(row[j] + trace * (total[j] - before[j]), 1.0)
        before[j] = 0.0
    waiting.trace[i] *= np.exp(-(step - waiting.start[parity]) * DT / TAU_X)


@compiled
def _begin_epoch(epoch, step, w, waiting):
    """Settle the rows that were not visited in the last epoch; begin a sum at zero."""
    for i in range(w.shape[0]):
        if waiting.epoch[i] == epoch - 2:
            _settle(i, step, w, waiting)
            waiting.epoch[i] = epoch
    waiting.start[epoch % 2] = step
    waiting.total[epoch % 2] = 0.0


@compiled
def _settle_all(step, w, waiting):
    """Settle all rows and begin with epoch 0 again."""
    for i in range(w.shape[0]):
        _settle(i, step, w, waiting)
    waiting.start[:] = step
    waiting.total[:] = 0.0
    waiting.epoch[:] = 0


@compiled
def _advance(
    first_step,
    n_steps,
    epoch,
    gain,
    cells,
    w,
    waiting,
    input_step,
    input_cell,
    spike_step,
    spike_cell,
):
    v, current, v_minus, v_plus, free_from = cells
    now, last = epoch % 2, (epoch + 1) % 2
    total_now, total_last = waiting.total[now], waiting.total[last]
    n = v.size
    carry = np.exp(-(first_step - waiting.start[last]) * DT / TAU_X)
    n_recorded = 0
    event = 0
    for step in range(first_step, first_step + n_steps):
        shrink = np.exp(-(step - first_step) * DT / TAU_X)
        grow = np.exp((step + 1 - first_step) * DT / TAU_X)
        for j in range(n):
            amount = potentiation(v[j], v_plus[j]) * shrink
            total_now[j] += amount
            total_last[j] += amount * carry
        first = n_recorded
        n_recorded = step_cells(step, cells, spike_step, spike_cell, n_recorded)
        while event < input_step.size and input_step[event] == step:
            i = input_cell[event]
            event += 1
            parity = waiting.epoch[i] % 2
            row, before, total = w[i], waiting.before[i], waiting.total[parity]
            trace = waiting.trace[i]
            for j in range(n):
                raised = min(row[j] + trace * (total[j] - before[j]), 1.0)
                before[j] = total_now[j]
                current[j] += gain * raised
                row[j] = max(raised - A_LTD * max(v_minus[j] - THETA_MINUS, 0.0), 0.0)
            waiting.trace[i] = trace * (1.0 if parity == now else carry) + grow
            waiting.epoch[i] = epoch
        for s in range(first, n_recorded):
            v[spike_cell[s]] = V_RESET
            free_from[spike_cell[s]] = step + REFRACTORY_STEPS
    return n_recorded


class ClopathStreamedLoop(Loop):
    """The loop over the arrays of `Draw`; `w` is in the order of `Draw.w`, flat."""

    chunk_steps: ClassVar[int] = EPOCH_STEPS

    def __init__(self, network: ClopathNetwork, drawn: Draw, given: SpikeList | None = None):
        super().__init__(DT, network.n_neurons, REFRACTORY_STEPS)
        n_inputs, n = network.n_inputs, network.n_neurons
        self._gain = network.gain
        self._inputs: Inputs = (
            PoissonInputs(n_inputs, INPUT_RATE * DT, drawn.seed)
            if given is None
            else GivenInputs(*given)
        )
        self._cells = Cells.of(drawn)
        self._w = drawn.w.copy()
        self._epoch = 0
        self._waiting = Waiting(
            start=np.zeros(2, dtype=np.int64),
            total=np.zeros((2, n)),
            before=np.zeros((n_inputs, n)),
            trace=np.zeros(n_inputs),
            epoch=np.zeros(n_inputs, dtype=np.int64),
        )

    @property
    def w(self) -> np.ndarray:
        return self._w.ravel()

    def run(self, seconds: float) -> None:
        super().run(seconds)
        _settle_all(self._step, self._w, self._waiting)
        self._epoch = 0

    def _advance(
        self, first_step: int, n_steps: int, spike_step: np.ndarray, spike_cell: np.ndarray
    ) -> int:
        arrived = self._inputs.take(first_step, n_steps)
        _begin_epoch(self._epoch, first_step, self._w, self._waiting)
        n_spikes = _advance(
            first_step,
            n_steps,
            self._epoch,
            self._gain,
            self._cells,
            self._w,
            self._waiting,
            *arrived,
            spike_step,
            spike_cell,
        )
        self._epoch += 1
        return n_spikes
