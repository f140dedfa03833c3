"""The network that grows receptive fields: its pair rule by hand, inhibition, arbors, seeds."""

from dataclasses import replace
from math import exp

import numpy as np
import pytest
from brian2 import Hz, Network, NeuronGroup, SpikeGeneratorGroup, ms, mV, second

from models.brito_gerstner_2016 import FieldNetwork, FieldParameters, SlidingPairSTDP
from spikeplast.plasticity import NoBounds

PATCHES = np.random.default_rng(1).normal(size=(40, 4, 5))


def small():
    """3 cells of 4 x 5 pixels that fire; not the default cell, whose solution takes a time."""
    return FieldParameters.conductance(n_cells=3, w_max=14, w_start=14, inhibition=0.5)


def test_pair_rule_by_hand():
    rule = SlidingPairSTDP(A2_plus=0.3, A2_minus=0.2, tau_rho=1e6 * second)
    source = SpikeGeneratorGroup(1, [0, 0], [20, 34] * ms)
    cells = NeuronGroup(
        1,
        "kick : 1\n" + rule.target_equations,
        threshold="kick > 0",
        reset="kick = 0",
        refractory=0.05 * ms,
    )
    for time in (10, 30):
        cells.run_regularly(f"kick += int(abs(t - {time}*ms) < dt/2)", when="start")
    synapses = rule.synapses(source, cells, acts_on=None, bounds=NoBounds())
    synapses.connect()
    Network(source, cells, synapses).run(35 * ms, namespace={})
    expected = 0.3 * exp(-10 / 16.8)
    expected -= 0.2 * (exp(-10 / 33.7) + exp(-24 / 33.7) + exp(-4 / 33.7))
    assert float(synapses.w[0]) == pytest.approx(expected, rel=1e-6)


def test_training_depends_on_its_seed_alone_and_frozen_weights_stay():
    first, same = (FieldNetwork(small(), PATCHES, 4).run(0.1 * second, samples=2) for _ in "ab")
    other = FieldNetwork(small(), PATCHES, 5)
    begin = other.weights()
    np.testing.assert_array_equal(first.weights, same.weights)
    np.testing.assert_array_equal(first.rates, same.rates)
    assert first.weights.shape == (3, 2, 20, 3)
    assert first.rates.shape == (2, 3)
    assert first.rates.sum() > 0
    assert not np.array_equal(first.weights[0], begin)
    assert not np.allclose(first.weights[0], first.weights[-1])
    np.testing.assert_array_equal(first.fields, (first.weights[-1, 0] - first.weights[-1, 1]).T)
    other.synapses.w = 5
    frozen = other.run(0.1 * second, learning=False)
    np.testing.assert_array_equal(frozen.weights, 5)
    assert frozen.rates.sum() > 0
    # Of equal weights, inhibition is a fixed part of excitation.
    np.testing.assert_allclose(other.cells.g_i, 0.5 * np.array(other.cells.g_e), rtol=1e-9)


def test_equal_weights_have_no_effect():
    parameters = replace(FieldParameters.gif(n_cells=2), w_max=14)
    network = FieldNetwork(parameters, PATCHES, 1)
    network.synapses.w = 5
    network.run(0.03 * second, learning=False)
    excitation, inhibition = (
        np.array(getattr(network.cells, name)) for name in parameters.receptors
    )
    assert excitation.min() > 0
    # Excitation of a spike comes with its inhibition.
    np.testing.assert_allclose(excitation, inhibition, rtol=1e-9)


def test_an_arbor_is_a_disc_within_the_patch():
    patches = np.random.default_rng(1).normal(size=(3, 16, 16))
    network = FieldNetwork(FieldParameters(n_cells=5, arbor=4.0), patches, 2)
    on, off = (network.weights() > 0).reshape(2, 16, 16, 5)
    np.testing.assert_array_equal(on, off)
    for cell in range(5):
        rows, columns = np.nonzero(on[:, :, cell])
        assert np.hypot(rows - rows.mean(), columns - columns.mean()).max() < 4.5
        assert 42 <= len(rows) <= 58
    everything = FieldNetwork(FieldParameters(n_cells=5), patches, 2).weights()
    assert everything.min() > 0


def test_inputs_follow_the_patch():
    # One patch: ON where it is positive, OFF where it is negative, 80 Hz on the average.
    network = FieldNetwork(small(), PATCHES[:1], 1)
    network.run(0.01 * second, learning=False)
    rates = np.array(network.inputs.rates)
    flat = PATCHES[0].ravel()
    np.testing.assert_allclose(rates[:20], 80 * 2 * np.maximum(flat, 0) / np.abs(flat).mean())
    np.testing.assert_allclose(rates[20:], 80 * 2 * np.maximum(-flat, 0) / np.abs(flat).mean())
    assert rates.mean() == pytest.approx(80)


def test_wrong_parameters_are_refused():
    with pytest.raises(ValueError, match="n_cells = 0 is below 1"):
        FieldParameters(n_cells=0)
    with pytest.raises(ValueError, match="more than one spike"):
        FieldParameters(peak_rate=2000 * Hz)
    with pytest.raises(ValueError, match="is not below peak_rate"):
        FieldParameters(mean_rate=900 * Hz)
    with pytest.raises(TypeError, match="presentation"):
        FieldParameters(presentation=1 * mV)
    with pytest.raises(ValueError, match=r"patches of shape \(3, 20\)"):
        FieldNetwork(FieldParameters(), np.ones((3, 20)))
