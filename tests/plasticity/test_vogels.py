"""Inhibitory plasticity: changes written out by hand, drift, balance, bounds."""

from math import exp

import numpy as np
import pytest
from brian2 import Hz, ms, set_device

from experiments.verification import vogels
from experiments.verification.section import failures
from spikeplast.plasticity import HardBounds, PowerLawBounds, SoftBounds, Vogels

from .both_devices import WAITS, leaky_cells, random_inputs, weights_on_both

RULE = Vogels(eta=0.1, rho_0=5 * Hz)
ALPHA = 2 * 5 * 0.02


@pytest.mark.usefixtures("loop_in_python")
def test_both_devices_and_waiting():
    def build():
        inputs, cells = random_inputs(), leaky_cells()
        synapses = RULE.synapses(inputs, cells, acts_on=None, w_max=3)
        synapses.connect()
        synapses.w = 0.1
        return inputs, cells, synapses

    _, kept = weights_on_both(build)
    assert kept["w"] == WAITS


def test_either_order_potentiates_and_each_presynaptic_spike_costs_alpha(weight_after):
    potentiation = 0.1 * exp(-10 / 20)
    for pre, post in ([20], [30]), ([30], [20]):
        change = weight_after(RULE, pre, post)
        assert change == pytest.approx(potentiation - 0.1 * ALPHA, rel=1e-12)


def test_the_trace_is_read_before_the_jump_of_the_same_spike(weight_after):
    change = weight_after(RULE, [20, 30], [25])
    expected = 0.1 * (2 * exp(-5 / 20) - 2 * ALPHA)
    assert change == pytest.approx(expected, rel=1e-12)


def test_the_change_at_a_presynaptic_spike_is_bounded_as_one_sum(weight_after):
    found = weight_after(RULE, [30], [20], w=0.0, bounds=HardBounds(0, 3))
    assert found == pytest.approx(0.1 * (exp(-10 / 20) - ALPHA), rel=1e-12)
    # Depression alone ends at 0, potentiation at w_max.
    assert weight_after(RULE, [30], [200], w=0.01, bounds=HardBounds(0, 3)) < 1e-4
    assert weight_after(RULE, [30], [31], w=0.5, bounds=HardBounds(0, 0.5)) == 0.5


@pytest.mark.parametrize("bounds", [SoftBounds(-1, 3), PowerLawBounds(-1, 3, 0.5, 2)])
def test_the_sign_of_the_sum_says_which_bound_is_ahead(weight_after, bounds):
    mu_plus, mu_minus = (0.5, 2) if isinstance(bounds, PowerLawBounds) else (1, 1)
    rising = 0.1 * (exp(-10 / 20) - ALPHA)
    assert rising > 0
    found = weight_after(RULE, [30], [20], w=[0, 2, 3], bounds=bounds)
    after = np.array([0, 2, 3]) + rising * np.array([0.75, 0.25, 0]) ** mu_plus
    np.testing.assert_allclose(found, after, rtol=1e-12)
    found = weight_after(RULE, [30], [900], w=[-1, 0, 2], bounds=bounds)
    after = np.array([-1, 0, 2]) - 0.1 * ALPHA * np.array([0, 0.25, 0.75]) ** mu_minus
    np.testing.assert_allclose(found, after, rtol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [({"rho_0": 0 * Hz}, ValueError), ({"rho_0": 5}, TypeError), ({"tau": -1 * ms}, ValueError)],
)
def test_bad_parameters(arguments, error):
    with pytest.raises(error, match="Vogels: "):
        Vogels(**arguments)


def test_drift_and_balance():
    set_device("numba")
    assert failures(vogels.rows(vogels.measure(quick=True))) == []
