"""Utterances of the spoken-digit experiment: cochleograms, who is heard when, input spikes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from experiments.common.command_line import InputError, as_input_errors
from models.yger_harris_2013 import Train, in_sequence
from spikeplast.engine.cache import cache_dir
from spikeplast.stimuli.cochleogram import cochleograms, time_normalised
from spikeplast.stimuli.spike_encoding import InputRates, poisson_spikes, utterance_rng
from spikeplast.stimuli.spoken_digits import FSDD_PATTERN, SpokenDigits, load_folder, load_fsdd
from spikeplast.stimuli.synthetic_speech import synthetic_digits

__all__ = ["Fold", "Inputs", "Utterances", "folds", "load_digits", "prepare"]

N_CHANNELS, F_MIN, F_MAX, FRAME = 100, 100.0, 3600.0, 0.01
HIGHEST_RATE = 8000
"""All sounds are brought to the lowest sampling rate among them, or this"""
PAUSE = 0.1
"""Background only, after each utterance (s)"""
HELD_OUT = 5
"""One in so many recordings of each digit by each speaker is not trained on: the first ones"""


@dataclass(frozen=True)
class Utterances:
    """Utterances as the experiment uses them, all arrays with one row each."""

    names: list[str]
    digits: NDArray[np.int64]
    speakers: NDArray[np.str_]
    held_out: NDArray[np.bool_]
    """Among the recordings of each digit and speaker, the first fifth"""
    cochleograms: list[NDArray[np.float64]]
    """(n_frames, N_CHANNELS) each"""
    source: str

    def rows(self, where: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Numbers of the utterances at which `where` is true."""
        return np.flatnonzero(where)

    def durations(self) -> NDArray[np.float64]:
        """In seconds."""
        return np.array([len(c) for c in self.cochleograms]) * FRAME

    def features(self, n_frames: int = 24, every: int = 3) -> NDArray[np.float64]:
        """Time-normalised cochleograms as vectors (n, n_frames * channels), for baselines.

        Channels are averaged in threes, so there are 33, like the 32 of the usual baseline.
        """
        n = N_CHANNELS // every
        return np.array(
            [
                time_normalised(c[:, : n * every], n_frames).reshape(n_frames, n, every).mean(2)
                for c in self.cochleograms
            ]
        ).reshape(len(self.cochleograms), -1)


@dataclass(frozen=True)
class Fold:
    """Rows of the utterances: trained on, held out of the same speakers, of unheard speakers."""

    unheard: tuple[str, ...]
    train: NDArray[np.int64]
    held_out: NDArray[np.int64]
    unseen: NDArray[np.int64]


def load_digits(
    data: Path | None, pattern: str | None, *, speakers: int, repetitions: int, skip_bad: bool
) -> SpokenDigits:
    """Recordings of a folder, or synthetic ones.

    Raises:
        InputError: for anything wrong with them, or a missing synthesiser.
    """
    if data is None:
        try:
            with as_input_errors():
                return synthetic_digits(
                    speakers=speakers, repetitions=repetitions, cache=cache_dir() / "speech"
                )
        except (ModuleNotFoundError, RuntimeError) as error:
            raise InputError(str(error)) from None
    with as_input_errors():
        if pattern in (None, FSDD_PATTERN):
            return load_fsdd(data, skip_bad=skip_bad)
        return load_folder(data, str(pattern), skip_bad=skip_bad)


def prepare(digits: SpokenDigits) -> Utterances:
    """Cochleograms of the utterances, and which recordings are held out."""
    held_out = np.zeros(len(digits), dtype=bool)
    for key in {(u.digit, u.speaker) for u in digits.utterances}:
        rows = [k for k, u in enumerate(digits.utterances) if (u.digit, u.speaker) == key]
        rows.sort(key=lambda k: digits.utterances[k].index)
        held_out[rows[: max(1, len(rows) // HELD_OUT)]] = True
    rate = min(HIGHEST_RATE, *(u.rate for u in digits.utterances))
    with as_input_errors():
        frames = cochleograms(
            digits.utterances, rate, n_channels=N_CHANNELS, f_min=F_MIN, f_max=F_MAX, frame=FRAME
        )
    return Utterances(
        [u.name for u in digits.utterances],
        digits.digits,
        digits.speakers,
        held_out,
        frames,
        digits.source,
    )


def folds(data: Utterances, words: Sequence[int], n_folds: int, random_seed: int) -> list[Fold]:
    """Each speaker unheard once: one at a time, or in `n_folds` groups if there are more.

    Raises:
        InputError: with fewer than two speakers, or a word that one side of a split lacks.
    """
    mine = np.isin(data.digits, list(words))
    names = sorted(set(data.speakers[mine].tolist()))
    if len(names) < 2:
        raise InputError(
            f"{data.source}: {len(names)} speakers say {', '.join(map(str, words))}; "
            "unheard speakers need at least two"
        )
    shuffled = np.random.default_rng(random_seed).permutation(names)
    groups = [[n] for n in names] if len(names) <= n_folds else np.array_split(shuffled, n_folds)
    made = []
    for group in groups:
        out = np.isin(data.speakers, list(group))
        fold = Fold(
            tuple(sorted(str(name) for name in group)),
            data.rows(mine & ~out & ~data.held_out),
            data.rows(mine & ~out & data.held_out),
            data.rows(mine & out),
        )
        for what, rows in (("trained on", fold.train), ("unheard", fold.unseen)):
            missing = set(words) - set(data.digits[rows].tolist())
            if missing:
                raise InputError(
                    f"{data.source}: no utterance of {missing.pop()} to be {what} when "
                    f"{', '.join(fold.unheard)} is unheard; give more recordings"
                )
        made.append(fold)
    return made


class Inputs:
    """Input spikes of utterances; those of an utterance depend on seed, name and repetition alone.

    Args:
        rates: what makes rates of a cochleogram, fitted to training utterances.
    """

    def __init__(self, data: Utterances, rates: InputRates, random_seed: int) -> None:
        self.data = data
        self.rates = rates
        self.random_seed = random_seed
        self._pause = np.full((round(PAUSE / FRAME), N_CHANNELS), rates.floor)
        self._padded: dict[int, NDArray[np.float64]] = {}

    def train(self, rows: NDArray[np.int64], repetition: int) -> Train:
        """These utterances in this order, each followed by a pause with background alone."""
        spikes = [
            poisson_spikes(
                self._rates_of(row),
                utterance_rng(self.random_seed, self.data.names[row], repetition),
                frame=FRAME,
            )
            for row in rows.tolist()
        ]
        return in_sequence(spikes, self.data.durations()[rows], PAUSE)

    def _rates_of(self, row: int) -> NDArray[np.float64]:
        # An utterance is presented many times.
        if row not in self._padded:
            self._padded[row] = np.vstack([self.rates(self.data.cochleograms[row]), self._pause])
        return self._padded[row]
