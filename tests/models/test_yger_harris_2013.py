"""The speech network: its rules by hand, and that a presentation depends on its arguments alone."""

from dataclasses import replace

import numpy as np
import pytest
from brian2 import (
    Clock,
    Network,
    NeuronGroup,
    SpikeGeneratorGroup,
    SpikeMonitor,
    Synapses,
    ms,
    prefs,
    second,
    seed,
    set_device,
)

from models.yger_harris_2013 import (
    SpeechNetwork,
    SpeechParameters,
    in_sequence,
    poisson_inputs,
)
from models.yger_harris_2013_rules import (
    RateConstrainedPair,
    RateConstrainedTriplet,
    rate_constraint_alone,
)
from spikeplast.stimuli.spike_encoding import Spikes, poisson_spikes

NOTHING = {"k_p": 0, "k_i": 0 / second}


def psi_after(rule, pre, post):
    """Changes collected in 90 ms by spikes at these times (ms), without the rate constraint."""
    clock = Clock(1 * ms)
    source = SpikeGeneratorGroup(1, [0] * len(pre), pre * ms, clock=clock)
    trigger = SpikeGeneratorGroup(1, [0] * len(post), (np.array(post) - 1) * ms, clock=clock)
    target = NeuronGroup(
        1,
        "v : volt\nfire : 1" + rule.target_equations,
        threshold="fire > 0",
        reset="fire = 0",
        refractory="0*ms",
        clock=clock,
    )
    force = Synapses(trigger, target, on_pre="fire_post = 1", clock=clock)
    force.connect()
    synapses = rule.synapses(source, target, acts_on=None, clock=clock)
    synapses.connect()
    Network(source, trigger, target, force, synapses).run(90 * ms)
    return float(synapses.psi[0])


def test_pair_rule_by_hand():
    rule = RateConstrainedPair(A_plus=2, A_minus=3, **NOTHING)
    # One pair in order, one against: 10 ms and 20 ms apart; and the far pairs.
    found = psi_after(rule, [10, 60], [20, 40])
    up = 2 * (np.exp(-10 / 16.8) + np.exp(-30 / 16.8))
    down = 3 * (np.exp(-20 / 33.7) + np.exp(-40 / 33.7))
    assert found == pytest.approx(up - down, rel=1e-6)


def test_triplet_rule_by_hand():
    rule = RateConstrainedTriplet(A_plus=2, A_minus=3, **NOTHING)
    # The first postsynaptic spike has no other before it.
    found = psi_after(rule, [10, 60], [20, 40])
    up = 2 * np.exp(-30 / 16.8) * np.exp(-20 / 40)
    down = 3 * (np.exp(-20 / 33.7) + np.exp(-40 / 33.7))
    assert found == pytest.approx(up - down, rel=1e-6)


def test_rate_constraint_alone_learns_nothing_at_its_target():
    rule = rate_constraint_alone(k_i=0 / second)
    # The rate starts at its target; without spikes it falls, and active synapses grow.
    assert 0 < psi_after(rule, [10, 60], []) < 0.05


def sequence(n=3, n_channels=12, rate=40.0, random_seed=1):
    rng = np.random.default_rng(random_seed)
    spoken = [poisson_spikes(np.full((20, n_channels), rate), rng) for _ in range(n)]
    return in_sequence(spoken, [0.15] * n, 0.05)


def small(**changes):
    return SpeechParameters(n_cells=3, n_channels=12, w_start_low=0.3, w_start_high=0.5, **changes)


def test_sequence_keeps_each_utterance_to_its_time():
    spikes = [
        Spikes(np.array([0, 1]), np.array([0.0, 0.2])),
        Spikes(np.array([2]), np.array([0.1])),
    ]
    train = in_sequence(spikes, [0.25, 0.3], 0.1)
    np.testing.assert_allclose(train.times, [0, 0.2, 0.45])
    assert train.channels.tolist() == [0, 1, 2]
    np.testing.assert_allclose(train.onsets, [0, 0.35])
    np.testing.assert_allclose(train.ends, [0.25, 0.65])
    assert train.duration == pytest.approx(0.75)


def test_a_presentation_depends_on_its_arguments_alone():
    parameters = small(connection=0.5, w_lateral=0.1, w_max=1.0)
    network = SpeechNetwork(parameters, random_seed=4)
    start = network.state()
    assert len(start.w) == 3 * 6
    train = sequence()
    first = network.present(train, start, learning=True)
    after = network.state()
    assert len(first.times) > 10
    assert not np.array_equal(after.psi, start.psi)
    frozen = network.present(train, after, learning=False)
    np.testing.assert_array_equal(network.state().w, after.w)

    again = SpeechNetwork(parameters, random_seed=4)
    again.present(sequence(random_seed=2), again.state(), learning=True)
    same = again.present(train, after, learning=False)
    assert np.array_equal(same.cells, frozen.cells)
    assert np.array_equal(same.times, frozen.times)
    matrix = network.weights(start)
    assert np.all(np.count_nonzero(matrix, axis=0) == 6)
    with pytest.raises(ValueError, match=r"state\.w of shape \(2,\)"):
        network.present(train, replace(start, w=np.ones(2)), learning=True)
    with pytest.raises(ValueError, match=r"state\.psi"):
        network.present(train, replace(start, psi=start.psi * np.nan), learning=True)


def test_inhibition_lowers_the_rate():
    counts = []
    for fixed in ({"w_feedforward": 0}, {"w_feedforward": 0.1}):
        network = SpeechNetwork(small(**fixed, w_max=1.0), random_seed=4)
        counts.append(len(network.present(sequence(), network.state(), learning=False).times))
    assert counts[1] < 0.8 * counts[0]


def test_poisson_group_follows_the_rates():
    seed(1)
    rates = np.repeat([[20.0, 100.0], [80.0, 0.0]], 100, axis=0)
    clock = Clock(1 * ms)
    group = poisson_inputs(np.tile(rates, (1, 50)), 0.01, clock=clock)
    monitor = SpikeMonitor(group)
    Network(group, monitor).run(2 * second)
    even, late = np.array(monitor.i) % 2 == 0, np.array(monitor.t_) >= 1
    counts = [np.sum(e & t) / 50 for e, t in ((even, ~late), (even, late), (~even, ~late))]
    assert counts == pytest.approx([20, 80, 100], rel=0.1)
    assert np.sum(~even & late) == 0
    with pytest.raises(ValueError, match="n_frames, n_channels"):
        poisson_inputs(np.ones(3), 0.01)


def test_wrong_parameters_are_refused():
    with pytest.raises(ValueError, match="n_cells = 0"):
        SpeechParameters(n_cells=0)
    with pytest.raises(ValueError, match=r"w_start_low = 0\.5 is above"):
        SpeechParameters(w_start_low=0.5)
    with pytest.raises(ValueError, match="connection"):
        SpeechParameters(connection=1.5)


@pytest.mark.slow
def test_the_compiled_loop_learns_the_same():
    parameters = replace(small(w_lateral=0.1, w_max=1.0), rule=RateConstrainedTriplet(step=0.1))
    train = sequence(n=8)
    found = []
    for device in ("runtime", "numba"):
        set_device(device)
        prefs.codegen.target = "numpy"
        network = SpeechNetwork(parameters, random_seed=4)
        found.append((network.present(train, network.state(), learning=True), network.state()))
    assert len(found[0][0].times) > 20
    np.testing.assert_array_equal(found[1][0].times, found[0][0].times)
    np.testing.assert_allclose(found[1][1].w, found[0][1].w, rtol=1e-9)
    np.testing.assert_allclose(found[1][1].psi, found[0][1].psi, rtol=1e-6, atol=1e-12)
