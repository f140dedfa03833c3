"""Allen GLIF, levels 1 to 5, against an exact integration of their equations."""

from typing import Any

import numpy as np
from brian2 import Network, SpikeMonitor, StateMonitor, defaultclock, ms, mV, pA
from matplotlib.figure import Figure

from experiments.verification.glif_exact import expected_error, spike_times
from experiments.verification.section import Row, within
from spikeplast.neurons import GLIF
from spikeplast.neurons.glif import LEVELS, UPDATES

TITLE = "Allen GLIF"
CAPTION = "Allen GLIF: spikes of all levels, rates, and what the two updates do to spike times."
CURRENTS = np.array([260.0, 270, 280, 300, 330, 360, 400, 450, 500, 600])
SHOWN = 5
STEPS = (0.01, 0.05)


def measure(*, quick: bool = False) -> dict[str, Any]:
    """Spike times of every level and update at two time steps, and the exact ones."""
    duration, levels, steps = (60.0, LEVELS[::4], STEPS[1:]) if quick else (400.0, LEVELS, STEPS)
    exact = {level: [_exact(level, current, duration) for current in CURRENTS] for level in levels}
    usual_dt = defaultclock.dt
    try:
        simulated = {dt: _simulated(dt, duration, levels) for dt in steps}
        traces = _traces(levels)
    finally:
        defaultclock.dt = usual_dt
    errors: dict[str, Any] = {}
    for update in UPDATES:
        model = GLIF(update=update)
        for dt, by_model in simulated.items():
            ratios, last = [], []
            for level in levels:
                for times, right in zip(by_model[level, update], exact[level], strict=True):
                    n = min(len(times), len(right))
                    if abs(len(times) - len(right)) > 1:
                        ratios.append(np.inf)
                    elif n:
                        error = np.abs(times[:n] - right[:n])
                        ratios.append(float((error / expected_error(model, right[:n], dt)).max()))
                        last.append(float(times[n - 1] - right[n - 1]))
            errors[f"{update}, {dt:g} ms"] = {"ratio": max(ratios), "last_spike_ms": last}
    return {
        "currents_pA": CURRENTS,
        "duration_ms": duration,
        "rates_Hz": {
            str(level): [1e3 * len(times) / duration for times in exact[level]] for level in levels
        },
        "simulated_Hz": {
            str(level): [1e3 * len(t) / duration for t in simulated[steps[0]][level, "nest"]]
            for level in levels
        },
        "errors": errors,
        "traces": traces,
    }


def _exact(level: int, current: float, duration: float) -> np.ndarray:
    return spike_times(GLIF(level=level), float(current), duration)


def _simulated(
    dt: float, duration: float, levels: tuple[int, ...]
) -> dict[tuple[int, str], list[np.ndarray]]:
    defaultclock.dt = dt * ms
    network, monitors = Network(), {}
    for level in levels:
        for update in UPDATES:
            cells = GLIF(level=level, update=update, inputs=None).group(len(CURRENTS))
            cells.I_ext = CURRENTS * pA
            monitors[level, update] = SpikeMonitor(cells)
            network.add(cells, monitors[level, update])
    network.run(duration * ms, namespace={})
    return {
        key: [np.array(times / ms) for times in monitor.spike_trains().values()]
        for key, monitor in monitors.items()
    }


def _traces(levels: tuple[int, ...]) -> dict[str, Any]:
    defaultclock.dt = 0.05 * ms
    network, monitors = Network(), {}
    for level in levels:
        cells = GLIF(level=level, inputs=None).group(1)
        cells.I_ext = CURRENTS[SHOWN] * pA
        threshold = ["Th_s"] if level in (2, 4) else ["Th_s", "Th_v"] if level == 5 else []
        monitors[level] = StateMonitor(cells, ["v", *threshold], record=0)
        network.add(cells, monitors[level])
    network.run(150 * ms, namespace={})
    out: dict[str, Any] = {"t_ms": np.array(monitors[1].t / ms)}
    for level, monitor in monitors.items():
        threshold = np.full(len(out["t_ms"]), -51.68)
        for part in monitor.record_variables:
            if part != "v":
                threshold = threshold + getattr(monitor, part)[0] / mV
        out[str(level)] = {"v_mV": np.array(monitor.v[0] / mV), "threshold_mV": threshold}
    return out


def rows(result: dict[str, Any]) -> list[Row]:
    """One row per update and time step."""
    levels = ", ".join(result["rates_Hz"])
    return [
        within(
            f"spike times, update {name}, levels {levels}, {CURRENTS[0]:g} to {CURRENTS[-1]:g} pA: "
            "largest error over the one that the time step explains",
            "exact integration",
            0,
            1,
            error["ratio"],
        )
        for name, error in result["errors"].items()
    ]


def figure(result: dict[str, Any]) -> Figure:
    """Traces of the five levels, their f-I curves, and errors of the updates."""
    fig = Figure(figsize=(11, 9), layout="constrained")
    axes = fig.subplot_mosaic(
        [["1", "f_I"], ["2", "f_I"], ["3", "f_I"], ["4", "errors"], ["5", "errors"]],
        width_ratios=[1.6, 1],
    )
    traces = result["traces"]
    for level in map(int, result["rates_Hz"]):
        ax = axes[str(level)]
        ax.plot(traces["t_ms"], traces[str(level)]["v_mV"], linewidth=0.9, label="v")
        ax.plot(traces["t_ms"], traces[str(level)]["threshold_mV"], "C3", label="threshold")
        ax.set(title=f"GLIF {level}, {CURRENTS[SHOWN]:g} pA", ylabel="mV")
        axes["f_I"].plot(
            CURRENTS,
            result["rates_Hz"][str(level)],
            color=f"C{level - 1}",
            label=f"GLIF {level}, exact",
        )
        axes["f_I"].plot(
            CURRENTS, result["simulated_Hz"][str(level)], "o", mfc="none", color=f"C{level - 1}"
        )
    axes["1"].legend(fontsize=8, loc="lower right")
    axes["5"].set_xlabel("t (ms)")
    axes["f_I"].set(
        title=f"spikes in {result['duration_ms']:g} ms (circles: simulated)",
        xlabel="$I_{ext}$ (pA)",
        ylabel="rate (Hz)",
    )
    axes["f_I"].legend(fontsize=8)
    names = list(result["errors"])
    axes["errors"].boxplot([result["errors"][name]["last_spike_ms"] for name in names])
    axes["errors"].axhline(0, color="0.8", zorder=0)
    axes["errors"].set_xticks(range(1, len(names) + 1), [n.replace(", ", "\n") for n in names])
    axes["errors"].set(
        title="last spike, all levels and currents",
        xlabel="update and time step",
        ylabel="simulated minus exact (ms)",
    )
    return fig
