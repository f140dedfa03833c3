"""The Convallis network as one Numba loop without a walk over synapses at each step.

Between two spikes of input i all that happens to psi[i, j] is the drive of cell j times a
difference of two traces of i that only decay. So for each trace `total` sums drive*exp(-s/tau) by
cell, a row keeps its traces as x*exp(+t/tau), and the next visit of the row adds the trace times
the growth of the sum since the snapshot of the last visit. Time s counts from the start of an
epoch; there is a sum for this epoch and one for the last, and rows not visited during a whole epoch
are visited at its end. Before the weights change, all rows are visited.
"""

from __future__ import annotations

from typing import NamedTuple

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

EPOCH_STEPS = round(10 * TAU_Q / DT)
GROWING = EPOCH_STEPS + 1
"""Where an epoch's sum goes on growing during the next one."""
CARRY_P = np.exp(-EPOCH_STEPS * DT / TAU_P)
CARRY_Q = np.exp(-EPOCH_STEPS * DT / TAU_Q)


class Waiting(NamedTuple):
    """Sums by the epoch's parity, and what the rows remember of them.

    `sum_p`, `sum_q` (2, EPOCH_STEPS + 2, n): zero, the sums after each step's drive, and
    `GROWING`. By row, shape (n_inputs,): traces `p` and `q`, and `visit`, the step of the last
    visit, whose drive is counted.
    """

    sum_p: np.ndarray
    sum_q: np.ndarray
    p: np.ndarray
    q: np.ndarray
    visit: np.ndarray

    @classmethod
    def of(cls, n_inputs: int, n: int) -> Waiting:
        return cls(
            sum_p=np.zeros((2, EPOCH_STEPS + 2, n)),
            sum_q=np.zeros((2, EPOCH_STEPS + 2, n)),
            p=np.zeros(n_inputs),
            q=np.zeros(n_inputs),
            visit=np.full(n_inputs, -1),
        )


@compiled
def _visit(i, step, psi, waiting):
    """Bring row `i` of `psi` up to `step`, that step's drive included."""
    sum_p, sum_q, p, q, visit = waiting
    then, now = visit[i] // EPOCH_STEPS, step // EPOCH_STEPS
    low = visit[i] - then * EPOCH_STEPS + 1
    high = step - now * EPOCH_STEPS + 1 if then == now else GROWING
    p_old, p_new = sum_p[then % 2, low], sum_p[then % 2, high]
    q_old, q_new = sum_q[then % 2, low], sum_q[then % 2, high]
    trace_p, trace_q = p[i], q[i]
    row = psi[i]
    for j in range(row.size):
        row[j] += trace_p * (p_new[j] - p_old[j]) - trace_q * (q_new[j] - q_old[j])
    if then != now:
        p[i] *= CARRY_P
        q[i] *= CARRY_Q
    visit[i] = step


@compiled
def _begin_epoch(step, psi, waiting):
    """Visit the rows that were not visited in the last epoch; begin sums at zero."""
    now = step // EPOCH_STEPS
    for i in range(waiting.visit.size):
        if waiting.visit[i] // EPOCH_STEPS == now - 2:
            _visit(i, step - 1, psi, waiting)
    for sums in (waiting.sum_p, waiting.sum_q):
        sums[(now + 1) % 2, GROWING] = sums[(now + 1) % 2, EPOCH_STEPS]
        sums[now % 2, 0] = 0.0


@compiled
def _add_drive(step, drive, waiting):
    """Add this step's drive to the sums of this epoch and of the last."""
    parity = step // EPOCH_STEPS % 2
    k = step % EPOCH_STEPS
    for sums, tau, carry in (
        (waiting.sum_p, TAU_P, CARRY_P),
        (waiting.sum_q, TAU_Q, CARRY_Q),
    ):
        amount = C_0 * DT * np.exp(-k * DT / tau)
        before, after, growing = sums[parity, k], sums[parity, k + 1], sums[1 - parity, GROWING]
        for j in range(drive.size):
            after[j] = before[j] + amount * drive[j]
            growing[j] += carry * amount * drive[j]


@compiled
def _advance(
    first_step,
    n_steps,
    w_max,
    w_i,
    cells,
    psi,
    w,
    waiting,
    input_step,
    input_cell,
    spike_step,
    spike_cell,
):
    n_inputs, n = w.shape
    drive = np.empty(n)
    n_recorded = 0
    event = 0
    for step in range(first_step, first_step + n_steps):
        if step % EPOCH_STEPS == 0:
            _begin_epoch(step, psi, waiting)
        drive_at(cells, drive)
        _add_drive(step, drive, waiting)
        if step % UPDATE_STEPS == 0:
            for i in range(n_inputs):
                _visit(i, step, psi, waiting)
                for j in range(n):
                    w[i, j] = updated(w[i, j], psi[i, j], w_max)
                    psi[i, j] = 0.0
        first = n_recorded
        n_recorded = step_cells(step, cells, spike_step, spike_cell, n_recorded)
        age = (step % EPOCH_STEPS + 1) * DT
        grow_p, grow_q = np.exp(age / TAU_P), np.exp(age / TAU_Q)
        while event < input_step.size and input_step[event] == step:
            i = input_cell[event]
            event += 1
            _visit(i, step, psi, waiting)
            for j in range(n):
                cells.g_e[j] += w[i, j]
                cells.g_i[j] += w_i
            waiting.p[i] += grow_p
            waiting.q[i] += grow_q
        reset_cells(step, cells, spike_cell[first:n_recorded])
    return n_recorded


class ConvallisStreamedLoop(Loop):
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
        self._psi = np.zeros((network.n_inputs, network.n_neurons))
        self._w = drawn.w.copy()
        self._waiting = Waiting.of(network.n_inputs, network.n_neurons)

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
            self._psi,
            self._w,
            self._waiting,
            *self._inputs.take(first_step, n_steps),
            spike_step,
            spike_cell,
        )
