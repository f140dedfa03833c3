"""exp, exprel and powers for several cells at once."""

from decimal import Decimal, localcontext

import numpy as np
import pytest
from brian2 import Network, NeuronGroup, ms, prefs, set_device
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

import spikeplast
from spikeplast.engine.kernels import vector_exp, vector_exprel
from spikeplast.neurons import TraubMilesHH
from tests import THOROUGH


@njit
def all_exp(x, result):
    for k in range(x.size):
        result[k] = vector_exp(x[k])


@njit
def all_exprel(x, result):
    for k in range(x.size):
        result[k] = vector_exprel(x[k])


def units_in_the_last_place(found, true):
    return max(
        abs(Decimal(float(f)) - t) / Decimal(float(np.spacing(abs(float(t)))))
        for f, t in zip(found, true, strict=True)
    )


@pytest.mark.parametrize("function", [all_exp, all_exprel])
def test_accuracy(function):
    rng = np.random.default_rng(1)
    x = np.concatenate(
        [rng.uniform(-706, 709, 2000), rng.uniform(-1, 1, 2000), 1e-6 * rng.normal(size=500)]
    )
    found = np.empty_like(x)
    function(x, found)
    with localcontext() as context:
        context.prec = 60
        true = [Decimal(float(each)).exp() for each in x]
        if function is all_exprel:
            true = [(t - 1) / Decimal(float(each)) for t, each in zip(true, x, strict=True)]
        assert units_in_the_last_place(found, true) < 2


def test_the_ends_of_the_range():
    x = np.array([-np.inf, -1e300, -707.1, -0.0, 0.0, 5e-324, 1e-17, 709.78, 709.8, 1e300, np.inf])
    found = np.empty_like(x)
    all_exp(x, found)
    np.testing.assert_allclose(found, [0, 0, 0, 1, 1, 1, 1, np.exp(709.78), *[np.inf] * 3])
    all_exprel(x[3:], found[3:])
    assert found[3:7].tolist() == [1, 1, 1, 1]
    assert found[-2:].tolist() == [np.inf, np.inf]
    nothing = np.array([np.nan])
    for function in (all_exp, all_exprel):
        function(nothing, found[:1])
        assert np.isnan(found[0])


def outcome(expressions, optimize, n=20):
    set_device("numba", optimize=optimize)
    x = np.random.default_rng(2).uniform(-3, 3, n)
    equations = [f"y{k} = {text} : 1 (constant over dt)" for k, text in enumerate(expressions)]
    cells = NeuronGroup(n, "\n".join(["x : 1", *equations]))
    cells.x = x
    network = Network(cells)
    network.run(1 * ms)
    return [np.array(getattr(cells, f"y{k}")) for k in range(len(expressions))], network


def reported(network):
    explanation = spikeplast.explain(network)
    return [what for name, _, what in explanation.passes if name == "vector_functions"]


terms = st.recursive(
    st.sampled_from(["x", "0.7", "(x - 2.5)", "x**2", "x**3", "x**8", "abs(x)**0.5"]),
    lambda inner: (
        inner.map("exp({})".format)
        | inner.map("exprel(0.3*({}))".format)
        | inner.map("exp(0.1*({}))**0.25".format)
        | st.tuples(inner, st.sampled_from(["+", "*"]), inner).map(" ".join).map("({})".format)
        | st.tuples(inner, inner).map(lambda pair: "({})/(2 + exp(-({})))".format(*pair))
    ),
    max_leaves=6,
)


@settings(max_examples=20 if THOROUGH else 2, deadline=None)
@given(st.lists(terms, min_size=8, max_size=8))
def test_values(expressions):
    expected, _ = outcome(expressions, optimize=False)
    found, _ = outcome(expressions, optimize=True)
    for text, e, f in zip(expressions, expected, found, strict=True):
        # Errors of the last places grow with each exp around them by as much as its argument.
        usual = np.isfinite(e) & (np.abs(e) > 1e-290)
        np.testing.assert_allclose(f[usual], e[usual], rtol=1e-9, err_msg=text)


def test_what_is_changed_and_what_is_not():
    _, network = outcome(["exp(x)", "x**4"], True)
    assert reported(network) == ["for several cells at once: exp, powers"]
    # pow rounds these once.
    expressions = ["x**9", "x**2.5"]
    expected, _ = outcome(expressions, optimize=False)
    found, network = outcome(expressions, optimize=True)
    assert reported(network)[0].startswith("nothing to do")
    np.testing.assert_array_equal(found, expected)


def test_single_precision_is_left_alone():
    prefs.core.default_float_dtype = np.float32
    try:
        _, network = outcome(["exp(x)"], True)
    finally:
        prefs.core.default_float_dtype = np.float64
    assert reported(network)[0].startswith("nothing to do")


def test_channels():
    voltages = []
    for optimize in (False, {"vector_functions": True}):
        set_device("numba", optimize=optimize)
        cells = TraubMilesHH().group(5)
        cells.I_ext = "0.4*nA + i*0.1*nA"
        Network(cells).run(10 * ms)
        voltages.append(np.array(cells.v))
    np.testing.assert_allclose(voltages[1], voltages[0], rtol=1e-9)
    assert np.ptp(voltages[0]) > 1e-3
