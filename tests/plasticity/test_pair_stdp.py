"""Pair STDP against sums written out by hand."""

from math import exp

import numpy as np
import pytest
from brian2 import defaultclock, ms, set_device

from experiments.verification import song
from experiments.verification.section import failures
from spikeplast.plasticity import HardBounds, NoBounds, PairSTDP, SoftBounds

A_PLUS, A_MINUS, TAU_PLUS, TAU_MINUS = 0.01, 0.02, 17.0, 34.0


def rule(**changes):
    values = {
        "A_plus": A_PLUS,
        "A_minus": A_MINUS,
        "tau_plus": TAU_PLUS * ms,
        "tau_minus": TAU_MINUS * ms,
    }
    return PairSTDP(**(values | changes))


@pytest.mark.parametrize("pairing", ["all-to-all", "nearest"])
@pytest.mark.parametrize(
    ("lag", "expected"),
    [
        (10, A_PLUS * exp(-10 / TAU_PLUS)),
        (-10, -A_MINUS * exp(-10 / TAU_MINUS)),
        (0.1, A_PLUS * exp(-0.1 / TAU_PLUS)),
        (0, A_PLUS),
    ],
)
def test_one_pair(pairing, lag, expected, weight_after):
    change = weight_after(rule(pairing=pairing), [50], [50 + lag])
    assert change == pytest.approx(expected, rel=1e-12)


def test_all_to_all_sums_over_every_pair(weight_after):
    change = weight_after(rule(), [10, 30], [20, 45])
    ltp = exp(-10 / TAU_PLUS) + exp(-35 / TAU_PLUS) + exp(-15 / TAU_PLUS)
    ltd = exp(-10 / TAU_MINUS)
    assert change == pytest.approx(A_PLUS * ltp - A_MINUS * ltd, rel=1e-12)


def test_nearest_sees_only_the_last_spike_of_the_other_side(weight_after):
    change = weight_after(rule(pairing="nearest"), [10, 30, 70], [20, 45, 50])
    ltp = exp(-10 / TAU_PLUS) + exp(-15 / TAU_PLUS) + exp(-20 / TAU_PLUS)
    ltd = exp(-10 / TAU_MINUS) + exp(-20 / TAU_MINUS)
    assert change == pytest.approx(A_PLUS * ltp - A_MINUS * ltd, rel=1e-12)


def test_the_two_pairings_differ_where_spikes_repeat(weight_after):
    trains = [10, 15], [20, 25]
    assert weight_after(rule(), *trains) > weight_after(rule(pairing="nearest"), *trains) + 1e-3


def test_weight_dependence_of_the_named_forms(weight_after):
    w = np.array([0.1, 0.5, 0.9])
    amplitudes = {"A_plus": A_PLUS, "A_minus": A_MINUS}
    up, down = A_PLUS * exp(-10 / 20), A_MINUS * exp(-10 / 20)
    for made, factor_up, factor_down in [
        (PairSTDP(**amplitudes), 1, 1),
        (PairSTDP.multiplicative(**amplitudes), 1 - w, w),
        (PairSTDP.van_rossum(**amplitudes), 1, w),
        (PairSTDP.guetig(0.3, **amplitudes), (1 - w) ** 0.3, w**0.3),
    ]:
        raised = weight_after(made, [20], [30], w=w, w_max=1.0)
        lowered = weight_after(made, [30], [20], w=w, w_max=1.0)
        np.testing.assert_allclose(raised, w + up * factor_up, rtol=1e-12)
        np.testing.assert_allclose(lowered, w - down * factor_down, rtol=1e-12)


def test_weight_dependence_is_relative_to_w_max(weight_after):
    made = PairSTDP(A_plus=0.1, mu_plus=0.5, mu_minus=2)
    raised = weight_after(made, [20], [30], w=3.0, w_max=4.0)
    assert raised == pytest.approx(3 + 0.1 * exp(-10 / 20) * 0.25**0.5, rel=1e-12)


def test_hard_bounds_stop_the_weight_exactly(weight_after):
    strong = rule(A_plus=0.7, A_minus=0.7)
    assert weight_after(strong, [20], [21], w=0.9, w_max=1.0) == 1.0
    assert weight_after(strong, [21], [20], w=0.1, w_max=1.0) == 0.0
    assert weight_after(strong, [21], [20], w=0.1, bounds=HardBounds(0.05, 1)) == 0.05


def test_a_weight_outside_the_range_gives_no_nan(weight_after):
    made = PairSTDP.guetig(0.5, A_plus=0.1)
    assert weight_after(made, [20], [30], w=1.2, w_max=1.0) == 1.0
    assert weight_after(made, [30], [20], w=-0.2, w_max=1.0) == 0.0


def test_soft_bounds_combine_with_any_rule(weight_after):
    w = weight_after(rule(), [20], [30], w=0.5, bounds=SoftBounds(0, 2))
    assert w == pytest.approx(0.5 + A_PLUS * exp(-10 / TAU_PLUS) * 0.75, rel=1e-12)


def test_the_result_does_not_depend_on_the_time_step(weight_after):
    trains = [10, 30, 70], [20, 45, 50]
    fine = weight_after(rule(), *trains)
    defaultclock.dt = 5 * ms
    assert weight_after(rule(), *trains) == pytest.approx(fine, rel=1e-12)


def test_bi_poo_window_over_60_pairs(weight_after):
    times = 100 + 1000 * np.arange(60)
    defaultclock.dt = 5 * ms
    change = weight_after(PairSTDP.bi_poo("nearest"), times, times + 10, bounds=NoBounds())
    # The next pair is a second away: its depression is below 1e-12.
    assert change == pytest.approx(0.777 * exp(-10 / 16.8), rel=1e-9)


def test_defaults_are_song_miller_abbott():
    made = PairSTDP()
    assert made.A_minus / made.A_plus == pytest.approx(1.05)
    assert "Song" in made.citation


@pytest.mark.parametrize("mu", [-0.1, 1.5, float("nan")])
def test_guetig_exponent_lies_between_0_and_1(mu):
    with pytest.raises(ValueError, match=r"PairSTDP.guetig: mu = .*; expected a number at least 0"):
        PairSTDP.guetig(mu)


def test_unknown_pairing_is_refused():
    with pytest.raises(ValueError, match="pairing = 'all' is not known; choose from all-to-all"):
        PairSTDP(pairing="all")


def test_a_weight_dependence_may_not_be_given_twice(weight_after):
    with pytest.raises(ValueError, match="both make the change depend on the weight"):
        weight_after(PairSTDP.van_rossum(), [1], [2], bounds=SoftBounds(0, 1))


def test_fewer_strong_synapses_and_irregular_firing():
    set_device("numba")
    assert failures(song.rows(song.measure(quick=True))) == []
