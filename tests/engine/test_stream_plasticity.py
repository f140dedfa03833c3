"""Streamed plasticity: against the program without it, inside and outside of its precondition."""

import numpy as np
import pytest
from brian2 import (
    Network,
    NeuronGroup,
    SpikeGeneratorGroup,
    StateMonitor,
    Synapses,
    ms,
    network_operation,
    set_device,
)
from hypothesis import given, settings
from hypothesis import strategies as st

import spikeplast
from spikeplast.engine.passes.signs import ANY, of_expression, of_numbers
from tests import THOROUGH

pytestmark = pytest.mark.usefixtures("loop_in_python")

TRACES = """
w : 1
w_max : 1 (shared)
dr1/dt = -r1/tau_plus : 1 (event-driven)
dr2/dt = -r2/(30*ms) : 1 (event-driven)
do1/dt = -o1/(12*ms) : 1 (event-driven)
do2/dt = -o2/(40*ms) : 1 (event-driven)
"""
ON_PRE = {
    "all-to-all": "r1 += 1; r2 += 1; w = clip(w - 0.03*o1, 0, w_max)",
    "nearest": "r1 = 1; r2 = 1; w = clip(w - 0.03*o1*(1 + r2), 0, w_max)",
    "no depression": "r1 += 0.5; r2 += 1",
}
ON_POST = {
    "pair": "o1 += 1; o2 += 1; w = clip(w + A*r1, 0, w_max)",
    "triplet": "w = clip(w + r1*(A + 0.02*o2), 0, w_max); o1 += 1; o2 += 1",
    "two jumps": "o1 += 1; w = clip(w + 0.5*A*r1*o1, 0, w_max); o1 = 1; o2 += 1",
}
STREAMED = "its changes wait for the next presynaptic spike"
EAGER = "changed one synapse after the other"
NAMESPACE = {"A": 0.05, "tau_plus": 10 * ms}


def trains(n, number, rng, name):
    cells, times = rng.integers(0, n, number), rng.integers(0, 900, number)
    _, first = np.unique(np.stack([cells, times]), axis=1, return_index=True)
    return SpikeGeneratorGroup(n, cells[first], times[first] * 0.1 * ms, name=name)


def run(
    streamed,
    on_pre=ON_PRE["all-to-all"],
    on_post=ON_POST["pair"],
    namespace=NAMESPACE,
    steps=(50, 40),
    spikes=(60, 50),
    rng_seed=3,
    delay=None,
    connect="True",
    prepare=lambda synapses: None,
    between=lambda synapses: None,
    extra=lambda synapses: [],
    changing="w",
):
    """Weights, traces, and where the weight is kept."""
    set_device("numba", optimize={"stream_plasticity": streamed})
    rng = np.random.default_rng(rng_seed)
    pre, post = trains(7, spikes[0], rng, "before"), trains(5, spikes[1], rng, "after")
    synapses = Synapses(pre, post, TRACES, on_pre=on_pre, on_post=on_post, delay=delay, name="s")
    synapses.connect(connect)
    synapses.w_max = 0.5
    synapses.w = rng.random(len(synapses)) * 0.5
    prepare(synapses)
    network = Network(pre, post, synapses, *extra(synapses))
    for k, duration in enumerate(steps):
        if k:
            between(synapses)
        network.run(duration * ms, namespace=namespace)
    kept = {variable: where for _, variable, where in spikeplast.explain(network).variables}
    values = {name: np.array(getattr(synapses, name)[:]) for name in ("w", "r1", "o1", "o2")}
    return values, kept[changing] if streamed else "", network


def assert_same(kind, atol=1e-11, **options):
    expected, _, plain = run(False, **options)
    found, where, network = run(True, **options)
    assert where.startswith(kind)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=0, atol=atol, err_msg=name)
    assert np.ptp(expected["w"]) > 0.01
    return where, network, plain


# Each pair of rules is another loop to compile; all else is data.
@settings(max_examples=30 if THOROUGH else 5, deadline=None)
@given(
    rules=st.sampled_from(
        [("all-to-all", "pair"), ("nearest", "triplet"), ("no depression", "two jumps")]
    ),
    tau=st.sampled_from([0.3, 2.0, 10.0, 200.0]),
    A=st.floats(0.001, 0.3),
    steps=st.lists(st.integers(1, 60), min_size=1, max_size=4),
    spikes=st.tuples(st.integers(5, 200), st.integers(5, 200)),
    rng_seed=st.integers(0, 1000),
)
def test_inside_the_precondition(rules, tau, A, steps, spikes, rng_seed):
    options = dict(
        on_pre=ON_PRE[rules[0]],
        on_post=ON_POST[rules[1]],
        namespace={"A": A, "tau_plus": tau * ms},
        steps=steps,
        spikes=spikes,
        rng_seed=rng_seed,
    )
    expected, _, _ = run(False, **options)
    found, where, _ = run(True, **options)
    assert where == STREAMED
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=0, atol=1e-11, err_msg=name)


@pytest.mark.parametrize("options", [{"delay": 0.5 * ms}, {"connect": "(i + j) % 3 == 0"}])
def test_delay_and_sparse_connections(options):
    assert_same(STREAMED, **options)


OUTSIDE = {
    "soft bounds": dict(on_post="o1 += 1; w = clip(w + A*r1*(w_max - w), 0, w_max)"),
    "other bounds": dict(on_pre="r1 += 1; w = clip(w - 0.03*o1, 0, 0.4)"),
    "no clip before": dict(on_pre="r1 += 1; w -= 0.03*o1"),
    "a bound per synapse": dict(on_post="o1 += 1; w = clip(w + A*r1, 0, 0.5 + 0*w)"),
    "either sign": dict(on_post="o1 += 1; w = clip(w + r1*(o2 - A), 0, w_max); o2 += 0.06"),
    "of two traces": dict(on_post="o1 += 1; w = clip(w + A*r1*r2, 0, w_max)"),
    "without a trace": dict(on_post="o1 += 1; w = clip(w + A, 0, w_max)"),
    "squared": dict(on_post="o1 += 1; w = clip(w + A*r1**2, 0, w_max)"),
    "random": dict(on_post="o1 += 1; w = clip(w + A*r1*int(rand() < 2), 0, w_max)"),
    "more at the synapse": dict(on_post="o1 += 1; w = clip(w + A*r1, 0, w_max); w *= 0.99"),
}


@pytest.mark.parametrize("name", sorted(OUTSIDE))
def test_outside_the_precondition(name):
    assert_same(EAGER, **OUTSIDE[name])


def test_weights_beyond_the_bounds():
    def prepare(synapses):
        synapses.w[3] = 0.9

    where, _, _ = assert_same(EAGER, prepare=prepare)
    assert "bounds could act" in where


def test_a_negative_trace():
    def prepare(synapses):
        synapses.r1 = -0.5

    assert_same(EAGER, prepare=prepare)


def test_different_delays():
    def prepare(synapses):
        synapses.pre.delay = "0.3*ms*j"

    assert_same(EAGER, prepare=prepare)


def test_sums_without_bounds_may_have_either_sign():
    assert_same(
        STREAMED,
        on_pre="r1 += 1; w -= 0.03*o1",
        on_post="o1 += 1; w += r1*(o2 - A); o2 += 0.06",
    )


def test_only_decreasing_weights():
    assert_same(STREAMED, on_pre="r1 += 1", on_post="o1 += 1; w = clip(w - 0.02*r1, 0, w_max)")


def test_recurrent_network_whose_spikes_depend_on_weights():
    def simulate(streamed):
        optimize = {"stream_plasticity": streamed, "sample_events": False}
        set_device("numba", optimize=optimize)
        cells = NeuronGroup(
            25,
            "dv/dt = (1.3 + 0.02*i - v)/(10*ms) : 1",
            threshold="v > 1",
            reset="v = 0",
            method="exact",
        )
        synapses = Synapses(
            cells,
            cells,
            "w : 1\ndx/dt = -x/(3*ms) : 1 (event-driven)\ndy/dt = -y/(5*ms) : 1 (event-driven)",
            on_pre="v_post += w; x += 0.002; w = clip(w + y, 0, 0.03)",
            on_post="y -= 0.0021; w = clip(w + x, 0, 0.03)",
            delay=0.4 * ms,
        )
        synapses.connect(condition="(i + 2*j) % 5 != 0 and i != j")
        synapses.w = "0.01 + 0.0004*j"
        monitor = StateMonitor(synapses, "w", record=[0, 7, 50], dt=1 * ms)
        network = Network(cells, synapses, monitor)
        for duration in (100, 1, 1, 150):
            network.run(duration * ms, namespace={})
        return np.array(synapses.w), np.array(cells.v), np.array(monitor.w)

    for found, expected in zip(simulate(True), simulate(False), strict=True):
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-11)


def test_who_reads_weights_gets_them():
    def extra(synapses):
        seen.append([])
        every = StateMonitor(synapses, "w", record=True, dt=5 * ms, name="every")
        some = StateMonitor(synapses, "w", record=[11, 2, 11], name="some")
        read = network_operation(dt=7 * ms)(lambda: seen[-1].append(synapses.w[:].copy()))
        total = synapses.run_regularly("w = clip(w, 0, w_max)", dt=10 * ms)
        return [every, some, read, total]

    seen = []
    _, network, plain = assert_same(STREAMED, extra=extra, on_post=ON_POST["triplet"])
    for name in ("every", "some"):
        np.testing.assert_allclose(network[name].w, plain[name].w, rtol=0, atol=1e-12)
        assert np.ptp(plain[name].w[0]) > 0
    np.testing.assert_allclose(seen[1], seen[0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("dt", [0.1 * ms, 10 * ms])
def test_who_reads_all_weights_often_keeps_them_eager(dt):
    def extra(synapses):
        synapses.run_regularly("total = w", dt=dt)
        return []

    global TRACES
    TRACES, before = TRACES + "total : 1\n", TRACES
    try:
        assert_same(STREAMED if dt > 1 * ms else EAGER, extra=extra)
    finally:
        TRACES = before


@pytest.mark.parametrize(
    ("kind", "code", "dt", "reason"),
    [
        (STREAMED, "w = clip(0.9*w, 0, w_max)", 10 * ms, ""),
        (EAGER, "w = 0.9*w", 10 * ms, "does not clip it"),
        (EAGER, "w = clip(0.99*w, 0, w_max)", 0.5 * ms, "no product"),
    ],
)
def test_others_may_write_weights_seldom(kind, code, dt, reason):
    def extra(synapses):
        synapses.run_regularly(code, dt=dt)
        return []

    where, _, _ = assert_same(kind, extra=extra)
    assert reason in where


def test_others_may_write_weights_without_bounds():
    def extra(synapses):
        synapses.run_regularly("w *= 0.9", dt=10 * ms)
        return []

    assert_same(STREAMED, extra=extra, on_pre="r1 += 1; w -= 0.03*o1", on_post="o1 += 1; w += A*r1")


def test_changes_from_two_traces():
    assert_same(
        STREAMED,
        on_pre="r1 += 1; r2 += 0.5",
        on_post="w += A*(r1 - r2) + 0.01*o1*r2; o1 += 1",
    )


def test_a_sum_that_is_applied_at_each_visit():
    global TRACES
    TRACES, before = TRACES + "u : 1\n", TRACES
    try:
        assert_same(
            STREAMED,
            on_pre="r1 += 1; w = clip(w + 0.1*u, 0, 1); u = 0",
            on_post="o1 += 1; u += A*r1",
            changing="u",
        )
    finally:
        TRACES = before


def set_weights(synapses):
    synapses.w[2:9] = 0.25


def read_weights(synapses):
    assert synapses.w[:].size


def read_traces(synapses):
    assert synapses.r1[:].size


def lower_the_bound(synapses):
    w = synapses.w[:]
    synapses.w_max = 0.45
    synapses.w = np.minimum(w, 0.45)


def raise_the_bound(synapses):
    synapses.w_max = 0.6


def add_synapses(synapses):
    synapses.connect(i=[0, 3], j=[1, 4])
    synapses.w[-2:] = 0.1


@pytest.mark.parametrize(
    "between",
    [set_weights, read_weights, read_traces, lower_the_bound, raise_the_bound],
)
def test_between_runs(between):
    assert_same(STREAMED, between=between, steps=(30, 30, 30))


def test_new_synapses_have_other_traces():
    assert_same(EAGER, between=add_synapses, steps=(30, 30, 30))


def test_weights_beyond_the_bounds_between_runs():
    def between(synapses):
        synapses.w[3] = 0.9

    assert_same(EAGER, between=between)


def test_weights_beyond_the_bounds_during_a_run():
    def extra(synapses):
        @network_operation(dt=20 * ms)
        def write():
            synapses.w[3] = 0.9

        return [write]

    with pytest.raises(RuntimeError, match="stream_plasticity"):
        run(True, extra=extra)


def test_store_and_restore():
    expected, _, _ = run(False, steps=(90,))
    set_device("numba")
    _, _, network = run(True, steps=(50,))
    network.store()
    ends = []
    for _ in range(2):
        network.restore()
        network.run(40 * ms, namespace=NAMESPACE)
        ends.append(np.array(network["s"].w[:]))
    np.testing.assert_array_equal(ends[0], ends[1])
    np.testing.assert_allclose(ends[0], expected["w"], rtol=0, atol=1e-12)


@given(
    x=st.floats(-2, 2), y=st.floats(-2, 2), text=st.sampled_from(
        ["x*y", "x - y", "-x*y + 2", "x/(y*y + 1)", "exp(x) - y", "abs(x)*3", "x**2", "-(x + y)"]
    )
)  # fmt: skip
def test_signs_are_never_wrong(x, y, text):
    signs = {"x": of_numbers(np.array(x)), "y": of_numbers(np.array(y))}
    negative, positive = of_expression(text, lambda name: signs.get(name, ANY))
    value = eval(text, {"exp": np.exp, "abs": abs, "x": x, "y": y})
    assert negative or value >= 0
    assert positive or value <= 0
