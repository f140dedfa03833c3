"""Plots of synaptic weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spikeplast.plotting import _inputs

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["receptive_fields", "weight_histogram", "weight_matrix", "weight_traces"]


def weight_traces(
    traces: Any,
    *,
    variable: str = "w",
    synapses: Any = None,
    unit: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Weights against time, one line per synapse.

    Args:
        traces: a `StateMonitor` of synapses, or a tuple (times, weights) where weights are
            (n_times,) or (n_synapses, n_times).
        variable: the weight's name in the monitor.
        synapses: which synapses; default all recorded ones.
        unit: the weight's unit for the axis, if it has one; the values are drawn as they are.
    """
    axes = _inputs.axes(ax)
    times, w, _ = _inputs.traces(traces, variable, _unit_of(traces, variable), synapses)
    factor, time_label = _inputs.time_scale(times)
    for row, trace in enumerate(w):
        colour = _inputs.COLOURS[row % len(_inputs.COLOURS)]
        axes.plot(times * factor, trace, color=colour, lw=1, alpha=0.8)
    axes.set(xlabel=time_label, ylabel=_weight_label(unit))
    return axes


def weight_histogram(
    weights: Any,
    *,
    w_max: float | None = None,
    bins: int = 50,
    unit: str = "",
    colour: str = _inputs.BLUE,
    label: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Share of the weights in each bin, on a logarithmic vertical axis.

    Args:
        weights: array of any shape, finite.
        w_max: upper end of the bins, default the largest weight.
    """
    axes = _inputs.axes(ax)
    w = _inputs.weights(weights).ravel()
    low, high = min(0.0, float(w.min())), float(w.max()) if w_max is None else w_max
    edges = np.linspace(low, high if high > low else low + 1, bins + 1)
    axes.hist(w, edges, weights=np.full(w.size, 100 / w.size), color=colour, label=label, log=True)
    axes.set(xlabel=_weight_label(unit), ylabel="share of synapses (%)")
    return axes


def weight_matrix(
    weights: Any,
    *,
    w_max: float | None = None,
    unit: str = "",
    colour_bar: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """A weight matrix (n_sources, n_targets) as an image, sources downwards.

    Weights that all have one sign are drawn from yellow to dark blue; mixed signs from blue over
    white to red, zero in white.
    """
    axes = _inputs.axes(ax)
    w = _inputs.weights(weights)
    if w.ndim != 2:
        raise ValueError(f"weights have shape {w.shape}; expected (n_sources, n_targets)")
    image = axes.imshow(w, aspect="auto", interpolation="nearest", **_colours(w, w_max))
    if colour_bar:
        axes.figure.colorbar(image, ax=axes, label=_weight_label(unit))
    axes.set(xlabel="target cell", ylabel="source cell")
    return axes


def receptive_fields(
    weights: Any,
    shape: tuple[int, int],
    *,
    labels: Any = None,
    w_max: float | None = None,
    columns: int | None = None,
    unit: str = "",
    colour_bar: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Each cell's incoming weights as an image, in a grid.

    Args:
        weights: (n_inputs, n_cells).
        shape: (height, width) of the input image; height*width is n_inputs.
        labels: (n_cells,) text or number for the corner of each field; -1 is drawn as a dash.
        w_max: weight of the darkest colour, default the largest.
        columns: fields in a row, default a square grid.

    Raises:
        ValueError: if the shapes do not fit or a weight is not finite.
    """
    axes = _inputs.axes(ax)
    w = _inputs.weights(weights)
    height, width = shape
    if w.ndim != 2 or len(w) != height * width:
        raise ValueError(f"weights {w.shape} do not fit images of {height} x {width} pixels")
    n = w.shape[1]
    if labels is not None and len(labels) != n:
        raise ValueError(f"{len(labels)} labels for {n} cells")
    per_row = columns or int(np.ceil(np.sqrt(n)))
    rows = int(np.ceil(n / per_row))
    canvas = np.full((rows * (height + 1) + 1, per_row * (width + 1) + 1), np.nan)
    for cell in range(n):
        top, left = (cell // per_row) * (height + 1) + 1, (cell % per_row) * (width + 1) + 1
        canvas[top : top + height, left : left + width] = w[:, cell].reshape(shape)
        if labels is not None:
            text = "–" if str(labels[cell]) == "-1" else str(labels[cell])
            axes.text(
                *(left - 0.5, top - 0.5),
                text,
                fontsize=6,
                ha="left",
                va="top",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
            )
    image = axes.imshow(canvas, interpolation="nearest", **_colours(w, w_max))
    axes.set_facecolor("0.75")
    axes.set(xticks=[], yticks=[])
    if colour_bar:
        axes.figure.colorbar(image, ax=axes, label=_weight_label(unit), shrink=0.8)
    return axes


def _colours(w: np.ndarray, w_max: float | None) -> dict[str, Any]:
    high = float(np.abs(w).max()) if w_max is None else w_max
    high = high or 1.0
    if w.min() < 0:
        return {"cmap": "RdBu_r", "vmin": -high, "vmax": high}
    return {"cmap": "cividis_r", "vmin": 0, "vmax": high}


def _weight_label(unit: str) -> str:
    return f"weight ({unit})" if unit else "weight (no unit)"


def _unit_of(traces: Any, variable: str) -> Any:
    from brian2 import Quantity, get_dimensions

    values = traces[1] if isinstance(traces, tuple) else getattr(traces, variable, 1)
    return Quantity(1, dim=get_dimensions(values))
