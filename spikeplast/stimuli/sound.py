"""Recordings from wav files, and what makes a recording unfit for an experiment."""

from __future__ import annotations

import struct
import warnings
from math import gcd
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Sound", "check_audio", "read_wav", "resampled"]

SHORTEST = 0.02
"""Recordings below this duration (s) are refused"""
SILENCE = 1e-5
"""Standard deviation, relative to full scale, below which a recording is silent (-100 dB)"""
MOST_CLIPPED = 0.01
"""Share of samples at full scale above which a recording is clipped"""


class Sound(NamedTuple):
    """One channel of sound."""

    audio: NDArray[np.float64]
    """(n,) samples; files of whole numbers are scaled to -1 to 1"""
    rate: int
    """Samples per second"""


def read_wav(path: Path | str) -> Sound:
    """Read a wav file of 8 to 32 bits or of floats at any rate; channels are averaged.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: for a file that is no wav, is cut short or damaged, or whose sound
            `check_audio` refuses; the message is one line and names the file.
    """
    from scipy.io import wavfile

    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file; give a wav file")
    with warnings.catch_warnings():
        # Unknown chunks are harmless; an early end is not.
        warnings.simplefilter("ignore", wavfile.WavFileWarning)
        warnings.filterwarnings("error", "Reached EOF", wavfile.WavFileWarning)
        try:
            rate, samples = wavfile.read(path)
        except wavfile.WavFileWarning:
            raise ValueError(
                f"{path}: shorter than its header announces; the file is cut short, copy it again"
            ) from None
        except (
            ValueError,
            ArithmeticError,
            MemoryError,
            UnboundLocalError,
            TypeError,
            struct.error,
        ) as error:
            reason = " ".join(str(error).split())
            raise ValueError(
                f"{path}: not a wav file that can be read ({reason}); "
                "give PCM of 8 to 32 bits or floats"
            ) from None
    if rate < 1:
        raise ValueError(f"{path}: its header gives a rate of {rate} samples/s; repair the file")
    audio = _as_floats(samples)
    if audio.ndim == 2:
        audio = audio.mean(axis=1)
    check_audio(audio, rate, str(path))
    return Sound(audio, int(rate))


def check_audio(audio: NDArray[np.float64], rate: float, name: str) -> None:
    """ValueError for sound that is empty, too short, not finite, silent or clipped.

    `audio` is (n,) with a full scale of 1, `name` is the file (or other origin) for the message.
    """
    if audio.ndim != 1:
        raise ValueError(f"{name}: audio has shape {audio.shape}; expected (n,), one channel")
    if len(audio) < SHORTEST * rate:
        raise ValueError(
            f"{name}: {len(audio)} samples at {rate:g}/s; a recording has at least "
            f"{SHORTEST * 1e3:g} ms"
        )
    bad = np.count_nonzero(~np.isfinite(audio))
    if bad:
        raise ValueError(f"{name}: {bad} samples are NaN or infinite; record or convert it again")
    if audio.std() < SILENCE:
        raise ValueError(f"{name}: the recording is silent; record it again")
    # A unit of 24 bits: SciPy widens them to 32, where their largest number is not the largest.
    clipped = float(np.mean(np.abs(np.abs(audio) - 1) < 2.0**-23))
    if clipped > MOST_CLIPPED:
        raise ValueError(
            f"{name}: clipped, {100 * clipped:.1f} % of its samples are at full scale; "
            "record it at a lower level"
        )


def resampled(sound: Sound, rate: int) -> Sound:
    """The sound at another rate (samples/s), low-passed as it needs (SciPy's polyphase filter)."""
    from scipy.signal import resample_poly

    if rate < 1:
        raise ValueError(f"rate = {rate} is below 1 sample/s")
    if rate == sound.rate:
        return sound
    common = gcd(rate, sound.rate)
    return Sound(resample_poly(sound.audio, rate // common, sound.rate // common), rate)


def _as_floats(samples: NDArray) -> NDArray[np.float64]:
    if np.issubdtype(samples.dtype, np.floating):
        return samples.astype(np.float64)
    if samples.dtype == np.uint8:
        # Eight bits are unsigned, around 128.
        return (samples.astype(np.float64) - 128) / 127
    # SciPy puts 24 bits into the upper ones of 32. The most negative number has no positive twin.
    return np.maximum(samples.astype(np.float64) / np.iinfo(samples.dtype).max, -1.0)
