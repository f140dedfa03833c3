"""The rules of Diehl & Cook 2015 with a target: closed forms, an event-by-event reference."""

from dataclasses import replace
from math import exp

import numpy as np
import pytest
from brian2 import Network, SpikeGeneratorGroup, ms, set_device

import spikeplast
from spikeplast.plasticity import (
    DiehlCookExponential,
    DiehlCookPowerLaw,
    DiehlCookPreAndPost,
    HardBounds,
    NoBounds,
)
from spikeplast.stimuli.pairing import stacked

from .test_random_trains import random_protocols

W_MAX = 0.8
RULES = [
    DiehlCookPowerLaw(A_plus=0.05, mu=0.7),
    DiehlCookExponential(A_plus=0.05, beta=2),
    DiehlCookPreAndPost(A_plus=0.05, A_minus=0.03, mu=0.7, tau_minus=35 * ms),
]


@pytest.mark.parametrize("w", [0.1, 0.5])
def test_a_postsynaptic_spike_compares_the_summed_trace_with_the_target(weight_after, w):
    trace = exp(-5 / 20) + exp(-15 / 20)
    power = DiehlCookPowerLaw(A_plus=0.1, x_tar=0.3, mu=2)
    expected = w + 0.1 * (trace - 0.3) * (W_MAX - w) ** 2
    assert weight_after(power, [10, 20], [25], w=w, w_max=W_MAX) == pytest.approx(expected)
    exponential = DiehlCookExponential(A_plus=0.1, x_tar=0.3, beta=2)
    expected = w + 0.1 * (trace * exp(-2 * w) - 0.3 * exp(-2 * (W_MAX - w)))
    assert weight_after(exponential, [10, 20], [25], w=w, w_max=W_MAX) == pytest.approx(expected)


@pytest.mark.parametrize("rule", RULES)
def test_a_silent_input_is_disconnected(weight_after, rule):
    silent = replace(rule, x_tar=50.0)
    assert weight_after(silent, [90], [10], w=0.3, w_max=W_MAX) == 0
    gentle = weight_after(rule, [90], [10], w=0.3, w_max=W_MAX)
    assert 0 < gentle < 0.3


def test_a_presynaptic_spike_changes_the_weight_only_in_pre_and_post(weight_after):
    assert weight_after(DiehlCookPowerLaw(), [20], [40], w=0.5, w_max=W_MAX) == pytest.approx(
        0.5 + 1e-2 * (exp(-1) - 0.4) * (W_MAX - 0.5)
    )
    both = DiehlCookPreAndPost(A_plus=0, A_minus=0.1, mu=0.5, tau_minus=40 * ms)
    traces = exp(-10 / 40) + exp(-30 / 40)
    expected = 0.5 - 0.1 * traces * 0.5**0.5
    assert weight_after(both, [40], [10, 30], w=0.5, w_max=W_MAX) == pytest.approx(expected)


def reference(rule, protocol, w):
    """Weight after the events in order of time, the presynaptic first where they coincide."""
    r1 = o1 = 0.0
    last = 0
    events = [(round(t * 1e4), 0) for t in protocol.pre]
    events += [(round(t * 1e4), 1) for t in protocol.post]
    for step, is_post in sorted(events):
        passed = (step - last) * 0.1
        last = step
        r1 *= exp(-passed / float(rule.tau_plus / ms))
        if isinstance(rule, DiehlCookPreAndPost):
            o1 *= exp(-passed / float(rule.tau_minus / ms))
            if not is_post:
                w -= rule.A_minus * o1 * w**rule.mu
        if not is_post:
            r1 += 1
        elif isinstance(rule, DiehlCookExponential):
            up = r1 * exp(-rule.beta * w)
            w += rule.A_plus * (up - rule.x_tar * exp(-rule.beta * (W_MAX - w)))
        else:
            w += rule.A_plus * (r1 - rule.x_tar) * (W_MAX - w) ** rule.mu
        o1 += is_post
        w = min(max(w, 0.0), W_MAX)
    return w


@pytest.mark.usefixtures("loop_in_python")
@pytest.mark.parametrize("device", ["runtime", "numba"])
@pytest.mark.parametrize("rule", RULES)
def test_rule_equals_the_reference_on_random_trains(rule, device):
    set_device(device)
    protocols = random_protocols(20)
    spikes = stacked(protocols)
    source = SpikeGeneratorGroup(20, spikes.pre_indices, spikes.pre_times * 1e3 * ms)
    target = SpikeGeneratorGroup(20, spikes.post_indices, spikes.post_times * 1e3 * ms)
    synapses = rule.synapses(source, target, acts_on=None, w_max=W_MAX)
    synapses.connect(j="i")
    synapses.w = 0.3
    network = Network(source, target, synapses)
    network.run(200 * ms, namespace={})
    expected = [reference(rule, protocol, 0.3) for protocol in protocols]
    assert np.ptp(expected) > 0.05
    np.testing.assert_allclose(synapses.w, expected, rtol=0, atol=1e-14)
    if device == "numba":
        told = spikeplast.explain(network).variables
        kept = {name: where for _, name, where in told if not where.startswith("changed")}
        assert kept["r1"] == "per presynaptic neuron"
        if isinstance(rule, DiehlCookPreAndPost):
            assert kept["o1"] == "per postsynaptic neuron"


@pytest.mark.parametrize("w", [-0.2, 1.5])
@pytest.mark.parametrize("rule", RULES)
def test_weights_outside_the_range_come_back_into_it(weight_after, rule, w):
    """Normalisation can put them there; a fractional power of less than nothing is not a number."""
    assert 0 <= weight_after(rule, [10, 20], [15, 25], w=w, w_max=W_MAX) <= W_MAX


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("bounds", [NoBounds(), HardBounds()])
def test_other_bounds_are_refused(weight_after, rule, bounds):
    with pytest.raises(ValueError, match="both make the change depend on the weight"):
        weight_after(rule, [1], [2], bounds=bounds)
