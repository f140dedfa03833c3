"""Clock-driven traces and rules: against the program without the passes."""

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
from tests import THOROUGH

pytestmark = pytest.mark.usefixtures("loop_in_python")

CELLS = """
dv/dt = (drive - v)/(10*ms) : 1
du/dt = (v - u)/(7*ms) : 1
rectified = clip(v - 0.5, 0, inf) : 1
drive : 1
rate_term : 1
total : 1
"""
STREAMED = "its changes wait for the next presynaptic spike"
EAGER = "changed one synapse after the other"
PER_PRE, PER_POST = "per presynaptic neuron", "per postsynaptic neuron"

CLOPATH = dict(
    model="w : 1\ndx/dt = -x/tau : 1 (clock-driven)",
    on_pre="v_post += 0.1*w; w = clip(w - 0.01*u_post, 0, 1); x += 1",
    regularly=["w = clip(w + A*x*rectified_post*(u_post - 0.3)*int(u_post - 0.3 > 0)*dt/ms, 0, 1)"],
)
EQUATIONS = dict(
    model="""w : 1
    dx/dt = -x/tau : 1 (clock-driven)
    dpsi/dt = A*x*(rectified_post*clip(u_post - 0.1, 0, inf) - rate)/ms : 1 (clock-driven)
    rate = rate_term_post : 1""",
    on_pre="v_post += 0.1*w; x = 1; w = clip(w - 0.01*u_post, 0, 1)",
    method="euler",
)
CONVALLIS = dict(
    model="""w : 1
    psi : 1
    h = 1.2*(p - q) : 1
    rise = (1/(1 + exp(-(v_post - 0.5)/0.1)) - rate_term_post)*h : 1
    dp/dt = -p/tau : 1 (clock-driven)
    dq/dt = -q/(5*ms) : 1 (clock-driven)""",
    on_pre="v_post += 0.1*w; p += 1; q += 1",
    regularly=["psi += A*rise*dt/ms"],
    seldom="w = clip(w + psi, 0, 1); psi = 0",
)
#: With a postsynaptic trace that is clock-driven too, and one that is event-driven.
PAIR = dict(
    model="""w : 1
    dx/dt = -x/tau : 1 (clock-driven)
    dy/dt = -y/(9*ms) : 1 (clock-driven)
    do/dt = -o/(20*ms) : 1 (event-driven)""",
    on_pre="v_post += 0.1*w; x += 1; w = clip(w - 0.03*y*o, 0, 1)",
    on_post="y += 1; w = clip(w + A*x, 0, 1); o += 0.5",
)


def run(rule, optimize=True, tau=15, A=0.01, steps=(40, 30), n_spikes=60, rng_seed=1, extra=(),
        between=lambda synapses: None, delay=None):  # fmt: skip
    """All variables of the synapses, what was monitored, and where each variable is kept."""
    set_device("numba", optimize=optimize)
    rng = np.random.default_rng(rng_seed)
    cells, times = rng.integers(0, 7, n_spikes), rng.integers(0, 700, n_spikes)
    _, first = np.unique(np.stack([cells, times]), axis=1, return_index=True)
    inputs = SpikeGeneratorGroup(7, cells[first], times[first] * 0.1 * ms)
    targets = NeuronGroup(5, CELLS, threshold="v > 1", reset="v = 0", method="euler")
    targets.drive = "1.1 + 0.15*i"
    targets.rate_term = "0.1*i"
    synapses = Synapses(
        inputs,
        targets,
        rule["model"],
        on_pre=rule["on_pre"],
        on_post=rule.get("on_post"),
        method=rule.get("method", "exact"),
        delay=delay,
        namespace={"tau": tau * ms, "A": A},
        name="s",
    )
    for code in rule.get("regularly", []):
        synapses.run_regularly(code)
    if "seldom" in rule:
        synapses.run_regularly(rule["seldom"], dt=10 * ms)
    synapses.connect("(i + j) % 3 != 0")
    synapses.w = "0.3 + 0.02*i"
    names = [n for n in ("w", "x", "y", "o", "p", "q", "h", "psi", "g") if n in synapses.variables]
    monitored = [n for n in names if n != "o"]
    monitor = StateMonitor(synapses, monitored, record=[0, 3], dt=rule.get("record", 1) * ms)
    network = Network(inputs, targets, synapses, monitor, *(make(synapses) for make in extra))
    for k, duration in enumerate(steps):
        if k:
            between(synapses)
        network.run(duration * ms, namespace={})
    kept = {variable: where for _, variable, where in spikeplast.explain(network).variables}
    values = {name: np.array(getattr(synapses, name)[:]) for name in names}
    values |= {f"{name} monitored": np.array(getattr(monitor, name)) for name in monitored}
    values |= {"v": np.array(targets.v), "total": np.array(targets.total)}
    return values, kept, network


def assert_same(rule, atol=1e-10, **options):
    expected, _, _ = run(rule, False, **options)
    found, kept, _ = run(rule, **options)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-10, atol=atol, err_msg=name)
    assert np.ptp(expected["w"] - 0.02 * np.arange(len(expected["w"]))) > 0.01
    return kept


# Each rule is another loop to compile; all else is data.
@settings(max_examples=20 if THOROUGH else 4, deadline=None)
@given(
    rule=st.sampled_from(["clopath", "equations", "convallis", "pair"]),
    tau=st.sampled_from([0.5, 4.0, 15.0, 300.0]),
    A=st.floats(0.001, 0.05),
    steps=st.lists(st.integers(1, 60), min_size=1, max_size=3),
    n_spikes=st.integers(5, 200),
    rng_seed=st.integers(0, 1000),
)
def test_inside_the_precondition(rule, tau, A, steps, n_spikes, rng_seed):
    rule = {"clopath": CLOPATH, "equations": EQUATIONS, "convallis": CONVALLIS, "pair": PAIR}[rule]
    options = dict(tau=tau, A=A, steps=steps, n_spikes=n_spikes, rng_seed=rng_seed)
    expected, _, _ = run(rule, False, **options)
    found, kept, _ = run(rule, **options)
    assert kept["psi" if "psi" in kept else "w"] == STREAMED
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-10, atol=1e-10, err_msg=name)


def test_where_traces_are_kept():
    kept = assert_same(PAIR)
    assert kept == {"x": PER_PRE, "y": PER_POST, "o": PER_POST, "w": STREAMED}
    assert assert_same(CONVALLIS) == {"p": PER_PRE, "q": PER_PRE, "psi": STREAMED}


def read(synapses):
    assert synapses.w[:].size


def set_weights(synapses):
    synapses.w[2:9] = 0.25


def set_traces(synapses):
    synapses.x = 0.3


@pytest.mark.parametrize("between", [read, set_weights, set_traces])
def test_between_runs(between):
    assert assert_same(CLOPATH, between=between, steps=(20, 20, 20))["w"] == STREAMED


def test_traces_that_differ_are_left_with_their_synapses():
    def between(synapses):
        synapses.x[3] = 0.3

    assert "differ" in assert_same(CLOPATH, between=between)["x"]


def test_python_code_reads_and_sets():
    def operation(synapses):
        @network_operation(dt=9 * ms)
        def operate():
            seen.append(synapses.w[:].sum() + synapses.x[:].sum())
            synapses.w[2:5] = 0.2

        return operate

    seen = []
    assert assert_same(CLOPATH, extra=[operation])["w"] == STREAMED
    np.testing.assert_allclose(seen[: len(seen) // 2], seen[len(seen) // 2 :], rtol=1e-12)


def test_store_and_restore():
    expected, _, _ = run(CONVALLIS, False, steps=(70,))
    _, _, network = run(CONVALLIS, steps=(40,))
    network.store()
    for _ in range(2):
        network.restore()
        network.run(30 * ms, namespace={})
        np.testing.assert_allclose(network["s"].w, expected["w"], rtol=0, atol=1e-10)


def changed(rule, **parts):
    return {**rule, **parts}


OUTSIDE = {
    "soft bounds": (
        changed(CLOPATH, regularly=["w += A*x*rectified_post*(1 - w)*dt/ms"]),
        "depends on w itself",
    ),
    "either sign": (
        changed(CLOPATH, regularly=["w = clip(w + A*x*(v_post - 0.5)*dt/ms, 0, 1)"]),
        "bounds could act",
    ),
    "other bounds": (
        changed(CLOPATH, regularly=["w = clip(w + A*x*rectified_post*dt/ms, 0, 0.8)"]),
        "does not clip it",
    ),
    "squared": (
        changed(CONVALLIS, regularly=["psi += A*p**2*rectified_post*dt/ms"]),
        "not proportional",
    ),
    "of the synapse": (
        changed(CONVALLIS, regularly=["psi += A*p*w*dt/ms"]),
        "depends on w",
    ),
    "of the presynaptic neuron": (
        changed(CONVALLIS, regularly=["psi += A*p*rectified_post*int(i < 5)*dt/ms"]),
        "depends on i",
    ),
}


@pytest.mark.parametrize("name", sorted(OUTSIDE))
def test_outside_the_precondition(name):
    rule, reason = OUTSIDE[name]
    kept = assert_same(rule)
    assert kept["psi" if "psi" in kept else "w"].startswith(EAGER)
    assert reason in kept["psi" if "psi" in kept else "w"]


@pytest.mark.parametrize(
    "on_pre",
    [
        "v_post += 0.1*w; x += w; w = clip(w - 0.01*u_post, 0, 1)",
        "v_post += 0.1*w; x += 0.2*v_post; w = clip(w - 0.01*u_post, 0, 1)",
    ],
)
def test_traces_with_something_of_the_synapse_stay_there(on_pre):
    kept = assert_same(changed(CLOPATH, on_pre=on_pre))
    assert kept["x"].startswith("per synapse")


def test_a_trace_that_is_written_elsewhere_stays_with_its_synapses():
    rule = changed(CLOPATH, regularly=[*CLOPATH["regularly"], "x *= 0.99"])
    assert "x" not in assert_same(rule)


def test_growth_is_no_decay():
    kept = assert_same(changed(CLOPATH, method="euler"), tau=-15, steps=(5, 5))
    assert kept["x"] == PER_PRE
    assert kept["w"].startswith(EAGER)


#: `g` is driven by `x` and saturates, `p` is an average of the postsynaptic voltage.
DRIVEN = dict(
    model="""w : 1
    dx/dt = -x/tau : 1 (clock-driven)
    dg/dt = -g/(20*ms) + 0.5*x*(1 - g)/ms : 1 (clock-driven)
    dp/dt = (v_post - p)/(8*ms) : 1 (clock-driven)
    dq/dt = (x - q)/(3*ms) + 0.1*g/ms : 1 (clock-driven)
    total_post = w*q : 1 (summed)""",
    on_pre="x += 1; w = clip(w - 0.01*g, 0, 1)",
    on_post="w = clip(w + A*(q + p)*g, 0, 1)",
    method="euler",
)


@settings(max_examples=20 if THOROUGH else 3, deadline=None)
@given(
    tau=st.sampled_from([0.5, 4.0, 300.0]),
    steps=st.lists(st.integers(1, 40), min_size=1, max_size=3),
    n_spikes=st.integers(5, 200),
    rng_seed=st.integers(0, 1000),
)
def test_what_a_trace_drives_is_kept_with_it(tau, steps, n_spikes, rng_seed):
    options = dict(tau=tau, steps=steps, n_spikes=n_spikes, rng_seed=rng_seed)
    expected, _, _ = run(DRIVEN, False, **options)
    found, kept, _ = run(DRIVEN, **options)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-10, atol=1e-10, err_msg=name)
    assert {name: kept[name] for name in "xgpq"} == dict(
        x=PER_PRE, g=PER_PRE, p=PER_POST, q=PER_PRE
    )


def test_python_code_in_between_may_set_what_is_driven():
    def operation(synapses):
        @network_operation(dt=9 * ms)
        def operate():
            synapses.g[3] = 0.2

        return operate

    _, kept, _ = run(DRIVEN, extra=[operation], steps=())
    assert kept["x"] == PER_PRE
    assert kept["g"].startswith(EAGER)


@pytest.mark.parametrize("n_pre", [8, 50])
def test_few_synapses_change_one_by_one(n_pre):
    set_device("numba")
    pre = NeuronGroup(n_pre, "v : 1", threshold="v > 1")
    post = NeuronGroup(2, "v : 1")
    model = "dx/dt = -x/ms : 1 (clock-driven)\ndg/dt = (x - g)/(2*ms) : 1 (clock-driven)"
    synapses = Synapses(pre, post, model, on_pre="x += 1", method="euler", name="s")
    synapses.connect(i=np.arange(10) // 2, j=np.arange(10) % 2)
    reports = spikeplast.explain(Network(pre, post, synapses)).passes
    found = {obj: what for name, obj, what in reports if name == "lift_traces"}
    one_by_one = "per synapse: there are fewer synapses than neurons"
    assert found == {"s.x": PER_PRE, "s.g": PER_PRE if n_pre == 8 else one_by_one}


OTHERS = {
    "both sides": ("(x - q)/(3*ms) + 0.1*g/ms", "(x - v_post)/(3*ms)", "it changes with x"),
    "of the synapse": ("dp/dt = (v_post - p)", "dp/dt = (v_post - p*w)", None),
    "of a driven trace": ("dp/dt = (v_post - p)", "dp/dt = (v_post - g)", "it changes with v_post"),
}


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_what_is_driven_otherwise_stays_with_the_synapses(name):
    before, after, reason = OTHERS[name]
    assert before in DRIVEN["model"]
    changed_rule = changed(DRIVEN, model=DRIVEN["model"].replace(before, after))
    _, kept, network = run(changed_rule, steps=())
    variable = "q" if name == "both sides" else "p"
    reports = {
        what for _, obj, what in spikeplast.explain(network).passes if obj == f"s.{variable}"
    }
    if reason is None:
        assert not any(what.startswith("per") for what in reports)
    else:
        assert f"per synapse: {reason}" in reports
    assert kept["g"] == PER_PRE
