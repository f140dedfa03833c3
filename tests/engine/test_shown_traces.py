"""Traces that others read during the run are kept per neuron all the same."""

import numpy as np
import pytest
from brian2 import Network, NeuronGroup, StateMonitor, Synapses, TimedArray, ms, set_device
from hypothesis import given, settings
from hypothesis import strategies as st

import spikeplast
from tests import THOROUGH

pytestmark = pytest.mark.usefixtures("loop_in_python")

#: `a` goes with delays that differ, `c` is driven by `b`, and `x` decays in each time step.
RULE = dict(
    model="""
    w : 1
    da/dt = -a/tau : 1 (event-driven)
    db/dt = -b/(6*ms) : 1 (event-driven)
    dc/dt = (b - c)/(9*ms) : 1 (event-driven)
    dx/dt = -x/(5*ms) : 1 (clock-driven)
    sum_of_traces = a + 10*b + x : 1
    """,
    on_pre="a += 0.5; x += 1; w -= 0.1*c",
    on_post="w += a*(0.1 + b); b += 1",
    method="exact",
)
SHOWN = ["a", "b", "c", "x", "w", "lastupdate", "sum_of_traces"]


def cells(n, rng, name, p):
    fires = TimedArray((rng.random((100, n)) < p).astype(float), dt=0.1 * ms, name=f"{name}_spikes")
    group = NeuronGroup(n, "v : 1", threshold=f"{name}_spikes(t, i) > 0", name=name)
    group.namespace[f"{name}_spikes"] = fires
    return group


def network(optimize, seed=0, p=0.15, tau=8, rule=RULE, record=(0, 3, 17), dt=0.3):
    set_device("numba", optimize=optimize)
    rng = np.random.default_rng(seed)
    pre, post = cells(4, rng, "before", p), cells(6, rng, "after", p)
    synapses = Synapses(pre, post, **rule, namespace={"tau": tau * ms}, name="plastic")
    synapses.connect()
    synapses.pre.delay = rng.permutation(np.arange(24) % 3) * 0.2 * ms
    synapses.a = rng.random(4)[np.arange(24) // 6]
    # Reads what Brian 2 shows, too, at all synapses.
    synapses.run_regularly("w += 0.1*a*c*exp(lastupdate/second)", dt=0.7 * ms, name="reader")
    monitor = StateMonitor(synapses, SHOWN, record=list(record), dt=dt * ms, name="monitor")
    return Network(pre, post, synapses, monitor)


def shown(optimize, durations=(6,), **options):
    net = network(optimize, **options)
    for duration in durations:
        net.run(duration * ms)
    where = {name: text for _, name, text in spikeplast.explain(net).variables}
    values = {name: np.array(getattr(net["monitor"], name), dtype=float) for name in SHOWN}
    return {**values, "w at the end": np.array(net["plastic"].w)}, where


# One loop to compile, and one without passes; all else is data.
@settings(max_examples=40 if THOROUGH else 6, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    p=st.sampled_from([0.0, 0.01, 0.15, 0.6]),
    tau=st.sampled_from([0.004, 8.0, 500.0]),
    durations=st.lists(st.integers(1, 6), min_size=1, max_size=3),
)
def test_monitors_have_what_brian_2_shows(seed, p, tau, durations):
    options = dict(seed=seed, p=p, tau=tau, durations=durations)
    expected, _ = shown(False, **options)
    found, where = shown(True, **options)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-11, atol=1e-13, err_msg=name)
    if p == 0.15 and sum(durations) > 2:
        assert np.ptp(expected["a"]) > 0 and np.ptp(expected["c"]) > 0
    # Spikes under way may reach part of the synapses that have the same delay in the next run.
    assert where["b"] == where["c"] == "per postsynaptic neuron"
    assert where["a"] == "per presynaptic neuron and delay of plastic_pre"


def changing(code):
    return lambda net: net["plastic"].run_regularly(code, dt=0.7 * ms, name="changer")


OUTSIDE = {
    "changed": (dict(), changing("b = 0.5*b"), "changer changes b"),
    "too many": (
        dict(record=np.arange(24).repeat(5), dt=0.1),
        None,
        "monitor reads a of more than 100 synapses in each time step",
    ),
    "kept per synapse": (
        dict(rule={**RULE, "on_pre": RULE["on_pre"].replace("a += 0.5", "a += w")}),
        None,
        "reads a, and it is written with w",
    ),
}


@pytest.mark.parametrize("name", sorted(OUTSIDE))
def test_just_outside(name):
    options, change, reason = OUTSIDE[name]
    net = network(True, **options)
    if change is not None:
        change(net)
    where = {name: text for _, name, text in spikeplast.explain(net).variables}
    for name in "abc":
        assert where[name].startswith("per synapse: ") and where[name].endswith(reason)


def test_explain_says_who_reads():
    reports = spikeplast.explain(network(True)).passes
    assert ("lift_traces", "reader", "computes what is shown of a, c, lastupdate") in reports
