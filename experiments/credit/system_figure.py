"""A system's figure: every seed beside what is asked for, and curves over a parameter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.credit.system import Criterion, Measurement, System, standard_error

__all__ = ["system_figure"]

STRIP, CURVES = 0.42, 2.6
"""Heights of a criterion's strip and of the curves (inches)"""


def system_figure(system: System, measurements: Sequence[Measurement], quick: bool) -> Figure:
    """A strip for each criterion, with the band asked for in green (grey for controls), a dot for
    each seed and a line for the mean; beside them the system's curves, if it has some."""
    demands = system.demands(quick)
    drawn = [c for c in system.curves if len(c.points(measurements)) > 1]
    height = max(STRIP * max(1, len(demands)) + 0.3, CURVES if drawn else 0)
    fig = Figure(figsize=(11 if drawn else 7, height), layout="constrained")
    grid = fig.add_gridspec(max(1, len(demands)), 2 if drawn else 1)
    for row, criterion in enumerate(demands):
        _strip(fig.add_subplot(grid[row, 0]), criterion, measurements)
    if drawn:
        ax = fig.add_subplot(grid[:, 1])
        for curve in drawn:
            points = curve.points(measurements)
            means = [np.mean(v) for v in points.values()]
            errors = [standard_error(v) for v in points.values()]
            ax.errorbar(list(points), means, errors, fmt="o-", markersize=3, label=curve.label)
        ax.set(xlabel=system.axes[0], ylabel=system.axes[1])
        ax.legend(fontsize=7)
    return fig


def _strip(ax: Axes, criterion: Criterion, measurements: Sequence[Measurement]) -> None:
    values = np.array([m[criterion.quantity] for m in measurements])
    ends = [v for v in (criterion.low, criterion.high) if np.isfinite(v)]
    shown = np.concatenate([values[np.isfinite(values)], ends])
    margin = 0.15 * max(float(np.ptp(shown)), 1e-3 * float(np.abs(shown).max()), 1e-12)
    low, high = float(shown.min()) - margin, float(shown.max()) + margin
    colour = "0.5" if criterion.control else "C2"
    ax.axvspan(max(criterion.low, low), min(criterion.high, high), color=colour, alpha=0.25)
    ax.plot(values, np.linspace(-0.3, 0.3, len(values)), "k.", markersize=4)
    value = criterion.value(measurements)
    ax.axvline(value, color="C0" if criterion.right(measurements) else "C3")
    ax.set(xlim=(low, high), ylim=(-0.6, 0.6), yticks=[])
    ax.tick_params(labelsize=6, pad=1, length=2)
    name = criterion.quantity + (" (control)" if criterion.control else "")
    ax.set_ylabel(name, rotation=0, ha="right", va="center", fontsize=7)
