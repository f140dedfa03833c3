"""Three-factor rules: closed forms, baselines, expiry, devices, bad input."""

from math import exp

import numpy as np
import pytest
from brian2 import (
    Hz,
    Network,
    NeuronGroup,
    PoissonGroup,
    SpikeGeneratorGroup,
    ms,
    second,
    seed,
    set_device,
)

from experiments.verification import dopamine
from experiments.verification.section import failures
from spikeplast.plasticity import (
    TDSTDP,
    DopamineSTDP,
    NoBounds,
    RewardSTDP,
    RMax,
    set_delays,
)

from .both_devices import WAITS, leaky_cells, random_inputs, weights_on_both

RULES = {
    "dopamine": DopamineSTDP(d_0=2 / second),
    "reward": RewardSTDP(A_minus=0.5),
    "rmax": RMax(),
    "td": TDSTDP(eta=1),
}
STREAMED = {"dopamine": "c", "reward": "c", "rmax": "c", "td": "c"}


@pytest.mark.usefixtures("loop_in_python")
@pytest.mark.parametrize("name", RULES)
def test_both_devices_and_waiting(name):
    rule = RULES[name]

    def build():
        extra = rule.target_equations + "\nrho : Hz\nvalue = v/(60*mV) : 1"
        inputs, cells = random_inputs(), leaky_cells(extra_equations=extra)
        if name == "td":
            cells.run_regularly("reward_rate = (1 + i)*Hz*int(t > 0.1*second)")
        if name == "rmax":
            cells.rho = [10, 20, 30] * Hz
        if name in ("reward", "rmax"):
            cells.run_regularly("reward = sin(t/(9*ms)); rewarded = 1", dt=30 * ms)
        synapses = rule.synapses(inputs, cells, acts_on=None, w_max=10)
        synapses.connect()
        synapses.w = 5
        return inputs, cells, synapses

    _, kept = weights_on_both(build)
    assert kept[STREAMED[name]] == WAITS


def rewarded_change(rule, delays, rewards, pre=10, post=15):
    """Weight after one pair (ms) and rewards at `delays` (ms) after its start."""
    set_device("numba")
    source = SpikeGeneratorGroup(1, [0], [pre] * ms)
    cells = NeuronGroup(1, "x : 1\n" + rule.target_equations, threshold="x > 0", reset="x = 0")
    cells.run_regularly(f"x = int(abs(t - {post}*ms) < dt/2)", when="start")
    synapses = rule.synapses(source, cells, acts_on=None, w_max=10)
    synapses.connect()
    synapses.w = 5
    network = Network(source, cells, synapses)
    for delay, reward in zip(delays, rewards, strict=True):
        network.run(delay * ms - network.t, namespace={})
        cells.reward, cells.rewarded = reward, 1
    network.run(20 * ms, namespace={})
    return float(synapses.w[0]) - 5, float(cells.reward_mean[0])


@pytest.mark.usefixtures("loop_in_python")
def test_a_reward_acts_on_what_is_left_of_the_eligibility():
    rule = RewardSTDP(tau_e=0.1 * second, every=1 * ms)
    for delay in (50, 200, 2000):
        found, _ = rewarded_change(rule, [delay], [2.0])
        # From the tick after the pair to the tick of the reward.
        left = exp(-(delay - 16) / 100)
        assert found == pytest.approx(2 * exp(-5 / 20) * left, rel=1e-6)
    expired, _ = rewarded_change(rule, [5000], [2.0])
    assert abs(expired) < 1e-12


def test_the_baseline_is_subtracted_and_follows():
    rule = RewardSTDP(tau_e=1e6 * second, every=1 * ms, window=4)
    found, mean = rewarded_change(rule, [50, 100], [1.0, 1.0])
    assert found == pytest.approx(exp(-5 / 20) * (1 + 0.75), rel=1e-6)
    assert mean == pytest.approx(1 - 0.75**2)


def delayed(rule):
    """Three synapses from a spike at 10 ms, arriving at 10, 14 and 17 ms, onto one at 15 ms."""
    source = SpikeGeneratorGroup(1, [0], [10] * ms)
    cells = NeuronGroup(1, "kick : 1\nrho : Hz\nvalue : 1\n" + rule.target_equations,
                        threshold="kick > 0", reset="kick = 0")  # fmt: skip
    cells.run_regularly("kick = int(abs(t - 15*ms) < dt/2)", when="start")
    synapses = rule.synapses(source, cells, acts_on=None, w_max=10)
    synapses.connect(n=3)
    set_delays(synapses, [0, 4, 7] * ms)
    synapses.w = 5
    network = Network(source, cells, synapses)
    network.run(21 * ms, namespace={})
    return network, cells, synapses


#: The eligibility stays.
LATE = 1e6 * second


@pytest.mark.parametrize(
    ("rule", "too_late"),
    [
        (DopamineSTDP(A_plus=1, A_minus=2, tau_c=LATE), -2 * exp(-2 / 20)),
        (RewardSTDP(A_minus=2, tau_e=LATE), -2 * exp(-2 / 20)),
        (RMax(tau_e=LATE), 0),
        (TDSTDP(tau_c=LATE), 0),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_delay_holds_for_the_rule(rule, too_late):
    _, _, synapses = delayed(rule)
    expected = [exp(-5 / 20), exp(-1 / 20), too_late]
    np.testing.assert_allclose(synapses.c[:], expected, rtol=1e-6, atol=1e-12)


def test_one_delay_for_all_is_given_when_made():
    rule = DopamineSTDP(A_plus=1, A_minus=2, tau_c=LATE)
    source = SpikeGeneratorGroup(1, [0], [10] * ms)
    cells = NeuronGroup(1, rule.target_equations, threshold="t > 11.95*ms and t < 12.05*ms")
    synapses = rule.synapses(source, cells, acts_on=None, delay=4 * ms)
    synapses.connect()
    Network(source, cells, synapses).run(20 * ms, namespace={})
    assert synapses.c[0] == pytest.approx(-2 * exp(-2 / 20))


@pytest.mark.parametrize(
    ("delays", "error", "words"),
    [
        (3, TypeError, "delays = 3 are of the wrong unit"),
        ([1, 2] * ms, ValueError, "expected one time, or 3, one per synapse"),
        ([1, -2, 3] * ms, ValueError, "not finite or below 0, the first -0.002 s at index 1"),
    ],
)
def test_bad_delays(delays, error, words):
    cells = leaky_cells(extra_equations=RewardSTDP().target_equations)
    synapses = RewardSTDP().synapses(random_inputs(1), cells, acts_on=None)
    synapses.connect()
    with pytest.raises(error, match=words):
        set_delays(synapses, delays)


@pytest.mark.usefixtures("loop_in_python")
def test_dopamine_acts_on_what_is_left_of_the_eligibility():
    rule = DopamineSTDP(
        A_plus=1, d_0=0 / second, tau_c=0.1 * second, tau_d=1e-3 * second, every=1 * ms
    )
    found = []
    for delay in (50, 200, 2500):
        network, cells, synapses = delayed(rule)
        network.run(delay * ms - network.t, namespace={})
        cells.dopamine = 50 / second
        network.run(10 * ms, namespace={})
        found.append(float(synapses.w[0]) - 5)
    # In steps of a millisecond, as the rule sees it: eligibility and dopamine decay.
    ticks = np.arange(10)
    reward = 50e-3 * np.sum(np.exp(-ticks * (1 / 100 + 1)))
    # It decays from the tick after the postsynaptic spike on.
    left = [exp(-5 / 20) * exp(-(delay - 16) / 100) for delay in (50, 200, 2500)]
    np.testing.assert_allclose(found[:2], reward * np.array(left[:2]), rtol=1e-6)
    assert abs(found[2]) < 1e-10


def test_a_trace_is_of_the_last_spike_unless_all_are_to_count():
    for pairing, expected in (("nearest", exp(-5 / 20)), ("all-to-all", exp(-5 / 20) + exp(-0.4))):
        rule = DopamineSTDP(A_plus=1, pairing=pairing, tau_c=LATE)
        source = SpikeGeneratorGroup(1, [0, 0], [7, 10] * ms)
        cells = NeuronGroup(1, rule.target_equations, threshold="t > 14.95*ms and t < 15.05*ms")
        synapses = rule.synapses(source, cells, acts_on=None)
        synapses.connect()
        Network(source, cells, synapses).run(16 * ms, namespace={})
        assert synapses.c[0] == pytest.approx(expected, rel=1e-6)


@pytest.mark.usefixtures("loop_in_python")
def test_spikes_of_the_same_step():
    reward = RewardSTDP(tau_e=1e6 * second, every=1 * ms)
    assert rewarded_change(reward, [50], [1.0], pre=15, post=15)[0] == pytest.approx(1)
    dopamine_rule = DopamineSTDP(d_0=1 / second)
    source = SpikeGeneratorGroup(2, [0, 1], [5, 5] * ms)
    cells = NeuronGroup(1, "x : 1\n" + dopamine_rule.target_equations, threshold="x > 0",
                        reset="x = 0")  # fmt: skip
    cells.run_regularly("x = int(abs(t - 5*ms) < dt/2)", when="start")
    synapses = dopamine_rule.synapses(source, cells, acts_on=None)
    synapses.connect()
    Network(source, cells, synapses).run(8 * ms, namespace={})
    np.testing.assert_allclose(synapses.c[:], -0.15)


@pytest.mark.usefixtures("loop_in_python")
def test_the_td_error():
    """The value rises by 2 per second from 100 ms on; reward from 200 ms on."""
    set_device("numba")
    rule = TDSTDP(tau_r=4 * second, tau_c=1e6 * second, eta=0.5)
    source = SpikeGeneratorGroup(1, [0], [10] * ms)
    cells = NeuronGroup(
        1,
        "value = 2*Hz*clip(t - 100*ms, 0*second, inf*second) : 1\nx : 1\n" + rule.target_equations,
        threshold="x > 0",
        reset="x = 0",
    )
    cells.run_regularly("x = int(abs(t - 15*ms) < dt/2)", when="start")
    cells.run_regularly("reward_rate = 3*Hz*int(t >= 195*ms)", when="end")
    synapses = rule.synapses(source, cells, acts_on=None, bounds=NoBounds())
    synapses.connect()
    Network(source, cells, synapses).run(301 * ms, namespace={})
    values = 2 * (np.arange(11, 31) * 0.01 - 0.1)
    integral = 0.01 * np.sum(2 - values / 4 + 3 * (values > 0.199))
    assert synapses.w[0] == pytest.approx(0.5 * exp(-5 / 20) * integral, rel=1e-6)


def test_the_eligibility_of_r_max_does_not_drift():
    set_device("numba")
    seed(4)
    rule, n = RMax(every=10 * second), 2000
    inputs = PoissonGroup(n, 20 * Hz)
    cells = NeuronGroup(n, "rho : Hz\n" + rule.target_equations, threshold="rand() < rho*dt")
    cells.rho = 20 * Hz
    synapses = rule.synapses(inputs, cells, acts_on=None)
    synapses.connect(j="i")
    Network(inputs, cells, synapses).run(3 * second, namespace={})
    e = np.array(synapses.c[:])
    assert e.std() > 1
    assert abs(e.mean()) < 3 * e.std() / np.sqrt(n)


def test_closed_form_and_network():
    set_device("numba")
    assert failures(dopamine.rows(dopamine.measure(quick=True))) == []


def test_bad_input():
    with pytest.raises(ValueError, match=r"DopamineSTDP: tau_c = 0\. s is out of range"):
        DopamineSTDP(tau_c=0 * second)
    with pytest.raises(ValueError, match="DopamineSTDP: pairing = 'last' is not known; choose"):
        DopamineSTDP(pairing="last")
    with pytest.raises(ValueError, match=r"RewardSTDP: window = 0\.5 is out of range"):
        RewardSTDP(window=0.5)
    inputs = random_inputs()
    with pytest.raises(ValueError, match="has no variable 'dopamine', which the rule needs; make"):
        DopamineSTDP().synapses(inputs, leaky_cells(), acts_on=None)
    with pytest.raises(ValueError, match="has no variable 'rho' "):
        RMax().synapses(inputs, leaky_cells(), acts_on=None)
