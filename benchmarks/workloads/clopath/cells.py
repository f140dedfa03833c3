"""The cells of `network` and their step, for both loops."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from benchmarks.loop import compiled
from benchmarks.workloads.clopath.network import (
    A_LTP,
    DELTA_T,
    DT,
    E_L,
    TAU_M,
    TAU_MINUS,
    TAU_PLUS,
    TAU_S,
    THETA_MINUS,
    THETA_PLUS,
    V_PEAK,
    V_T,
)
from benchmarks.workloads.feed_forward import Draw

DT_OVER_TAU_M = DT / TAU_M
DT_OVER_TAU_MINUS = DT / TAU_MINUS
DT_OVER_TAU_PLUS = DT / TAU_PLUS
KEEP_I = 1 - DT / TAU_S
EXPONENT = 1 / DELTA_T
A_LTP_DT = A_LTP * DT


class Cells(NamedTuple):
    """Shape (n_neurons,); `free_from` is the first step at which a cell is not refractory."""

    v: np.ndarray
    current: np.ndarray
    v_minus: np.ndarray
    v_plus: np.ndarray
    free_from: np.ndarray

    @classmethod
    def of(cls, drawn: Draw) -> Cells:
        n = drawn.v.size
        return cls(
            v=drawn.v.copy(),
            current=np.zeros(n),
            v_minus=drawn.v.copy(),
            v_plus=drawn.v.copy(),
            free_from=np.zeros(n, dtype=np.int64),
        )


@njit(inline="always")
def potentiation(v, v_plus):
    """What one step adds to a weight, by a presynaptic trace of 1."""
    return A_LTP_DT * max(v - THETA_PLUS, 0.0) * max(v_plus - THETA_MINUS, 0.0)


@compiled
def step_cells(step, cells, spike_step, spike_cell, n_recorded):
    """Advance the cells by one step, write the spikes, return how many there are so far."""
    v, current, v_minus, v_plus, free_from = cells
    n_above = 0
    for j in range(v.size):
        u = v[j]
        drive = E_L - u + DELTA_T * np.exp((u - V_T) * EXPONENT) + current[j]
        v[j] += DT_OVER_TAU_M * drive if step >= free_from[j] else 0.0
        current[j] *= KEEP_I
        v_minus[j] += DT_OVER_TAU_MINUS * (u - v_minus[j])
        v_plus[j] += DT_OVER_TAU_PLUS * (u - v_plus[j])
        n_above += v[j] > V_PEAK
    if n_above:
        for j in range(v.size):
            if v[j] > V_PEAK:
                spike_step[n_recorded] = step
                spike_cell[n_recorded] = j
                n_recorded += 1
    return n_recorded
