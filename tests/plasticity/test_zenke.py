"""Orchestrated plasticity: changes by hand, consolidation, devices, bad input."""

from math import exp

import numpy as np
import pytest
from brian2 import Hz, Network, NeuronGroup, SpikeGeneratorGroup, ms, second, set_device

from experiments.verification import zenke
from experiments.verification.section import failures
from spikeplast.neurons import ConductanceLIF
from spikeplast.plasticity import NoBounds, Zenke

from .both_devices import random_inputs, weights_on_both

STRONG = {"A": 0.1, "beta": 0.3, "delta": 0.01, "every": 50 * ms, "tau_con": 1 * second}


def cells_firing_at(times, rule, n=1):
    """Cells that fire at `times` (ms)."""
    cells = NeuronGroup(
        n, "x : 1\n" + rule.target_equations, threshold="x > 0", reset="x = 0", refractory=0.1 * ms
    )
    for time in times:
        cells.run_regularly(f"x += int(abs(t - {time}*ms) < dt/2)", when="start")
    return cells


@pytest.mark.usefixtures("loop_in_python")
def test_both_devices():
    rule = Zenke(**STRONG, tau_hom=0.2 * second, kappa=3 * Hz)

    def build():
        inputs = random_inputs()
        cells = cells_firing_at([20, 30, 90, 91, 140, 200], rule, 3)
        synapses = rule.synapses(inputs, cells, acts_on=None, w_max=2)
        synapses.connect()
        synapses.w = "0.1 + 0.02*i + 0.1*j"
        return inputs, cells, synapses

    weights_on_both(build)
    weights_on_both(build, variable="w_solid")


def test_the_terms_by_hand():
    set_device("numba")
    rule = Zenke(**(STRONG | {"every": 0.9 * second}), tau_hom=1e9 * second, kappa=2 * Hz)
    source = SpikeGeneratorGroup(1, [0, 0], [20, 50] * ms)
    cells = cells_firing_at([10, 30], rule)
    synapses = rule.synapses(source, cells, acts_on=None, bounds=NoBounds())
    synapses.connect()
    synapses.w, synapses.w_solid = 0.5, 0.3
    Network(source, cells, synapses).run(60 * ms, namespace={})
    # At t = 0 the consolidated weight has moved once.
    solid = 0.3 + 0.9 * (0.2 + 20 * (-0.3) * (0.25 - 0.3) * (0.5 - 0.3))
    w = 0.5 + 0.01 - 0.1 * 0.25 * exp(-10 / 20)
    w += 0.1 * exp(-20 / 100) * exp(-10 / 20) - 0.3 * exp(-20 / 20) ** 3 * (w - solid)
    w += 0.01 - 0.1 * 0.25 * (exp(-40 / 20) + exp(-20 / 20))
    assert synapses.w_solid[0] == pytest.approx(solid, rel=1e-12)
    assert synapses.w[0] == pytest.approx(w, rel=1e-9)


def test_consolidation_has_two_stable_values():
    set_device("numba")
    rule = Zenke(tau_con=1 * second, every=10 * ms, P=200)
    source = SpikeGeneratorGroup(1, [], [] * ms)
    cells = cells_firing_at([], rule, 4)
    synapses = rule.synapses(source, cells, acts_on=None)
    synapses.connect()
    synapses.w_solid = synapses.w = [0.1, 0.2, 0.3, 0.45]
    # The labile weight follows, as if nothing else acted on it.
    synapses.run_regularly("w = w_solid", dt=10 * ms, order=4)
    Network(source, cells, synapses).run(3 * second, namespace={})
    np.testing.assert_allclose(synapses.w_solid[:], [0, 0, 0.5, 0.5], atol=1e-3)


def test_a_network_keeps_its_rate_and_does_not_without_the_heterosynaptic_term():
    # Compiling takes longer than running here, and half as long without the passes.
    set_device("numba", optimize=False)
    assert failures(zenke.rows(zenke.measure(quick=True))) == []


def test_bad_input():
    with pytest.raises(ValueError, match=r"w_a = 0, w_b = 0\.6, w_c = 0\.5 do not ascend"):
        Zenke(w_b=0.6)
    with pytest.raises(ValueError, match=r"every = .* is not below tau_con"):
        Zenke(every=2000 * second)
    inputs = random_inputs()
    with pytest.raises(ValueError, match="has no variable 'nu_hom', which the rule needs; make"):
        Zenke().synapses(inputs, ConductanceLIF().group(1), acts_on="g_e")
