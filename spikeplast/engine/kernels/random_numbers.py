"""Random numbers, from the state described in `spikeplast.engine.random_state`.

Its arrays are arguments of their own, because taking them out of a tuple costs Numba more
than the draw.
"""

import math

import numpy as np

from ..random_state import RANDOM_BUFFER_SIZE
from .compiled import compiled

_MT_N = 624
_MT_M = 397


@compiled
def _twist(key):
    """The next 624 words of the Mersenne twister MT19937, in three stretches without wrap."""
    for k in range(_MT_N - _MT_M):
        key[k] = key[k + _MT_M] ^ _mixed(key[k], key[k + 1])
    for k in range(_MT_N - _MT_M, _MT_N - 1):
        key[k] = key[k + _MT_M - _MT_N] ^ _mixed(key[k], key[k + 1])
    key[_MT_N - 1] = key[_MT_M - 1] ^ _mixed(key[_MT_N - 1], key[0])


@compiled
def _mixed(this, following):
    y = (this & np.uint32(0x80000000)) | (following & np.uint32(0x7FFFFFFF))
    return np.uint32(y >> np.uint32(1)) ^ np.uint32(np.uint32(0x9908B0DF) * (y & np.uint32(1)))


@compiled
def _tempered(word):
    y = np.uint32(word ^ (word >> np.uint32(11)))
    y = np.uint32(y ^ (np.uint32(y << np.uint32(7)) & np.uint32(0x9D2C5680)))
    y = np.uint32(y ^ (np.uint32(y << np.uint32(15)) & np.uint32(0xEFC60000)))
    return np.uint32(y ^ (y >> np.uint32(18)))


@compiled
def _next_word(key, position):
    if position[0] >= _MT_N:
        _twist(key)
        position[0] = 0
    word = _tempered(key[position[0]])
    position[0] += 1
    return word


@compiled
def _as_double(first, second):
    """A number in [0, 1) with 53 random bits, as numpy.random.rand makes it of two words."""
    high, low = first >> np.uint32(5), second >> np.uint32(6)
    return (high * 67108864.0 + low) / 9007199254740992.0


@compiled
def _next_double(key, position):
    first = _next_word(key, position)
    return _as_double(first, _next_word(key, position))


@compiled
def _fill_uniform(buffer, key, position):
    k = 0
    while k < RANDOM_BUFFER_SIZE:
        pairs = min((_MT_N - position[0]) // 2, RANDOM_BUFFER_SIZE - k)
        if pairs <= 0:
            # At the end of the 624 words, or with an odd one left over.
            buffer[k] = _next_double(key, position)
            k += 1
            continue
        start = position[0]
        for m in range(pairs):
            first, second = key[start + 2 * m], key[start + 2 * m + 1]
            buffer[k + m] = _as_double(_tempered(first), _tempered(second))
        k += pairs
        position[0] = start + 2 * pairs


@compiled
def _fill_normal(buffer, key, position, kept):
    """Marsaglia's polar method with its kept second value, as numpy.random.randn."""
    for k in range(RANDOM_BUFFER_SIZE):
        if position[1]:
            buffer[k] = kept[0]
            position[1] = 0
            kept[0] = 0.0
            continue
        while True:
            x1 = 2.0 * _next_double(key, position) - 1.0
            x2 = 2.0 * _next_double(key, position) - 1.0
            r2 = x1 * x1 + x2 * x2
            if r2 < 1.0 and r2 != 0.0:
                break
        f = math.sqrt(-2.0 * math.log(r2) / r2)
        kept[0] = f * x1
        position[1] = 1
        buffer[k] = f * x2


@compiled
def rand(uniform, index, key, position):
    k = index[0]
    if k == 0:
        _fill_uniform(uniform, key, position)
    value = uniform[np.uint32(k)]
    k += 1
    if k == RANDOM_BUFFER_SIZE:
        k = 0
    index[0] = k
    return value


@compiled
def randn(normal, index, key, position, kept):
    k = index[0]
    if k == 0:
        _fill_normal(normal, key, position, kept)
    value = normal[np.uint32(k)]
    k += 1
    if k == RANDOM_BUFFER_SIZE:
        k = 0
    index[0] = k
    return value


@compiled
def largest(values):
    """The largest of some numbers that are not negative; eight at a time."""
    n = values.shape[0]
    m0 = m1 = m2 = m3 = m4 = m5 = m6 = m7 = 0.0
    for k in range(0, n - 7, 8):
        m0 = max(m0, values[k])
        m1 = max(m1, values[k + 1])
        m2 = max(m2, values[k + 2])
        m3 = max(m3, values[k + 3])
        m4 = max(m4, values[k + 4])
        m5 = max(m5, values[k + 5])
        m6 = max(m6, values[k + 6])
        m7 = max(m7, values[k + 7])
    for k in range(n - n % 8, n):
        m0 = max(m0, values[k])
    return max(max(max(m0, m1), max(m2, m3)), max(max(m4, m5), max(m6, m7)))


@compiled
def sample_events(events, rates, highest_rate, dt, uniform, index, key, position):
    """Cells that spike with probability rates*dt each; see passes/sample_events.py."""
    n = rates.shape[0]
    count = 0
    highest = min(highest_rate * dt, 1.0)
    if highest > 0:
        log_none = math.log1p(-highest)
        cell = -1
        while True:
            wait = math.log(1.0 - rand(uniform, index, key, position)) / log_none
            if wait >= n - 1 - cell:
                break
            cell += 1 + int(wait)
            if rand(uniform, index, key, position) * highest < rates[cell] * dt:
                events[count] = cell
                count += 1
    events[events.shape[0] - 1] = count


_LOGGAM = np.array(
    [
        8.333333333333333e-02,
        -2.777777777777778e-03,
        7.936507936507937e-04,
        -5.952380952380952e-04,
        8.417508417508418e-04,
        -1.917526917526918e-03,
        6.410256410256410e-03,
        -2.955065359477124e-02,
        1.796443723688307e-01,
        -1.39243221690590e00,
    ]
)


@compiled
def _log_gamma(x):
    """Stirling's series for log Gamma(x), shifted above 7 where it converges."""
    if x == 1.0 or x == 2.0:
        return 0.0
    n = 0
    if x <= 7.0:
        n = int(7 - x)
    x0 = x + n
    x2 = 1.0 / (x0 * x0)
    xp = 2 * math.pi
    series = _LOGGAM[9]
    for k in range(8, -1, -1):
        series *= x2
        series += _LOGGAM[k]
    value = series / x0 + 0.5 * math.log(xp) + (x0 - 0.5) * math.log(x0) - x0
    if x <= 7.0:
        for _ in range(1, n + 1):
            value -= math.log(x0 - 1.0)
            x0 -= 1.0
    return value


@compiled
def poisson(uniform, index, key, position, lam):
    """Products of uniforms below 10, transformed rejection (Hoermann's PTRS) above."""
    if lam == 0:
        return np.int32(0)
    if lam < 10:
        limit = math.exp(-lam)
        count = 0
        product = 1.0
        while True:
            product *= rand(uniform, index, key, position)
            if product > limit:
                count += 1
            else:
                return np.int32(count)
    slam = math.sqrt(lam)
    loglam = math.log(lam)
    b = 0.931 + 2.53 * slam
    a = -0.059 + 0.02483 * b
    invalpha = 1.1239 + 1.1328 / (b - 3.4)
    vr = 0.9277 - 3.6224 / (b - 2)
    while True:
        u = rand(uniform, index, key, position) - 0.5
        v = rand(uniform, index, key, position)
        us = 0.5 - abs(u)
        k = math.floor((2 * a / us + b) * u + lam + 0.43)
        if us >= 0.07 and v <= vr:
            return np.int32(k)
        if k < 0 or (us < 0.013 and v > us):
            continue
        if math.log(v) + math.log(invalpha) - math.log(a / (us * us) + b) <= (
            -lam + k * loglam - _log_gamma(float(k + 1))
        ):
            return np.int32(k)


@compiled
def binomial_normal(normal, index, key, position, kept, scale, loc):
    # Brian 2's Cython code declares the result as a C float, and rounds it so.
    return np.float64(np.float32(randn(normal, index, key, position, kept) * scale + loc))


@compiled
def binomial_inversion(uniform, index, key, position, n, p, q, qn, bound, reverse):
    x = 0
    px = qn
    u = rand(uniform, index, key, position)
    while u > px:
        x += 1
        if x > bound:
            x = 0
            px = qn
            u = rand(uniform, index, key, position)
        else:
            u -= px
            px = ((n - x + 1) * p * px) / (x * q)
    if reverse:
        return n - x
    return x
