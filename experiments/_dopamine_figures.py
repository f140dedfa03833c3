"""Figures of the experiments on dopamine that carries an error."""

from __future__ import annotations

from typing import Any

import matplotlib
import numpy as np
from numpy.typing import NDArray

matplotlib.use("Agg")
import matplotlib.pyplot as plt

__all__ = ["amounts", "chain", "instrumental"]


def amounts(learning: dict[str, NDArray[np.float64]]) -> Any:
    """Errors (n_seeds, n_trials) of each condition over trials."""
    figure, ax = plt.subplots(figsize=(7.5, 4), layout="constrained")
    for number, (name, errors) in enumerate(learning.items()):
        width = max(1, errors.shape[1] // 40)
        blocks = _blocks(errors, width)
        x = (np.arange(blocks.shape[1]) + 0.5) * width
        _band(ax, x, blocks, f"C{number}", name, "--" if "rate units" in name else "-")
    ax.axhline(1, color="0.6", lw=0.8)
    ax.set(xlabel="trial", ylabel="squared error (1: always the mean)", yscale="log")
    ax.legend(fontsize=7)
    return figure


def instrumental(spikes: dict[str, NDArray[np.float64]]) -> Any:
    """Shares of response A, and spikes of both groups, from (n_seeds, n_trials, 2) counts."""
    figure, axes = plt.subplots(
        2, len(spikes), figsize=(3 * len(spikes), 4.6), sharex=True, sharey="row", squeeze=False,
        layout="constrained",
    )  # fmt: skip
    for column, (name, counts) in zip(axes.T, spikes.items(), strict=True):
        n_trials = counts.shape[1]
        width = max(1, n_trials // 16)
        x = (np.arange(n_trials // width) + 0.5) * width
        difference = counts[..., 0] - counts[..., 1]
        for group, sign in (("A", 1), ("B", -1)):
            colour = "C0" if sign > 0 else "C3"
            _band(column[0], x, _blocks((sign * difference > 0) * 1.0, width), colour, group)
            _band(column[1], x, _blocks(counts[..., int(sign < 0)], width), colour, group)
        for ax in column:
            ax.axvline(n_trials / 2, color="0.6", lw=0.8)
        column[0].set_title(name, fontsize=9)
        column[1].set_xlabel("trial")
    axes[0, 0].set(ylabel="share of responses", ylim=(-0.03, 1.03))
    axes[1, 0].set_ylabel("spikes in 20 ms")
    axes[0, 0].legend(fontsize=8)
    figure.suptitle("Rewarded: A in the first half, B in the second", fontsize=10)
    return figure


def chain(
    tested: dict[str, NDArray[np.float64]],
    learning: dict[str, NDArray[np.float64]],
    expected: NDArray[np.float64],
) -> Any:
    """Values (n_seeds, n_states) at the end, and (n_seeds, n_walks, n_states) on the way."""
    figure, (end, way) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    states = np.arange(len(expected))
    end.plot(states, expected, "k_", ms=18, label="gamma^(n-2-s)")
    for number, (name, values) in enumerate(tested.items()):
        end.errorbar(states + 0.1 * number, values.mean(axis=0), _error(values),
                     fmt="o", ms=4, color=f"C{number}", label=name)  # fmt: skip
    end.set(xlabel="state", ylabel="value")
    end.legend(fontsize=8)
    values = next(iter(learning.values()))
    width = max(1, values.shape[1] // 30)
    for state in states:
        blocks = _blocks(values[..., state], width)
        x = (np.arange(blocks.shape[1]) + 0.5) * width
        _band(way, x, blocks, f"C{state}", f"state {state}")
        way.axhline(expected[state], color=f"C{state}", lw=0.6, ls=":")
    way.set(xlabel="walk", ylabel="value", title=next(iter(learning)))
    way.legend(fontsize=7)
    return figure


def _blocks(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Means of (n_seeds, n) over `width` in a row."""
    n = values.shape[1] // width
    return values[:, : n * width].reshape(len(values), n, width).mean(axis=-1)


def _error(values: NDArray[np.float64]) -> NDArray[np.float64]:
    n = len(values)
    return values.std(axis=0, ddof=1) / np.sqrt(n) if n > 1 else np.zeros(values.shape[1:])


def _band(
    ax: Any, x: Any, values: NDArray[np.float64], colour: str, label: str, style: str = "-"
) -> None:
    mean, error = values.mean(axis=0), _error(values)
    ax.plot(x, mean, color=colour, label=label, ls=style)
    ax.fill_between(x, mean - error, mean + error, color=colour, alpha=0.2, lw=0)
