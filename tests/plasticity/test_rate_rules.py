"""Rules for rate units: single steps by hand, devices, quick verification, bad input."""

import numpy as np
import pytest
from brian2 import Network, NeuronGroup, ms, second, set_device

from experiments.verification import nonlinear_hebbian, rate_rules
from experiments.verification.section import failures
from spikeplast.plasticity import (
    BCM,
    HardBounds,
    Hebb,
    NonlinearHebbian,
    Oja,
    Sanger,
)
from spikeplast.plasticity.nonlinear_hebbian import NONLINEARITIES

from .both_devices import weights_on_both

X, W = np.array([1.0, -0.5]), np.array([[0.3, 0.2, -0.1], [0.1, -0.4, 0.6]])
RULES = [
    Hebb(),
    Oja(eta=2 / second),
    Sanger(eta=2 / second),
    BCM(tau_theta=1 * ms),
    NonlinearHebbian.quadratic_rectifier(0.1, 0.2, eta=100 / second),
]
#: The paper's nonlinearities, written anew.
F = {
    "linear rectifier": lambda u: np.maximum(u - 3, 0),
    "quadratic rectifier": lambda u: np.where(u > 0.5, (u - 0.5) * (u - 1) / 10, 0),
    "L0": lambda u: np.where(u > 3, u, 0),
    "Cauchy": None,
    "negative sigmoid": lambda u: -np.tanh(u) / 2,
    "cubic": lambda u: u**3 / 100,
    "negative sine": lambda u: -np.sin(u),
    "linear": lambda u: u,
    "symmetric rectifier": lambda u: np.maximum(abs(u) - 2, 0),
    "negative cosine": lambda u: -np.cos(u),
}


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
    if isinstance(rule, NonlinearHebbian):
        return w + rate * np.outer(X, np.where(y > 0.1, (y - 0.1) * (y - 0.2) / 10, 0)), theta
    return w + rate * np.outer(X, y), theta


@pytest.mark.usefixtures("loop_in_python")
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


def test_the_nonlinearities_of_the_paper():
    """All of them at once, as subexpressions of a group whose `u` is given."""
    rules = {(name, sign): NonlinearHebbian.named(name, sign=sign)
             for name in NONLINEARITIES for sign in (1, -1)}  # fmt: skip
    lines = [f"f_{k} = {rule.f} : 1" for k, rule in enumerate(rules.values())]
    u = np.array([-9.0, -3.5, -2, -0.7, -0.1, 0.1, 0.4, 0.6, 0.9, 1.5, 2.5, 3.2, 5, 9])
    group = NeuronGroup(len(u), "\n".join(["u : 1", *lines]))
    group.u = u
    for k, (name, sign) in enumerate(rules):
        found = sign * np.array(getattr(group, f"f_{k}")[:])
        if name == "Cauchy":
            assert (found[u < 0] == 0).all() and (found[u > 0] > 0).all()
            inverse = found + 2 * 3.2 * found / (1 + found**2)
            np.testing.assert_allclose(inverse[u > 0], u[u > 0], rtol=1e-9)
        else:
            np.testing.assert_allclose(found, F[name](u), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: NonlinearHebbian(f="u * k"), "is a function of k, u; expected one of u alone"),
        (lambda: NonlinearHebbian(f="2"), "is a function of nothing; expected one of u alone"),
        (lambda: NonlinearHebbian(f="u +"), "f = 'u +' is not an expression"),
        (lambda: NonlinearHebbian.named("cube"), "name = 'cube' is not known; choose from linear"),
        (lambda: NonlinearHebbian.named("cubic", sign=2), "sign = 2 is neither 1 nor -1"),
        (
            lambda: NonlinearHebbian.quadratic_rectifier(2, 1),
            "quadratic_rectifier: theta_1 = 2 is not below theta_2 = 1",
        ),
    ],
)
def test_bad_nonlinearities(make, words):
    with pytest.raises(ValueError) as refused:
        make()
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_two_nonlinearities_on_one_group_are_refused():
    rule = NonlinearHebbian.named("cubic")
    source = NeuronGroup(2, "x : 1")
    target = NeuronGroup(3, "y : 1\n" + rule.target_equations)
    rule.synapses(source, target, acts_on="y")
    rule.synapses(source, target, acts_on=None)
    with pytest.raises(ValueError, match="already has a rule of this kind that does something"):
        NonlinearHebbian.named("linear").synapses(source, target, acts_on=None)


def test_participation_of_known_filters():
    one_pixel, flat = np.zeros((256, 3)), np.ones((256, 3))
    one_pixel[7] = 2
    assert nonlinear_hebbian.participation(one_pixel) == pytest.approx(1 / 256)
    assert nonlinear_hebbian.participation(flat) == pytest.approx(1)
    wave = np.cos(2 * np.pi * np.arange(16) * 3 / 16)[:, None] * np.ones(16)
    spectrum = nonlinear_hebbian._spectrum(wave.reshape(256, 1))
    assert nonlinear_hebbian.participation(spectrum) == pytest.approx(2 / 256)


def test_localised_filters_and_the_spiking_form():
    # Compiling takes longer than running here, and half as long without the passes.
    set_device("numba", optimize=False)
    rows = nonlinear_hebbian.rows(nonlinear_hebbian.measure(quick=True))
    assert len(rows) == 5
    assert failures(rows) == []


def test_eigenvectors_and_selectivity():
    set_device("numba")
    assert failures(rate_rules.rows(rate_rules.measure(quick=True))) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"acts_on": "v"}, "Oja: acts_on = 'v' is not known; give 'y' or None"),
        ({"acts_on": "y", "w_max": 1}, "Oja: w_max = 1 has no lower bound"),
        ({"acts_on": "y", "gain": np.inf}, "Oja: gain = inf is not finite"),
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
    twice = NeuronGroup(2, "x : 1\nexplained : 1")
    Sanger().synapses(twice, NeuronGroup(3, "y : 1"), acts_on="y")
    with pytest.raises(ValueError, match=r"'explained' of .* is in use by other synapses"):
        Sanger().synapses(twice, NeuronGroup(3, "y : 1"), acts_on="y")
    with pytest.raises(ValueError, match="no variable 'theta_m', which the rule needs; make"):
        BCM().synapses(source, NeuronGroup(1, "y : 1"), acts_on=None)
