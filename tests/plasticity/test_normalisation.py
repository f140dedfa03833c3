"""Normalisation of incoming weights, inside the simulation."""

import numpy as np
import pytest
from brian2 import Network, NeuronGroup, SpikeGeneratorGroup, StateMonitor, Synapses, ms, prefs

from spikeplast.neurons import ConductanceLIF
from spikeplast.plasticity import PairSTDP, normalise_incoming


def network(n_source=5, n_target=4, **kwargs):
    source = SpikeGeneratorGroup(n_source, [0, 1], [3, 12] * ms)
    target = ConductanceLIF().group(n_target, extra_equations="w_total : 1")
    synapses = PairSTDP().synapses(source, target, acts_on="g_e", gain=0.01, w_max=10)
    synapses.connect(condition="i != j")
    synapses.w = np.random.default_rng(1).uniform(0.1, 1, len(synapses))
    operations = normalise_incoming(synapses, total=3.5, every=10 * ms, **kwargs)
    return Network(source, target, synapses), synapses, operations


def sums(synapses):
    return np.bincount(synapses.j, weights=synapses.w, minlength=len(synapses.target))


# Compiling takes most of a minute.
@pytest.mark.parametrize("codegen", ["numpy", pytest.param("cython", marks=pytest.mark.slow)])
def test_columns_sum_to_the_total(codegen):
    if codegen == "cython":
        pytest.importorskip("Cython")
    prefs.codegen.target = codegen
    net, synapses, _ = network()
    before = np.array(synapses.w)
    net.run(1 * ms, namespace={})
    np.testing.assert_allclose(sums(synapses), 3.5, rtol=1e-12)
    columns = np.bincount(synapses.j, weights=before)
    np.testing.assert_allclose(synapses.w, before * 3.5 / columns[synapses.j], rtol=1e-12)


def test_it_repeats_at_every_interval_and_can_be_switched_off():
    net, synapses, operations = network()
    net.run(5 * ms, namespace={})
    synapses.w = "0.5"
    net.run(5 * ms, namespace={})
    np.testing.assert_array_equal(synapses.w, 0.5)
    net.run(5 * ms, namespace={})
    np.testing.assert_allclose(sums(synapses), 3.5, rtol=1e-12)
    for operation in operations:
        operation.active = False
    synapses.w = "0.5"
    net.run(10 * ms, namespace={})
    np.testing.assert_array_equal(synapses.w, 0.5)


def test_weights_of_either_sign_are_given_a_length():
    net, synapses, _ = network(norm="length")
    synapses.w = np.random.default_rng(2).normal(size=len(synapses))
    synapses.w["j == 2"] = 0
    before = np.array(synapses.w)
    net.run(1 * ms, namespace={})
    lengths = np.sqrt(np.bincount(synapses.j, weights=np.array(synapses.w) ** 2))
    np.testing.assert_allclose(lengths, [3.5, 3.5, 0, 3.5], rtol=1e-12)
    assert (np.sign(synapses.w) == np.sign(before)).all()


def test_it_comes_before_everything_else_in_the_step():
    source = SpikeGeneratorGroup(1, [0], [0] * ms)
    target = NeuronGroup(1, "g_e : 1\nw_total : 1", threshold="False")
    synapses = PairSTDP().synapses(source, target, acts_on="g_e", w_max=10)
    synapses.connect()
    synapses.w = 1
    normalise_incoming(synapses, total=2, every=1 * ms)
    monitor = StateMonitor(target, "g_e", record=True, when="end")
    Network(source, target, synapses, monitor).run(0.1 * ms, namespace={})
    assert monitor.g_e[0, 0] == 2


def test_a_neuron_without_weight_keeps_its_zeros():
    net, synapses, _ = network()
    synapses.w["j == 2"] = 0
    net.run(1 * ms, namespace={})
    np.testing.assert_allclose(sums(synapses), [3.5, 3.5, 0, 3.5], rtol=1e-12)


def test_a_subgroup_is_normalised_through_its_parent():
    source = SpikeGeneratorGroup(3, [], [] * ms)
    target = NeuronGroup(4, "g_e : 1\nw_total : 1")
    synapses = Synapses(source, target[1:3], "w : 1")
    synapses.connect()
    synapses.w = 1
    normalise_incoming(synapses, total=6, every=1 * ms)
    Network(source, target, synapses).run(0.1 * ms, namespace={})
    np.testing.assert_allclose(synapses.w, 2, rtol=1e-12)
    np.testing.assert_allclose(target.w_total, [0, 3, 3, 0])


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"variable": "sum_of_w"}, ValueError, "has no variable 'sum_of_w'"),
        ({"norm": "max"}, ValueError, "norm = 'max' is not known; choose from sum, length"),
        ({"total": 0}, ValueError, "total = 0 is out of range"),
        ({"total": float("nan")}, ValueError, "total = nan is not finite"),
        ({"every": 5}, TypeError, "every = 5 is of the wrong unit"),
        ({"every": -1 * ms}, ValueError, r"every = -1\. ms is out of range"),
    ],
)
def test_wrong_arguments_are_refused(arguments, error, words):
    _, synapses, _ = network()
    with pytest.raises(error, match=words):
        normalise_incoming(synapses, **({"total": 1, "every": 1 * ms} | arguments))


def test_synapses_without_weights_are_refused():
    target = NeuronGroup(2, "w_total : 1")
    with pytest.raises(ValueError, match="normalise_incoming: bare has no variable 'w'"):
        normalise_incoming(Synapses(target, target, name="bare"), total=1, every=1 * ms)


def test_two_projections_may_not_share_the_sum():
    _, synapses, _ = network()
    other = Synapses(synapses.source, synapses.target, "w : 1")
    with pytest.raises(ValueError, match=r"'w_total' of .* is in use by other synapses"):
        normalise_incoming(other, total=1, every=1 * ms)
