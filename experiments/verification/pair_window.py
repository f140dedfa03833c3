"""The window of pair STDP under all schemes of pairing, simulated and in closed form."""

from typing import Any

import numpy as np
from brian2 import second
from matplotlib.figure import Figure

from experiments.verification.closed_form import pair_sums
from experiments.verification.section import Row, at_most
from experiments.verification.simulate import weight_changes
from spikeplast.plasticity import PairSTDP
from spikeplast.plasticity.pair_stdp import SCHEMES
from spikeplast.stimuli.pairing import Protocol, window

TITLE = "Pair STDP: window"
CAPTION = "Pair STDP against its closed form, under all schemes of pairing."
LAGS = np.arange(-100, 101) / 1e3
FREQUENCIES = (1.0, 20.0)
TOLERANCE = 1e-9


def measure(*, quick: bool = False, progress: bool = False) -> dict[str, Any]:
    """Simulated and closed-form changes for 60 pairs at every lag, frequency and scheme.

    `quick`: at 20 Hz and every fifth lag.
    """
    lags, frequencies = (LAGS[::5], FREQUENCIES[1:]) if quick else (LAGS, FREQUENCIES)
    rules = [PairSTDP.bi_poo(pairing) for pairing in SCHEMES]
    protocols = [item for rho in frequencies for item in window(lags, frequency=rho)]
    simulated = weight_changes(rules, protocols, progress=progress)
    exact = np.array([[closed_form(rule, protocol) for protocol in protocols] for rule in rules])
    shape = (len(rules), len(frequencies), len(lags))
    return {
        "frequencies_Hz": frequencies,
        "lags_ms": lags * 1e3,
        "simulated": simulated.reshape(shape),
        "closed_form": exact.reshape(shape),
    }


def closed_form(rule: PairSTDP, protocol: Protocol) -> float:
    """Change of a weight without bounds."""
    up, down = pair_sums(
        protocol,
        tau_plus=float(rule.tau_plus / second),
        tau_minus=float(rule.tau_minus / second),
        pairing=rule.pairing,
    )
    return rule.A_plus * up - rule.A_minus * down


def rows(result: dict[str, Any]) -> list[Row]:
    """The largest difference of each scheme."""
    differences = np.abs(result["simulated"] - result["closed_form"]).max(axis=(1, 2))
    frequencies = " and ".join(f"{rho:g}" for rho in result["frequencies_Hz"])
    return [
        at_most(
            f"{pairing}: difference of the change by 60 pairs at {frequencies} Hz, "
            f"{len(result['lags_ms'])} lags from {result['lags_ms'][0]:g} to "
            f"{result['lags_ms'][-1]:g} ms",
            "sum over pairs of spikes",
            TOLERANCE,
            float(difference),
        )
        for pairing, difference in zip(SCHEMES, differences, strict=True)
    ]


def figure(result: dict[str, Any]) -> Figure:
    """Window at each frequency, and the difference between simulation and closed form."""
    frequencies, lags = result["frequencies_Hz"], result["lags_ms"]
    fig = Figure(figsize=(12, 4.3), layout="constrained")
    *windows, differences = fig.subplots(1, len(frequencies) + 1)
    for column, (axes, rho) in enumerate(zip(windows, frequencies, strict=True)):
        for row, pairing in enumerate(SCHEMES):
            # Thinner towards the front, where schemes agree; every tenth lag of the simulation.
            exact, simulated = result["closed_form"][row, column], result["simulated"][row, column]
            axes.plot(lags, exact, color=f"C{row}", linewidth=5 - 1.2 * row, label=pairing)
            axes.plot(lags[::10], simulated[::10], "o+x1"[row], color="black", markersize=4)
        axes.axhline(0, color="0.8", zorder=0)
        axes.axvline(0, color="0.8", zorder=0)
        axes.set(
            title=f"60 pairs at {rho:g} Hz (black: simulated)",
            xlabel="lag $t_{post} - t_{pre}$ (ms)",
            ylabel="relative weight change $\\Delta w$",
        )
    windows[0].legend(fontsize=8)
    for row, pairing in enumerate(SCHEMES):
        difference = np.abs(result["simulated"] - result["closed_form"])[row].max(axis=0)
        # A difference of 0 has no place on a logarithmic axis; this is below double precision.
        differences.semilogy(lags, np.maximum(difference, 1e-18), ".", color=f"C{row}",
                             label=pairing)  # fmt: skip
    differences.axhline(TOLERANCE, color="C3", linestyle="--", label="tolerance")
    differences.set(
        title="simulated minus closed form",
        xlabel="lag $t_{post} - t_{pre}$ (ms)",
        ylabel="largest absolute difference",
        ylim=(1e-18, 1e-7),
    )
    differences.legend(fontsize=8, loc="center left")
    return fig
