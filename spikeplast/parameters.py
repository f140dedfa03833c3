"""Parameters with units and ranges, checked when a model or a rule is made."""

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from brian2 import DimensionMismatchError, Quantity, have_same_dimensions


@dataclass(frozen=True)
class _Expected:
    """What a parameter may be: its unit (None: a plain number) and its range in that unit."""

    unit: Any
    above: float | None
    at_least: float | None
    at_most: float | None
    optional: bool

    def __str__(self) -> str:
        kind = "a number" if self.unit is None else f"a quantity in {self.unit}"
        unit = "" if self.unit is None else f" {self.unit}"
        limits = [
            f"{words} {limit:g}{unit}"
            for words, limit in (
                ("above", self.above),
                ("at least", self.at_least),
                ("at most", self.at_most),
            )
            if limit is not None
        ]
        none = " (or None)" if self.optional else ""
        return " ".join([kind, " and ".join(limits)]).strip() + none


def parameter(
    default: Any,
    unit: Any = None,
    *,
    above: float | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
    optional: bool = False,
) -> Any:
    """A field of a `Parameters` dataclass.

    `unit` is a Brian 2 unit, or None for a plain number; `above`, `at_least` and `at_most` are
    limits in that unit. An `optional` parameter may be None.
    """
    expected = _Expected(unit, above, at_least, at_most, optional)
    # A factory, because dataclasses refuse a Quantity as a (mutable) default.
    return field(default_factory=lambda: default, metadata={"expected": expected})


def check_parameter(
    owner: str,
    name: str,
    value: Any,
    unit: Any = None,
    *,
    above: float | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
) -> Any:
    """Return the scalar `value`, or say in one line why it cannot be parameter `name` of `owner`.

    Raises TypeError for what is not a scalar of the right dimension, and ValueError for what is
    not finite or outside the range (limits in `unit`).
    """
    return _check(owner, name, value, _Expected(unit, above, at_least, at_most, False))


def check_choice(owner: str, name: str, value: Any, choices: tuple[str, ...]) -> None:
    """ValueError if `value` is none of the `choices`."""
    if value not in choices:
        raise ValueError(
            f"{owner}: {name} = {value!r} is not known; choose from {', '.join(choices)}"
        )


def _check(owner: str, name: str, value: Any, expected: _Expected) -> Any:
    complaint = f"{owner}: {name} = {value} is %s; expected {expected}"
    if value is None and expected.optional:
        return None
    if isinstance(value, (bool, np.bool_)) or not isinstance(
        value, (int, float, np.number, Quantity)
    ):
        raise TypeError(complaint % f"a {type(value).__name__}")
    if np.ndim(value) != 0:
        raise TypeError(complaint % "not a single value")
    try:
        same = have_same_dimensions(value, 1 if expected.unit is None else expected.unit)
    except DimensionMismatchError:
        same = False
    if not same:
        raise TypeError(complaint % "of the wrong unit")
    number = float(value if expected.unit is None else value / expected.unit)
    if not np.isfinite(number):
        raise ValueError(complaint % "not finite")
    if (
        (expected.above is not None and number <= expected.above)
        or (expected.at_least is not None and number < expected.at_least)
        or (expected.at_most is not None and number > expected.at_most)
    ):
        raise ValueError(complaint % "out of range")
    return number if expected.unit is None else value


@dataclass(frozen=True)
class Parameters:
    """Base of models and rules: checks every `parameter` and hands them to Brian 2."""

    def __post_init__(self) -> None:
        for item in fields(self):
            expected = item.metadata.get("expected")
            if expected is not None:
                value = getattr(self, item.name)
                checked = _check(type(self).__name__, item.name, value, expected)
                object.__setattr__(self, item.name, checked)

    @property
    def namespace(self) -> dict[str, Any]:
        """Names and values as the equations use them (parameters that are None are left out)."""
        values = {
            item.name: getattr(self, item.name)
            for item in fields(self)
            if "expected" in item.metadata
        }
        return {name: value for name, value in values.items() if value is not None}


def merged_namespace(owner: str, own: dict[str, Any], given: Any) -> dict[str, Any]:
    """`own` parameters with the user's `given` ones; ValueError if they share a name."""
    given = dict(given or {})
    shared = sorted(own.keys() & given.keys())
    if shared:
        raise ValueError(
            f"{owner}: namespace gives {', '.join(shared)} a second value; "
            f"set it as a parameter of {owner} instead"
        )
    return own | given
