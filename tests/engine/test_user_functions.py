"""Functions of the user's: those that are compiled give what NumPy gives, and none other is."""

import math

import numpy as np
import pytest
from brian2 import (
    Function,
    Network,
    NeuronGroup,
    amp,
    check_units,
    exp,
    implementation,
    ms,
    mV,
    network_operation,
    set_device,
    volt,
    where,
)

import spikeplast
from spikeplast.engine.python_source import NotCompilable
from spikeplast.engine.user_functions import translate

slope, count = 7 * mV, 3


@check_units(v=volt, result=1)
def with_units(v):
    """Units, numbers from outside, an assignment."""
    ratio = v / slope
    ratio = np.tanh(ratio) + where(ratio > 0.5, 1.0, -1.0) * exp(-(ratio**2))
    return ratio * count / (2 * 3)


@check_units(v=volt, x=1, result=1)
def calls_another(v, x):
    return with_units(v) / 2 * ((x > 0.2) & ~(v > 5 * mV)) + (1 - (x < 0)) * 0.5


@implementation("numpy", discard_units=True)
@check_units(v=volt, result=volt)
def without_units(v):
    return v * 0.5 + 2 * mV


@check_units(x=1, result=1)
def remainders(x):
    return x % 0.7 + (-x) // 0.3 + x % (-0.4)


@check_units(x=1, result=1)
def bounded(x):
    return np.clip(x, 0.1, 0.6) + np.minimum(x, 0.3) * np.sign(x) + np.where(np.isnan(x), 7.0, 0.0)


@check_units(x=1, result=1)
def rounded(x):
    return np.floor(x * 1e30) + np.ceil(x) + np.rint(x) + 1 / x + abs(x)


@check_units(x=1, i=1, result=1)
def of_integers(x, i):
    return x * i + i / 4 + np.sqrt(x) + np.log(x) + x**3 + x**-1.5 + 10**12 * x + 2**70


@check_units(x=1, result=bool)
def is_large(x):
    return np.logical_not(x < 0.5)


def multiple(k):
    return Function(lambda x: k * x, arg_units=[1], return_unit=1)


triple = multiple(3.0)
SPECIAL = [0.0, -0.0, np.inf, -np.inf, np.nan, 1e300, -1e300, 1e-310, *np.linspace(-2, 2, 24)]


def evaluate(name, **options):
    set_device(name, **options)
    cells = NeuronGroup(len(SPECIAL), "x : 1\n" + "\n".join(f"y{k} : 1" for k in range(9)))
    cells.x = SPECIAL
    cells.run_regularly(
        """
        y0 = with_units(x*volt)
        y1 = calls_another(x*volt, x)
        y2 = without_units(x*volt)/volt
        y3 = remainders(x)
        y4 = bounded(x)
        y5 = rounded(x)
        y6 = of_integers(x, i)
        y7 = int(is_large(x))
        y8 = triple(x) + triple(t/ms)
        """
    )
    network = Network(cells)
    with np.errstate(all="ignore"):
        network.run(0.2 * ms)
    return network, np.array([cells.state(f"y{k}")[:] for k in range(9)])


def test_compiled_functions_give_what_numpy_gives():
    _, expected = evaluate("runtime")
    # Of denormal numbers NumPy makes other ones, the loop would make nothing.
    network, found = evaluate("numba", optimize={"flush_denormals": False})
    ((_, place, how),) = spikeplast.explain(network).objects
    assert place == "the loop" and "calls_another(), is_large()" in how
    np.testing.assert_allclose(found, expected, rtol=1e-13)


def branches(x):
    if x > 0:
        return x
    return -x


def in_place(x):
    x += 1
    return x


def asks_for_size(x):
    return x + x.size


def draws(x):
    return x + np.random.rand()


def looks_at_neighbours(x):
    return np.cumsum(x)


def adds_integers(i):
    return 1.0 * (i + 1)


def calls_itself(x):
    return calls_itself(x)


def for_numbers_only(x):
    return math.exp(x)


def wrong_units(x):
    return x + slope


def of_a_list(x):
    return x * LIST[0]


LIST = [1]


@pytest.mark.parametrize(
    ("python", "kind", "reason"),
    [
        (branches, "float", "if x > 0"),
        (in_place, "float", "x \\+= 1"),
        (asks_for_size, "float", "x.size"),
        (draws, "float", "np.random.rand"),
        (looks_at_neighbours, "float", "np.cumsum"),
        (adds_integers, "integer", "integer and whole number"),
        (calls_itself, "float", "calls itself"),
        (for_numbers_only, "float", "math.exp"),
        (wrong_units, "float", "fails for arrays"),
        (of_a_list, "float", r"LIST\[0\]"),
        (eval("lambda x: x"), "float", "source"),
        (np.sin, "float", "no Python function"),
    ],
)
def test_functions_that_stay_python(python, kind, reason):
    function = Function(python, arg_units=[1], return_unit=1)
    function.implementations.add_numpy_implementation(python)
    with pytest.raises(NotCompilable, match=reason):
        translate(function, None, (kind,))


@pytest.mark.parametrize("device", ["runtime", "numba"])
def test_numbers_of_a_function_may_change(device, monkeypatch):
    set_device(device)
    monkeypatch.setitem(globals(), "count", 6)
    cells = NeuronGroup(1, "y : 1")
    cells.run_regularly("y += with_units(1*volt)", when="end")

    @network_operation(dt=0.2 * ms)
    def change():
        globals()["count"] += 6

    network = Network(cells, change)
    network.run(0.4 * ms)
    assert cells.y[0] == pytest.approx((12 + 12 + 18 + 18) / 6)
    change.active = False
    monkeypatch.setitem(globals(), "count", 0.6)
    network.run(0.1 * ms)
    assert cells.y[0] == pytest.approx(10.1)
    # A number of other units is noticed as NumPy code notices it.
    monkeypatch.setitem(globals(), "count", 1 * amp)
    with pytest.raises(Exception, match=r"with_units|object"):
        network.run(0.1 * ms)


def test_a_function_that_stays_python_is_warned_of():
    set_device("numba")
    stays = Function(branches, arg_units=[1], return_unit=1)
    cells = NeuronGroup(1, "y : 1", name="cells", namespace={"stays": stays})
    cells.run_regularly("y = stays(y)", name="slow_code")
    with pytest.warns(UserWarning, match=r"'slow_code' runs in Python.*stays\(\).*if x > 0"):
        spikeplast.explain(Network(cells))


def test_functions_for_other_targets_are_refused():
    set_device("numba")

    @implementation("cpp", "double foreign(double x) { return x; }")
    @check_units(x=1, result=1)
    def foreign(x):
        raise NotImplementedError

    cells = NeuronGroup(1, "dx/dt = foreign(x)/second : 1", method="euler")
    with pytest.raises(Exception, match="preparing") as caught:
        Network(cells).run(1 * ms)
    assert "'foreign' has code for cpp only" in str(caught.value.__cause__)
    with pytest.raises(NotImplementedError, match=r"foreign\.implementations"):
        cells.x = "foreign(i)"
