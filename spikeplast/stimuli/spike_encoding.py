"""From cochleograms to firing rates, and from rates to Poisson spikes.

Rates are arrays (n_frames, n_channels) in Hz. Spikes are a pair of arrays: the channel, and the
time in seconds.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["InputRates", "Spikes", "poisson_spikes", "sparse_rates", "utterance_rng"]

NORMALISATIONS = ("contrast", "z-score")


class Spikes(NamedTuple):
    """Spikes of one stimulus, in the order of time."""

    channels: NDArray[np.int64]
    times: NDArray[np.float64]
    """In seconds"""


def sparse_rates(
    cochleogram: ArrayLike, *, peak_rate: float = 100.0, sparseness: float = 0.5, floor: float = 0.0
) -> NDArray[np.float64]:
    """Rates of one cochleogram by itself: the lowest values are silent, the highest is `peak_rate`.

    Args:
        cochleogram: (n_frames, n_channels).
        peak_rate: rate (Hz) of the largest value, above `floor`.
        sparseness: share of (frame, channel) pairs that stay at the floor, 0 to below 1.
        floor: rate (Hz) of all others, at least 0.

    Raises:
        ValueError: for arguments out of range, or a cochleogram without any contrast.
    """
    values = _checked(cochleogram)
    if not 0 <= sparseness < 1:
        raise ValueError(f"sparseness = {sparseness} is not from 0 to below 1")
    if not 0 <= floor < peak_rate:
        raise ValueError(
            f"peak_rate = {peak_rate} Hz has to be above floor = {floor} Hz, at least 0"
        )
    above = np.maximum(values - np.quantile(values, sparseness), 0)
    if above.max() == 0:
        raise ValueError("the cochleogram is the same everywhere; it carries no signal")
    return floor + (peak_rate - floor) * above / above.max()


@dataclass(frozen=True)
class InputRates:
    """Rates whose contrast and level are normalised by what training utterances are like.

    With `c` a cochleogram, means and deviations per channel over all training frames, `[x]_+` the
    positive part:

        contrast    a = c / mean(c),  b = [a - mean over channels(a)]_+,  b = b / mean(b)
        z-score     b = [(c - mean(c)) / std(c)]_+,  b = b / its mean over channels and frames

    then each utterance is scaled to the same sum of `b` (the mean of that sum over training
    utterances), so that loudness and duration do not tell words apart, and

        rate = floor + min(gain b, peak_rate)

    Made by `InputRates.fit`. Both forms, and the default rates, are those of the working set of
    the Convallis rule on spoken digits.
    """

    normalisation: str
    subtracted: NDArray[np.float64]
    """(n_channels,)"""
    divided: NDArray[np.float64]
    """(n_channels,)"""
    second: NDArray[np.float64]
    """(n_channels,) divides what is left after the contrast"""
    total: float
    floor: float
    gain: float
    peak_rate: float

    @classmethod
    def fit(
        cls,
        training: Sequence[ArrayLike],
        normalisation: str = "contrast",
        *,
        floor: float = 2.0,
        gain: float = 20.0,
        peak_rate: float = 300.0,
    ) -> InputRates:
        """Learn the constants from the cochleograms (n_frames, n_channels) of training utterances.

        Raises:
            ValueError: for an unknown normalisation, rates out of range, no cochleogram, different
                numbers of channels, or a channel that is the same in all frames.
        """
        if normalisation not in NORMALISATIONS:
            raise ValueError(
                f"normalisation = {normalisation!r}; choose from {', '.join(NORMALISATIONS)}"
            )
        if floor < 0 or not (gain > 0 and peak_rate > 0):
            raise ValueError(f"{floor = } Hz, {gain = } Hz, {peak_rate = } Hz must be above 0")
        taken = [_checked(c) for c in training]
        if not taken or len({c.shape[1] for c in taken}) > 1:
            raise ValueError("give at least one cochleogram, all with the same channels")
        frames = np.concatenate(taken)
        mean, std = frames.mean(axis=0), frames.std(axis=0)
        if not np.all(std > 0):
            raise ValueError(
                f"channel {int(np.argmin(std))} is the same in all frames; use fewer channels or a "
                "range that the recordings reach"
            )
        contrast = normalisation == "contrast"
        nothing, ones = np.zeros_like(mean), np.ones_like(mean)
        made = cls(
            normalisation=normalisation,
            subtracted=nothing if contrast else mean,
            divided=mean if contrast else std,
            second=ones,
            total=1.0,
            floor=floor,
            gain=gain,
            peak_rate=peak_rate,
        )
        left = [made._contrast(c) for c in taken]
        joined = np.concatenate(left)
        second = joined.mean(axis=0) if contrast else np.full_like(mean, joined.mean())
        # A channel that never exceeds the mean over channels stays silent.
        second = np.where(second > 0, second, 1.0)
        return cls(
            **(vars(made) | {"second": second, "total": _mean_sum([b / second for b in left])})
        )

    def __call__(self, cochleogram: ArrayLike) -> NDArray[np.float64]:
        """Rates (n_frames, n_channels) in Hz; ValueError for another number of channels."""
        values = _checked(cochleogram)
        if values.shape[1] != len(self.second):
            raise ValueError(f"{values.shape[1]} channels; these rates are for {len(self.second)}")
        b = self._contrast(values) / self.second
        # Without any contrast, what rounding leaves must not be scaled up.
        if b.sum() > 1e-9 * self.total:
            b *= self.total / b.sum()
        return self.floor + np.minimum(self.gain * b, self.peak_rate)

    def _contrast(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        a = (values - self.subtracted) / self.divided
        if self.normalisation == "contrast":
            a = a - a.mean(axis=1, keepdims=True)
        return np.maximum(a, 0)


def poisson_spikes(
    rates: ArrayLike, rng: np.random.Generator, *, frame: float = 0.01, dt: float = 1e-3
) -> Spikes:
    """Spikes of an inhomogeneous Poisson process, one draw per channel and step of `dt`.

    On the grid of a simulation with steps of `dt`, at most one spike per channel and step, as in
    Brian 2's `PoissonGroup`.

    Args:
        rates: (n_frames, n_channels) in Hz, at least 0 and at most 1/dt.
        frame: length of a frame (s), a multiple of `dt`.
    """
    values = np.asarray(rates, dtype=float)
    steps = round(frame / dt)
    if steps < 1 or abs(steps * dt - frame) > 1e-9 * frame:
        raise ValueError(f"frame = {frame:g} s is not a multiple of dt = {dt:g} s")
    if values.ndim != 2 or not np.all((values >= 0) & (values * dt <= 1)):
        raise ValueError(
            f"rates of shape {values.shape} have to be (n_frames, n_channels), from 0 to "
            f"{1 / dt:g} Hz"
        )
    # Single precision is half of the time, and fine enough for a probability.
    draws = rng.random((len(values), steps, values.shape[1]), dtype=np.float32)
    fired = draws < (values * dt).astype(np.float32)[:, None, :]
    step, channel = np.divmod(np.flatnonzero(fired), values.shape[1])
    return Spikes(channel, step * dt)


def utterance_rng(random_seed: int, name: str, repetition: int = 0) -> np.random.Generator:
    """Random numbers of one presentation of one utterance, whatever else is presented.

    The same `random_seed` (at least 0), utterance (`Utterance.name`) and repetition give the same
    spikes in any experiment.
    """
    return np.random.default_rng([random_seed, zlib.crc32(name.encode()), repetition])


def _checked(cochleogram: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(cochleogram, dtype=float)
    if values.ndim != 2 or values.size == 0 or not np.all(np.isfinite(values)):
        raise ValueError(
            f"a cochleogram of shape {values.shape}; expected (n_frames, n_channels), finite"
        )
    if values.min() < 0:
        raise ValueError(f"a cochleogram holds {values.min():g}; it has to be at least 0")
    return values


def _mean_sum(values: list[NDArray[np.float64]]) -> float:
    return float(np.mean([b.sum() for b in values]))
