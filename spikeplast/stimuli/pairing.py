"""Pairing protocols of plasticity experiments, as arrays of spike times in seconds.

The sign of a lag is that of `t_post - t_pre`: positive where the presynaptic spike comes first.
"""

from collections.abc import Iterable, Sequence
from math import gcd
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Protocol",
    "StackedProtocols",
    "frequency_curve",
    "pairs",
    "post_pre_post",
    "pre_post_pre",
    "quadruplet",
    "repeated",
    "stacked",
    "time_step",
    "window",
]


class Protocol(NamedTuple):
    """Spike times (s, ascending) of one presynaptic and one postsynaptic neuron."""

    pre: NDArray[np.float64]
    post: NDArray[np.float64]


class StackedProtocols(NamedTuple):
    """Spikes of many pairs of neurons side by side: neuron indices and spike times (s)."""

    pre_indices: NDArray[np.int64]
    pre_times: NDArray[np.float64]
    post_indices: NDArray[np.int64]
    post_times: NDArray[np.float64]


def repeated(
    pre: ArrayLike, post: ArrayLike, *, frequency: float, repetitions: int = 60
) -> Protocol:
    """A motif of spikes at times `pre` and `post` (s), `repetitions` times at `frequency` (Hz).

    The first spike is moved to t = 0. Raises ValueError for times or a frequency that are not
    finite, a frequency of 0 or less, less than one repetition, and repetitions that put two
    spikes of one neuron at the same time.
    """
    motifs = [np.atleast_1d(np.asarray(times, dtype=float)) for times in (pre, post)]
    if not all(np.isfinite(times).all() for times in motifs):
        raise ValueError(f"spike times pre = {pre!r}, post = {post!r} are not all finite")
    if not (np.isfinite(frequency) and frequency > 0):
        raise ValueError(f"frequency = {frequency} is not a rate above 0 Hz")
    if isinstance(repetitions, bool) or int(repetitions) != repetitions or repetitions < 1:
        raise ValueError(f"repetitions = {repetitions} is not a whole number of at least 1")
    start = min(times.min() for times in motifs if times.size)
    onsets = np.arange(int(repetitions)) / frequency
    trains = [np.sort((onsets[:, None] + times - start).ravel()) for times in motifs]
    for name, train in zip(("pre", "post"), trains, strict=True):
        if np.any(np.diff(train) < 1e-9):
            raise ValueError(
                f"at frequency = {frequency:g} Hz the repetitions put two spikes of the {name} "
                "neuron at the same time; use a lower frequency or shorter lags"
            )
    return Protocol(*trains)


def pairs(lag: float, *, frequency: float = 1.0, repetitions: int = 60) -> Protocol:
    """Pairs of spikes `lag` apart (s), evenly spaced at `frequency` (Hz)."""
    return repeated(0.0, lag, frequency=frequency, repetitions=repetitions)


def window(lags: Iterable[float], *, frequency: float = 1.0) -> list[Protocol]:
    """One protocol of 60 pairs for each of `lags` (s), as Bi & Poo 1998 measured their window."""
    return [pairs(lag, frequency=frequency) for lag in lags]


def frequency_curve(lag: float, frequencies: Iterable[float]) -> list[Protocol]:
    """One protocol of 60 pairs `lag` apart (s) for each of `frequencies` (Hz).

    Sjostrom, Turrigiano & Nelson 2001 measured 0.1, 10, 20, 40 and 50 Hz with lags of +10 and
    -10 ms. They paired in bursts; Pfister & Gerstner 2006 fit evenly spaced pairs, as here.
    """
    return [pairs(lag, frequency=frequency) for frequency in frequencies]


def pre_post_pre(
    lag_1: float, lag_2: float, *, frequency: float = 1.0, repetitions: int = 60
) -> Protocol:
    """Triplets of Wang et al. 2005: lags (s) of the post spike from the first and second pre.

    `lag_1 = t_post - t_pre1` is positive, `lag_2 = t_post - t_pre2` negative; ValueError if not.
    """
    _check_signs("lag_1", lag_1, "lag_2", lag_2)
    return repeated([-lag_1, -lag_2], 0.0, frequency=frequency, repetitions=repetitions)


def post_pre_post(
    lag_1: float, lag_2: float, *, frequency: float = 1.0, repetitions: int = 60
) -> Protocol:
    """Triplets of Wang et al. 2005: lags (s) of the first and second post spike from the pre.

    `lag_1 = t_post1 - t_pre` is negative, `lag_2 = t_post2 - t_pre` positive; ValueError if not.
    """
    _check_signs("lag_2", lag_2, "lag_1", lag_1)
    return repeated(0.0, [lag_1, lag_2], frequency=frequency, repetitions=repetitions)


def quadruplet(
    interval: float, *, lag: float = 5e-3, frequency: float = 1.0, repetitions: int = 60
) -> Protocol:
    """Quadruplets of Wang et al. 2005: a post-pre and a pre-post pair, `interval` (s) apart.

    `interval` is the time from the middle of the post-pre pair to the middle of the pre-post
    pair: negative where the pre-post pair comes first. Both pairs have spikes `lag` (s) apart.
    """
    if not (np.isfinite(lag) and lag > 0):
        raise ValueError(f"lag = {lag} is not a time above 0 s")
    return repeated(
        [lag, interval], [0.0, interval + lag], frequency=frequency, repetitions=repetitions
    )


def stacked(protocols: Sequence[Protocol]) -> StackedProtocols:
    """The spikes of many protocols, the i-th between presynaptic and postsynaptic neuron i."""
    arrays: list[NDArray] = []
    for trains in zip(*protocols, strict=True):
        arrays.append(np.repeat(np.arange(len(trains)), [len(train) for train in trains]))
        arrays.append(np.concatenate(trains))
    return StackedProtocols(*arrays)


def time_step(protocol: Protocol, *, resolution: float = 1e-4) -> float:
    """The longest time step (s) on which all spikes fall, a multiple of `resolution` (s).

    Raises ValueError for spikes that are not on the grid of `resolution`.
    """
    times = np.concatenate(protocol) / resolution
    steps = np.rint(times).astype(np.int64)
    off = np.flatnonzero(np.abs(times - steps) > 1e-3)
    if len(off):
        raise ValueError(
            f"a spike at {times[off[0]] * resolution:.6g} s is not on a grid of {resolution:g} s; "
            "round the protocol or give a finer resolution"
        )
    return max(gcd(*steps.tolist()), 1) * resolution


def _check_signs(positive_name: str, positive: float, negative_name: str, negative: float) -> None:
    if not positive > 0:
        raise ValueError(f"{positive_name} = {positive} is not above 0 s")
    if not negative < 0:
        raise ValueError(f"{negative_name} = {negative} is not below 0 s")
