"""The author's program of Izhikevich 2007 written anew as a plain loop, to compare with.

From its equations and order of events; random numbers are others.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

EXCITATORY, CELLS, TARGETS, W_MAX = 800, 1000, 100, 4.0


class State:
    """The network's arrays, as they start: `post` (CELLS, TARGETS) are the targets of each cell."""

    def __init__(self, post: NDArray[np.int64]) -> None:
        excitatory = np.arange(CELLS) < EXCITATORY
        self.post = post
        self.weights = np.where(excitatory[:, None], np.ones(post.shape), -1.0)
        self.eligibility = np.zeros(post.shape)
        # Incoming excitatory synapses, by cell: where each one's begin, and (source, slot).
        into = np.argsort(post[:EXCITATORY], axis=None, kind="stable")
        self.into = np.stack(np.divmod(into, TARGETS), axis=1)
        self.begins = np.searchsorted(post[:EXCITATORY].ravel()[into], np.arange(CELLS + 1))
        self.a = np.where(excitatory, 0.02, 0.1)
        self.d = np.where(excitatory, 8.0, 2.0)
        self.v = np.full(CELLS, -65.0)
        self.u = np.full(CELLS, -13.0)
        # Traces as they are now, and as they were a step ago.
        self.traces = np.zeros((2, CELLS))
        self.dopamine = np.zeros(1)

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """What `step` takes, in its order."""
        return (self.post, self.weights, self.eligibility, self.into, self.begins,
                self.a, self.d, self.v, self.u, self.traces, self.dopamine)  # fmt: skip


@njit
def step(
    number, current, post, weights, eligibility, into, begins, a, d, v, u, traces, dopamine
):  # fmt: skip
    """One millisecond, the `number`-th from 1 on, with input `current` (CELLS); who fired."""
    fired = np.flatnonzero(v >= 30)
    for i in fired:
        v[i] = -65
        u[i] += d[i]
        traces[0, i] = 0.1
    for i in fired:
        for k in range(begins[i], begins[i + 1]):
            source, slot = into[k]
            eligibility[source, slot] += traces[1, source]
    for i in fired:
        for slot in range(TARGETS):
            j = post[i, slot]
            current[j] += weights[i, slot]
            eligibility[i, slot] -= 1.5 * traces[0, j]
    for i in range(CELLS):
        for _ in range(2):
            v[i] += 0.5 * ((0.04 * v[i] + 5) * v[i] + 140 - u[i] + current[i])
        u[i] += a[i] * (0.2 * v[i] - u[i])
        traces[1, i] = traces[0, i]
        traces[0, i] *= 0.95
    dopamine[0] *= 0.995
    if number % 10 == 0:
        for i in range(EXCITATORY):
            for slot in range(TARGETS):
                w = weights[i, slot] + (0.002 + dopamine[0]) * eligibility[i, slot]
                weights[i, slot] = min(W_MAX, max(0.0, w))
                eligibility[i, slot] *= 0.99
    return fired


@njit
def _reinforce(steps, seed, second_cell, arrays):
    np.random.seed(seed)
    due = np.zeros(steps + 3001, np.bool_)
    tagged = np.zeros(steps // 1000 + 1)
    weights, dopamine = arrays[1], arrays[-1]
    first_fired = -20
    for number in range(1, steps + 1):
        fired = step(number, 13 * (np.random.random(CELLS) - 0.5), *arrays)
        for i in fired:
            if i == 0:
                first_fired = number
        for i in fired:
            if i == second_cell and 0 < number - first_fired < 20:
                due[number + 1000 + int(np.ceil(2000 * np.random.random()))] = True
        if due[number]:
            dopamine[0] += 0.5
        if number % 1000 == 0:
            tagged[number // 1000] = weights[0, 0]
    return tagged


def reinforcement(number: int, duration: int) -> dict[str, Any]:
    """Experiment 1 for `duration` seconds: see `dopamine_network.reinforcement`."""
    rng = np.random.default_rng(number)
    post = rng.integers(CELLS, size=(CELLS, TARGETS))
    post[EXCITATORY:] = rng.integers(EXCITATORY, size=(CELLS - EXCITATORY, TARGETS))
    state = State(post)
    state.weights[0, 0] = 0
    tagged = _reinforce(1000 * duration, number, post[0, 0], state.arrays)
    return outcome(number, tagged, state.weights[:EXCITATORY].ravel())


def outcome(number: int, tagged: NDArray[Any], weights: NDArray[Any]) -> dict[str, Any]:
    """What is compared: the `tagged` weight in each second, and all `weights` (the first is it)."""
    at_maximum = np.flatnonzero(tagged >= W_MAX)
    return {
        "seed": number,
        "tagged": tagged,
        "reached_at": int(at_maximum[0]) if len(at_maximum) else None,
        "mean": float(weights.mean()),
        "others_at_maximum": float(np.mean(weights[1:] >= 3.99)),
        "histogram": np.histogram(weights[1:], np.linspace(0, W_MAX, 41))[0],
    }
