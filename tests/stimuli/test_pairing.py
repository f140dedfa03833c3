"""Pairing protocols: spike times written out by hand."""

import numpy as np
import pytest

from spikeplast.stimuli.pairing import (
    Protocol,
    frequency_curve,
    pairs,
    post_pre_post,
    pre_post_pre,
    quadruplet,
    repeated,
    stacked,
    time_step,
    window,
)


def ms(protocol):
    return [np.round(train * 1e3, 6).tolist() for train in protocol]


@pytest.mark.parametrize(
    ("protocol", "pre", "post"),
    [
        (pairs(10e-3, frequency=10, repetitions=2), [0, 100], [10, 110]),
        (pairs(-10e-3, frequency=10, repetitions=2), [10, 110], [0, 100]),
        (pairs(0, repetitions=1), [0], [0]),
        (pre_post_pre(5e-3, -15e-3, repetitions=1), [0, 20], [5]),
        (post_pre_post(-5e-3, 15e-3, repetitions=1), [5], [0, 20]),
        # Post-pre, then pre-post with its middle 20 ms later.
        (quadruplet(20e-3, repetitions=1), [5, 20], [0, 25]),
        # Pre-post first.
        (quadruplet(-88.5e-3, repetitions=1), [0, 93.5], [5, 88.5]),
        (quadruplet(83.7e-3, repetitions=1), [5, 83.7], [0, 88.7]),
    ],
)
def test_spike_times(protocol, pre, post):
    assert ms(protocol) == [pre, post]


def test_quadruplet_interval_runs_from_middle_to_middle():
    for interval in (-0.0885, 0.0837, 0.02):
        pre, post = quadruplet(interval, lag=5e-3, repetitions=1)
        lags = post[:, None] - pre[None, :]
        (post_of_pair,), (pre_of_pair,) = (k[:1] for k in np.nonzero(np.isclose(lags, 5e-3)))
        causal = (post[post_of_pair] + pre[pre_of_pair]) / 2
        anticausal = (post.sum() + pre.sum()) / 2 - causal
        assert causal - anticausal == pytest.approx(interval)


def test_sixty_repetitions_evenly_spaced_by_default():
    pre, post = pairs(10e-3, frequency=20)
    assert len(pre) == len(post) == 60
    np.testing.assert_allclose(np.diff(pre), 0.05)
    np.testing.assert_allclose(post - pre, 10e-3)


def test_families_of_protocols():
    curve = frequency_curve(-10e-3, [0.1, 50])
    assert [round(float(np.diff(p.pre)[0]), 6) for p in curve] == [10, 0.02]
    lags = [-0.02, 0.03]
    np.testing.assert_allclose([p.post[0] - p.pre[0] for p in window(lags)], lags)


def test_stacked_keeps_each_protocol_to_its_own_neurons():
    spikes = stacked([Protocol(np.array([0.0, 1.0]), np.array([2.0])), pairs(0.5, repetitions=1)])
    assert spikes.pre_indices.tolist() == [0, 0, 1]
    assert spikes.pre_times.tolist() == [0, 1, 0]
    assert spikes.post_indices.tolist() == [0, 1]
    assert spikes.post_times.tolist() == [2, 0.5]


@pytest.mark.parametrize(
    ("protocol", "expected"),
    [
        (pairs(10e-3, frequency=10), 10e-3),
        (pairs(5e-3, frequency=40), 5e-3),
        (quadruplet(-88.5e-3), 0.5e-3),
        (quadruplet(83.7e-3), 0.1e-3),
    ],
)
def test_time_step_is_the_longest_that_fits(protocol, expected):
    assert time_step(protocol) == pytest.approx(expected)


def test_time_step_refuses_spikes_off_the_grid():
    with pytest.raises(ValueError, match=r"spike at 0\.0333333 s is not on a grid of 0\.0001 s"):
        time_step(pairs(0, frequency=30))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: pairs(np.nan), "not all finite"),
        (lambda: pairs(0.01, frequency=0), "frequency = 0 is not a rate above 0 Hz"),
        (lambda: pairs(0.01, frequency=np.inf), "frequency = inf"),
        (lambda: pairs(0.01, repetitions=0), "repetitions = 0 is not a whole number"),
        (lambda: pairs(0.01, repetitions=2.5), "repetitions = 2.5 is not a whole number"),
        (lambda: pre_post_pre(-5e-3, -5e-3), "lag_1 = -0.005 is not above 0 s"),
        (lambda: post_pre_post(-5e-3, -5e-3), "lag_2 = -0.005 is not above 0 s"),
        (lambda: post_pre_post(5e-3, 5e-3), "lag_1 = 0.005 is not below 0 s"),
        (lambda: quadruplet(0.02, lag=0), "lag = 0 is not a time above 0 s"),
        (
            lambda: repeated([0, 0.01], 0, frequency=100, repetitions=2),
            "two spikes of the pre neuron at the same time",
        ),
    ],
)
def test_bad_input_is_refused(make, words):
    with pytest.raises(ValueError) as refused:
        make()
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)
