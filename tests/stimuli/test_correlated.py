"""Correlated rates have the moments asked for."""

import numpy as np
import pytest

from spikeplast.stimuli.correlated import correlated_rates


def test_groups_share_a_signal_with_the_correlation_time_asked_for():
    rates = correlated_rates(
        np.random.default_rng(1),
        n_groups=3,
        group_size=2,
        duration=2000,
        mean=20,
        variation=0.2,
        correlation_time=0.1,
    )
    assert rates.shape == (200000, 6)
    np.testing.assert_array_equal(rates[:, 0], rates[:, 1])
    signals = rates[:, ::2]
    assert signals.mean() == pytest.approx(20, rel=0.01)
    assert signals.std() == pytest.approx(4, rel=0.03)
    assert np.abs(np.corrcoef(signals.T) - np.eye(3)).max() < 0.05
    lagged = np.corrcoef(signals[:-10, 0], signals[10:, 0])[0, 1]
    assert lagged == pytest.approx(np.exp(-1), abs=0.05)
    assert (
        correlated_rates(
            np.random.default_rng(1), n_groups=1, group_size=1, duration=1, variation=3
        ).min()
        == 0
    )


def test_wrong_arguments_are_refused():
    rng = np.random.default_rng(1)
    for wrong, message in [
        ({"n_groups": 0}, "n_groups = 0"),
        ({"duration": 0.001}, "frames = 0"),
        ({"correlation_time": 0}, "correlation_time = 0"),
        ({"variation": -1}, "variation = -1"),
    ]:
        with pytest.raises(ValueError, match=message):
            correlated_rates(rng, **({"n_groups": 2, "group_size": 2, "duration": 1} | wrong))
