"""Firing patterns of AdEx (Naud et al. 2008) and types of Izhikevich's neuron (2003)."""

from typing import Any

import numpy as np
from brian2 import Network, SpikeMonitor, StateMonitor, defaultclock, ms, mV, nS, pA, pF
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from experiments.verification.section import Row, at_most, within
from spikeplast.neurons import AdEx, Izhikevich
from spikeplast.neurons.adex import PATTERNS
from spikeplast.neurons.izhikevich import TYPES

TITLE = "AdEx and Izhikevich"
CAPTION = "Firing patterns of AdEx (Naud et al. 2008) and of Izhikevich's neuron (2003)."
DURATION = 600.0
DT = 0.1
# Chaotic: two integrations part after some spikes, whatever their step.
COMPARED = tuple(pattern for pattern in PATTERNS if pattern != "irregular spiking")
STEPS = (0.02, 0.01)


def measure(*, quick: bool = False) -> dict[str, Any]:
    """Patterns as published, AdEx at small steps beside an adaptive integrator, and types.

    `quick` leaves out the small steps.
    """
    usual_dt = defaultclock.dt
    compared = () if quick else COMPARED
    try:
        patterns = _adex(PATTERNS, DT, DURATION, traces=True)
        fine = {dt: _adex(compared, dt, 120.0) for dt in STEPS if compared}
        types = _izhikevich()
    finally:
        defaultclock.dt = usual_dt
    errors: dict[str, list[float]] = {}
    for pattern in compared:
        exact = adex_spike_times(AdEx.naud(pattern), AdEx.naud_current(pattern) / pA, 120.0)
        pairs = [(by[pattern]["spikes_ms"], exact) for by in fine.values()]
        errors[pattern] = [largest_difference(ours, right) for ours, right in pairs]
    return {"adex": patterns, "errors_ms": errors, "izhikevich": types}


def _adex(
    patterns: tuple[str, ...], dt: float, duration: float, traces: bool = False
) -> dict[str, Any]:
    defaultclock.dt = dt * ms
    network, spikes, states = Network(), {}, {}
    for pattern in patterns:
        cells = AdEx.naud(pattern, inputs=None).group(1)
        cells.I_ext = AdEx.naud_current(pattern)
        spikes[pattern] = SpikeMonitor(cells)
        network.add(cells, spikes[pattern])
        if traces:
            states[pattern] = _voltage(cells)
            network.add(states[pattern])
    network.run(duration * ms, namespace={})
    out: dict[str, Any] = {p: {"spikes_ms": np.array(m.t / ms)} for p, m in spikes.items()}
    for pattern, monitor in states.items():
        out[pattern]["v_mV"] = np.clip(monitor.v[0] / mV, None, 0)
    return out


def _voltage(cells: Any) -> StateMonitor:
    # Before resets, so that spikes are seen.
    return StateMonitor(cells, "v", record=True, when="before_resets")


def _izhikevich() -> dict[str, Any]:
    defaultclock.dt = 1 * ms
    network, spikes, states = Network(), {}, {}
    for kind in TYPES:
        cells = Izhikevich.named(kind).group(3)
        rest = resting_value(kind) * mV
        cells.u[2] = cells.namespace["b"] * rest
        cells.v[2] = rest + 1 * mV
        spikes[kind] = SpikeMonitor(cells)
        states[kind] = _voltage(cells)
        network.add(cells, spikes[kind], states[kind])
    # The first cell gets a step of 10 from 100 ms on, the second is hyperpolarised until 400 ms,
    # the third starts beside its rest.
    for duration, steps in ((100, (0, -10, 0)), (300, (10, -10, 0)), (200, (10, 0, 0))):
        for monitor in spikes.values():
            monitor.source.I_ext = np.array(steps) * mV / ms
        network.run(duration * ms, namespace={})
    return {
        kind: {
            "spikes_ms": np.array(monitor.spike_trains()[0] / ms),
            "rebound_ms": np.array(monitor.spike_trains()[1] / ms),
            "v_mV": np.clip(states[kind].v / mV, None, 30),
        }
        for kind, monitor in spikes.items()
    }


def adex_spike_times(model: AdEx, current_pA: float, duration_ms: float) -> NDArray[np.float64]:
    """Spike times (ms) of a cell that starts at E_L, by SciPy's adaptive integrator."""
    C, b = float(model.C / pF), float(model.b / pA)
    g_L, a = float(model.g_L / nS), float(model.a / nS)
    E_L, V_T, D_T, V_r, V_peak = (
        float(x / mV) for x in (model.E_L, model.V_T, model.Delta_T, model.V_r, model.V_peak)
    )
    tau_w = float(model.tau_w / ms)

    def slope(t: float, y: NDArray[np.float64]) -> list[float]:
        v, w = y
        exponential = g_L * D_T * np.exp(min((v - V_T) / D_T, 100))
        return [
            (g_L * (E_L - v) + exponential - w + float(current_pA)) / C,
            (a * (v - E_L) - w) / tau_w,
        ]

    def peak(t: float, y: NDArray[np.float64]) -> float:
        return y[0] - V_peak

    peak.terminal, peak.direction = True, 1  # type: ignore[attr-defined]
    t, y, times = 0.0, [E_L, 0.0], []
    while t < duration_ms:
        solution = solve_ivp(slope, (t, duration_ms), y, "LSODA", events=peak, rtol=1e-8, atol=1e-8)
        if not solution.t_events[0].size:
            break
        t = float(solution.t_events[0][0])
        times.append(t)
        y = [V_r, float(solution.y_events[0][0][1]) + b]
    return np.array(times)


def largest_difference(ours: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    """Of spike times in ms; infinite where more than the last spike is missing."""
    n = min(len(ours), len(right))
    if abs(len(ours) - len(right)) > 1 or not n:
        return float("inf")
    return float(np.abs(ours[:n] - right[:n]).max())


def rows(result: dict[str, Any]) -> list[Row]:
    """One row per property that gives a pattern its name."""
    source = "its name in Naud et al. 2008 (bounds ours)"
    out = [
        within(f"AdEx {pattern}: {what}", source, low, high, value)
        for pattern, what, low, high, value in _properties(result["adex"])
    ]
    for pattern, (coarse, fine) in result["errors_ms"].items():
        out.append(
            at_most(
                f"AdEx {pattern}: spike times in 120 ms at a step of {STEPS[1]:g} ms",
                "adaptive integrator",
                1.0,
                fine,
                unit=" ms",
            )
        )
        out.append(
            within(
                f"AdEx {pattern}: error at {STEPS[0]:g} ms over that at {STEPS[1]:g} ms",
                "order 1 of forward Euler",
                1.6,
                2.4,
                coarse / fine,
            )
        )
    return out + _izhikevich_rows(result["izhikevich"])


def _properties(patterns: dict[str, Any]) -> list[tuple[str, str, float, float, float]]:
    many, no = float("inf"), 0.0
    t = {name: pattern["spikes_ms"] for name, pattern in patterns.items()}
    isi = {name: np.diff(times) for name, times in t.items()}
    late = {name: values[len(values) // 2 :] for name, values in isi.items()}

    def bursts(name: str) -> float:
        # Intervals of two kinds, at least five times apart.
        return float(late[name].max() / late[name].min())

    def cv(name: str) -> float:
        return float(late[name].std() / late[name].mean())

    tonic, adapting, initial = isi["tonic spiking"], isi["adaptation"], isi["initial burst"]
    accelerating = isi["delayed accelerating"]
    return [
        ("tonic spiking", "last interval over the first", 0.9, 1.1, tonic[-1] / tonic[0]),
        ("adaptation", "last interval over the first", 2, many, adapting[-1] / adapting[0]),
        ("adaptation", "variation of later intervals (CV)", no, 0.1, cv("adaptation")),
        ("initial burst", "later intervals over the first", 5, many, initial[-1] / initial[0]),
        ("initial burst", "variation of later intervals (CV)", no, 0.05, cv("initial burst")),
        ("regular bursting", "longest over shortest later interval", 5, many, bursts(PATTERNS[3])),
        (
            "delayed accelerating",
            "last interval over the first",
            no,
            0.8,
            accelerating[-1] / accelerating[0],
        ),
        (
            "delayed accelerating",
            "intervals that are longer than the one before",
            no,
            0,
            float((np.diff(accelerating) > DT * 1.01).sum()),
        ),
        (
            "delayed regular bursting",
            "first spike (ms) over the first of tonic spiking",
            2,
            many,
            t["delayed regular bursting"][0] / t["tonic spiking"][0],
        ),
        (
            "delayed regular bursting",
            "longest over shortest later interval",
            5,
            many,
            bursts("delayed regular bursting"),
        ),
        (
            "transient spiking",
            "spikes",
            1,
            5,
            float(len(t["transient spiking"])),
        ),
        (
            "transient spiking",
            "last spike (ms)",
            no,
            100,
            float(t["transient spiking"][-1]),
        ),
        ("irregular spiking", "variation of later intervals (CV)", 0.2, 1, cv(PATTERNS[7])),
    ]


def swings(found: dict[str, Any], kind: str) -> float:
    """How often the third cell's `v` crosses its resting value in 200 ms."""
    above = found["v_mV"][2][:200] > resting_value(kind)
    return float(np.count_nonzero(np.diff(above)))


def resting_value(kind: str) -> float:
    """Where v stands without input, in mV: u = b v, so 0.04 v^2 + (5 - b) v + 140 = 0."""
    b = float(Izhikevich.named(kind).b * ms)
    return float(np.roots([0.04, 5 - b, 140]).min())


def _izhikevich_rows(types: dict[str, Any]) -> list[Row]:
    isi = {kind: np.diff(value["spikes_ms"]) for kind, value in types.items()}
    many = float("inf")
    source = "its name in Izhikevich 2003 (bounds ours)"
    chattering = isi["CH"][len(isi["CH"]) // 2 :]
    return [
        within("Izhikevich RS: second interval over the first", source, 1.2, many,
               isi["RS"][1] / isi["RS"][0]),
        within("Izhikevich IB: later intervals over the first", source, 3, many,
               isi["IB"][3:].mean() / isi["IB"][0]),
        within("Izhikevich CH: longest over shortest later interval", source, 5, many,
               chattering.max() / chattering.min()),
        within("Izhikevich FS: rate over that of RS", source, 2, many,
               len(isi["FS"]) / len(isi["RS"])),
        within("Izhikevich LTS: rate over that of RS", source, 1, many,
               len(isi["LTS"]) / len(isi["RS"])),
        within("Izhikevich TC: spikes after hyperpolarisation", source, 1, 10,
               float(len(types["TC"]["rebound_ms"]))),
        within("Izhikevich RS: spikes after hyperpolarisation", source, 0, 0,
               float(len(types["RS"]["rebound_ms"]))),
        within("Izhikevich RZ: times v swings through rest in 200 ms after a kick of 1 mV", source,
               4, many, swings(types["RZ"], "RZ")),
        within("Izhikevich RS: times v swings through rest in 200 ms after a kick of 1 mV", source,
               0, 1, swings(types["RS"], "RS")),
    ]  # fmt: skip


def figure(result: dict[str, Any]) -> Figure:
    """One panel per pattern and per type."""
    fig = Figure(figsize=(12, 9.5), layout="constrained")
    panels = iter(fig.subplots(4, 4).flat)
    for pattern, found in result["adex"].items():
        ax = next(panels)
        ax.plot(np.arange(len(found["v_mV"])) * DT, found["v_mV"], linewidth=0.7)
        current = AdEx.naud_current(pattern) / pA
        ax.set(title=f"AdEx {pattern}, {current:g} pA", xlabel="t (ms)", ylabel="v (mV)")
    for kind, found in result["izhikevich"].items():
        ax = next(panels)
        ax.plot(found["v_mV"][0], linewidth=0.7)
        ax.set(title=f"Izhikevich {kind}, I = 10", xlabel="t (ms)", ylabel="v (mV)")
    ax = next(panels)
    ax.plot(result["izhikevich"]["TC"]["v_mV"][1], linewidth=0.7)
    ax.set(title="Izhikevich TC, rebound", xlabel="t (ms)", ylabel="v (mV)")
    for ax in fig.axes:
        ax.title.set_fontsize(9)
    return fig
