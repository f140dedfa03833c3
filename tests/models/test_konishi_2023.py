"""Dopamine that carries an error: the rule by hand, the order of a trial, bad input."""

from dataclasses import replace
from math import exp

import numpy as np
import pytest
from brian2 import Hz, Network, NeuronGroup, SpikeGeneratorGroup, defaultclock, ms

from models.konishi_2023 import (
    BroadcastDopamine,
    RewardAmountNetwork,
    RewardAmountParameters,
    Trials,
)
from spikeplast.plasticity import NoBounds


@pytest.mark.parametrize("gated", [True, False])
def test_rule_by_hand(gated):
    defaultclock.dt = 1 * ms
    rule = BroadcastDopamine(eta=0.1, gated=gated)
    # The first of two inputs spikes; so the second one has only the mean, with a minus.
    source = SpikeGeneratorGroup(2, [0], [10] * ms)
    cells = NeuronGroup(
        1,
        "kick : 1\n" + rule.target_equations,
        threshold="kick > 0",
        reset="kick = 0",
        refractory=0.5 * ms,
    )
    cells.run_regularly("kick = int(abs(t - 22*ms) < dt/2)", when="start")
    synapses = rule.synapses(source, cells, acts_on=None, bounds=NoBounds())
    synapses.connect()
    network = Network(source, cells, synapses)
    network.run(60 * ms, namespace={})
    cells.dopamine = -1
    network.run(200 * ms, namespace={})

    w = c = 0.0
    for time in range(0, 260, 10):
        dopamine = -exp(-(time - 60) / 30) if time >= 60 else 0
        w += 0.1 * c * dopamine * 10 / 30
        # It jumps after its decay in the step of the spike.
        x = exp(-(time - 11) / 50) if time > 10 else 0
        active = not gated or 22 < time < 72
        c = c * exp(-10 / 100) + 10 / 50 * (x / 2) * active
    assert w < -1e-4
    np.testing.assert_allclose(synapses.w, [w, -w], rtol=1e-9)


def test_trials_are_parity_among_distractors():
    trials = Trials.random(400, 3, 1)
    assert trials.cues.shape == (400, 5)
    np.testing.assert_array_equal(trials.amounts, trials.cues[:, 0] * trials.cues[:, 1])
    correlations = np.corrcoef(np.column_stack([trials.cues, trials.amounts]).T)[-1, :-1]
    assert np.abs(correlations).max() < 0.2


def test_a_trial_on_numpy():
    """Predictions are read before dopamine, which is the trial's own, or an earlier one's."""
    trials = Trials.random(3, 0, 1)
    whole = RewardAmountParameters(n_hidden=2, n_output=3, eta_out=0.0)
    network = RewardAmountNetwork(whole, trials, 1)
    assert len(network.synapses) == 4 * 2
    before = np.array(network.synapses.w)
    found = network.run(2)
    assert found.shape == (2,)
    assert np.isfinite(found).all()
    errors = trials.amounts[:2] - found
    np.testing.assert_allclose(network._critic_cells.error[:2], errors)
    np.testing.assert_allclose(network._critic_cells.earlier, 0)
    # All hidden cells have the same dopamine, of the sign of the last error.
    dopamine = np.array(network.hidden.dopamine)
    assert np.ptp(dopamine) == 0
    assert np.sign(dopamine[0]) == np.sign(errors[1])
    assert not np.allclose(network.synapses.w, before)
    frozen = np.array(network.readout.w)
    network.run(1, learning=False)
    np.testing.assert_array_equal(network.readout.w, frozen)
    with pytest.raises(ValueError, match="n = 1 trials; expected 1 to 0"):
        network.run(1)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="dopamine = 'late' is not known; choose from own, shuf"):
        RewardAmountParameters(dopamine="late")
    with pytest.raises(ValueError, match="n_hidden = 0 is below 1"):
        RewardAmountParameters(n_hidden=0)
    with pytest.raises(ValueError, match=r"small = 20\. Hz is not below large = 10\. Hz"):
        RewardAmountParameters(large=10 * Hz)
    with pytest.raises(TypeError, match="tau_c = 3 is of the wrong unit"):
        replace(BroadcastDopamine(), tau_c=3)
    with pytest.raises(ValueError, match=r"cues of shape \(3, 1\); expected \(n_trials, 2 or more"):
        RewardAmountNetwork(RewardAmountParameters(), Trials(np.ones((3, 1)), np.ones(3)))
