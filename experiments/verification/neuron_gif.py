"""The stochastic GIF neuron: intervals against renewal theory, and its f-I curve."""

from itertools import pairwise
from typing import Any

import numpy as np
from brian2 import Hz, Network, SpikeMonitor, StateMonitor, ms, mV, nS, pA
from brian2 import seed as set_seed
from matplotlib.figure import Figure
from numpy.typing import NDArray

from experiments.verification.section import Row, within
from spikeplast.neurons import GIF

TITLE = "Generalised integrate-and-fire neuron (GIF)"
CAPTION = "GIF: intervals without adaptation, a trace with it, and the f-I curve."
SEED = 1
CURRENT = 130.0
CURRENTS = np.arange(0, 601, 50.0)


def measure(*, quick: bool = False) -> dict[str, Any]:
    """Intervals without adaptation beside renewal theory; rates of 500 ms steps with it."""
    set_seed(SEED)
    model = renewal_model()
    n, per_current = (200, 10) if quick else (2000, 100)
    cells = model.group(n)
    cells.I_ext = CURRENT * pA
    spikes = SpikeMonitor(cells)
    adapting = GIF(inputs=None).group(len(CURRENTS) * per_current)
    adapting.I_ext = np.repeat(CURRENTS, per_current) * pA
    counts = SpikeMonitor(adapting)
    states = StateMonitor(adapting, ["v", "gamma_1", "gamma_2"], record=[5 * per_current])
    Network(cells, spikes, adapting, counts, states).run(500 * ms, namespace={})
    trains = [np.array(train / ms) for train in spikes.spike_trains().values()]
    # Only intervals that begin early, or long ones would be missed where the run ends.
    intervals = [
        later - earlier for times in trains for earlier, later in pairwise(times) if earlier < 250
    ]
    mean, deviation, density = renewal_interval(model, CURRENT, float(cells.dt / ms))
    return {
        "intervals_ms": np.array(intervals),
        "mean_ms": mean,
        "deviation_ms": deviation,
        "density": density,
        "rates_Hz": np.array(counts.count).reshape(len(CURRENTS), per_current).mean(axis=1) / 0.5,
        "t_ms": np.array(states.t / ms),
        "v_mV": np.array(states.v[0] / mV),
        "threshold_mV": np.array(-39.6 + (states.gamma_1[0] + states.gamma_2[0]) / mV),
    }


def renewal_model() -> GIF:
    """Without adaptation, so that an interval does not depend on those before it."""
    off: dict[str, Any] = {f"q_eta_{k}": 0 * pA for k in (1, 2)}
    off |= {f"q_gamma_{k}": 0 * mV for k in (1, 2)}
    return GIF(V_reset=-60 * mV, lambda_0=1000 * Hz, Delta_V=2 * mV, inputs=None, **off)


def renewal_interval(
    model: GIF, current_pA: float, dt_ms: float
) -> tuple[float, float, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Mean and standard deviation of the interval (ms), and its density over time.

    From the survivor function of a cell whose voltage approaches its asymptote from V_reset.
    """
    tau = float(model.C / model.g_L / ms)
    end = float(model.E_L / mV) + current_pA / float(model.g_L / nS)
    t = np.arange(0, 500, 0.01)
    v = end + (float(model.V_reset / mV) - end) * np.exp(-t / tau)
    hazard = (
        float(model.lambda_0 / Hz)
        / 1e3
        * np.exp((v - float(model.V_Tstar / mV)) / float(model.Delta_V / mV))
    )
    survivor = np.exp(-np.concatenate([[0], np.cumsum((hazard[1:] + hazard[:-1]) / 2 * 0.01)]))
    free = float(np.trapezoid(survivor, t))
    second_moment = float(np.trapezoid(2 * t * survivor, t))
    # Refractoriness ends with the step in which it is over.
    refractory = float(model.t_ref / ms)
    density = (t + refractory, hazard * survivor)
    return refractory + free, float(np.sqrt(second_moment - free**2)), density


def rows(result: dict[str, Any]) -> list[Row]:
    """Mean and variation of the interval within three standard errors, and a step."""
    intervals = result["intervals_ms"]
    error = 3 * result["deviation_ms"] / np.sqrt(len(intervals)) + 0.1
    spread = 3 * result["deviation_ms"] / np.sqrt(2 * len(intervals)) + 0.1
    rates = result["rates_Hz"]
    return [
        within(
            f"mean of {len(intervals)} intervals (ms; 3 standard errors and a step)",
            "renewal theory",
            result["mean_ms"] - error,
            result["mean_ms"] + error,
            float(intervals.mean()),
        ),
        within(
            "standard deviation of the intervals (ms; likewise)",
            "renewal theory",
            result["deviation_ms"] - spread,
            result["deviation_ms"] + spread,
            float(intervals.std()),
        ),
        within(
            f"rate at {CURRENTS[6]:g} pA over half of that at {CURRENTS[12]:g} pA, with adaptation",
            "a curve that bends down",
            1.0,
            1.5,
            float(rates[6] / (rates[12] / 2)),
        ),
    ]


def figure(result: dict[str, Any]) -> Figure:
    """Intervals, a trace, and the f-I curve."""
    fig = Figure(figsize=(11, 4), layout="constrained")
    intervals, trace, f_I = fig.subplots(1, 3)
    t, density = result["density"]
    limit = result["mean_ms"] + 5 * result["deviation_ms"]
    intervals.hist(result["intervals_ms"], bins=40, density=True, alpha=0.5, label="simulated")
    intervals.plot(t[t < limit], density[t < limit], label="renewal theory")
    intervals.set(title="without adaptation", xlabel="interval (ms)", ylabel="density (1/ms)")
    intervals.legend(fontsize=8)
    trace.plot(result["t_ms"], result["v_mV"], linewidth=0.8, label="v")
    trace.plot(result["t_ms"], result["threshold_mV"], "C3", linewidth=0.8, label="threshold")
    trace.set(title=f"with adaptation, {CURRENTS[5]:g} pA", xlabel="t (ms)", ylabel="mV")
    trace.legend(fontsize=8)
    f_I.plot(CURRENTS / 1e3, result["rates_Hz"], "o-", mfc="none", label="default cell")
    fit = 143 * np.maximum(CURRENTS / 1e3 - 0.08, 0)
    f_I.plot(CURRENTS / 1e3, fit, "k--", label="Brito & Gerstner's (another cell)")
    f_I.set(title="steps of 500 ms", xlabel="$I_{ext}$ (nA)", ylabel="rate (Hz)")
    f_I.legend(fontsize=8)
    return fig
