"""What a row of the table is: a measurement for one seed, and criteria over the seeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = [
    "Criterion",
    "Curve",
    "Measurement",
    "System",
    "above",
    "below",
    "between",
    "mean_and_error",
    "near",
    "standard_error",
]

Measurement = dict[str, float]
"""Quantities by name, for one seed"""

_STATISTICS: Mapping[str, Callable[[Any], Any]] = {
    "mean": np.mean,
    "median": np.median,
    "largest": np.max,
    "smallest": np.min,
}


def standard_error(values: Sequence[float]) -> float:
    """Of the mean; nan for one value."""
    n = len(values)
    return float(np.std(values, ddof=1) / np.sqrt(n)) if n > 1 else float("nan")


def mean_and_error(values: Sequence[float]) -> str:
    """The mean and, for more than one value, its standard error."""
    error = standard_error(values)
    return f"{np.mean(values):.4g}" + ("" if np.isnan(error) else f" ± {error:.2g}")


@dataclass(frozen=True)
class Criterion:
    """What a quantity must be: right if `low <= statistic over the seeds <= high`."""

    quantity: str
    low: float
    high: float
    calibration: str = ""
    """The number that calls for it"""
    statistic: str = "mean"
    control: bool = False
    """Whether it is a control, which must fail at the task"""

    def value(self, measurements: Sequence[Measurement]) -> float:
        """The statistic over the seeds."""
        values = [m[self.quantity] for m in measurements]
        return float(_STATISTICS[self.statistic](values))

    def reached(self, measurements: Sequence[Measurement]) -> str:
        """The statistic in words: a mean with its standard error, another with the range."""
        values = [m[self.quantity] for m in measurements]
        if self.statistic == "mean":
            return mean_and_error(values)
        return f"{self.value(measurements):.4g} ({min(values):.2g} to {max(values):.2g})"

    def right(self, measurements: Sequence[Measurement]) -> bool:
        """Whether it is reached; nan never is."""
        return bool(self.low <= self.value(measurements) <= self.high)

    @property
    def demand(self) -> str:
        """The criterion in words."""
        words = "" if self.statistic == "mean" else f"{self.statistic} "
        if self.low == -np.inf:
            return f"{words}≤ {self.high:.4g}"
        if self.high == np.inf:
            return f"{words}≥ {self.low:.4g}"
        return f"{words}{self.low:.4g} to {self.high:.4g}"


def above(quantity: str, low: float, calibration: str = "", **more: Any) -> Criterion:
    """At least `low`."""
    return Criterion(quantity, low, np.inf, calibration, **more)


def below(quantity: str, high: float, calibration: str = "", **more: Any) -> Criterion:
    """At most `high`."""
    return Criterion(quantity, -np.inf, high, calibration, **more)


def between(
    quantity: str, low: float, high: float, calibration: str = "", **more: Any
) -> Criterion:
    """From `low` to `high`."""
    return Criterion(quantity, low, high, calibration, **more)


def near(
    quantity: str, value: float, tolerance: float, calibration: str = "", **more: Any
) -> Criterion:
    """`value` up to an absolute tolerance."""
    return Criterion(quantity, value - tolerance, value + tolerance, calibration, **more)


@dataclass(frozen=True)
class Curve:
    """A line of a system's figure: quantities that differ in one number."""

    label: str
    quantity: str
    """The quantities' name, with `{x:g}` (or another format) in the number's place"""
    x: tuple[float, ...]

    def points(self, measurements: Sequence[Measurement]) -> dict[float, list[float]]:
        """Values of each seed by x; without those that were not measured."""
        names = {x: self.quantity.format(x=x) for x in self.x}
        return {
            x: [m[name] for m in measurements]
            for x, name in names.items()
            if all(name in m for m in measurements)
        }


@dataclass(frozen=True)
class System:
    """A row of the table, or several that come from one run.

    `measure(seed, quick)` returns the quantities; `quick` may use fewer samples or runs, and its
    criteria are then those of `quick_criteria`, or the same.
    """

    name: str
    title: str
    source: str
    task: str
    measure: Callable[[int, bool], Measurement]
    criteria: tuple[Criterion, ...]
    seeds: int = 5
    quick_seeds: int = 1
    quick_criteria: tuple[Criterion, ...] | None = None
    note: str = ""
    curves: tuple[Curve, ...] = ()
    axes: tuple[str, str] = ("", "")
    """Labels of the curves' axes"""
    data: str = ""
    """Hash of what is measured on, if that is a file of the user's"""

    def demands(self, quick: bool) -> tuple[Criterion, ...]:
        """Criteria of the full or the quick run."""
        return self.quick_criteria if quick and self.quick_criteria is not None else self.criteria
