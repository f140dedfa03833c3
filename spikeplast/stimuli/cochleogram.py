"""Cochleograms: what the cochlea's filters make of a sound, channel by channel and frame by frame.

A bank of gammatone filters (Patterson et al. 1992) in the form of Slaney 1993, the one that SciPy
has as `scipy.signal.gammatone(..., "iir")`; spaced evenly on the scale of equivalent rectangular
bandwidths of Glasberg & Moore 1990, `ERB(f) = 24.7 (4.37 f / 1000 + 1)` Hz.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikeplast.stimuli.sound import Sound, resampled

__all__ = [
    "cochleogram",
    "cochleograms",
    "erb_frequencies",
    "gammatone_filterbank",
    "time_normalised",
]

_EAR_Q, _MIN_BANDWIDTH = 9.26449, 24.7


def erb_frequencies(n_channels: int, f_min: float, f_max: float) -> NDArray[np.float64]:
    """Centre frequencies (Hz, ascending) evenly spaced on the ERB scale, `f_min` included.

    As in Slaney 1993, `f_max` is the frequency one step above the last channel.

    Raises:
        ValueError: for less than one channel, or unless 0 < f_min < f_max.
    """
    if n_channels < 1:
        raise ValueError(f"n_channels = {n_channels} is below 1")
    if not 0 < f_min < f_max:
        raise ValueError(f"f_min = {f_min:g} Hz and f_max = {f_max:g} Hz; give 0 < f_min < f_max")
    shift = _EAR_Q * _MIN_BANDWIDTH
    scale = np.log([f_min + shift, f_max + shift])
    return np.exp(scale[0] + (scale[1] - scale[0]) * np.arange(n_channels) / n_channels) - shift


def gammatone_filterbank(
    audio: ArrayLike, rate: float, frequencies: ArrayLike
) -> NDArray[np.float64]:
    """The sound in each channel, (n_channels, n_samples); the gain is 1 at a channel's frequency.

    SciPy's fourth-order filters, as four sections each: as one polynomial, their eightfold poles
    leave the unit circle by rounding where the frequency is small beside the rate (80 Hz at
    44.1 kHz).

    Args:
        audio: (n_samples,)
        frequencies: (n_channels,) in Hz, above 0 and below rate/2; ValueError otherwise.
    """
    from scipy.signal import sosfilt

    centres = np.asarray(frequencies, dtype=float)
    if centres.ndim != 1 or not np.all((centres > 0) & (centres < rate / 2)):
        raise ValueError(
            f"channels at {centres.min():g} to {centres.max():g} Hz; at {rate:g} samples/s they "
            f"have to be above 0 and below {rate / 2:g} Hz"
        )
    samples = np.asarray(audio, dtype=float)
    return np.array([sosfilt(_sections(f, rate), samples) for f in centres])


def cochleogram(
    audio: ArrayLike,
    rate: float,
    *,
    n_channels: int = 64,
    f_min: float = 80.0,
    f_max: float | None = None,
    frame: float = 0.01,
    power: float = 0.3,
    low_pass: float | None = None,
) -> NDArray[np.float64]:
    """Mean compressed output of each channel in each frame, (n_frames, n_channels), at least 0.

    The mean is subtracted and the level set to a root mean square of 1 (speakers differ 16-fold);
    then filterbank, half-wave rectification, low-pass, frames, and compression by `power`.

    Args:
        audio: (n_samples,), at least one frame.
        rate: samples per second.
        n_channels, f_min, f_max: channels and their range (Hz), see `erb_frequencies`; `f_max` is
            0.45 of the rate unless given.
        frame: length of a frame (s), at least one sample; what does not fill a frame at the end is
            left out.
        power: exponent of the compression, above 0 (1: none).
        low_pass: cut-off (Hz) of a second-order Butterworth filter after rectification; None
            leaves it to the mean over each frame.

    Raises:
        ValueError: for silence, for values that are not finite, and for arguments out of range.
    """
    from scipy.signal import butter, sosfilt

    samples = np.asarray(audio, dtype=float)
    length = frame * rate
    if not length >= 1:
        raise ValueError(f"frame = {frame:g} s is shorter than a sample at {rate:g} samples/s")
    if samples.ndim != 1 or len(samples) < length:
        raise ValueError(
            f"audio has shape {samples.shape}; expected (n,) and at least a frame of "
            f"{frame * 1e3:g} ms at {rate:g} samples/s"
        )
    if not np.all(np.isfinite(samples)):
        raise ValueError("audio holds NaN or infinity")
    if not power > 0:
        raise ValueError(f"power = {power} is not above 0")
    samples = samples - samples.mean()
    level = np.sqrt(np.mean(samples**2))
    if level == 0:
        raise ValueError("audio is silent")
    highest = 0.45 * rate if f_max is None else f_max
    waves = gammatone_filterbank(samples / level, rate, erb_frequencies(n_channels, f_min, highest))
    np.maximum(waves, 0, out=waves)
    if low_pass is not None:
        if not 0 < low_pass < rate / 2:
            raise ValueError(f"low_pass = {low_pass} Hz is not between 0 and {rate / 2:g} Hz")
        waves = np.maximum(sosfilt(butter(2, low_pass, fs=rate, output="sos"), waves), 0)
    # Where a frame is no whole number of samples, frames differ by one sample.
    edges = np.rint(np.arange(int(len(samples) / length + 1e-9) + 1) * length).astype(int)
    sums = np.add.reduceat(waves[:, : edges[-1]], edges[:-1], axis=1)
    return ((sums / np.diff(edges)) ** power).T


def cochleograms(
    sounds: Iterable[Any], rate: int | None = None, **options: Any
) -> list[NDArray[np.float64]]:
    """The cochleogram of each sound, all at one rate, so that channels are the same in all.

    Args:
        sounds: things with `audio` (n,) and `rate`, such as `Sound` or `Utterance`.
        rate: samples per second to which all are resampled; the lowest among them unless given.
        options: as for `cochleogram`.
    """
    taken = [Sound(np.asarray(sound.audio, dtype=float), int(sound.rate)) for sound in sounds]
    common = min((sound.rate for sound in taken), default=1) if rate is None else rate
    return [cochleogram(resampled(sound, common).audio, common, **options) for sound in taken]


def time_normalised(frames: Sequence[NDArray] | NDArray, n_frames: int) -> NDArray[np.float64]:
    """A cochleogram stretched or shrunk to (n_frames, n_channels).

    Each new frame is the mean over its share of the time, so the mean over time stays the same.
    """
    values = np.asarray(frames, dtype=float)
    if values.ndim != 2 or len(values) == 0:
        raise ValueError(f"a cochleogram of shape {values.shape}; expected (n_frames, n_channels)")
    if n_frames < 1:
        raise ValueError(f"n_frames = {n_frames} is below 1")
    total = np.vstack([np.zeros(values.shape[1]), np.cumsum(values, axis=0)])
    at = np.linspace(0, len(values), n_frames + 1)
    below = np.minimum(at.astype(int), len(values) - 1)
    at_edges = total[below] + (at - below)[:, None] * values[below]
    return np.diff(at_edges, axis=0) * n_frames / len(values)


def _sections(frequency: float, rate: float) -> NDArray[np.float64]:
    """The four second-order sections of Slaney 1993, (4, 6), with a gain of 1 at `frequency`."""
    bandwidth = 1.019 * (frequency / _EAR_Q + _MIN_BANDWIDTH)
    radius, angle = np.exp(-2 * np.pi * bandwidth / rate), 2 * np.pi * frequency / rate
    slopes = np.sqrt(3 + np.array([1, 1, -1, -1]) * 2**1.5) * [1, -1, 1, -1]
    zeros = radius * (np.cos(angle) + slopes * np.sin(angle))
    sections = np.zeros((4, 6))
    sections[:, 0] = 1
    sections[:, 1] = -zeros
    sections[:, 3:] = [1, -2 * radius * np.cos(angle), radius**2]
    unit = np.exp(-1j * angle * np.arange(3))
    sections[:, :3] /= np.abs((sections[:, :3] @ unit) / (sections[:, 3:] @ unit))[:, None]
    return sections
