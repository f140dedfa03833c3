"""The recurrent speech network: connections, balance, and what a presentation depends on."""

from dataclasses import replace

import numpy as np
import pytest
from brian2 import Hz, prefs, set_device

from models.yger_harris_2013 import in_sequence
from models.yger_harris_2013_recurrent import RecurrentNetwork, RecurrentParameters
from spikeplast.plasticity import Convallis
from spikeplast.stimuli.spike_encoding import poisson_spikes


def small(**changes):
    values = {
        "n_cells": 50,
        "n_channels": 20,
        "input_connection": 0.5,
        "connection": 0.3,
        "w_recurrent": 0.1,
        "w_e_to_i": 0.15,
        "w_i_to_e": 0.6,
        "w_i_to_i": 0.6,
        "rule": Convallis(r0=8 * Hz, step=0.002, shrinkage=0),
    }
    return RecurrentParameters(**(values | changes))


def sequence(n=2, random_seed=1):
    rng = np.random.default_rng(random_seed)
    spoken = [poisson_spikes(np.full((60, 20), 40.0), rng) for _ in range(n)]
    return in_sequence(spoken, [0.5] * n, 0.1)


def test_a_presentation_depends_on_its_arguments_alone():
    network, frozen = (RecurrentNetwork(small(), 3, learns=learns) for learns in (True, False))
    start, spoken = network.state(), sequence()
    # Each cell hears its share, and never itself.
    i, j = np.array(network.among.i), np.array(network.among.j)
    assert np.all(np.bincount(j) == 12)
    assert not np.any(i == j)
    assert len(set(zip(i, j, strict=True))) == len(i)
    assert np.all(np.bincount(network.from_inputs.j) == 10)

    network.present(spoken, start)
    after = network.state()
    assert not np.array_equal(after.w_input, start.w_input)
    assert not np.array_equal(after.w_recurrent, start.w_recurrent)
    # Without a rule it fires as with weights that cannot change, whoever used it before.
    frozen.present(sequence(random_seed=2), start)
    network = RecurrentNetwork(small(rule=Convallis(step=0)), 3)
    still = network.present(spoken, after)
    np.testing.assert_array_equal(network.state().w_input, after.w_input)
    watched = frozen.present(spoken, after)
    assert len(watched.excitatory.times) > 50
    for mine, theirs in (
        (watched.excitatory, still.excitatory),
        (watched.inhibitory, still.inhibitory),
    ):
        np.testing.assert_array_equal(mine.cells, theirs.cells)
        np.testing.assert_array_equal(mine.times, theirs.times)
    with pytest.raises(ValueError, match=r"state\.w_input of shape \(2,\)"):
        frozen.present(spoken, replace(after, w_input=np.ones(2)))


def test_inhibition_holds_excitation_in_check():
    spoken, counts = sequence(), []
    for inhibition in (0.6, 0.0):
        parameters = small(w_i_to_e=inhibition, w_i_to_i=inhibition)
        network = RecurrentNetwork(parameters, 3, learns=False)
        counts.append(len(network.present(spoken, network.state()).excitatory.times))
    assert 50 < counts[0] < 0.3 * counts[1]


def test_wrong_parameters_are_refused():
    with pytest.raises(ValueError, match=r"n_cells = 3 has to be at least 10"):
        RecurrentParameters(n_cells=3)
    with pytest.raises(ValueError, match=r"w_recurrent = 0\.3 gives first weights above"):
        RecurrentParameters(w_recurrent=0.3)


@pytest.mark.slow
def test_the_compiled_loop_learns_the_same():
    spoken, found = sequence(n=4), []
    for device in ("runtime", "numba"):
        set_device(device)
        prefs.codegen.target = "numpy"
        network = RecurrentNetwork(small(), 3)
        found.append((network.present(spoken, network.state()), network.state()))
    assert len(found[0][0].excitatory.times) > 100
    np.testing.assert_array_equal(found[1][0].excitatory.times, found[0][0].excitatory.times)
    np.testing.assert_allclose(found[1][1].w_recurrent, found[0][1].w_recurrent, rtol=1e-9)
    np.testing.assert_allclose(found[1][1].w_input, found[0][1].w_input, rtol=1e-9)
