"""Figure and summary of the recurrent network."""

from __future__ import annotations

from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from experiments._speech_recurrent import READ_OUTS, SETS
from experiments._speech_recurrent_conditions import UNTRAINED
from spikeplast.plotting._inputs import COLOURS

__all__ = ["accuracies", "summary_lines"]

_SETS = dict(zip(SETS, ("unheard utterances", "unheard speaker"), strict=True))


def accuracies(results: dict[str, Any]) -> Any:
    """Accuracy of each final training (means over folds), beside decoders without a network."""
    names = list(results["conditions"])
    figure, axes = plt.subplots(
        1, len(SETS) + 1, figsize=(11, 3.8), sharey=True, layout="constrained"
    )
    for ax, part in zip(axes, SETS, strict=False):
        for shift, read_out, colour in zip((-0.15, 0.15), READ_OUTS, COLOURS, strict=False):
            for row, name in enumerate(names):
                item = results["conditions"][name]["decoder"][read_out][part]
                values = np.mean(item["by_fold"], axis=0)
                ax.scatter(values, np.full(len(values), row + shift), s=14, color=colour, alpha=0.6)
                ax.plot(
                    [item["mean"]] * 2,
                    [row + shift - 0.13, row + shift + 0.13],
                    color=colour,
                    lw=2.5,
                    label=read_out if row == 0 else None,
                )
        for (name, item), style in zip(
            results["baselines"].items(), ("-", "--", ":"), strict=False
        ):
            ax.axvline(item[part]["mean"], color="0.4", ls=style, lw=1, label=f"no network: {name}")
        ax.set_xlabel(f"accuracy, {_SETS[part]}")
    ax = axes[-1]
    for row, name in enumerate(names):
        found = np.concatenate(
            [s["validation_accuracy"] for s in results["conditions"][name]["search"]]
        )
        ax.scatter(found, np.full(len(found), row), s=14, color="0.3", alpha=0.6)
    ax.set_xlabel("accuracy of what was tried, validation")
    axes[0].set_yticks(range(len(names)), names)
    axes[0].invert_yaxis()
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=8, frameon=False)
    figure.suptitle("Each dot a training, bars their means", fontsize=11)
    return figure


def summary_lines(results: dict[str, Any]) -> list[str]:
    """Accuracies with standard errors over seeds, and what learning added, seed by seed."""
    lines = []
    for read_out in READ_OUTS:
        lines.append(
            f"{'recurrent network, decoder of ' + read_out:45s} "
            f"{'unheard utterances':17s} {'gain':17s} {'unheard speaker':17s} gain"
        )
        for name, item in results["conditions"].items():
            cells = []
            for part in SETS:
                cells.append(f"{_pm(item['decoder'][read_out][part]):17s}")
                gain = item["gain_over_untrained"][read_out][part]
                cells.append(f"{'' if name == UNTRAINED else _pm(gain, sign=True):17s}")
            lines.append(f"  {name:43s} {' '.join(cells)}".rstrip())
    for name, item in results["baselines"].items():
        cells = [f"{item[part]['mean']:.3f}{'':30s}" for part in SETS]
        lines.append(f"  {'no network: ' + name:43s} {' '.join(cells)}".rstrip())
    for name, item in results["conditions"].items():
        tried = len(item["search"][0]["validation_accuracy"])
        chosen = [s["chosen"] for s in item["search"]]
        best = [s["validation_accuracy"][s["chosen"]] for s in item["search"]]
        speed = item["times_real_time"]
        lines.append(
            f"  {name}: {item['rate_e']['mean']:.1f} Hz excitatory, {item['rate_i']['mean']:.1f} "
            f"inhibitory, CV {item['interval_cv']['mean']:.2f}; best of {tried} tried: "
            f"{', '.join(map(str, chosen))}, validation {', '.join(f'{b:.3f}' for b in best)}"
            + ("" if speed is None else f"; trained at {speed:.0f} times real time")
        )
    return lines


def _pm(item: dict[str, Any], *, sign: bool = False) -> str:
    error = item["standard_error"]
    text = f"{item['mean']:+.3f}" if sign else f"{item['mean']:.3f}"
    return text + ("" if error is None else f" +- {error:.3f}")
