"""Figures of the triplet fits: frequency curve, spike patterns, errors."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from experiments.verification.published import FREQUENCIES, FROM_MEMORY, sjostrom_2001, wang_2005
from experiments.verification.triplet_fits import CURVE_FREQUENCIES, CURVE_LAGS
from spikeplast.plasticity.rule import PAIRINGS

_STYLES = {"full": "-", "minimal": "--", "pair": ":"}
_NAMES = {"full": "triplet, full", "minimal": "triplet, minimal", "pair": "pair, best fit"}


def frequency_figure(result: dict[str, Any]) -> Figure:
    """Change against pairing frequency, at both lags: measured and simulated."""
    fig = Figure(figsize=(10, 4.4), layout="constrained")
    panels = fig.subplots(1, len(PAIRINGS), sharey=True)
    measured = sjostrom_2001()
    fits = [fit for fit in result["fits"] if fit["data"] == "visual_cortex"]
    for axes, pairing in zip(panels, PAIRINGS, strict=True):
        for number, lag in enumerate(CURVE_LAGS):
            points = measured[number * len(FREQUENCIES) : (number + 1) * len(FREQUENCIES)]
            axes.errorbar(
                FREQUENCIES,
                [item.mean for item in points],
                [item.sem for item in points],
                fmt="o",
                capsize=3,
                color=f"C{number}",
                label=f"measured, {lag:+d} ms",
            )
            for fit, curve in zip(fits, result["curves"], strict=True):
                if fit["pairing"] == pairing:
                    axes.plot(
                        CURVE_FREQUENCIES,
                        curve[number],
                        _STYLES[fit["model"]],
                        color=f"C{number}",
                        label=f"{_NAMES[fit['model']]}, {lag:+d} ms",
                    )
        axes.axhline(0, color="0.8", zorder=0)
        axes.set(title=pairing, xlabel="pairing frequency (Hz)")
    panels[0].set_ylabel("relative weight change $\\Delta w$")
    handles, labels = panels[0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside right upper", fontsize=8)
    fig.suptitle("Visual cortex: 60 pairs, lag +10 and −10 ms (Sjöström et al. 2001)")
    return fig


def pattern_figure(result: dict[str, Any]) -> Figure:
    """Change for each pair, triplet and quadruplet: measured and simulated."""
    fig = Figure(figsize=(11, 5), layout="constrained")
    panels = fig.subplots(1, len(PAIRINGS), sharey=True)
    measured = wang_2005()
    positions = np.arange(len(measured))
    fits = [fit for fit in result["fits"] if fit["data"] == "hippocampus"]
    markers = {"full": ("o", -0.2), "minimal": ("s", 0.0), "pair": ("x", 0.2)}
    for axes, pairing in zip(panels, PAIRINGS, strict=True):
        axes.bar(
            positions,
            [item.mean for item in measured],
            yerr=[item.sem for item in measured],
            color="0.85",
            ecolor="0.4",
            capsize=3,
            label="measured",
        )
        for fit in fits:
            if fit["pairing"] == pairing:
                marker, shift = markers[fit["model"]]
                axes.plot(
                    positions + shift,
                    fit["changes"],
                    marker,
                    markersize=5,
                    label=f"{_NAMES[fit['model']]}, E = {fit['error']:.2f}",
                )
        axes.axhline(0, color="0.4", linewidth=0.8)
        axes.set_xticks(positions, [item.label for item in measured], rotation=90, fontsize=8)
        axes.set_title(pairing)
        # Room above the bars.
        axes.set_ylim(-0.45, 0.75)
        axes.legend(fontsize=8, loc="upper left")
    panels[0].set_ylabel("relative weight change $\\Delta w$")
    fig.suptitle("Hippocampal cultures: 60 repetitions at 1 Hz (Wang et al. 2005)")
    return fig


def error_figure(result: dict[str, Any]) -> Figure:
    """Error of every rule: simulated, printed in the paper, re-computed."""
    fig = Figure(figsize=(9, 4.8), layout="constrained")
    axes = fig.subplots()
    fits = result["fits"]
    rows = np.arange(len(fits))
    axes.hlines(rows, 0.1, 20, color="0.9", zorder=0)
    axes.plot([fit["error"] for fit in fits], rows, "o", color="C0", label="simulated")
    remembered = {
        row
        for row, fit in enumerate(fits)
        if (fit["data"], fit["pairing"], fit["model"]) in FROM_MEMORY
    }
    everything = set(range(len(fits)))
    for key, marker, name, shown in (
        ("error_recomputed", "|", "re-computed independently", everything),
        ("error_published", "x", "printed in the paper", everything - remembered),
        ("error_published", "+", "printed, quoted from memory", remembered),
    ):
        points = [(fits[row][key], row) for row in sorted(shown) if fits[row][key] is not None]
        if not points:
            continue
        axes.plot(
            *zip(*points, strict=True), marker, color="C1", markersize=10, mew=1.5, label=name
        )
    labels = [
        f"{fit['data'].replace('_', ' ')}, {fit['pairing']}, {_NAMES[fit['model']]}" for fit in fits
    ]
    axes.set_yticks(rows, labels, fontsize=8)
    axes.invert_yaxis()
    axes.set(xscale="log", xlabel="fit error E", xlim=(0.1, 20))
    # Where only large errors would be: the rules of the visual cortex are on top.
    axes.legend(fontsize=8, loc="upper right")
    return fig
