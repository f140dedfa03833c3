"""The small functions that generated loops call: random numbers, Brian 2's built-in
functions, timed arrays and the delivery of spikes.

Each follows the arithmetic of Brian 2's Cython target operation by operation, so that a
loop made of them gives the same bits.  `rng` is the tuple of arrays made by
`spikeplast.engine.random_state.RandomState`.
"""

import math

import numpy as np
from numba import njit

#: Brian 2 draws this many numbers at once, so bit equality needs the same number.
RANDOM_BUFFER_SIZE = 20000

_MT_N = 624
_MT_M = 397


@njit(cache=True)
def _next_word(key, position):
    """One tempered 32-bit word of the Mersenne twister MT19937."""
    pos = position[0]
    if pos >= _MT_N:
        for k in range(_MT_N):
            y = (key[k] & np.uint32(0x80000000)) | (key[(k + 1) % _MT_N] & np.uint32(0x7FFFFFFF))
            value = key[(k + _MT_M) % _MT_N] ^ (y >> np.uint32(1))
            if y & np.uint32(1):
                value ^= np.uint32(0x9908B0DF)
            key[k] = value
        pos = 0
    y = key[pos]
    position[0] = pos + 1
    y ^= y >> np.uint32(11)
    y ^= (y << np.uint32(7)) & np.uint32(0x9D2C5680)
    y ^= (y << np.uint32(15)) & np.uint32(0xEFC60000)
    y ^= y >> np.uint32(18)
    return y


@njit(cache=True)
def _next_double(key, position):
    """A number in [0, 1) with 53 random bits, as numpy.random.rand draws it."""
    high = np.int64(_next_word(key, position) >> np.uint32(5))
    low = np.int64(_next_word(key, position) >> np.uint32(6))
    return (high * 67108864.0 + low) / 9007199254740992.0


@njit(cache=True)
def _fill_uniform(rng):
    key, position, _, buffer = rng[0], rng[1], rng[2], rng[3]
    for k in range(RANDOM_BUFFER_SIZE):
        buffer[k] = _next_double(key, position)


@njit(cache=True)
def _fill_normal(rng):
    """Marsaglia's polar method with its kept second value, as numpy.random.randn."""
    key, position, kept, buffer = rng[0], rng[1], rng[2], rng[4]
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


@njit(cache=True)
def rand(rng):
    index = rng[5]
    k = index[0]
    if k == 0:
        _fill_uniform(rng)
    value = rng[3][k]
    k += 1
    if k == RANDOM_BUFFER_SIZE:
        k = 0
    index[0] = k
    return value


@njit(cache=True)
def randn(rng):
    index = rng[6]
    k = index[0]
    if k == 0:
        _fill_normal(rng)
    value = rng[4][k]
    k += 1
    if k == RANDOM_BUFFER_SIZE:
        k = 0
    index[0] = k
    return value


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


@njit(cache=True)
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


@njit(cache=True)
def poisson(rng, lam):
    """Products of uniforms below 10, transformed rejection (Hoermann's PTRS) above."""
    if lam == 0:
        return np.int32(0)
    if lam < 10:
        limit = math.exp(-lam)
        count = 0
        product = 1.0
        while True:
            product *= rand(rng)
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
        u = rand(rng) - 0.5
        v = rand(rng)
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


@njit(cache=True)
def binomial_normal(rng, scale, loc):
    # Brian 2's Cython code declares the result as a C float, and rounds it so.
    return np.float64(np.float32(randn(rng) * scale + loc))


@njit(cache=True)
def binomial_inversion(rng, n, p, q, qn, bound, reverse):
    x = 0
    px = qn
    u = rand(rng)
    while u > px:
        x += 1
        if x > bound:
            x = 0
            px = qn
            u = rand(rng)
        else:
            u -= px
            px = ((n - x + 1) * p * px) / (x * q)
    if reverse:
        return n - x
    return x


@njit(cache=True)
def clip(x, low, high):
    if x < low:
        return low
    if x > high:
        return high
    return x


@njit(cache=True)
def int_(x):
    return np.int32(x)


@njit(cache=True)
def sign(x):
    return np.int32(x > 0) - np.int32(x < 0)


@njit(cache=True)
def exprel(x):
    if abs(x) < 1e-16:
        return 1.0
    if x > 717:
        return math.inf
    return math.expm1(x) / x


@njit(cache=True)
def timestep(t, dt):
    return np.int64((t + 1e-3 * dt) / dt)


@njit(cache=True)
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


@njit(cache=True)
def modulo(x, y):
    return ((x % y) + y) % y


@njit(cache=True)
def timed_array_1d(t, values, dt, k):
    epsilon = dt / k
    i = np.int32((t / epsilon + 0.5) / k)
    if i < 0:
        i = np.int32(0)
    if i >= values.shape[0]:
        i = np.int32(values.shape[0] - 1)
    return values[i]


@njit(cache=True)
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


@njit(cache=True)
def rescale(values, scale):
    """Multiply a common factor out; what decayed to nothing becomes zero, as denormal
    numbers are slow."""
    for k in range(values.shape[0]):
        values[k] *= scale[0]
        if abs(values[k]) < 1e-290:
            values[k] = 0.0
    scale[0] = 1.0


# --------------------------------------------------------------------------------------
# Delivery.  A "segment" is a stretch lo..hi of positions in a pathway's synapses, sorted
# by source, that one spike of neuron `source` reaches in this step.  The functions below
# take the events of this step in, and write the segments to be delivered in this step.
# Brian 2 delivers what was sent first first, then by order of the events.


@njit(cache=True)
def _pending_segments(state, pending, segments):
    """Segments of spikes that were sent before this run; see SpikeQueue.begin_run."""
    n = 0
    cursor = state[1]
    while cursor < pending.shape[1] and pending[0, cursor] == state[0]:
        segments[0, n] = pending[2, cursor]
        segments[1, n] = pending[1, cursor]
        segments[2, n] = pending[1, cursor] + 1
        n += 1
        cursor += 1
    state[1] = cursor
    return n


@njit(cache=True)
def gather_immediate(events, start, stop, pointers, segments):
    """All delays are zero: deliver what happened in this very step."""
    n = 0
    for k in range(events[events.shape[0] - 1]):
        source = np.int64(events[k])
        if start <= source < stop:
            segments[0, n] = source
            segments[1, n] = pointers[source - start]
            segments[2, n] = pointers[source - start + 1]
            n += 1
    return n


@njit(cache=True)
def gather_delayed(
    events, start, stop, pointers, segments, ring, ring_count, state, pending, delay
):
    """One delay for all synapses: a ring of `delay + 1` lists of sources."""
    step = state[0]
    n_slots = ring.shape[0]
    slot = (step + delay) % n_slots
    count = 0
    for k in range(events[events.shape[0] - 1]):
        source = np.int64(events[k])
        if start <= source < stop:
            ring[slot, count] = source
            count += 1
    ring_count[slot] = count
    n = _pending_segments(state, pending, segments)
    slot = step % n_slots
    for k in range(ring_count[slot]):
        source = np.int64(ring[slot, k])
        segments[0, n] = source
        segments[1, n] = pointers[source - start]
        segments[2, n] = pointers[source - start + 1]
        n += 1
    state[0] = step + 1
    return n


@njit(cache=True)
def gather_heterogeneous(events, start, stop, pointers, segments, ring, ring_count, state, pending):
    """A delay per synapse: each source's synapses are sorted by delay, and `pointers`
    has one entry for each source and delay; the ring keeps the sources of the last
    steps, oldest first."""
    step = state[0]
    n_slots = ring.shape[0]
    slot = step % n_slots
    count = 0
    for k in range(events[events.shape[0] - 1]):
        source = np.int64(events[k])
        if start <= source < stop:
            ring[slot, count] = source
            count += 1
    ring_count[slot] = count
    n = _pending_segments(state, pending, segments)
    for delay in range(n_slots - 1, -1, -1):
        if delay > step:
            continue
        slot = (step - delay) % n_slots
        for k in range(ring_count[slot]):
            source = np.int64(ring[slot, k])
            bucket = (source - start) * n_slots + delay
            low = pointers[bucket]
            high = pointers[bucket + 1]
            if high > low:
                segments[0, n] = source
                segments[1, n] = low
                segments[2, n] = high
                n += 1
    state[0] = step + 1
    return n


@njit(cache=True)
def counting_sort(keys, n_keys):
    """Stable order of `keys` (each in 0..n_keys-1) and where each key's stretch begins."""
    pointers = np.zeros(n_keys + 1, np.int64)
    for k in range(keys.shape[0]):
        pointers[keys[k] + 1] += 1
    for k in range(n_keys):
        pointers[k + 1] += pointers[k]
    next_free = pointers[:-1].copy()
    order = np.empty(keys.shape[0], np.uint32)
    in_order = True
    for k in range(keys.shape[0]):
        position = next_free[keys[k]]
        next_free[keys[k]] = position + 1
        order[position] = k
        if position != k:
            in_order = False
    return pointers, order, in_order
