"""Spike statistics of clocks, Poisson processes and copies."""

import numpy as np
import pytest

from spikeplast.analysis import (
    count_correlation,
    firing_rates,
    interval_cv,
    intervals,
    population_spectrum,
    spike_counts,
    synchrony,
)

RNG = np.random.default_rng(1)


def poisson(rate, n_cells, duration):
    n = RNG.poisson(rate * duration, n_cells)
    return np.repeat(np.arange(n_cells), n), RNG.uniform(0, duration, n.sum())


def test_counts_by_hand():
    counts = spike_counts([0, 1, 1, 0], [0.1, 0.1, 0.3, 0.9], 2, [0.1, 0.3, 0.5])
    assert counts.tolist() == [[1, 1], [0, 1]]
    # 0.3 is not a multiple of 0.1 in floating point, but it is meant to be.
    assert spike_counts([0], [3 * 0.1], 1, [0, 0.3, 0.6]).tolist() == [[0], [1]]
    assert spike_counts([], [], 2, [0, 1]).tolist() == [[0, 0]]


def test_clock_and_poisson_cell():
    cells, times = poisson(20, 1, 500)
    clock = np.arange(1000) * 0.01
    both = np.r_[cells, np.ones(1000, int), 2], np.r_[times, clock, 1.0]
    assert interval_cv(*both, 3)[:2] == pytest.approx([1, 0], abs=0.05)
    assert np.isnan(interval_cv(*both, 3)[2])
    np.testing.assert_allclose(intervals(*both, 3)[1], 0.01)
    assert firing_rates(*both, 4, 500)[[1, 3]].tolist() == [2, 0]
    assert firing_rates(*both, 3, 500)[0] == pytest.approx(20, rel=0.05)


def test_synchrony_of_copies_and_of_independent_cells():
    one = RNG.poisson(2.0, 5000)
    assert synchrony(np.tile(one[:, None], 20)) == pytest.approx(1)
    apart = RNG.poisson(2.0, (5000, 100))
    assert synchrony(apart) == pytest.approx(0.1, abs=0.01)
    with pytest.raises(ValueError, match="no cell changes"):
        synchrony(np.ones((5, 3)))


def test_correlation_of_counts_with_a_common_part():
    # Common rate 1 of total rate 4: correlation 1/4.
    counts = RNG.poisson(1.0, (20000, 1)) + RNG.poisson(3.0, (20000, 10))
    assert count_correlation(counts) == pytest.approx(0.25, abs=0.02)
    assert abs(count_correlation(RNG.poisson(3.0, (20000, 10)))) < 0.01
    silent = np.column_stack([counts, np.zeros(20000)])
    assert count_correlation(silent) == pytest.approx(count_correlation(counts))


def test_spectrum_is_flat_for_poisson_and_peaks_at_a_rhythm():
    _, times = poisson(30, 50, 200)
    flat = population_spectrum(times, 50, 200)
    band = (flat.frequencies > 2) & (flat.frequencies < 400)
    assert flat.power[band].mean() == pytest.approx(2 * 30 / 50, rel=0.05)
    assert flat.power[band].max() < 2 * flat.power[band].mean()
    kept = RNG.random(len(times)) < (1 + np.cos(2 * np.pi * 40 * times)) / 2
    rhythm = population_spectrum(times[kept], 50, 200)
    away = rhythm.frequencies > 2
    assert rhythm.frequencies[away][np.argmax(rhythm.power[away])] == pytest.approx(40)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0, 1], [0.1], 2, [0, 1]), "give one each"),
        (([0.5], [0.1], 2, [0, 1]), "whole numbers"),
        (([3], [0.1], 2, [0, 1]), "but 2 cells"),
        (([0], [np.nan], 2, [0, 1]), "NaN"),
        (([0], [0.1], 2, [1, 0]), "ascending"),
    ],
)
def test_wrong_spikes_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        spike_counts(*arguments)
    with pytest.raises(ValueError, match="segment = 3 s <= duration = 2 s"):
        population_spectrum([0.1], 1, 2, segment=3)


def test_cells_that_never_change_say_nothing():
    # 0.1 and -0.07 have means with rounding errors.
    for value in (0.1, -0.07):
        with pytest.raises(ValueError, match="no cell changes"):
            synchrony(np.full((7, 10), value))
    counts = np.random.default_rng(0).poisson(3, (50, 3)).astype(float)
    beside = np.hstack([counts, np.full((50, 2), 0.1)])
    assert count_correlation(beside) == count_correlation(counts)
    with pytest.raises(ValueError, match="n_cells = 0"):
        intervals([], [], 0)
    with pytest.raises(ValueError, match="duration = 0"):
        firing_rates([], [], 1, 0)
