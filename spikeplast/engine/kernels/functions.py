"""Brian 2's built-in functions and timed arrays."""

import math

import numpy as np

from .compiled import compiled


@compiled
def clip(x, low, high):
    if x < low:
        return low
    if x > high:
        return high
    return x


@compiled
def int_(x):
    return np.int32(x)


@compiled
def sign(x):
    return np.int32(x > 0) - np.int32(x < 0)


@compiled
def exprel(x):
    if abs(x) < 1e-16:
        return 1.0
    if x > 717:
        return math.inf
    return math.expm1(x) / x


@compiled
def timestep(t, dt):
    return np.int64((t + 1e-3 * dt) / dt)


@compiled
def timestep_bound(number, dt):
    """The smallest x with int(x/dt) >= number, so that `x >= bound` saves the division.

    Division rounds monotonically, so such an x exists, next to number*dt.
    """
    # int() truncates towards zero.
    quotient = float(number) if number > 0 else math.nextafter(number - 1.0, math.inf)
    x = quotient * dt
    while x / dt >= quotient:
        x = math.nextafter(x, -math.inf)
    while x / dt < quotient:
        x = math.nextafter(x, math.inf)
    return x


@compiled
def modulo(x, y):
    return ((x % y) + y) % y


@compiled
def timed_array_1d(t, values, dt, k):
    epsilon = dt / k
    i = np.int32((t / epsilon + 0.5) / k)
    if i < 0:
        i = np.int32(0)
    if i >= values.shape[0]:
        i = np.int32(values.shape[0] - 1)
    return values[i]


@compiled
def timed_array_2d(t, i, values, dt, k):
    epsilon = dt / k
    if i < 0 or i >= values.shape[1]:
        return math.nan
    row = np.int32((t / epsilon + 0.5) / k)
    if row < 0:
        row = np.int32(0)
    elif row >= values.shape[0]:
        row = np.int32(values.shape[0] - 1)
    return values[row, np.int32(i)]
