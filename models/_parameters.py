"""Checked parameters for the models: unit, range and finiteness, with the name in the error."""

from __future__ import annotations

from dataclasses import MISSING, Field, fields
from typing import Any

import numpy as np
from brian2 import DimensionMismatchError, get_dimensions

POSITIVE = {"minimum": "> 0"}
NOT_NEGATIVE = {"minimum": ">= 0"}


def check_parameters(parameters: Any) -> None:
    """Check every field of a dataclass against its default's unit and its `minimum`.

    Raises:
        brian2.DimensionMismatchError: for a wrong unit.
        ValueError: for a value out of range, not finite, or not a single number.
    """
    for item in fields(parameters):
        _check(item, getattr(parameters, item.name))


def _check(item: Field[Any], value: Any) -> None:
    default = item.default_factory() if item.default_factory is not MISSING else item.default
    expected = get_dimensions(default)
    if get_dimensions(value) != expected:
        unit = "no unit" if expected.is_dimensionless else f"the unit {expected}"
        raise DimensionMismatchError(f"{item.name} = {value!r} has the wrong unit; give {unit}")
    number = np.asarray(value)
    if number.shape != () or number.dtype.kind not in "iuf" or not np.isfinite(number):
        raise ValueError(f"{item.name} = {value!r} must be one finite number")
    if isinstance(default, int) and int(number) != number:
        raise ValueError(f"{item.name} = {value!r} must be a whole number")
    minimum = item.metadata.get("minimum")
    if (minimum == "> 0" and number <= 0) or (minimum == ">= 0" and number < 0):
        raise ValueError(f"{item.name} = {value} must be {minimum}")
