"""The window of pair STDP, simulated and in closed form."""

from typing import Any

import numpy as np
from brian2 import ms, second
from matplotlib.figure import Figure

from experiments.verification.closed_form import pair_sums
from experiments.verification.simulate import weight_changes
from spikeplast.plasticity import PairSTDP
from spikeplast.plasticity.rule import PAIRINGS
from spikeplast.stimuli.pairing import window

LAGS = np.arange(-100, 101) / 1e3
FREQUENCIES = (1.0, 20.0)
TOLERANCE = 1e-9


def measure(*, progress: bool = False) -> dict[str, Any]:
    """Simulated and closed-form changes for 60 pairs at every lag, frequency and pairing."""
    rules = [PairSTDP.bi_poo(pairing) for pairing in PAIRINGS]
    protocols = [item for rho in FREQUENCIES for item in window(LAGS, frequency=rho)]
    simulated = weight_changes(rules, protocols, progress=progress)
    exact = np.array([[_closed_form(rule, protocol) for protocol in protocols] for rule in rules])
    shape = (len(rules), len(FREQUENCIES), len(LAGS))
    return {
        "lags_ms": LAGS * 1e3,
        "simulated": simulated.reshape(shape),
        "closed_form": exact.reshape(shape),
        "largest_difference": float(np.abs(simulated - exact).max()),
    }


def _closed_form(rule: PairSTDP, protocol: Any) -> float:
    up, down = pair_sums(
        protocol,
        tau_plus=float(rule.tau_plus / second),
        tau_minus=float(rule.tau_minus / second),
        pairing=rule.pairing,
    )
    return rule.A_plus * up - rule.A_minus * down


def figure(result: dict[str, Any]) -> Figure:
    """Window at each frequency, and the difference between simulation and closed form."""
    fig = Figure(figsize=(11, 4.3), layout="constrained")
    *windows, differences = fig.subplots(1, len(FREQUENCIES) + 1)
    lags = result["lags_ms"]
    colours = {"all-to-all": "C0", "nearest": "C1"}
    for column, (axes, rho) in enumerate(zip(windows, FREQUENCIES, strict=True)):
        for row, pairing in enumerate(PAIRINGS):
            axes.plot(
                lags,
                result["closed_form"][row, column],
                color=colours[pairing],
                label=f"{pairing}, closed form",
                linewidth=1.2 if row else 3,
                alpha=1 if row else 0.5,
            )
            # Every tenth lag, so that the line stays visible.
            axes.plot(
                lags[::10],
                result["simulated"][row, column, ::10],
                "x" if row else "o",
                color=colours[pairing],
                markerfacecolor="none",
                label=f"{pairing}, simulated",
            )
        axes.axhline(0, color="0.8", zorder=0)
        axes.axvline(0, color="0.8", zorder=0)
        axes.set(
            title=f"60 pairs at {rho:g} Hz",
            xlabel="lag $t_{post} - t_{pre}$ (ms)",
            ylabel="relative weight change $\\Delta w$",
        )
    handles, labels = windows[0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside lower left", ncols=4, fontsize=8)
    for row, pairing in enumerate(PAIRINGS):
        difference = np.abs(result["simulated"] - result["closed_form"])[row].max(axis=0)
        # A difference of 0 has no place on a logarithmic axis; this is below double precision.
        differences.semilogy(
            lags,
            np.maximum(difference, 1e-18),
            "x" if row else "o",
            color=colours[pairing],
            markerfacecolor="none",
            markersize=4,
            label=pairing,
        )
    differences.axhline(TOLERANCE, color="C3", linestyle="--", label="tolerance")
    differences.set(
        title="simulated minus closed form",
        xlabel="lag $t_{post} - t_{pre}$ (ms)",
        ylabel="largest absolute difference",
        ylim=(1e-18, 1e-7),
    )
    differences.legend(fontsize=8, loc="center left")
    return fig


def failures(result: dict[str, Any]) -> list[str]:
    """What is wrong with the result, in words; empty if it is right."""
    difference = result["largest_difference"]
    if difference <= TOLERANCE:
        return []
    return [f"the pair window differs from its closed form by {difference:.3g} > {TOLERANCE:g}"]


def markdown(result: dict[str, Any]) -> str:
    """One paragraph on the outcome."""
    rule = PairSTDP.bi_poo()
    return (
        f"`PairSTDP`, time constants {rule.tau_plus / ms:g} and {rule.tau_minus / ms:g} ms, "
        f"{len(LAGS)} lags from {LAGS[0] * 1e3:g} to {LAGS[-1] * 1e3:g} ms, 60 pairs at "
        f"{' and '.join(f'{rho:g}' for rho in FREQUENCIES)} Hz, all-to-all and nearest: the "
        f"simulation differs from the closed form by at most "
        f"{result['largest_difference']:.1e} (tolerance {TOLERANCE:g})."
    )
