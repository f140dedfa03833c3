"""The triplet rule with a sliding threshold: changes by hand, and its own parameters."""

from math import exp

import pytest
from brian2 import Hz, Network, NeuronGroup, SpikeGeneratorGroup, ms, second

from spikeplast.plasticity import NoBounds, SlidingTripletSTDP

RULE = SlidingTripletSTDP(A3_plus=0.3, A2_minus=0.2, tau_y=40 * ms, tau_rho=0.5 * second)


def weight_and_rate(rule, pre, post):
    source = SpikeGeneratorGroup(1, [0] * len(pre), pre * ms)
    cells = NeuronGroup(1, "kick : 1\n" + rule.target_equations, threshold="kick > 0",
                        reset="kick = 0", refractory=0.05 * ms)  # fmt: skip
    for time in post:
        cells.run_regularly(f"kick += int(abs(t - {time}*ms) < dt/2)", when="start")
    synapses = rule.synapses(source, cells, acts_on=None, bounds=NoBounds())
    synapses.connect()
    Network(source, cells, synapses).run((max(*pre, *post) + 1) * ms, namespace={})
    return float(synapses.w[0]), float(cells.rho_slow[0] / Hz)


def test_triplets_and_the_square_of_the_rate():
    w, rate = weight_and_rate(RULE, [20, 34], [10, 30])
    # Euler's steps of 0.1 ms: the rate starts at 5 Hz, and each spike adds 2 Hz in the next step.
    at_20 = 5 * (1 - 2e-4) ** 201 + 2 * (1 - 2e-4) ** 99
    at_34 = 5 * (1 - 2e-4) ** 341 + 2 * ((1 - 2e-4) ** 239 + (1 - 2e-4) ** 39)
    expected = -0.2 * (at_20 / 5) ** 2 * exp(-10 / 33.7)
    expected += 0.3 * exp(-10 / 16.8) * exp(-20 / 40)
    expected -= 0.2 * (at_34 / 5) ** 2 * (exp(-24 / 33.7) + exp(-4 / 33.7))
    assert w == pytest.approx(expected, rel=1e-9)
    assert rate == pytest.approx(at_34 * (1 - 2e-4) ** 9, rel=1e-9)


def test_parameters_and_target():
    rule = SlidingTripletSTDP.receptive_fields(rho_0=8 * Hz)
    assert (rule.tau_y, rule.rho_0) == (40 * ms, 8 * Hz)
    with pytest.raises(ValueError, match=r"SlidingTripletSTDP: rho_0 = 0\. Hz is out of range"):
        SlidingTripletSTDP(rho_0=0 * Hz)
    inputs = SpikeGeneratorGroup(1, [], [] * ms)
    with pytest.raises(ValueError, match="has no variable 'rho_slow', which the rule needs; make"):
        RULE.synapses(
            inputs, NeuronGroup(1, "", threshold="False", refractory=1 * ms), acts_on=None
        )
