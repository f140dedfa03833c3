"""The cells of `network`, their step and the update of the weights, for both loops."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from benchmarks.loop import compiled
from benchmarks.workloads.convallis.network import (
    DT,
    E_E,
    E_I,
    E_L,
    ETA,
    K_I,
    K_P,
    LTD,
    LTD_VOLTAGE,
    LTP,
    LTP_VOLTAGE,
    R_0,
    REFRACTORY_STEPS,
    SLOPE,
    TAU_E,
    TAU_I,
    TAU_M,
    TAU_R,
    THETA,
    V_R,
    V_T,
)
from benchmarks.workloads.feed_forward import Draw

DT_OVER_TAU_M = DT / TAU_M
KEEP_E = 1 - DT / TAU_E
KEEP_I = 1 - DT / TAU_I
KEEP_R = 1 - DT / TAU_R


class Cells(NamedTuple):
    """Shape (n_neurons,); `free_from` is the first step at which a cell is not refractory."""

    v: np.ndarray
    g_e: np.ndarray
    g_i: np.ndarray
    r: np.ndarray
    lam: np.ndarray
    free_from: np.ndarray

    @classmethod
    def of(cls, drawn: Draw) -> Cells:
        n = drawn.v.size
        return cls(
            v=drawn.v.copy(),
            g_e=np.zeros(n),
            g_i=np.zeros(n),
            r=np.full(n, R_0),
            lam=np.zeros(n),
            free_from=np.zeros(n, dtype=np.int64),
        )


@compiled
def drive_at(cells, drive):
    """Write what the rule multiplies the postsynaptic potentials by in this step."""
    v, r, lam = cells.v, cells.r, cells.lam
    for j in range(v.size):
        above = LTP / (1 + np.exp((LTP_VOLTAGE - v[j]) / SLOPE))
        below = LTD / (1 + np.exp((LTD_VOLTAGE - v[j]) / SLOPE))
        drive[j] = above - below - lam[j] - K_P * (r[j] - R_0) / R_0


@compiled
def step_cells(step, cells, spike_step, spike_cell, n_recorded):
    """Advance the cells by one step, write the spikes, return how many there are so far."""
    v, g_e, g_i, r, lam, free_from = cells
    for j in range(v.size):
        flow = g_e[j] * (E_E - v[j]) + g_i[j] * (E_I - v[j]) + E_L - v[j]
        v[j] += DT_OVER_TAU_M * flow if step >= free_from[j] else 0.0
        g_e[j] *= KEEP_E
        g_i[j] *= KEEP_I
        lam[j] += DT * K_I * (r[j] - R_0) / R_0
        r[j] *= KEEP_R
    for j in range(v.size):
        if v[j] > V_T:
            spike_step[n_recorded] = step
            spike_cell[n_recorded] = j
            n_recorded += 1
    return n_recorded


@compiled
def reset_cells(step, cells, spiked):
    """Reset the cells in `spiked`."""
    for j in spiked:
        cells.v[j] = V_R
        cells.r[j] += 1 / TAU_R
        cells.free_from[j] = step + REFRACTORY_STEPS


@njit(inline="always")
def updated(w, psi, w_max):
    """The weight after the update of each second."""
    beyond = max(abs(psi) - THETA, 0.0)
    return min(max(w + ETA * w_max * np.sign(psi) * beyond, 0.0), w_max)
