"""Spoken digits from the speech synthesiser eSpeak NG, so that no recording is needed.

It comes with the extra `speech` (`espeakng-loader`). Each speaker is an accent with one of eSpeak
NG's voice variants, so there are speakers that training did not hear. Synthetic digits are far
easier to tell apart than recorded ones: what works here shows that a chain of programs works.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from spikeplast.stimuli.spoken_digits import WORDS, SpokenDigits, Utterance

__all__ = ["ACCENTS", "VARIANTS", "synthetic_digits", "voices"]

ACCENTS = ("en-us", "en-gb-x-rp", "en-gb-scotland", "en-029")
VARIANTS = ("m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "f1", "f2", "f3", "f4", "f5")
_CHILD = Path(__file__).with_name("_espeak.py")
_LONGEST = 600.0


def voices(n: int) -> list[str]:
    """The first `n` speakers, accents and variants mixed; ValueError unless 1 <= n <= 52."""
    # Stepping through both lists at once: their lengths have no common divisor.
    mixed = [
        f"{ACCENTS[k % len(ACCENTS)]}+{VARIANTS[k % len(VARIANTS)]}"
        for k in range(len(ACCENTS) * len(VARIANTS))
    ]
    if not 1 <= n <= len(mixed):
        raise ValueError(f"{n} voices; there are 1 to {len(mixed)}")
    return mixed[:n]


def synthetic_digits(
    *,
    speakers: Sequence[str] | int = 12,
    repetitions: int = 10,
    random_seed: int = 7,
    cache: Path | str | None = None,
) -> SpokenDigits:
    """Ten digits by each speaker, `repetitions` times at different speeds and pitches.

    Speeds (130 to 190 words per minute) and pitches (30 to 70 of eSpeak's 100) are drawn from
    `random_seed`, which also seeds the noise in the voices: the same arguments and the same
    version of eSpeak NG give the same samples.

    Args:
        speakers: eSpeak NG's names of voices, or how many of `voices`.
        repetitions: recordings of each digit by each speaker, at least 1.
        cache: folder in which the samples are kept; None speaks them anew each time.

    Raises:
        ModuleNotFoundError: if the extra `speech` is not installed.
        ValueError: for a voice that eSpeak NG does not have, or no repetition.
        RuntimeError: if the synthesiser fails.
    """
    chosen = voices(speakers) if isinstance(speakers, int) else list(speakers)
    if repetitions < 1:
        raise ValueError(f"repetitions = {repetitions} is below 1")
    try:
        release = version("espeakng-loader")
    except PackageNotFoundError:
        raise ModuleNotFoundError(
            "speech synthesis needs espeakng-loader; install it with "
            "pip install 'spikeplast[speech]', or give a folder of recordings"
        ) from None
    rng = np.random.default_rng(random_seed)
    labels, requests = [], []
    for speaker in chosen:
        for digit, word in enumerate(WORDS):
            for index in range(repetitions):
                speed, pitch = int(rng.integers(130, 191)), int(rng.integers(30, 71))
                labels.append((digit, speaker, index))
                requests.append((speaker, speed, pitch, word))
    rate, sounds = _spoken(requests, random_seed, release, None if cache is None else Path(cache))
    return SpokenDigits(
        tuple(
            Utterance(samples / 32768, rate, digit, speaker, index)
            for (digit, speaker, index), samples in zip(labels, sounds, strict=True)
        ),
        f"eSpeak NG, {len(chosen)} voices (espeakng-loader {release})",
    )


def _spoken(
    requests: list[tuple[str, int, int, str]], random_seed: int, release: str, cache: Path | None
) -> tuple[int, list[np.ndarray]]:
    identity = json.dumps([release, random_seed, requests])
    name = f"speech_{hashlib.sha256(identity.encode()).hexdigest()[:20]}.npz"
    if cache is not None and (cache / name).exists():
        try:
            return _read(cache / name, len(requests))
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):
            pass  # A damaged copy is made anew.
    # Made beside its final place, so that it can be moved there whole.
    if cache is not None:
        cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=".speech_") as folder:
        made = Path(folder) / name
        _speak(requests, random_seed, made)
        result = _read(made, len(requests))
        if cache is not None:
            os.replace(made, cache / name)
    return result


def _speak(requests: list[tuple[str, int, int, str]], random_seed: int, output: Path) -> None:
    order = {"seed": random_seed, "output": str(output), "requests": requests}
    try:
        done = subprocess.run(
            [sys.executable, str(_CHILD)],
            input=json.dumps(order),
            capture_output=True,
            text=True,
            timeout=_LONGEST,
        )
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"eSpeak NG did not finish within {_LONGEST:g} s") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        reason = lines[-1] if lines else f"status {done.returncode}"
        error = ValueError if "has no voice" in reason else RuntimeError
        raise error(f"speech synthesis failed: {reason}")


def _read(path: Path, n: int) -> tuple[int, list[np.ndarray]]:
    with np.load(path, allow_pickle=False) as file:
        return int(file["rate"]), [file[str(k)] for k in range(n)]
