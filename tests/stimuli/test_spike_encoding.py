"""Rates and Poisson spikes of cochleograms."""

import numpy as np
import pytest

from spikeplast.stimuli.spike_encoding import (
    InputRates,
    poisson_spikes,
    sparse_rates,
    utterance_rng,
)

RNG = np.random.default_rng(1)
TRAINING = [RNG.gamma(2.0, size=(n, 8)) * np.arange(1, 9) for n in (30, 50, 20)]


def test_sparse_rates_have_the_peak_and_the_share_of_silence_asked_for():
    rates = sparse_rates(TRAINING[0], peak_rate=80, sparseness=0.7, floor=2)
    assert rates.max() == pytest.approx(80)
    assert np.mean(rates == 2) == pytest.approx(0.7, abs=0.01)
    with pytest.raises(ValueError, match="no signal"):
        sparse_rates(np.ones((5, 4)))
    with pytest.raises(ValueError, match="sparseness = 1"):
        sparse_rates(TRAINING[0], sparseness=1)
    with pytest.raises(ValueError, match="peak_rate = 1"):
        sparse_rates(TRAINING[0], peak_rate=1, floor=2)


@pytest.mark.parametrize("normalisation", ["contrast", "z-score"])
def test_level_of_a_channel_and_of_an_utterance_do_not_matter(normalisation):
    encode = InputRates.fit(TRAINING, normalisation, peak_rate=900)
    sums = [(encode(c) - 2).sum() for c in TRAINING]
    # The gain times the training mean of the sum; nothing here reaches the peak rate.
    np.testing.assert_allclose(sums, sums[0])
    assert sums[0] == pytest.approx(20 * 8 * np.mean([len(c) for c in TRAINING]), rel=0.2)
    louder = [c * np.linspace(1, 3, 8) for c in TRAINING]
    again = InputRates.fit(louder, normalisation, peak_rate=900)
    np.testing.assert_allclose(again(louder[1]), encode(TRAINING[1]))


def test_contrast_by_hand():
    # Channel means 2 and 4, so a = [[.5, 1.5], [1.5, .5]] and b = [[0, .5], [.5, 0]].
    encode = InputRates.fit([np.array([[1.0, 6.0], [3.0, 2.0]])], floor=1, gain=10)
    np.testing.assert_allclose(encode([[1, 6], [3, 2]]), [[1, 21], [21, 1]])
    np.testing.assert_allclose(encode([[1, 6]]), [[1, 41]])


def test_rates_stop_at_the_peak_and_silence_stays_at_the_floor():
    encode = InputRates.fit(TRAINING, peak_rate=30)
    assert encode(TRAINING[0]).max() == pytest.approx(32)
    flat = np.tile(np.concatenate(TRAINING).mean(axis=0), (10, 1))
    np.testing.assert_allclose(encode(flat), 2, atol=1e-6)


def test_rates_refuse_what_they_were_not_made_for():
    with pytest.raises(ValueError, match="normalisation = 'none'"):
        InputRates.fit(TRAINING, "none")
    with pytest.raises(ValueError, match="channel 1 is the same"):
        InputRates.fit([np.array([[1.0, 2.0], [3.0, 2.0]])])
    with pytest.raises(ValueError, match="same channels"):
        InputRates.fit([TRAINING[0], TRAINING[0][:, :3]])
    with pytest.raises(ValueError, match="3 channels"):
        InputRates.fit(TRAINING)(TRAINING[0][:, :3])
    with pytest.raises(ValueError, match="at least 0"):
        InputRates.fit([-TRAINING[0]])


def test_spikes_have_the_rates_frame_by_frame():
    rates = np.repeat([[5.0, 100.0], [400.0, 0.0]], 500, axis=0)
    channels, times = poisson_spikes(rates, np.random.default_rng(2))
    assert np.all(np.diff(times) >= 0)
    np.testing.assert_allclose(times, np.rint(times * 1000) / 1000)
    late = times >= 5
    for channel, part, rate in ((0, ~late, 5), (1, ~late, 100), (0, late, 400), (1, late, 0)):
        n = np.sum((channels == channel) & part)
        # Binomial, 5 s: four standard deviations.
        assert abs(n - 5 * rate) <= 4 * np.sqrt(5 * rate * (1 - rate * 1e-3))
    assert len(set(zip(channels, np.rint(times * 1000), strict=True))) == len(times)


def test_an_utterance_has_spikes_of_its_own():
    def draw(*key):
        return poisson_spikes(np.full((20, 5), 50.0), utterance_rng(*key)).times.tolist()

    assert draw(1, "4_theo_3") == draw(1, "4_theo_3")
    others = [draw(1, "4_theo_4"), draw(2, "4_theo_3"), draw(1, "4_theo_3", 1)]
    assert all(other != draw(1, "4_theo_3") for other in others)


@pytest.mark.parametrize(
    ("rates", "options", "message"),
    [
        (np.full((2, 2), -1.0), {}, "from 0 to 1000 Hz"),
        (np.full((2, 2), np.nan), {}, "from 0 to 1000 Hz"),
        (np.full((2, 2), 2000.0), {}, "from 0 to 1000 Hz"),
        (np.ones(3), {}, "n_frames, n_channels"),
        (np.ones((2, 2)), {"dt": 3e-3}, "not a multiple"),
    ],
)
def test_rates_that_cannot_be(rates, options, message):
    with pytest.raises(ValueError, match=message):
        poisson_spikes(rates, np.random.default_rng(1), **options)
