"""GLIF by another method: SciPy's adaptive integrator, spikes where it finds the crossing."""

import numpy as np
from brian2 import ms, mV, nS, pA, pF
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from spikeplast.neurons import GLIF


def spike_times(model: GLIF, current_pA: float, duration_ms: float) -> NDArray[np.float64]:
    """Spike times (ms) of one cell at rest that gets a constant current from 0 ms on.

    The state is (v - E_L, Th_s, I_1, I_2, Th_v) in mV and pA; what a level lacks stays 0.
    """
    by_rule, currents, adapts = model.level in (2, 4, 5), model.level >= 3, model.level == 5
    C, g = float(model.C / pF), float(model.g / nS)
    b_s, b_v, a_v = (float(x * ms) for x in (model.b_s, model.b_v, model.a_v))
    k = np.array([float(x * ms) for x in (model.k_1, model.k_2)])
    dI = np.array([float(x / pA) for x in (model.dI_1, model.dI_2)]) * currents
    f = np.array([model.f_1, model.f_2])
    Th_inf = float((model.Th_inf - model.E_L) / mV)
    t_ref = float(model.t_ref / ms)

    def slope(t: float, y: NDArray[np.float64]) -> list[float]:
        u, Th_s, I_1, I_2, Th_v = y
        return [
            (current_pA + I_1 + I_2 - g * u) / C,
            -b_s * Th_s,
            -k[0] * I_1,
            -k[1] * I_2,
            adapts * (a_v * u - b_v * Th_v),
        ]

    def crossing(t: float, y: NDArray[np.float64]) -> float:
        return y[0] - Th_inf - y[1] - y[4]

    crossing.terminal, crossing.direction = True, 1  # type: ignore[attr-defined]
    t, y, times = 0.0, np.zeros(5), []
    while t < duration_ms:
        solution = solve_ivp(slope, (t, duration_ms), y, events=crossing, rtol=1e-9, atol=1e-9)
        if not solution.t_events[0].size:
            break
        t, y = float(solution.t_events[0][0]), solution.y_events[0][0].copy()
        times.append(t)
        y[0] = model.f_v * y[0] - float(model.dV / mV) if by_rule else 0.0
        y[1] = (y[1] * np.exp(-b_s * t_ref) + float(model.dTh_s / mV)) * by_rule
        y[2:4] = f * y[2:4] * np.exp(-k * t_ref) + dI
        t += t_ref
    return np.array(times)


def expected_error(model: GLIF, times_ms: NDArray[np.float64], dt_ms: float) -> NDArray[np.float64]:
    """How far a spike time of the model may lie from the exact ones in `times_ms`, in ms.

    One step per spike, because a spike waits for the end of its step; and forward Euler goes
    ahead of an exponential approach with time constant tau by dt t / (2 tau).
    """
    waiting = dt_ms * np.arange(1, len(times_ms) + 1)
    ahead = dt_ms * times_ms * float(model.g / model.C * ms) / 2
    return waiting + (ahead if model.update == "allen" else 0)
