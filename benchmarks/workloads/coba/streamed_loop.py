"""The network of `network` as one Numba loop without a walk over postsynaptic cells' synapses.

Between two spikes of cell i all that happens to w[i, j] is x_pre_i(s), summed over the spikes s of
cell j, and x_pre_i only decays. So `total[j]` sums exp(-s/tau_plus), each synapse keeps in `before`
what the sum was at its row's last visit, and the next visit adds the trace times the sum's growth.
No index of postsynaptic cells' synapses is needed. Time s counts from the start of an epoch (a
chunk); there is a sum for this epoch and one for the last, and rows not visited during a whole
epoch are settled, visited without a spike, at its end. All rows are settled at the end of a run.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import numpy as np

from benchmarks.loop import compiled
from benchmarks.workload import SpikeList
from benchmarks.workloads.coba.loop import CobaLoop, step_cells
from benchmarks.workloads.coba.network import CobaNetwork, Draw, Parameters

EPOCH_STEPS = round(10 * Parameters.tau_plus / Parameters.dt)


class Waiting(NamedTuple):
    """Sums by the epoch's parity, and what rows and synapses remember of them.

    `start` (2,) first step of the epoch; `total` (2, n_exc); `before` (n_synapses,); by row, shape
    (n_exc,): `trace` and `epoch` of the last visit.
    """

    start: np.ndarray
    total: np.ndarray
    before: np.ndarray
    trace: np.ndarray
    epoch: np.ndarray


@compiled
def _settle(i, step, c, wiring, w, waiting):
    """Bring row `i` up to `step`; the caller begins its sum at zero."""
    parity = waiting.epoch[i] % 2
    total, before, trace = waiting.total[parity], waiting.before, waiting.trace[i]
    for k in range(wiring.ee_start[i], wiring.ee_start[i + 1]):
        w[k] = min(w[k] + trace * (total[wiring.ee_target[k]] - before[k]), c.w_max)
        before[k] = 0.0
    waiting.trace[i] *= c.grow_plus ** -(step - waiting.start[parity])


@compiled
def _begin_epoch(epoch, step, c, wiring, w, waiting):
    """Settle the rows that were not visited in the last epoch; begin a sum at zero."""
    for i in range(waiting.trace.size):
        if waiting.epoch[i] == epoch - 2:
            _settle(i, step, c, wiring, w, waiting)
            waiting.epoch[i] = epoch
    waiting.start[epoch % 2] = step
    waiting.total[epoch % 2] = 0.0


@compiled
def _settle_all(step, c, wiring, w, waiting):
    """Settle all rows and begin with epoch 0 again."""
    for i in range(waiting.trace.size):
        _settle(i, step, c, wiring, w, waiting)
    waiting.start[:] = step
    waiting.total[:] = 0.0
    waiting.epoch[:] = 0


@compiled
def _advance(first_step, n_steps, epoch, n_exc, c, wiring, state, waiting, spike_step, spike_cell):
    """Advance `state` in place by `n_steps`; return the number of spikes written."""
    v, g_e, g_i, free_from, _, x_post, w = state
    ee_start, ee_target = wiring.ee_start, wiring.ee_target
    ei_start, ei_target = wiring.ei_start, wiring.ei_target
    ia_start, ia_target = wiring.ia_start, wiring.ia_target
    before, trace = waiting.before, waiting.trace
    now, last = epoch % 2, (epoch + 1) % 2
    total_now, total_last = waiting.total[now], waiting.total[last]
    carry = c.grow_plus ** -(first_step - waiting.start[last])
    n_recorded = 0
    grow_plus = 1.0
    grow_minus = 1.0
    for step in range(np.int32(first_step), np.int32(first_step + n_steps)):
        grow_plus *= c.grow_plus
        grow_minus *= c.grow_minus
        shrink_plus = 1.0 / grow_plus
        shrink_minus = 1.0 / grow_minus
        first = n_recorded
        n_recorded = step_cells(step, c, v, g_e, g_i, free_from, spike_step, spike_cell, n_recorded)
        for s in range(first, n_recorded):
            i = spike_cell[s]
            if i < n_exc:
                x = trace[i]
                same = waiting.epoch[i] == epoch
                total = total_now if same else total_last
                for k in range(ee_start[i], ee_start[i + 1]):
                    j = ee_target[k]
                    raised = min(w[k] + x * (total[j] - before[k]), c.w_max)
                    before[k] = total_now[j]
                    g_e[j] += raised
                    w[k] = max(raised + shrink_minus * x_post[j], 0.0)
                trace[i] = x * (1.0 if same else carry) + grow_plus * c.a_plus
                waiting.epoch[i] = epoch
                for k in range(ei_start[i], ei_start[i + 1]):
                    g_e[ei_target[k]] += c.w_e
            else:
                i -= n_exc
                for k in range(ia_start[i], ia_start[i + 1]):
                    g_i[ia_target[k]] += c.w_i
        for s in range(first, n_recorded):
            j = spike_cell[s]
            if j < n_exc:
                x_post[j] += grow_minus * c.a_minus
                total_now[j] += shrink_plus
                total_last[j] += shrink_plus * carry
            v[j] = c.v_r
            free_from[j] = step + c.refractory_steps
    for k in range(n_exc):
        x_post[k] /= grow_minus
    return n_recorded


class CobaStreamedLoop(CobaLoop):
    """The loop over the arrays of `Draw`; `w`, the E->E weights, is in the order of `Draw.ee`."""

    chunk_steps: ClassVar[int] = EPOCH_STEPS

    def __init__(self, network: CobaNetwork, drawn: Draw, given: SpikeList | None = None):
        super().__init__(network, drawn, given)
        self._epoch = 0
        self._waiting = Waiting(
            start=np.zeros(2, dtype=np.int64),
            total=np.zeros((2, drawn.n_exc)),
            before=np.zeros(drawn.w.size),
            trace=np.zeros(drawn.n_exc),
            epoch=np.zeros(drawn.n_exc, dtype=np.int64),
        )

    def run(self, seconds: float) -> None:
        super().run(seconds)
        _settle_all(self._step, self._constants, self._wiring, self._state.w, self._waiting)
        self._epoch = 0

    def _advance(
        self, first_step: int, n_steps: int, spike_step: np.ndarray, spike_cell: np.ndarray
    ) -> int:
        constants, wiring, waiting = self._constants, self._wiring, self._waiting
        _begin_epoch(self._epoch, first_step, constants, wiring, self._state.w, waiting)
        n_spikes = _advance(
            first_step,
            n_steps,
            self._epoch,
            self._n_exc,
            constants,
            wiring,
            self._state,
            waiting,
            spike_step,
            spike_cell,
        )
        self._epoch += 1
        return n_spikes
