"""exp and exprel without branches or calls, so that loops over cells become vector instructions.

Both take x = k*log(2) + r with a whole k and |r| at most log(2)/2, a polynomial for exp(r) - 1 (the
Taylor series up to r**13, whose rest is below half a unit in the last place), and 2**k from the
bits of k.  They are within two units in the last place of the true value.
"""

import math
from typing import Any

import numpy as np
from numba import config, types
from numba.extending import intrinsic

from .compiled import compiled
from .functions import exprel

_LOG2_E = 1 / math.log(2)
#: log(2), and what is missing in it.
_LOG_2 = (math.log(2), 2.3190468138462996e-17)
#: Added to a number, its last bits are the nearest whole number.
_TO_WHOLE = 1.5 * 2.0**52
_LOWEST, _HIGHEST = -707.0, 709.9
_C = tuple(1 / math.factorial(n) for n in range(14))


def _reinterpreted(source, result):
    def function(typing_context, x):
        def write(context, builder, signature, arguments):
            return builder.bitcast(arguments[0], context.get_value_type(result))

        return result(source), write

    return intrinsic(function)


_bits = _reinterpreted(types.float64, types.int64)
_number = _reinterpreted(types.int64, types.float64)


def _multiply_add(typing_context, a, b, c):
    """a*b + c, rounded once.

    By name, because whether LLVM joins a product and a sum depends on where in a loop they are,
    and the bits must not.
    """

    def write(context, builder, signature, arguments):
        return builder.fma(*arguments)

    return types.float64(types.float64, types.float64, types.float64), write


_fma: Any = intrinsic(_multiply_add)


@compiled
def _half_power_and_rest(x):
    """h and q with exp(x) = 2*h*(1 + q), for x between the limits, else for the limit."""
    y = min(max(x, _LOWEST), _HIGHEST)
    shifted = _fma(y, _LOG2_E, _TO_WHOLE)
    k = shifted - _TO_WHOLE
    r = _fma(-k, _LOG_2[1], _fma(-k, _LOG_2[0], y))
    r2 = r * r
    r4 = r2 * r2
    low = _fma(_fma(_C[5], r, _C[4]), r2, _fma(_C[3], r, _C[2]))
    middle = _fma(_fma(_C[9], r, _C[8]), r2, _fma(_C[7], r, _C[6]))
    high = _fma(_fma(_C[13], r, _C[12]), r2, _fma(_C[11], r, _C[10]))
    series = _fma(_fma(high, r4, middle), r4, low)
    # Exponents are counted from 1023; half the power fits where the whole one does not.
    return _number((_bits(shifted) + 1022) << 52), _fma(series, r2, r)


@compiled
def vector_exp(x):
    """exp(x); 0 below -707, where the true value is less than 1e-307."""
    half, rest = _half_power_and_rest(x)
    value = 2 * _fma(half, rest, half)
    value = 0.0 if x < _LOWEST else value
    return value if x == x else x


@compiled
def vector_exprel(x):
    """(exp(x) - 1)/x, 1 at 0; infinite from 709.9 on, and not only from 716."""
    half, rest = _half_power_and_rest(x)
    value = 2 * (_fma(half, rest, half - 0.5) / x)
    value = math.inf if x > _HIGHEST else value
    # As Brian 2's own: there the series ends with its first term.
    return 1.0 if abs(x) < 1e-16 else value


if config.DISABLE_JIT:  # type: ignore[attr-defined]
    # As Python, where numbers show no bits; the last ones may differ.
    vector_exp, vector_exprel = np.exp, exprel
