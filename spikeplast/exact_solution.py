"""Whether Brian 2's formula for the exact solution of linear equations divides by zero."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy
from brian2 import Equations
from brian2.core.namespace import DEFAULT_UNITS
from brian2.stateupdaters.base import UnsupportedEquationsException
from brian2.stateupdaters.exact import get_linear_system

#: Rates that differ by less, relatively: the formula's rounding errors would be 1e6 times larger.
_NEAR = 1e-6
_MOVES = "not_refractory"


def driven_at_its_own_rate(
    equations: Equations, values: Mapping[str, Any]
) -> tuple[str, str] | None:
    """Two variables that decay equally fast by `values`, of which the first depends on the second.

    The formula divides by the difference of the two rates, unless the equations write them alike
    (and either both or neither stands still while refractory).
    None if there are no such variables, if a rate has a name that `values` lacks (one per neuron,
    for example), or if the equations are not linear.
    """
    try:
        # Of a copy: equations remember what they were first asked for.
        names, matrix, _ = get_linear_system(Equations(list(equations.values())), {})
    except UnsupportedEquationsException:
        return None
    written = [_rate(matrix[k, k], equations[name]) for k, name in enumerate(names)]
    rates = [_number(rate, values) for rate in written]
    depends = np.array(matrix).reshape(matrix.shape) != 0
    for _ in names:
        depends |= (depends.astype(int) @ depends.astype(int)) > 0
    for k, m in zip(*np.nonzero(depends), strict=True):
        rate, other = rates[k], rates[m]
        if k == m or rate is None or other is None:
            continue
        near = abs(rate - other) <= _NEAR * abs(rate)
        if near and sympy.simplify(written[k] - written[m]) != 0:
            return names[k], names[m]
    return None


def _rate(diagonal: Any, equation: Any) -> Any:
    # Brian 2 solves equations in which this factor, 0 or 1, is not yet known.
    moves = sympy.Symbol(_MOVES, real=True)
    return diagonal * moves if "unless refractory" in equation.flags else diagonal


def _number(expression: Any, values: Mapping[str, Any]) -> float | None:
    known = {sympy.Symbol(_MOVES, real=True): 1.0}
    for symbol in expression.free_symbols - known.keys():
        value = values.get(symbol.name, DEFAULT_UNITS.get(symbol.name))
        if value is None or np.ndim(value):
            return None
        known[symbol] = float(value)
    return float(expression.subs(known))
