"""The network of `network` written by hand as one Numba loop.

This is the limit the engine is measured against: traces per neuron, plastic synapses in rows by
presynaptic cell, and an index of each postsynaptic cell's synapses for the postsynaptic update.
Updates come in the order in which Brian 2 makes them, so both give the same spikes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from benchmarks.loop import Loop, compiled, row_starts
from benchmarks.workload import SpikeList
from benchmarks.workloads.coba.network import CobaNetwork, Draw, Parameters

BLOCK = 512
GROUP = 32


class Constants(NamedTuple):
    """`Parameters` as the kernel uses them: what one step multiplies or adds."""

    dt_over_tau_m: float
    keep_e: float
    keep_i: float
    grow_plus: float
    grow_minus: float
    e_l: float
    e_e: float
    e_i: float
    v_t: float
    v_r: float
    g_0: float
    w_e: float
    w_i: float
    w_max: float
    a_plus: float
    a_minus: float
    refractory_steps: int

    @classmethod
    def of(cls, p: Parameters) -> Constants:
        return cls(
            dt_over_tau_m=p.dt / p.tau_m,
            keep_e=1 - p.dt / p.tau_e,
            keep_i=1 - p.dt / p.tau_i,
            grow_plus=float(np.exp(p.dt / p.tau_plus)),
            grow_minus=float(np.exp(p.dt / p.tau_minus)),
            e_l=p.e_l,
            e_e=p.e_e,
            e_i=p.e_i,
            v_t=p.v_t,
            v_r=p.v_r,
            g_0=p.g_0,
            w_e=p.w_e,
            w_i=p.w_i,
            w_max=p.w_max,
            a_plus=p.a_plus * p.w_max,
            a_minus=-p.a_minus * p.w_max,
            refractory_steps=p.refractory_steps,
        )


class Wiring(NamedTuple):
    """Synapses in rows: cell `i` owns entries `start[i]` up to `start[i + 1]` of `target`.

    `back_*` list, for each postsynaptic excitatory cell, its plastic synapses and their sources.
    Indices are unsigned: Numba then leaves out the check for negative ones.
    """

    ee_start: np.ndarray
    ee_target: np.ndarray
    back_start: np.ndarray
    back_synapse: np.ndarray
    back_source: np.ndarray
    ei_start: np.ndarray
    ei_target: np.ndarray
    ia_start: np.ndarray
    ia_target: np.ndarray

    @classmethod
    def of(cls, drawn: Draw) -> Wiring:
        n_exc = drawn.n_exc
        pre, post = drawn.ee
        order = np.argsort(post, kind="stable")
        return cls(
            ee_start=row_starts(pre, n_exc),
            ee_target=post.astype(np.uint32),
            back_start=row_starts(post, n_exc),
            back_synapse=order.astype(np.uint32),
            back_source=pre[order].astype(np.uint32),
            ei_start=row_starts(drawn.ei[0], n_exc),
            ei_target=(drawn.ei[1] + n_exc).astype(np.uint32),
            ia_start=row_starts(drawn.ia[0], drawn.n_inh),
            ia_target=drawn.ia[1].astype(np.uint32),
        )


class State(NamedTuple):
    """What changes: `free_from` is the first step at which a cell is no longer refractory."""

    v: np.ndarray
    g_e: np.ndarray
    g_i: np.ndarray
    free_from: np.ndarray
    x_pre: np.ndarray
    x_post: np.ndarray
    w: np.ndarray


@compiled
def step_cells(step, c, v, g_e, g_i, free_from, spike_step, spike_cell, n_recorded):
    """Advance the cells by one step, write the spikes, return how many there are so far."""
    n = v.size
    # Slices, because LLVM vectorises an index that starts at zero; the traffic between loops
    # stays in the nearest cache.
    for low in range(0, n, BLOCK):
        high = min(low + BLOCK, n)
        _v, _g_e, _g_i, _free = v[low:high], g_e[low:high], g_i[low:high], free_from[low:high]
        for k in range(high - low):
            drive = (_g_e[k] + c.g_0) * (c.e_e - _v[k]) + _g_i[k] * (c.e_i - _v[k])
            drive += c.e_l - _v[k]
            _v[k] += c.dt_over_tau_m * drive if step >= _free[k] else 0.0
            _g_e[k] *= c.keep_e
            _g_i[k] *= c.keep_i
        # A group without a spike, nearly every one, costs one vectorised comparison.
        for group in range(low, high, GROUP):
            group_end = min(group + GROUP, high)
            above = v[group:group_end]
            n_above = 0
            for k in range(group_end - group):
                n_above += above[k] > c.v_t
            if n_above:
                for k in range(group, group_end):
                    if v[k] > c.v_t:
                        spike_step[n_recorded] = step
                        spike_cell[n_recorded] = k
                        n_recorded += 1
    return n_recorded


@compiled
def _advance(first_step, n_steps, n_exc, c, wiring, state, spike_step, spike_cell):
    """Advance `state` in place by `n_steps`; return the number of spikes written."""
    v, g_e, g_i, free_from, x_pre, x_post, w = state
    ee_start, ee_target, back_start, back_synapse, back_source = wiring[:5]
    ei_start, ei_target, ia_start, ia_target = wiring[5:]
    n_recorded = 0
    # Traces are kept as x*exp(+t/tau), t from this call's start: no decay per cell and step.
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
                for k in range(ee_start[i], ee_start[i + 1]):
                    j = ee_target[k]
                    g_e[j] += w[k]
                    w[k] = min(max(w[k] + shrink_minus * x_post[j], 0.0), c.w_max)
                x_pre[i] += grow_plus * c.a_plus
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
                for k in range(back_start[j], back_start[j + 1]):
                    synapse = back_synapse[k]
                    trace = shrink_plus * x_pre[back_source[k]]
                    w[synapse] = min(max(w[synapse] + trace, 0.0), c.w_max)
            v[j] = c.v_r
            free_from[j] = step + c.refractory_steps
    for k in range(n_exc):
        x_pre[k] /= grow_plus
        x_post[k] /= grow_minus
    return n_recorded


class CobaLoop(Loop):
    """The loop over the arrays of `Draw`; `w`, the E->E weights, is in the order of `Draw.ee`."""

    def __init__(self, network: CobaNetwork, drawn: Draw, given: SpikeList | None = None):
        parameters = network.parameters
        n = drawn.n_exc + drawn.n_inh
        super().__init__(parameters.dt, n, parameters.refractory_steps)
        self._n_exc = drawn.n_exc
        self._constants = Constants.of(parameters)
        self._wiring = Wiring.of(drawn)
        self._state = State(
            v=drawn.v.copy(),
            g_e=np.zeros(n),
            g_i=np.zeros(n),
            free_from=np.zeros(n, dtype=np.int32),
            x_pre=np.zeros(drawn.n_exc),
            x_post=np.zeros(drawn.n_exc),
            w=drawn.w.copy(),
        )

    @property
    def w(self) -> np.ndarray:
        return self._state.w

    def _advance(
        self, first_step: int, n_steps: int, spike_step: np.ndarray, spike_cell: np.ndarray
    ) -> int:
        return _advance(
            first_step,
            n_steps,
            self._n_exc,
            self._constants,
            self._wiring,
            self._state,
            spike_step,
            spike_cell,
        )
