"""The network of Izhikevich 2007 beside its published program, step by step, on the same noise."""

import numpy as np
import pytest
from brian2 import SpikeGeneratorGroup, SpikeMonitor, Synapses, TimedArray, defaultclock, ms

from experiments.common.devices import use_device
from experiments.verification import dopamine_network, dopamine_program
from experiments.verification.dopamine_network import CELLS, EXCITATORY, TARGETS

#: The author's program gives a reward at the end of these steps, which it counts from 1.
STEPS, REWARDED = 905, [300, 707]


def published_program(post, noise):
    """Spikes (steps, cells), and the excitatory weights and eligibilities, of the program."""
    state, spikes = dopamine_program.State(post), []
    # Ours advances the cells first in each step, so once more, without input.
    dopamine_program.step(0, np.zeros(CELLS), *state.arrays)
    for number, row in enumerate(noise, start=1):
        fired = dopamine_program.step(number, 13 * (row - 0.5), *state.arrays)
        spikes += [(number - 1, cell) for cell in fired]
        state.dopamine += 0.5 * (number in REWARDED)
    return np.array(spikes), *(
        values[:EXCITATORY].ravel() for values in (state.weights, state.eligibility)
    )


@pytest.mark.parametrize("device", ["numpy", pytest.param("numba", marks=pytest.mark.slow)])
def test_the_network_does_what_the_published_program_does(device, monkeypatch):
    use_device(device)
    noise = np.random.default_rng(3).random((STEPS, CELLS))
    code = dopamine_network._STEP
    assert code.count("rand()") == 1
    monkeypatch.setattr(dopamine_network, "_STEP", code.replace("rand()", "noise(t, i)"))
    defaultclock.dt = 1 * ms
    made = dopamine_network.DopamineNetwork(1)
    give = SpikeGeneratorGroup(1, np.zeros(len(REWARDED), int), REWARDED * ms)
    # A reward at the end of a step decays once more there before it is used.
    reward = Synapses(give, made.cells, on_pre=f"{dopamine_network.REWARD} * 0.995")
    reward.connect()
    spikes = SpikeMonitor(made.cells)
    made.network.add(give, reward, spikes)
    made.network.run(STEPS * ms, namespace={"noise": TimedArray(noise, dt=1 * ms)})

    post = np.concatenate([made.plastic.j, made.inhibition.j]).reshape(CELLS, TARGETS)
    expected, weights, eligibility = published_program(post, noise)
    assert len(expected) > 500
    np.testing.assert_array_equal(np.stack([np.round(spikes.t / ms), spikes.i], axis=1), expected)
    np.testing.assert_allclose(made.plastic.c, eligibility, rtol=0, atol=1e-10)
    np.testing.assert_allclose(made.plastic.w, weights, rtol=0, atol=1e-10)
    assert np.abs(weights - 1).max() > 0.1
