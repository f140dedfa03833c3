"""Traces whose time constants differ among neurons are kept per neuron all the same."""

import numpy as np
import pytest
from brian2 import Network, NeuronGroup, Synapses, ms, network_operation, set_device

import spikeplast

pytestmark = pytest.mark.usefixtures("loop_in_python")

CELLS = """
dphase/dt = rate : 1
rate : Hz
tau : second
tau_slow : second
"""

RULE = dict(
    model="""
    w : 1
    dx/dt = -x/tau_pre : 1 (event-driven)
    dy/dt = (x - y)/tau_slow_pre : 1 (event-driven)
    dz/dt = -z/tau_post : 1 (event-driven)
    """,
    on_pre="x += 1; w -= 0.1*z",
    on_post="z += 1; w += 0.05*x + 0.02*y",
)


def cells(n, name):
    group = NeuronGroup(n, CELLS, threshold="phase > 1", reset="phase -= 1", name=name)
    group.rate = "(30 + 7*i)*Hz"
    group.phase = "i/(N + 1.0)"
    group.tau = "(10 + 3*i)*ms"
    group.tau_slow = "(25 + 5*i)*ms"
    return group


def run(optimize, between=None, model=RULE, parts=False, extra=()):
    set_device("numba", optimize=optimize)
    pre, post = cells(6, "before"), cells(5, "after")
    source = pre[2:] if parts else pre
    synapses = Synapses(source, post, **model, method="exact", name="plastic")
    synapses.connect("(i + j) % 3 != 0")
    network = Network(pre, post, synapses, *(make(pre) for make in extra))
    network.run(50 * ms)
    if between is not None:
        between(pre, post, synapses)
    network.run(50 * ms)
    where = {name: text for _, name, text in spikeplast.explain(network).variables}
    return {name: np.array(getattr(synapses, name)) for name in ("w", "x", "y", "z")}, where


def assert_same(**options):
    plain, _ = run(False, **options)
    found, where = run(True, **options)
    for name, values in plain.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-11, atol=1e-13, err_msg=name)
    assert np.ptp(plain["w"]) > 0.1
    return where


def change_time_constants(pre, post, synapses):
    pre.tau = "(40 - 2*i)*ms"
    post.tau[3] = 1 * ms


def change_traces(pre, post, synapses):
    synapses.x = "0.1*i"


@pytest.mark.parametrize("parts", [False, True])
def test_kept_per_neuron(parts):
    where = assert_same(parts=parts)
    assert {name: where[name] for name in "xyz"} == {
        "x": "per presynaptic neuron",
        "y": "per presynaptic neuron",
        "z": "per postsynaptic neuron",
    }


@pytest.mark.parametrize("between", [change_time_constants, change_traces])
def test_changes_between_runs_count_from_each_synapses_last_event(between):
    where = assert_same(between=between)
    assert "differ among the synapses" in where["x"]


def of_the_other_side(model):
    return dict(RULE, model=RULE["model"].replace("-x/tau_pre", "-x/tau_post"))


def changed_in_the_run(pre):
    pre.run_regularly("tau = tau*1.01", dt=1 * ms)
    return NeuronGroup(1, "")


def by_python(pre):
    @network_operation(dt=10 * ms)
    def change():
        pre.tau[0] = 1.1 * pre.tau[0]

    return change


@pytest.mark.parametrize(
    "options",
    [
        {"model": of_the_other_side(RULE)},
        {"extra": [changed_in_the_run]},
        {"extra": [by_python]},
    ],
    ids=["of the other side", "changed in the run", "changed by Python"],
)
def test_not_lifted(options):
    where = assert_same(**options)
    assert "depends on tau" in where["x"]
