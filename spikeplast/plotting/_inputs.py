"""What the plots accept: arrays, quantities and Brian 2 monitors, turned into plain arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from brian2 import (
    BrianObject,
    SpikeMonitor,
    StateMonitor,
    get_dimensions,
    have_same_dimensions,
    second,
)
from numpy.typing import NDArray

# Okabe & Ito's colours, told apart with any common colour blindness.
BLUE, ORANGE, GREEN, RED, PURPLE, SKY, BLACK = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#CC79A7",
    "#56B4E9",
    "#000000",
)
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, SKY, RED, BLACK)


def axes(ax: Any) -> Any:
    """The axes given, or new ones in a figure of their own."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(layout="constrained")[1]


def in_unit(values: Any, unit: Any, name: str) -> NDArray[np.float64]:
    """Values in an SI unit; plain numbers are taken to be in it already.

    Raises:
        ValueError: for another unit, or for numbers that are not finite.
    """
    dimensions = get_dimensions(values)
    if dimensions != get_dimensions(unit) and not dimensions.is_dimensionless:
        raise ValueError(f"{name} has the unit {dimensions}; give it in {unit}")
    numbers = np.asarray(values, dtype=float)
    bad = np.count_nonzero(~np.isfinite(numbers))
    if bad:
        raise ValueError(f"{name} holds {bad} values that are NaN or infinite; leave them out")
    return numbers


def spikes(source: Any) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Indices and times in second, from a SpikeMonitor or from a pair (indices, times)."""
    if isinstance(source, SpikeMonitor):
        return np.asarray(source.i, dtype=np.int64), np.asarray(source.t, dtype=float)
    if not isinstance(source, tuple) or len(source) != 2:
        raise ValueError("spikes must be a SpikeMonitor or a tuple (indices, times)")
    indices, times = np.asarray(source[0]), in_unit(source[1], second, "spike times")
    if not np.issubdtype(indices.dtype, np.integer) or not have_same_dimensions(source[0], 1):
        raise ValueError("spike indices must be whole numbers; give a tuple (indices, times)")
    if indices.ndim != 1 or indices.shape != times.shape:
        raise ValueError(f"{indices.shape} spike indices and {times.shape} times; give one each")
    return indices.astype(np.int64), times


def traces(
    source: Any, variable: str, unit: Any, cells: Any
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Times in second (n_times,), values (n_cells, n_times) and the cells' numbers."""
    if isinstance(source, StateMonitor):
        if variable not in source.record_variables:
            raise ValueError(
                f"the monitor does not record '{variable}'; it records "
                f"{', '.join(sorted(source.record_variables))}"
            )
        numbers = np.asarray(source.record, dtype=np.int64)
        times = np.asarray(source.t, dtype=float)
        values = in_unit(getattr(source, variable), unit, variable)
    elif isinstance(source, tuple) and len(source) == 2:
        times = in_unit(source[0], second, "times")
        values = np.atleast_2d(in_unit(source[1], unit, variable))
        numbers = np.arange(len(values))
    else:
        raise ValueError(f"give a StateMonitor of '{variable}' or a tuple (times, values)")
    if times.ndim != 1 or values.shape[1:] != times.shape:
        raise ValueError(
            f"values of shape {values.shape} at times of shape {times.shape}; "
            "expected (n_cells, n_times) and (n_times,)"
        )
    if cells is None:
        return times, values, numbers
    wanted = np.atleast_1d(cells)
    missing = np.setdiff1d(wanted, numbers)
    if missing.size:
        raise ValueError(f"cell {missing[0]} is not among the recorded ones")
    rows = np.array([int(np.flatnonzero(numbers == cell)[0]) for cell in wanted])
    return times, values[rows], wanted


def weights(values: Any) -> NDArray[np.float64]:
    """Finite weights as floats of at least one dimension."""
    if isinstance(values, BrianObject):
        raise TypeError(f"'{values.name}' is no array of weights; give {values.name}.w[:]")
    numbers = np.asarray(values, dtype=float)
    if numbers.size == 0:
        raise ValueError("there are no weights to plot")
    bad = np.count_nonzero(~np.isfinite(numbers))
    if bad:
        raise ValueError(f"the weights hold {bad} values that are NaN or infinite")
    return numbers


def time_scale(times: NDArray[np.float64]) -> tuple[float, str]:
    """Factor from second, and the axis label: ms for short stretches, else s, min or h."""
    span = float(np.ptp(times)) if times.size else 0.0
    for limit, factor, name in ((2, 1e3, "ms"), (600, 1, "s"), (36000, 1 / 60, "min")):
        if span < limit:
            return factor, f"time ({name})"
    return 1 / 3600, "time (h)"
