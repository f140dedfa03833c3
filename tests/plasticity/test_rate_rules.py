"""Rules for rate units: single steps by hand, devices, quick verification, bad input."""

import numpy as np
import pytest
from brian2 import Network, NeuronGroup, ms, second, set_device

from experiments.verification import rate_rules
from experiments.verification.section import failures
from spikeplast.plasticity import BCM, HardBounds, Hebb, Oja, Sanger, SoftBounds

from .both_devices import weights_on_both

X, W = np.array([1.0, -0.5]), np.array([[0.3, 0.2, -0.1], [0.1, -0.4, 0.6]])
RULES = [Hebb(), Oja(eta=2 / second), Sanger(eta=2 / second), BCM(tau_theta=1 * ms)]


def units(rule, **kwargs):
    source = NeuronGroup(2, "x : 1\nexplained : 1")
    source.x = X
    target = NeuronGroup(3, "y : 1\n" + rule.target_equations)
    synapses = rule.synapses(source, target, acts_on="y", **kwargs)
    synapses.connect()
    synapses.w = W.ravel()
    return source, target, synapses


def expected(rule, w, theta):
    """One step of 0.1 ms."""
    y = X @ w
    rate = float(rule.eta * 0.1 * ms)
    if isinstance(rule, Oja):
        return w + rate * (np.outer(X, y) - w * y**2), theta
    if isinstance(rule, Sanger):
        explained = np.cumsum(w * y, axis=1)
        return w + rate * y * (X[:, None] - explained), theta
    if isinstance(rule, BCM):
        theta = y**2 + (theta - y**2) * np.exp(-0.1)
        return w + rate * np.outer(X, y * (y - theta)), theta
    return w + rate * np.outer(X, y), theta


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
def test_both_devices_and_the_formula(rule):
    found, _ = weights_on_both(lambda: units(rule), duration=2 * ms)
    w, theta = W, np.zeros(3)
    for _ in range(20):
        w, theta = expected(rule, w, theta)
    np.testing.assert_allclose(found, w.ravel(), rtol=1e-10)
    assert rule.citation


def test_bounds_and_the_learning_rate():
    set_device("numba")
    source, target, synapses = units(Hebb(eta=1000 / second), bounds=HardBounds(-0.5, 0.5))
    network = Network(source, target, synapses)
    synapses.learning_rate = 0
    network.run(1 * ms, namespace={})
    np.testing.assert_array_equal(synapses.w[:], W.ravel().clip(-0.5, 0.5))
    synapses.learning_rate = 1
    network.run(200 * ms, namespace={})
    np.testing.assert_array_equal(np.abs(synapses.w[:]), 0.5)


def test_eigenvectors_and_selectivity():
    set_device("numba")
    assert failures(rate_rules.rows(rate_rules.measure(quick=True))) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"acts_on": "v"}, "Oja: acts_on = 'v' is not known; give 'y' or None"),
        ({"acts_on": "y", "w_max": 1}, "Oja: w_max = 1 has no lower bound"),
        ({"acts_on": "y", "bounds": SoftBounds()}, "Oja: bounds = SoftBounds"),
    ],
)
def test_bad_input(arguments, words):
    source, target = NeuronGroup(2, "x : 1"), NeuronGroup(3, "y : 1")
    with pytest.raises(ValueError) as refused:
        Oja().synapses(source, target, **arguments)
    assert words in str(refused.value)


def test_missing_variables():
    source, target = NeuronGroup(2, "x : 1"), NeuronGroup(3, "z : 1")
    with pytest.raises(ValueError, match="has no variable 'y' "):
        Hebb().synapses(source, target, acts_on=None)
    with pytest.raises(ValueError, match="has no variable 'x' without unit"):
        Hebb().synapses(target, source, acts_on=None)
    with pytest.raises(ValueError, match="has no variable 'explained'"):
        Sanger().synapses(source, target, acts_on=None)
    with pytest.raises(ValueError, match="no variable 'theta_m', which the rule needs; make"):
        BCM().synapses(source, NeuronGroup(1, "y : 1"), acts_on=None)
