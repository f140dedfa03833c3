"""Synthetic digits: the same each time, kept in a cache, and clear about what is missing."""

import importlib.metadata

import numpy as np
import pytest

from spikeplast.stimuli import synthetic_speech
from spikeplast.stimuli.synthetic_speech import synthetic_digits, voices


def test_voices_are_all_different():
    assert len(set(voices(52))) == 52
    with pytest.raises(ValueError, match="53 voices"):
        voices(53)


def test_missing_extra_is_named(monkeypatch):
    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(synthetic_speech, "version", missing)
    with pytest.raises(ModuleNotFoundError, match=r"spikeplast\[speech\]"):
        synthetic_digits(speakers=1, repetitions=1)


def test_same_arguments_give_the_same_samples(tmp_path, monkeypatch):
    pytest.importorskip("espeakng_loader")
    first = synthetic_digits(speakers=2, repetitions=2, cache=tmp_path)
    (kept,) = tmp_path.iterdir()
    again = synthetic_digits(speakers=2, repetitions=2)
    assert len(first) == len(again) == 40
    for a, b in zip(first.utterances, again.utterances, strict=True):
        assert a.name == b.name
        assert np.array_equal(a.audio, b.audio), a.name
        assert 0.1 < len(a.audio) / a.rate < 3
        assert 0.01 < np.abs(a.audio).max() <= 1
    assert len({u.audio.tobytes() for u in first.utterances}) == 40
    other = synthetic_digits(speakers=2, repetitions=2, random_seed=8)
    assert not np.array_equal(other.utterances[0].audio, first.utterances[0].audio)

    kept.write_bytes(b"damaged")
    mended = synthetic_digits(speakers=2, repetitions=2, cache=tmp_path)
    assert np.array_equal(mended.utterances[0].audio, first.utterances[0].audio)
    monkeypatch.setattr(synthetic_speech, "_speak", None)
    cached = synthetic_digits(speakers=2, repetitions=2, cache=tmp_path)
    assert np.array_equal(cached.utterances[-1].audio, first.utterances[-1].audio)


def test_unknown_voice_is_named():
    pytest.importorskip("espeakng_loader")
    with pytest.raises(ValueError, match="no voice nobody"):
        synthetic_digits(speakers=["nobody"], repetitions=1)
    with pytest.raises(ValueError, match="repetitions = 0"):
        synthetic_digits(repetitions=0)
