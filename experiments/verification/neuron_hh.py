"""Traub & Miles' Hodgkin-Huxley neuron against an adaptive integrator, and its 0/0 points."""

from typing import Any

import numpy as np
from brian2 import Network, SpikeMonitor, StateMonitor, defaultclock, ms, mV, pA
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from experiments.verification.neuron_patterns import largest_difference
from experiments.verification.section import Row, at_most, within
from spikeplast.neurons import TraubMilesHH

TITLE = "Hodgkin-Huxley (Traub & Miles)"
CAPTION = "Traub & Miles' neuron: spikes, gates and f-I curve beside an adaptive integrator."
CURRENTS = np.arange(0, 901, 100.0)
STEPS = (0.02, 0.01)
USUAL_STEP = 0.1
# Rates that are 0/0, and their limits: (rate, v - V_T in mV, limit in 1/ms).
LIMITS = (("alpha_m", 13, 0.32 * 4), ("beta_m", 40, 0.28 * 5), ("alpha_n", 15, 0.032 * 5))


def measure(*, quick: bool = False) -> dict[str, Any]:
    """Spike times at two small steps and exactly, a trace, and the rates at 0/0."""
    currents, duration = (CURRENTS[1::4], 25.0) if quick else (CURRENTS, 200.0)
    steps = (0.04, 0.02) if quick else STEPS
    exact = [spike_times(current, duration) for current in currents]
    usual_dt = defaultclock.dt
    try:
        simulated = [_simulated(currents, dt, duration) for dt in steps]
        fourth_order = _simulated(currents, steps[1], duration, "rk4")
        usual = _simulated(currents, USUAL_STEP, duration)
    finally:
        defaultclock.dt = usual_dt
    errors = [
        max(largest_difference(ours, right) for ours, right in zip(run[0], exact, strict=True))
        for run in (*simulated, fourth_order)
    ]
    intervals = [
        np.diff(ours).mean() / np.diff(right).mean() - 1
        for ours, right in zip(usual[0], exact, strict=True)
        if min(len(ours), len(right)) > 2
    ]
    return {
        "currents_pA": currents,
        "duration_ms": duration,
        "steps_ms": steps,
        "exact_Hz": [1e3 * len(times) / duration for times in exact],
        "simulated_Hz": [1e3 * len(times) / duration for times in simulated[1][0]],
        "largest_error_ms": errors,
        "interval_at_usual_step": [float(np.min(intervals)), float(np.max(intervals))],
        "trace": simulated[1][1],
        "limit_error": _limits(),
    }


def _simulated(
    currents: NDArray[np.float64], dt: float, duration: float, method: str | None = None
) -> tuple[list[NDArray[np.float64]], dict[str, Any]]:
    defaultclock.dt = dt * ms
    cells = TraubMilesHH(inputs=None).group(len(currents), method=method)
    cells.I_ext = currents * pA
    spikes = SpikeMonitor(cells)
    states = StateMonitor(cells, ["v", "m", "h", "n"], record=len(currents) // 2, dt=0.1 * ms)
    Network(cells, spikes, states).run(duration * ms, namespace={})
    trace = {x: np.array(getattr(states, x)[0] / (mV if x == "v" else 1)) for x in "vmhn"}
    trace["t"] = np.array(states.t / ms)
    return [np.array(times / ms) for times in spikes.spike_trains().values()], trace


def _limits() -> float:
    errors = []
    for rate, u, limit in LIMITS:
        cells = TraubMilesHH(inputs=None).group(3)
        Network(cells)
        # At the point, where a quotient would be nan, and just beside it.
        cells.v = (-63 + u + np.array([-1e-9, 0, 1e-9])) * mV
        errors.append(np.abs(getattr(cells, rate)[:] * ms / limit - 1).max())
    return float(np.max(errors))


def spike_times(current_pA: float, duration_ms: float) -> NDArray[np.float64]:
    """Upward crossings of -20 mV (ms) by SciPy's adaptive integrator, at least 3 ms apart."""

    def rates(v: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        u = v + 63

        def quotient(x: float, scale: float) -> float:
            return scale if abs(x) < 1e-9 else float(x / np.expm1(x / scale))

        alpha = [
            0.32 * quotient(13 - u, 4),
            0.128 * np.exp((17 - u) / 18),
            0.032 * quotient(15 - u, 5),
        ]
        beta = [
            0.28 * quotient(u - 40, 5),
            4 / (1 + np.exp((40 - u) / 5)),
            0.5 * np.exp((10 - u) / 40),
        ]
        return np.array(alpha), np.array(beta)

    def slope(t: float, y: NDArray[np.float64]) -> NDArray[np.float64]:
        v, m, h, n = y
        alpha, beta = rates(v)
        sodium, potassium = 20_000 * m**3 * h * (50 - v), 6_000 * n**4 * (-90 - v)
        dv = (10 * (-60 - v) + sodium + potassium + current_pA) / 200
        return np.array([dv, *(alpha * (1 - y[1:]) - beta * y[1:])])

    def crossing(t: float, y: NDArray[np.float64]) -> float:
        return float(y[0] + 20)

    crossing.direction = 1  # type: ignore[attr-defined]
    alpha, beta = rates(-60.0)
    start = [-60.0, *(alpha / (alpha + beta))]
    solution = solve_ivp(
        slope, (0, duration_ms), start, "LSODA", events=crossing, rtol=1e-8, atol=1e-9
    )
    return np.array(solution.t_events[0])


def rows(result: dict[str, Any]) -> list[Row]:
    """Spike times, their order of convergence, and the 0/0 points."""
    steps = result["steps_ms"]
    coarse, fine, fourth_order = result["largest_error_ms"]
    longest = result["interval_at_usual_step"][1]
    case = f"0 to {CURRENTS[-1]:g} pA, {result['duration_ms']:g} ms"
    return [
        at_most(
            f"spike times, {case}, method rk4 at {steps[1]:g} ms: largest error",
            "adaptive integrator",
            2 * steps[1],
            fourth_order,
            unit=" ms",
        ),
        at_most(
            f"intervals, exponential Euler at {USUAL_STEP:g} ms: how much too long at most",
            "adaptive integrator",
            0.15,
            longest,
        ),
        within(
            f"error at a step of {steps[0]:g} ms over that at {steps[1]:g} ms",
            "order 1 of exponential Euler",
            1.6,
            2.4,
            coarse / fine,
        ),
        at_most("rates at and beside their 0/0 points: relative error", "their limits", 1e-9,
                result["limit_error"]),
    ]  # fmt: skip


def figure(result: dict[str, Any]) -> Figure:
    """Voltage and gates at 500 pA, and the f-I curve."""
    fig = Figure(figsize=(11, 4.5), layout="constrained")
    axes = fig.subplot_mosaic([["v", "f_I"], ["gates", "f_I"]], width_ratios=[1.5, 1])
    trace = result["trace"]
    axes["v"].plot(trace["t"], trace["v"], linewidth=0.8)
    axes["v"].set(title="500 pA", ylabel="v (mV)")
    for gate in "mhn":
        axes["gates"].plot(trace["t"], trace[gate], linewidth=0.8, label=gate)
    axes["gates"].set(xlabel="t (ms)", ylabel="gates")
    axes["gates"].legend(fontsize=8, loc="upper right")
    axes["f_I"].plot(result["currents_pA"], result["exact_Hz"], label="adaptive integrator")
    axes["f_I"].plot(
        result["currents_pA"], result["simulated_Hz"], "o", mfc="none", label="TraubMilesHH"
    )
    axes["f_I"].set(title="f-I curve", xlabel="$I_{ext}$ (pA)", ylabel="rate (Hz)")
    axes["f_I"].legend(fontsize=8)
    return fig
