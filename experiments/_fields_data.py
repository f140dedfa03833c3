"""Stimuli of the receptive-field experiment: patches of photographs or of cochleograms, white."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from experiments._speech_data import HIGHEST_RATE, load_digits
from experiments.common.command_line import InputError, as_input_errors
from spikeplast.stimuli.cochleogram import cochleograms
from spikeplast.stimuli.photograph_files import load_photographs
from spikeplast.stimuli.photographs import (
    bundled_photographs,
    contrast_normalised,
    frequency_whitened,
    patches,
    phase_shuffled,
    reduced,
    rotated,
    whitened,
)

__all__ = ["SIZE", "STIMULI", "WHITENINGS", "Pictures", "load_pictures", "white_patches"]

SIZE = 16
STIMULI = ("photographs", "speech")
WHITENINGS = ("contrast", "zca", "frequency")
FLOOR = 1e-3
"""Added to the variances when whitening with contrast, as a share of the largest"""
N_CHANNELS, F_MIN, F_MAX, FRAME = 32, 100.0, 3600.0, 0.01


@dataclass(frozen=True)
class Pictures:
    """Grey images from which patches are cut."""

    images: tuple[NDArray[np.float64], ...]
    """Each with mean 0 and variance 1"""
    source: str
    skipped: tuple[str, ...]
    flips: bool
    """Whether a patch may be flipped and transposed"""

    def __len__(self) -> int:
        return len(self.images)


def load_pictures(
    stimuli: str, data: Path | None, *, reduction: int, rotations: int, skip_bad: bool
) -> Pictures:
    """Photographs, or cochleograms (frequency down, time across) of spoken digits.

    Without `data`: the two photographs of scikit-learn, or digits spoken by eSpeak NG. Photographs
    are turned by `rotations` even steps of a right angle, then `reduction` squared pixels become
    one.

    Raises:
        InputError: for anything wrong with the files.
    """
    if stimuli == "speech":
        return _speech(data, skip_bad)
    with as_input_errors():
        # The diagonal of what is left after turning and reducing has to hold a patch.
        least = SIZE * reduction * (2 if rotations > 1 else 1)
        if data is None:
            images, source, skipped = tuple(bundled_photographs()), "scikit-learn's bundled two", ()
        else:
            found = load_photographs(data, smallest=least, skip_bad=skip_bad)
            images, source, skipped = found.images, found.source, found.skipped
        angles = 90 * np.arange(rotations) / rotations
        turned = [rotated(i, a) if a else i for i in map(_standardised, images) for a in angles]
        small = tuple(_standardised(reduced(image, reduction)) for image in turned)
    return Pictures(small, source, skipped, flips=True)


def _speech(data: Path | None, skip_bad: bool) -> Pictures:
    digits = load_digits(data, None, speakers=12, repetitions=10, skip_bad=skip_bad)
    rate = min(HIGHEST_RATE, *(u.rate for u in digits.utterances))
    with as_input_errors():
        frames = cochleograms(
            digits.utterances, rate, n_channels=N_CHANNELS, f_min=F_MIN, f_max=F_MAX, frame=FRAME
        )
    images = tuple(_standardised(c.T) for c in frames if len(c) >= SIZE)
    if not images:
        raise InputError(
            f"{digits.source}: no recording of at least {SIZE * FRAME:g} s; give longer ones"
        )
    return Pictures(images, digits.source, digits.skipped, flips=False)


def _standardised(image: NDArray[np.float64]) -> NDArray[np.float64]:
    return (image - image.mean()) / image.std()


def white_patches(
    pictures: Pictures,
    n: int,
    random_seed: int,
    *,
    whitening: str = "contrast",
    shuffled: bool = False,
) -> NDArray[np.float64]:
    """`n` patches (n, SIZE, SIZE) without correlations, with a variance of 1.

    Args:
        whitening: "zca" (the authors': pixels decorrelated, nothing else), "frequency" (the
            pictures filtered by `f exp(-(f/f0)^4)`, as their alternative), or "contrast" (ZCA
            with a floor, local contrast divided out, ZCA again).
        shuffled: of pictures with the phases of noise.
    """
    rng = np.random.default_rng([random_seed, shuffled])
    images = pictures.images
    if shuffled:
        images = tuple(phase_shuffled(image, rng) for image in images)
    with as_input_errors():
        if whitening == "frequency":
            images = tuple(frequency_whitened(image) for image in images)
        cut = patches(images, n, size=SIZE, rng=rng, flips=pictures.flips)
        if whitening == "frequency":
            flat = cut.reshape(n, -1)
            return ((flat - flat.mean(axis=0)) / flat.std()).reshape(cut.shape)
        if whitening == "zca":
            return whitened(cut).reshape(cut.shape)
        cut -= cut.mean(axis=(1, 2), keepdims=True)
        white = whitened(contrast_normalised(whitened(cut, floor=FLOOR)), floor=FLOOR)
    return white.reshape(cut.shape)
