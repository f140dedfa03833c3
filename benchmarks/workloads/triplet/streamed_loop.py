"""The triplet network as one Numba loop without a walk over postsynaptic columns.

Between two spikes of input i all that happens to w[i, j] is potentiation, r1_i(s) f_j(s) summed
over the spikes s of cell j, and r1_i only decays. So `total[j]` sums f_j(s) exp(-s/tau_plus), the
row keeps r1_i exp(+t/tau_plus) of its last visit and which snapshot of `total` held then, and its
next visit adds the product of that trace and the growth of the sum. Time s counts from the start
of an epoch (a chunk); there is a sum for this epoch and one for the last, and rows not visited
during a whole epoch are settled, visited without a spike, at its end. All rows are settled at the
end of a run.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import numpy as np

from benchmarks.loop import compiled
from benchmarks.workload import SpikeList
from benchmarks.workloads.feed_forward import Draw
from benchmarks.workloads.triplet.cells import step_cells
from benchmarks.workloads.triplet.loop import TripletLoop
from benchmarks.workloads.triplet.network import (
    A2_MINUS,
    A2_PLUS,
    A3_MINUS,
    A3_PLUS,
    DT,
    REFRACTORY_STEPS,
    TAU_MINUS,
    TAU_PLUS,
    TAU_X,
    TAU_Y,
    TripletNetwork,
)

EPOCH_STEPS = round(10 * TAU_PLUS / DT)


class Waiting(NamedTuple):
    """Sums, and what the rows remember of them; the first axis of sums is the epoch's parity.

    `start` (2,) first step of the epoch; `total` (2, n); `snapshots` (2, EPOCH_STEPS + 1, n), the
    first zero, then one after each step with a spike; by row, shape (n_inputs,): `trace`,
    `epoch` and `snapshot` of the last visit.
    """

    start: np.ndarray
    total: np.ndarray
    snapshots: np.ndarray
    trace: np.ndarray
    epoch: np.ndarray
    snapshot: np.ndarray


@compiled
def _settle(i, step, w_max, w, waiting):
    """Bring row `i` up to `step`; what it remembers is for the caller to set."""
    parity = waiting.epoch[i] % 2
    row, total = w[i], waiting.total[parity]
    before = waiting.snapshots[parity, waiting.snapshot[i]]
    trace = waiting.trace[i]
    for j in range(row.size):
        row[j] = min(row[j] + trace * (total[j] - before[j]), w_max)
    waiting.trace[i] *= np.exp(-(step - waiting.start[parity]) * DT / TAU_PLUS)


@compiled
def _begin_epoch(epoch, step, w_max, w, waiting):
    """Settle the rows that were not visited in the last epoch; begin a sum at zero."""
    for i in range(w.shape[0]):
        if waiting.epoch[i] == epoch - 2:
            _settle(i, step, w_max, w, waiting)
            waiting.epoch[i] = epoch
            waiting.snapshot[i] = 0
    waiting.start[epoch % 2] = step
    waiting.total[epoch % 2] = 0.0


@compiled
def _settle_all(step, w_max, w, waiting):
    """Settle all rows and begin with epoch 0 again."""
    for i in range(w.shape[0]):
        _settle(i, step, w_max, w, waiting)
    waiting.start[:] = step
    waiting.total[:] = 0.0
    waiting.epoch[:] = 0
    waiting.snapshot[:] = 0


@compiled
def _advance(
    first_step,
    n_steps,
    epoch,
    w_max,
    state,
    waiting,
    input_step,
    input_cell,
    spike_step,
    spike_cell,
):
    v, g, free_from, _, r2, o1, o2, w = state
    now, last = epoch % 2, (epoch + 1) % 2
    total_now, total_last = waiting.total[now], waiting.total[last]
    snapshots = waiting.snapshots[now]
    n = v.size
    carry = np.exp(-(first_step - waiting.start[last]) * DT / TAU_PLUS)
    n_snapshots = 0
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
            parity = waiting.epoch[i] % 2
            row, total = w[i], waiting.total[parity]
            before = waiting.snapshots[parity, waiting.snapshot[i]]
            trace = waiting.trace[i]
            for j in range(n):
                raised = min(row[j] + trace * (total[j] - before[j]), w_max)
                g[j] += raised
                row[j] = max(raised - depression * o1[j], 0.0)
            waiting.trace[i] = trace * (1.0 if parity == now else carry) + grow_plus
            waiting.epoch[i] = epoch
            waiting.snapshot[i] = n_snapshots
            r2[i] += grow_x
        for s in range(first, n_recorded):
            j = spike_cell[s]
            potentiation = w_max * (A2_PLUS + A3_PLUS * o2[j] / grow_y) / grow_plus
            total_now[j] += potentiation
            total_last[j] += potentiation * carry
            o1[j] += grow_minus
            o2[j] += grow_y
            v[j] = 0.0
            free_from[j] = step + REFRACTORY_STEPS
        if n_recorded > first:
            n_snapshots += 1
            snapshots[n_snapshots] = total_now
    age = n_steps * DT
    r2 *= np.exp(-age / TAU_X)
    o1 *= np.exp(-age / TAU_MINUS)
    o2 *= np.exp(-age / TAU_Y)
    return n_recorded


class TripletStreamedLoop(TripletLoop):
    """The loop over the arrays of `Draw`; `w` is in the order of `Draw.w`, flat."""

    chunk_steps: ClassVar[int] = EPOCH_STEPS

    def __init__(self, network: TripletNetwork, drawn: Draw, given: SpikeList | None = None):
        super().__init__(network, drawn, given)
        n_inputs, n = network.n_inputs, network.n_neurons
        self._epoch = 0
        self._waiting = Waiting(
            start=np.zeros(2, dtype=np.int64),
            total=np.zeros((2, n)),
            snapshots=np.zeros((2, EPOCH_STEPS + 1, n)),
            trace=np.zeros(n_inputs),
            epoch=np.zeros(n_inputs, dtype=np.int64),
            snapshot=np.zeros(n_inputs, dtype=np.int64),
        )

    def run(self, seconds: float) -> None:
        super().run(seconds)
        _settle_all(self._step, self._w_max, self._state.w, self._waiting)
        self._epoch = 0

    def _advance(
        self, first_step: int, n_steps: int, spike_step: np.ndarray, spike_cell: np.ndarray
    ) -> int:
        arrived = self._inputs.take(first_step, n_steps)
        w, waiting = self._state.w, self._waiting
        _begin_epoch(self._epoch, first_step, self._w_max, w, waiting)
        n_spikes = _advance(
            first_step,
            n_steps,
            self._epoch,
            self._w_max,
            self._state,
            waiting,
            *arrived,
            spike_step,
            spike_cell,
        )
        self._epoch += 1
        return n_spikes
