"""Figures of the spoken-digit experiment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import NDArray

from experiments._speech_conditions import RULES
from experiments._speech_data import F_MAX, F_MIN, N_CHANNELS
from experiments._speech_layer import KS, READ_OUTS
from experiments._speech_single import ON_TARGET, SELECTIVE
from spikeplast.plotting._inputs import COLOURS
from spikeplast.stimuli.cochleogram import erb_frequencies

__all__ = ["layer_scores", "response_histograms", "robustness_map", "single_scores", "weights"]


def single_scores(results: dict[str, Any], goals: Mapping[str, tuple[str, float]]) -> Any:
    """AUC on unheard speakers: each fold and seed a dot, the mean a bar; goals as ticks."""
    figure, ax = plt.subplots(figsize=(7.5, 4), layout="constrained")
    names = list(results)
    rng = np.random.default_rng(0)
    for row, (name, colour) in enumerate(zip(names, COLOURS, strict=False)):
        values = np.array(results[name]["auc_unseen"]["by_fold"]).ravel()
        ax.scatter(values, row + rng.uniform(-0.2, 0.2, len(values)), s=14, color=colour, alpha=0.6)
        ax.plot([values.mean()] * 2, [row - 0.35, row + 0.35], color=colour, lw=2.5)
        if name in goals:
            above = goals[name][0] == "above"
            ax.plot([goals[name][1]] * 2, [row - 0.4, row + 0.4], "k:", lw=1.5)
            ax.annotate(
                "goal →" if above else "← goal",
                (goals[name][1], row - 0.42),
                ha="left" if above else "right",
                va="bottom",
                fontsize=8,
            )
    ax.axvline(0.5, color="0.7", lw=1, zorder=0)
    ax.set_yticks(range(len(names)), names)
    ax.invert_yaxis()
    ax.set_xlabel("AUC between the two words, speakers never heard")
    figure.suptitle("One cell, two words: each dot a training, the bar their mean", fontsize=11)
    return figure


def response_histograms(
    arrays: Mapping[str, Mapping[str, NDArray[Any]]], words: tuple[str, str], digits: Any
) -> Any:
    """Spikes per utterance of unheard speakers, for each word and condition."""
    figure, axes = plt.subplots(
        2, (len(arrays) + 1) // 2, figsize=(11, 5), sharey=True, layout="constrained", squeeze=False
    )
    for ax in axes.ravel()[len(arrays) :]:
        ax.set_visible(False)
    for ax, (name, found) in zip(axes.ravel(), arrays.items(), strict=False):
        top = max(int(np.quantile(found["unseen_counts"], 0.99)), 5)
        bins = np.linspace(-0.5, top + 0.5, min(top, 20) + 2)
        for digit, word, colour in zip(digits, words, COLOURS, strict=False):
            counts = found["unseen_counts"][found["unseen_labels"] == digit]
            ax.hist(
                np.minimum(counts, top),
                bins,
                weights=np.full(len(counts), 1 / len(counts)),
                alpha=0.6,
                color=colour,
                label=f'"{word}"',
            )
        ax.set_title(name.replace(" (", "\n("), fontsize=9)
    axes[0, 0].legend(frameon=False)
    for ax in axes[-1]:
        ax.set_xlabel("spikes per utterance")
    for ax in axes[:, 0]:
        ax.set_ylabel("share of utterances")
    return figure


def weights(arrays: Mapping[str, Mapping[str, NDArray[Any]]]) -> Any:
    """Weights by channel after learning (mean and range over trainings), and over the passes."""
    figure, axes = plt.subplots(
        len(arrays), 2, figsize=(9, 1.6 * len(arrays)), layout="constrained", squeeze=False
    )
    channels = erb_frequencies(N_CHANNELS, F_MIN, F_MAX)
    ticks = np.array([100, 300, 1000, 3000])
    places = np.interp(ticks, channels, np.arange(N_CHANNELS))
    for row, (name, found) in enumerate(arrays.items()):
        last = found["weights_at_the_end"].reshape(-1, N_CHANNELS)
        axis = axes[row, 0]
        axis.fill_between(
            np.arange(N_CHANNELS), last.min(0), last.max(0), color=COLOURS[0], alpha=0.25
        )
        axis.plot(last.mean(axis=0), color=COLOURS[0])
        axis.set_title(name, fontsize=9)
        axis.set_ylabel("weight")
        axis.set_ylim(0)
        axis.set_xticks(places, [""] * len(ticks))
        image = axes[row, 1].imshow(
            found["weights_over_time"].T, origin="lower", aspect="auto", interpolation="nearest"
        )
        figure.colorbar(image, ax=axes[row, 1], pad=0.01)
        axes[row, 1].set_yticks(places, [f"{t:g}" for t in ticks])
        axes[row, 1].set_ylabel("Hz")
    axes[-1, 0].set_xticks(places, [f"{t:g}" for t in ticks])
    axes[-1, 0].set_xlabel("channel (Hz)")
    axes[-1, 1].set_xlabel("pass (first training)")
    return figure


def robustness_map(results: dict[str, Any]) -> Any:
    """Each random configuration as a dot: its rate and its AUC on held-out utterances."""
    figure, axes = plt.subplots(
        1, len(RULES), figsize=(11, 3.4), sharex=True, sharey=True, layout="constrained"
    )
    for ax, rule, colour in zip(axes, RULES, COLOURS, strict=False):
        found = results[rule]
        ratio = np.clip(found["rate_over_target"], 0.05, 20)
        ax.fill_between(ON_TARGET, SELECTIVE, 1.02, color="0.9", zorder=0)
        ax.scatter(ratio, found["auc"], s=18, color=colour, alpha=0.7)
        ax.set_xscale("log")
        ax.set_title(
            f"{rule}\n{found['selective']} of {found['configurations']} selective", fontsize=10
        )
        ax.set_xlabel("rate / target")
        ax.axhline(0.5, color="0.7", lw=1, zorder=0)
    axes[0].set_ylabel("AUC, held-out utterances")
    axes[0].set_ylim(top=1.02)
    return figure


def layer_scores(results: dict[str, Any]) -> Any:
    """NMI of held-out utterances at each k: conditions and read-outs beside the baselines."""
    figure, axes = plt.subplots(1, len(KS), figsize=(11, 4), sharey=True, layout="constrained")
    names = list(results["conditions"])
    for ax, k in zip(axes, KS, strict=True):
        for which, (read_out, colour) in enumerate(zip(READ_OUTS, COLOURS, strict=False)):
            found = [results["conditions"][name][read_out].get(str(k)) for name in names]
            if any(item is None for item in found):
                continue
            scores = [item["held_out"]["nmi"] for item in found]
            ax.errorbar(
                np.arange(len(names)) + 0.15 * which,
                [score["mean"] for score in scores],
                [score["standard_error"] or 0 for score in scores],
                fmt="o",
                ms=4,
                color=colour,
                label=read_out,
            )
        for (name, baseline), style in zip(
            results["baselines"].items(), ("-", "--", "-.", ":"), strict=False
        ):
            if str(k) in baseline:
                ax.axhline(
                    baseline[str(k)]["held_out"]["nmi"]["mean"],
                    color="0.3",
                    ls=style,
                    lw=1,
                    label=f"no network: {name}",
                )
        ax.set_title(f"k = {k}")
        ax.set_xticks(range(len(names)), names, rotation=40, ha="right", fontsize=8)
    axes[0].set_ylabel("NMI of clusters and digits")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right upper", fontsize=8, frameon=False)
    return figure
