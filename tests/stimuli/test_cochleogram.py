"""Cochleograms beside an independent filterbank, closed forms and tones."""

import numpy as np
import pytest

from spikeplast.stimuli.cochleogram import (
    cochleogram,
    cochleograms,
    erb_frequencies,
    gammatone_filterbank,
    time_normalised,
)
from spikeplast.stimuli.sound import Sound

NOISE = np.random.default_rng(1).normal(size=4000)


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 44100])
def test_filterbank_is_that_of_an_independent_package(rate):
    filters = pytest.importorskip("gammatone.filters")
    centres = erb_frequencies(64, 80, 0.45 * rate)
    np.testing.assert_allclose(centres, filters.erb_space(80, 0.45 * rate, 64)[::-1], rtol=1e-9)
    theirs = filters.erb_filterbank(NOISE, filters.make_erb_filters(rate, centres))
    ours = gammatone_filterbank(NOISE, rate, centres)
    error = np.abs(ours - theirs).max(axis=1) / np.abs(theirs).max(axis=1)
    assert error.max() < 1e-6


def test_filterbank_is_that_of_scipy_where_scipy_is_stable():
    from scipy.signal import gammatone, lfilter

    for centre in (500, 1000, 3500):
        theirs = lfilter(*gammatone(centre, "iir", fs=8000), NOISE)
        (ours,) = gammatone_filterbank(NOISE, 8000, [centre])
        np.testing.assert_allclose(ours, theirs, atol=1e-7 * np.abs(theirs).max())


def test_gain_is_one_at_the_centre():
    t = np.arange(8820) / 44100
    for centre in (80.0, 1000.0, 15000.0):
        (wave,) = gammatone_filterbank(np.sin(2 * np.pi * centre * t), 44100, [centre])
        assert np.abs(wave[-1000:]).max() == pytest.approx(1, abs=0.01)


def test_a_tone_lights_its_own_channel_at_its_own_time():
    rate = 8000
    tone = np.zeros(rate)
    tone[3200:4800] = np.sin(2 * np.pi * 1000 * np.arange(1600) / rate)
    centres = erb_frequencies(64, 80, 3600)
    frames = cochleogram(tone, rate)
    assert frames.shape == (100, 64)
    assert np.argmax(frames.max(axis=0)) == np.argmin(np.abs(centres - 1000))
    loud = np.flatnonzero(frames.max(axis=1) > 0.5 * frames.max())
    assert 40 <= loud[0] <= 41
    assert loud[-1] <= 62


def test_level_does_not_matter_and_compression_is_a_power():
    frames = cochleogram(NOISE, 8000, power=1)
    np.testing.assert_allclose(cochleogram(16 * NOISE + 3, 8000, power=1), frames)
    np.testing.assert_allclose(cochleogram(NOISE, 8000, power=0.3), frames**0.3)


def test_low_pass_smooths_frames_shorter_than_a_period():
    tone = np.sin(2 * np.pi * 200 * np.arange(4000) / 8000)
    fine = {"frame": 1e-3, "power": 1, "n_channels": 8}
    sharp = cochleogram(tone, 8000, **fine)[200:, 1]
    smooth = cochleogram(tone, 8000, low_pass=20, **fine)[200:, 1]
    assert smooth.mean() == pytest.approx(sharp.mean(), rel=0.02)
    assert smooth.std() < 0.1 * sharp.std()


def test_sounds_of_different_rates_get_the_same_channels():
    t = np.arange(44100) / 44100
    loud = np.sin(2 * np.pi * 700 * t) * np.sin(np.pi * t) ** 2
    fast, slow = cochleograms(
        [Sound(loud, 44100), Sound(np.interp(np.arange(8000) / 8000, t, loud), 8000)]
    )
    assert fast.shape == slow.shape == (100, 64)
    np.testing.assert_allclose(fast, slow, atol=0.03)


def test_time_normalisation_keeps_what_there_is():
    frames = np.arange(12.0).reshape(6, 2)
    np.testing.assert_allclose(time_normalised(frames, 6), frames)
    np.testing.assert_allclose(time_normalised(frames, 3), frames.reshape(3, 2, 2).mean(axis=1))
    np.testing.assert_allclose(time_normalised(frames, 12), np.repeat(frames, 2, axis=0))
    np.testing.assert_allclose(time_normalised(frames, 5).mean(axis=0), frames.mean(axis=0))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"audio": np.zeros(800)}, "silent"),
        ({"audio": np.full(800, np.nan)}, "NaN"),
        ({"audio": np.ones(10)}, "at least a frame of 10 ms"),
        ({"audio": np.ones((800, 2))}, "expected"),
        ({"f_min": 5000}, "f_min"),
        ({"f_max": 9000}, "below 4000 Hz"),
        ({"n_channels": 0}, "n_channels = 0"),
        ({"frame": 1e-5}, "shorter than a sample"),
        ({"power": 0}, "power"),
        ({"low_pass": 5000}, "low_pass"),
    ],
)
def test_what_makes_no_cochleogram_is_refused(change, message):
    arguments = {"audio": NOISE, "rate": 8000} | change
    with pytest.raises(ValueError, match=message):
        cochleogram(arguments.pop("audio"), arguments.pop("rate"), **arguments)
