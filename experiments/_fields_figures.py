"""Figures of the receptive-field experiment."""

from __future__ import annotations

from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import NDArray

from experiments._fields_measures import COMPACT, LOCALISED, ORIENTED
from spikeplast.plotting import receptive_fields
from spikeplast.plotting._inputs import COLOURS

__all__ = ["mosaics", "objectives", "scatter"]


def mosaics(found: dict[str, Any], *, columns: int, per_field: int, most: int = 48) -> Any:
    """The fields of each item side by side, each scaled by itself, with what was measured."""
    lines = -(-len(found) // columns)
    n = min(most, max(len(item["fields"]) for item in found.values()))
    height = 2.6 * -(-n // per_field) / per_field + 0.75
    figure, axes = plt.subplots(
        lines,
        columns,
        figsize=(2.6 * columns, height * lines),
        layout="constrained",
        squeeze=False,
    )
    for ax in axes.ravel()[len(found) :]:
        ax.set_visible(False)
    for ax, (name, item) in zip(axes.ravel(), found.items(), strict=False):
        fields = item["fields"][:most]
        scale = np.abs(fields).max(axis=(1, 2), keepdims=True)
        scaled = (fields / np.where(scale > 0, scale, 1)).reshape(len(fields), -1).T
        shape = fields.shape[1:]
        receptive_fields(scaled, shape, columns=per_field, w_max=1, colour_bar=False, ax=ax)
        ax.set_title(f"{name}\n{_caption(item)}", fontsize=7.5)
    return figure


def _caption(item: dict[str, Any]) -> str:
    rate = item.get("rate")
    fired = "" if rate is None else f", {rate['mean']:.1f} Hz"
    return (
        f"oriented and localised {item['oriented_and_localised']:.2f}\n"
        f"compact {item['compact']:.2f}{fired}"
    )


def scatter(found: dict[str, Any]) -> Any:
    """Each field by oriented power and spread, directions of those that pass, and the course."""
    figure, axes = plt.subplots(1, 3, figsize=(12.5, 4), layout="constrained")
    power, directions, course = axes
    for (name, item), colour in zip(found.items(), COLOURS, strict=False):
        cells = item["by_cell"]
        share, extent = cells["power_in_one_direction"], cells["spread"]
        power.scatter(share, extent, s=12, color=colour, alpha=0.6, label=name)
        good = (share > ORIENTED) & (cells["participation_ratio"] < LOCALISED)
        edges = np.linspace(0, 180, 13)
        counts = np.histogram(np.rad2deg(cells["angle"][good]), edges)[0]
        if counts.sum() > 4:
            share_in = counts / counts.sum()
            directions.stairs(share_in, edges, color=colour, label=name, lw=1.5)
        if "course" in item:
            course.plot(np.linspace(0, 1, len(item["course"])), item["course"], color=colour)
    power.axvline(ORIENTED, color="0.6", ls=":")
    power.axhline(COMPACT, color="0.6", ls=":")
    power.set(xlabel="share of power in one direction", ylabel="spread (1: not local)")
    power.legend(fontsize=7)
    directions.axhline(1 / 12, color="0.6", ls=":")
    directions.set(
        xlabel="direction across the stripes (degrees)",
        ylabel="share of fields that pass",
        xticks=[0, 45, 90, 135, 180],
    )
    course.axhline(0.8, color="0.6", ls=":")
    course.set(xlabel="part of the training", ylabel="oriented and localised", ylim=(-0.02, 1.02))
    return figure


def objectives(found: dict[str, Any], filters: dict[str, NDArray[np.float64]]) -> Any:
    """The candidates, and their objective under each nonlinearity, the Gabor's set to 1."""
    figure = plt.figure(figsize=(11, 4.2), layout="constrained")
    grid = figure.add_gridspec(2, len(filters), height_ratios=(1, 1.6))
    for column, ((name, w), colour) in enumerate(zip(filters.items(), COLOURS, strict=False)):
        ax = figure.add_subplot(grid[0, column])
        largest = np.abs(w).max()
        ax.imshow(w, cmap="gray", vmin=-largest, vmax=largest)
        ax.set_axis_off()
        ax.set_title(name, fontsize=8, color=colour)
    ax = figure.add_subplot(grid[1, :])
    for row, item in enumerate(found.values()):
        values = np.array(list(item["objective"].values()))
        # The sign of an objective that is below 0 has to stay.
        values = values / abs(item["objective"]["Gabor"])
        for at, (value, colour) in enumerate(zip(values, COLOURS, strict=False)):
            ax.bar(row + 0.15 * (at - 2), value, 0.14, color=colour)
    ax.set_xticks(range(len(found)), list(found))
    ax.set_ylabel("objective, Gabor: ±1")
    ax.axhline(0, color="0.5", lw=0.8)
    return figure
