"""Plots of what a network has learned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spikeplast.plotting import _inputs

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["confusion_matrix", "learning_curve"]


def confusion_matrix(counts: Any, *, names: Any = None, ax: Axes | None = None) -> Axes:
    """Images by true class (rows) and predicted class (columns), as counts and colours.

    Args:
        counts: (n_classes, n_classes), or one more column for images without a prediction.
        names: names of the classes, default their numbers.
    """
    axes = _inputs.axes(ax)
    table = np.asarray(counts)
    n = len(table)
    if table.ndim != 2 or table.shape[1] not in (n, n + 1):
        raise ValueError(
            f"confusion matrix has shape {table.shape}; expected ({n}, {n} or {n + 1})"
        )
    titles = [str(name) for name in (range(n) if names is None else names)]
    share = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    image = axes.imshow(share * 100, cmap="Blues", vmin=0, vmax=100)
    for (row, column), count in np.ndenumerate(table):
        if count:
            dark = share[row, column] > 0.6
            colour = "white" if dark else "black"
            axes.text(column, row, str(count), ha="center", va="center", color=colour, fontsize=7)
    columns = titles + ["none"] * (table.shape[1] - n)
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(n), titles)
    axes.set(xlabel="predicted class", ylabel="true class")
    axes.figure.colorbar(image, ax=axes, label="share of the true class (%)")
    return axes


def learning_curve(
    n_images: Any,
    accuracies: Any,
    *,
    held_out: float | None = None,
    chance: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Accuracy against the number of images seen.

    Args:
        n_images, accuracies: (n,), accuracies from 0 to 1.
        held_out: final accuracy on held-out images, drawn as a line.
        chance: accuracy of guessing, drawn as a line.
    """
    axes = _inputs.axes(ax)
    x, y = np.asarray(n_images), np.asarray(accuracies, dtype=float)
    if x.shape != y.shape or x.ndim != 1:
        raise ValueError(f"{x.shape} numbers of images and {y.shape} accuracies; give one each")
    style = "o-" if len(x) < 40 else "-"
    axes.plot(x, 100 * y, style, color=_inputs.BLUE, markersize=4, label="during training")
    if held_out is not None:
        axes.axhline(
            100 * held_out,
            color=_inputs.RED,
            lw=1.5,
            label=f"held-out images, at the end: {100 * held_out:.1f} %",
        )
    if chance is not None:
        axes.axhline(100 * chance, color="0.4", ls=":", label=f"chance: {100 * chance:.0f} %")
    axes.set(xlabel="training images seen", ylabel="accuracy (%)", ylim=(0, 100))
    axes.legend(loc="center right")
    return axes
