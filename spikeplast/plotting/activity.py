"""Plots of spikes and voltages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from brian2 import mV, volt

from spikeplast.plotting import _inputs

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["raster", "voltage_traces"]


def raster(
    spikes: Any,
    *,
    n_cells: int | None = None,
    colour: str = _inputs.BLACK,
    label: str = "cell",
    ax: Axes | None = None,
) -> Axes:
    """One mark per spike, time across and cell number upwards.

    Args:
        spikes: a `SpikeMonitor`, or a tuple (indices, times) of equal length; times are
            quantities or seconds.
        n_cells: height of the plot in cells; default, the monitor's source or the highest index.
        label: name of the vertical axis.

    Raises:
        ValueError: for arrays of different lengths or times that are not finite.
    """
    axes = _inputs.axes(ax)
    indices, times = _inputs.spikes(spikes)
    factor, time_label = _inputs.time_scale(times)
    if n_cells is None:
        source = getattr(spikes, "source", None)
        n_cells = len(source) if source is not None else int(indices.max(initial=0)) + 1
    # Marks as tall as a cell's row, but never too small to see.
    size = float(np.clip(160 / n_cells, 2.0, 12.0))
    axes.plot(times * factor, indices, "|", color=colour, markersize=size, markeredgewidth=0.8)
    axes.set(xlabel=time_label, ylabel=label, ylim=(-0.5, n_cells - 0.5))
    return axes


def voltage_traces(
    traces: Any,
    *,
    cells: Any = None,
    spikes: Any = None,
    threshold: Any = None,
    spike_top: Any = 0 * mV,
    ax: Axes | None = None,
) -> Axes:
    """Membrane potentials against time, with spikes and thresholds drawn in.

    Args:
        traces: a `StateMonitor` that records `v`, or a tuple (times, v) where v is
            (n_times,) or (n_cells, n_times); quantities, or seconds and volts.
        cells: which cells; default all recorded ones. In a tuple, rows count from 0.
        spikes: as for `raster`; a line from the threshold to `spike_top` marks each, since an
            integrate-and-fire cell's potential does not show them.
        threshold: one value, one per cell, or (n_cells, n_times); drawn dashed.

    Raises:
        ValueError: for shapes that do not fit, values not finite, or a cell that is not recorded.
    """
    axes = _inputs.axes(ax)
    times, v, numbers = _inputs.traces(traces, "v", volt, cells)
    factor, time_label = _inputs.time_scale(times)
    limits = None
    if threshold is not None:
        limits = _inputs.in_unit(threshold, volt, "threshold")
        if limits.ndim == 1:
            limits = limits[:, None]
        limits = np.broadcast_to(limits, v.shape)
    top = float(_inputs.in_unit(spike_top, volt, "spike_top"))
    marks = _inputs.spikes(spikes) if spikes is not None else None
    for row, cell in enumerate(numbers):
        colour = _inputs.COLOURS[row % len(_inputs.COLOURS)]
        axes.plot(times * factor, v[row] * 1e3, color=colour, lw=1, label=f"cell {cell}")
        if limits is not None:
            axes.plot(times * factor, limits[row] * 1e3, color=colour, lw=1, ls="--")
        if marks is not None:
            at = marks[1][marks[0] == cell]
            at = at[(at >= times[0]) & (at <= times[-1])]
            base = limits[row] if limits is not None else v[row]
            foot = np.interp(at, times, base) if at.size else at
            axes.vlines(at * factor, foot * 1e3, top * 1e3, color=colour, lw=1)
    if limits is not None:
        axes.plot([], [], color="0.4", lw=1, ls="--", label="threshold")
    axes.set(xlabel=time_label, ylabel="membrane potential (mV)")
    # Beside the axes: within them it would hide spikes.
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
    return axes
