"""Triplet rules against sums written out by hand, above all the order in which traces are read."""

from itertools import product
from math import exp

import pytest
from brian2 import ms

from spikeplast.plasticity import DiehlCookSTDP, TripletSTDP

A2P, A3P, A2M, A3M = 0.01, 0.03, 0.02, 0.05
TP, TM, TX, TY = 16.8, 33.7, 100.0, 125.0


def rule(**changes):
    values = {
        "A2_plus": A2P,
        "A3_plus": A3P,
        "A2_minus": A2M,
        "A3_minus": A3M,
        "tau_x": TX * ms,
        "tau_y": TY * ms,
    }
    return TripletSTDP(**(values | changes))


@pytest.mark.parametrize("pairing", ["all-to-all", "nearest"])
def test_a_pair_alone_forms_no_triplet_with_itself(pairing, weight_after):
    """The slow traces are read before their own jump: no A3 term in a single pair."""
    made = rule(pairing=pairing)
    assert weight_after(made, [20], [30]) == pytest.approx(A2P * exp(-10 / TP), rel=1e-12)
    assert weight_after(made, [30], [20]) == pytest.approx(-A2M * exp(-10 / TM), rel=1e-12)


def test_post_pre_post_reads_o2_of_the_first_post_spike_only(weight_after):
    change = weight_after(rule(), [20], [10, 35])
    ltd = exp(-10 / TM) * A2M
    ltp = exp(-15 / TP) * (A2P + A3P * exp(-25 / TY))
    assert change == pytest.approx(ltp - ltd, rel=1e-12)


def test_pre_post_pre_reads_r2_of_the_first_pre_spike_only(weight_after):
    change = weight_after(rule(), [10, 35], [20])
    ltp = exp(-10 / TP) * A2P
    ltd = exp(-15 / TM) * (A2M + A3M * exp(-25 / TX))
    assert change == pytest.approx(ltp - ltd, rel=1e-12)


def test_all_to_all_and_nearest_over_a_burst(weight_after):
    pre, post = [40], [10, 20, 50]
    all_ltd = A2M * (exp(-30 / TM) + exp(-20 / TM))
    all_ltp = exp(-10 / TP) * (A2P + A3P * (exp(-40 / TY) + exp(-30 / TY)))
    assert weight_after(rule(), pre, post) == pytest.approx(all_ltp - all_ltd, rel=1e-12)

    near_ltd = A2M * exp(-20 / TM)
    near_ltp = exp(-10 / TP) * (A2P + A3P * exp(-30 / TY))
    nearest = weight_after(rule(pairing="nearest"), pre, post)
    assert nearest == pytest.approx(near_ltp - near_ltd, rel=1e-12)


def test_spikes_in_the_same_step_count_as_pre_before_post(weight_after):
    change = weight_after(rule(), [20], [20])
    assert change == pytest.approx(A2P, rel=1e-12)


def test_the_model_without_r2_equals_one_with_A3_minus_0(weight_after):
    trains = [10, 35, 60], [20, 30, 65]
    without = rule(tau_x=None, A3_minus=0)
    assert "r2" not in without.traces
    assert weight_after(without, *trains) == pytest.approx(
        weight_after(rule(A3_minus=0), *trains), rel=1e-12
    )


@pytest.mark.parametrize(
    ("data", "pairing", "model"),
    list(product(["visual_cortex", "hippocampus"], ["all-to-all", "nearest"], ["full", "minimal"])),
)
def test_the_eight_published_sets(data, pairing, model):
    made = getattr(TripletSTDP, data)(pairing=pairing, model=model)
    assert made.pairing == pairing
    assert (made.tau_plus, made.tau_minus) == (16.8 * ms, 33.7 * ms)
    assert (made.A3_minus == 0) == (model == "minimal")
    assert (made.tau_x is None) == (model == "minimal")
    if data == "visual_cortex":
        assert made.A2_plus < 1e-9
    else:
        assert made.A2_plus > 4e-3


def test_the_default_is_visual_cortex_all_to_all_full():
    assert TripletSTDP() == TripletSTDP.visual_cortex()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [({"pairing": "closest"}, "pairing = 'closest'"), ({"model": "min"}, "model = 'min'")],
)
def test_unknown_sets_are_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        TripletSTDP.hippocampus(**arguments)


def test_A3_minus_needs_its_trace():
    with pytest.raises(ValueError, match=r"A3_minus = 0\.05 needs the trace r2"):
        rule(tau_x=None)


def test_diehl_cook_reads_o2_before_it_is_set(weight_after):
    made = DiehlCookSTDP()
    assert weight_after(made, [20], [30]) == 0
    change = weight_after(made, [20, 60], [10, 35])
    ltp = 1e-2 * exp(-15 / 20) * exp(-25 / 40)
    ltd = 1e-4 * (exp(-10 / 20) + exp(-25 / 20))
    assert change == pytest.approx(ltp - ltd, rel=1e-12)


def test_diehl_cook_traces_are_set_not_summed(weight_after):
    change = weight_after(DiehlCookSTDP(), [10, 20], [0, 5, 30])
    ltp = 1e-2 * exp(-10 / 20) * exp(-25 / 40)
    ltd = 1e-4 * (exp(-5 / 20) + exp(-15 / 20))
    assert change == pytest.approx(ltp - ltd, rel=1e-12)


def test_diehl_cook_clips_to_0_and_1(weight_after):
    strong = DiehlCookSTDP(A_plus=5, A_minus=5)
    assert weight_after(strong, [20], [10, 30], w=0.5, w_max=1.0) == 1.0
    assert weight_after(strong, [20], [10], w=0.5, w_max=1.0) == 0.0
