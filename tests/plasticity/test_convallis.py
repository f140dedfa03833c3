"""The Convallis rule: a reference step by step, quick verification, bad input."""

from math import exp

import numpy as np
import pytest
from brian2 import Network, SpikeGeneratorGroup, ms, mV, second, set_device

from experiments.verification import convallis
from experiments.verification.section import failures
from spikeplast.neurons import ConductanceLIF
from spikeplast.plasticity import Convallis, SoftBounds

from .both_devices import WAITS, random_inputs, weights_on_both

RULE = Convallis.speech(every=50 * ms, step=2, tau_r=0.1 * second)


def cells_of(rule, n=3):
    model = ConductanceLIF(
        v_rest=-70 * mV, v_reset=-60 * mV, v_threshold=-50 * mV, refractory=3 * ms
    )
    return model.group(n, extra_equations=rule.target_equations, name="cells")


@pytest.mark.usefixtures("loop_in_python")
@pytest.mark.parametrize("bounds", [None, SoftBounds(0, 0.6)])
def test_both_devices_and_waiting(bounds):
    def build():
        inputs, cells = random_inputs(), cells_of(RULE)
        synapses = RULE.synapses(inputs, cells, acts_on="g_e", bounds=bounds)
        synapses.connect()
        synapses.w = "0.2 + 0.02*i + 0.1*j"
        return inputs, cells, synapses

    _, kept = weights_on_both(build)
    assert kept["psi"] == WAITS
    assert kept["p"] == kept["q"] == "per presynaptic neuron"


@pytest.mark.usefixtures("loop_in_python")
def test_the_reference():
    """Two inputs, one cell held at -55 mV without spikes: psi, its shrinkage, the weights."""
    set_device("numba")
    rule = Convallis.speech(k_p=0, k_i=0 / second, every=20 * ms, shrinkage=0.5, step=3)
    cells = cells_of(rule, 1)
    cells.v = -55 * mV
    # Nothing moves the voltage: it is clamped for as long as the cell counts as refractory.
    cells.namespace["refractory"] = 1 * second
    cells.lastspike = -2 * ms
    inputs = SpikeGeneratorGroup(2, [0, 1], [0.1, 15] * ms)
    synapses = rule.synapses(inputs, cells, acts_on=None)
    synapses.connect()
    synapses.w = 0.5
    Network(inputs, cells, synapses).run(20.1 * ms, namespace={})
    gain = 4 / (1 + exp(4.5)) - 1 / (1 + exp(-5))
    peak = np.log(4) * 20 / 3
    scale = 1 / (exp(-peak / 20) - exp(-peak / 5))

    def psi(spike_step):
        steps = np.arange(200 - spike_step - 1) * 0.1
        return gain * scale * np.sum(np.exp(-steps / 20) - np.exp(-steps / 5)) * 1e-4

    assert gain < 0
    large, small = psi(1), psi(150)
    assert abs(small) < 0.5 * abs(large)
    np.testing.assert_allclose(synapses.w[:], [0.5 + 3 * 0.5 * large, 0.5], rtol=1e-9)


def test_a_spike_counts_as_v_spike_and_in_the_rate():
    set_device("numba")
    rule = Convallis.speech(tau_r=100 * second, k_i=0 / second, every=50 * ms)
    cells = cells_of(rule, 1)
    cells.v = -40 * mV
    inputs = random_inputs()
    synapses = rule.synapses(inputs, cells, acts_on=None)
    synapses.connect()
    network = Network(inputs, cells, synapses)
    found = []
    for _ in range(13):
        network.run(0.1 * ms, namespace={})
        found.append(float(cells.convallis_gain[0]))
    # In its first step the voltage is above the threshold; then -40 mV for 1 ms; then reset.
    np.testing.assert_allclose(found, [3.0] * 11 + [-0.5] * 2, atol=0.01)
    rate = 10 * (1 - 1.3e-5) + 0.01
    assert cells.convallis_rate[0] == pytest.approx(rate, rel=1e-6)


@pytest.mark.slow
def test_selectivity_and_signs():
    set_device("numba")
    assert failures(convallis.rows(convallis.measure(quick=True))) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"tau_q": 20 * ms}, "tau_q = 20. ms is not below tau_p"),
        ({"theta_LTD": -50 * mV}, "theta_LTD = -50. mV is not below theta_LTP"),
        ({"shrinkage": 1.5}, "Convallis: shrinkage = 1.5 is out of range"),
        ({"slope": 0 * mV}, "Convallis: slope = 0. V is out of range"),
    ],
)
def test_bad_parameters(arguments, words):
    with pytest.raises(ValueError) as refused:
        Convallis(**arguments)
    assert words in str(refused.value)


def test_a_target_without_its_variables_is_refused():
    with pytest.raises(ValueError, match="no variable 'convallis_gain', which the rule needs; mak"):
        RULE.synapses(random_inputs(), ConductanceLIF().group(1), acts_on="g_e")
