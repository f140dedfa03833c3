"""Integrate-and-fire neurons: rates, shapes of synaptic input, NMDA's block, the benchmarks."""

from typing import Any

import numpy as np
from brian2 import Network, SpikeMonitor, StateMonitor, ms, mV, pA, second
from matplotlib.figure import Figure

from experiments.verification.section import Row, at_most, within
from models.brette_2007 import BENCHMARKS, BretteNetwork
from spikeplast.neurons import NMDALIF, ConductanceLIF, CurrentLIF
from spikeplast.neurons.inputs import SHAPES

TITLE = "Integrate-and-fire neurons"
CAPTION = "Integrate-and-fire neurons: f-I curve, synaptic time courses, NMDA, benchmarks."
RATES = {"COBA": (18.0, 21.0), "CUBA": (5.5, 5.8)}
SEEDS, DURATION = range(1, 9), 2.0
TAU, TAU_RISE = 5.0, 1.0
CURRENTS = np.concatenate([[80, 99, 101, 105, 110, 120], np.arange(150, 501, 50)])
VOLTAGES = np.linspace(-90, 40, 27)


def measure(*, quick: bool = False) -> dict[str, Any]:
    """All numbers of this family; `quick` leaves out the benchmarks."""
    return {
        "f_I": _f_I(0.3 if quick else 1.0),
        "courses": _courses(),
        "nmda": _nmda(),
        "benchmarks": {} if quick else {name: _benchmark(name) for name in BENCHMARKS},
    }


def _f_I(duration: float) -> dict[str, Any]:
    model = CurrentLIF(refractory=2 * ms)
    cells = model.group(len(CURRENTS))
    cells.I_ext = CURRENTS * pA
    spikes = SpikeMonitor(cells)
    Network(cells, spikes).run(duration * second, namespace={})
    rates = np.zeros(len(CURRENTS))
    for cell, times in spikes.spike_trains().items():
        if len(times) > 1:
            rates[cell] = 1 / np.mean(np.diff(times / second))
    drive = CURRENTS * 0.1  # mV above rest, by 100 Mohm
    exact = np.zeros(len(CURRENTS))
    fires = drive > 10
    exact[fires] = 1e3 / (2 + 20 * np.log(drive[fires] / (drive[fires] - 10)))
    interval = [abs(1e3 / a - 1e3 / b) for a, b in zip(rates, exact, strict=True) if a and b]
    return {
        "current_pA": CURRENTS,
        "rate_Hz": rates,
        "exact_Hz": exact,
        "largest_interval_error_ms": float(np.max(interval)),
        "same_cells_fire": bool(((rates > 0) == (exact > 0)).all()),
    }


def _courses() -> dict[str, Any]:
    network = Network()
    monitors = []
    for shape in SHAPES:
        rise = {"tau_rise_e": TAU_RISE * ms, "tau_rise_i": TAU_RISE * ms}
        cells = ConductanceLIF(
            tau_e=TAU * ms, shape=shape, **(rise if shape == SHAPES[2] else {})
        ).group(1, dt=0.01 * ms)
        setattr(cells, "g_e" if shape == SHAPES[0] else "x_e", 1)
        monitors.append(StateMonitor(cells, "g_e", record=True, dt=0.1 * ms))
        network.add(cells, monitors[-1])
    network.run(30 * ms, namespace={})
    t = np.array(monitors[0].t / ms)
    factor = 1 / (_double(np.array([TAU * TAU_RISE / (TAU - TAU_RISE) * np.log(TAU / TAU_RISE)])))
    exact = [np.exp(-t / TAU), t / TAU * np.exp(1 - t / TAU), factor * _double(t)]
    simulated = [np.array(monitor.g_e[0]) for monitor in monitors]
    return {"t_ms": t, "simulated": np.array(simulated), "exact": np.array(exact)}


def _double(t: np.ndarray) -> np.ndarray:
    return np.exp(-t / TAU) - np.exp(-t / TAU_RISE)


def _nmda() -> dict[str, Any]:
    # Voltages are clamped by a leak so slow that they stay where they are set.
    cells = NMDALIF(tau_m=1e9 * ms, v_threshold=100 * mV).group(len(VOLTAGES))
    cells.v = VOLTAGES * mV
    exact = 1 / (1 + np.exp(-0.062 * VOLTAGES) / 3.57)
    return {"voltage_mV": VOLTAGES, "unblocked": np.array(cells.unblocked[:]), "exact": exact}


def _benchmark(name: str) -> dict[str, Any]:
    rates, rasters = [], []
    for seed in SEEDS:
        net = BretteNetwork.build(name, seed=seed)
        net.network.run(DURATION * second, namespace={})
        t, i = np.array(net.spikes.t / second), np.array(net.spikes.i)
        # The transient of the random start is over by then.
        counted = (t >= DURATION - 1) & (i < net.n_excitatory)
        rates.append(counted.sum() / net.n_excitatory)
        shown = (t >= DURATION - 0.3) & (i % 20 == 0)
        rasters.append((t[shown] - (DURATION - 0.3), i[shown]))
    return {
        "rates_Hz": [float(rate) for rate in rates],
        "raster_t_s": rasters[0][0],
        "raster_i": rasters[0][1],
    }


def rows(result: dict[str, Any]) -> list[Row]:
    """The table's rows."""
    courses, nmda = result["courses"], result["nmda"]
    difference = np.abs(courses["simulated"] - courses["exact"]).max(axis=1)
    out = [
        at_most(
            "CurrentLIF: interval between spikes at 101 to 500 pA, largest error",
            "closed form",
            0.1,
            result["f_I"]["largest_interval_error_ms"],
            unit=" ms",
        ),
        at_most(
            "CurrentLIF: currents at which it fires although it should not, or the reverse",
            "closed form",
            0,
            0 if result["f_I"]["same_cells_fire"] else 1,
        ),
        *[
            # A step of 0.01 ms, an error of the first order where there is a rise.
            at_most(f"conductance after one spike, {shape}", "closed form", limit, float(error))
            for shape, limit, error in zip(SHAPES, (1e-12, 2e-3, 6e-3), difference, strict=True)
        ],
        at_most(
            "NMDA: unblocked fraction, -90 to 40 mV",
            "Jahr & Stevens 1990",
            1e-12,
            float(np.abs(nmda["unblocked"] - nmda["exact"]).max()),
        ),
    ]
    for name, benchmark in result["benchmarks"].items():
        rates = benchmark["rates_Hz"]
        out.append(
            within(
                f"{name}: rate of excitatory cells, mean of {len(rates)} networks "
                f"({min(rates):.1f} to {max(rates):.1f})",
                "independent simulation of Brette et al. 2007",
                *RATES[name],
                float(np.mean(rates)),
                unit=" Hz",
            )
        )
    return out


def figure(result: dict[str, Any]) -> Figure:
    """f-I curve, time courses, unblocked fraction, and a raster of each benchmark."""
    fig = Figure(figsize=(11, 6.5), layout="constrained")
    axes = fig.subplot_mosaic([["f_I", "courses", "nmda"], ["COBA", "COBA", "CUBA"]])
    f_I, courses, nmda = result["f_I"], result["courses"], result["nmda"]
    fine = np.linspace(100.01, 500, 400) * 0.1
    exact = 1e3 / (2 + 20 * np.log(fine / (fine - 10)))
    axes["f_I"].plot(fine * 10, exact, label="closed form")
    axes["f_I"].plot(f_I["current_pA"], f_I["rate_Hz"], "o", mfc="none", label="CurrentLIF")
    axes["f_I"].set(title="f-I curve", xlabel="$I_{ext}$ (pA)", ylabel="rate (Hz)")
    for shape, simulated, closed in zip(
        SHAPES, courses["simulated"], courses["exact"], strict=True
    ):
        (line,) = axes["courses"].plot(courses["t_ms"], closed, label=shape)
        axes["courses"].plot(
            courses["t_ms"][::15], simulated[::15], "o", mfc="none", c=line.get_c()
        )
    axes["courses"].set(
        title="conductance after one spike (circles: simulated)",
        xlabel="t (ms)",
        ylabel="$g_e$ (weight = 1)",
    )
    axes["nmda"].plot(nmda["voltage_mV"], nmda["exact"], label="Jahr & Stevens 1990")
    axes["nmda"].plot(nmda["voltage_mV"], nmda["unblocked"], "o", mfc="none", label="NMDALIF")
    axes["nmda"].set(title="NMDA at 1 mM magnesium", xlabel="v (mV)", ylabel="unblocked fraction")
    for key in ("f_I", "courses", "nmda"):
        axes[key].legend(fontsize=8)
    for name, benchmark in result["benchmarks"].items():
        axes[name].plot(benchmark["raster_t_s"] * 1e3, benchmark["raster_i"], "k.", markersize=1)
        axes[name].axhline(3200, color="C3", linewidth=0.8)
        axes[name].set(
            title=f"{name}: {np.mean(benchmark['rates_Hz']):.1f} Hz (excitatory cells)",
            xlabel="t (ms)",
            ylabel="cell (inhibitory above the line)",
        )
    return fig
