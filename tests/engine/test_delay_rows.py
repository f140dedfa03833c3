"""Where delays differ, traces are kept per neuron and delay: against the program without that."""

import numpy as np
import pytest
from brian2 import Network, NeuronGroup, StateMonitor, Synapses, TimedArray, ms, set_device
from hypothesis import example, given, settings
from hypothesis import strategies as st

import spikeplast
from tests import THOROUGH

pytestmark = pytest.mark.usefixtures("loop_in_python")

N_PRE, N_POST = 6, 12
#: All that matters: `a` is read before and after its own jump, and only after it; `b` is set; `c`
#: is the other side's, and read before its jump; `x` decays in each time step.
RULE = dict(
    model="""
    w : 1
    da/dt = -a/(8*ms) : 1 (event-driven)
    db/dt = -b/(20*ms) : 1 (event-driven)
    dc/dt = -c/(15*ms) : 1 (event-driven)
    dx/dt = -x/(5*ms) : 1 (clock-driven)
    """,
    on_pre="w -= c*(0.01 + 0.02*a); a += 0.5 + 0.1*b; b = 1; w += 0.003*a; x += 1",
    on_post="w += a*(0.01 + 0.03*c) + 0.02*b + 0.01*x; c += 1",
    method="exact",
)
BY_DELAY = "per presynaptic neuron and delay of plastic_pre"
BY_SYNAPSE = "per synapse, without decay: the delays of plastic_pre differ"


def cells(n, rng, name, spikes):
    """They spike often, so that spikes of both sides often arrive in the same time step."""
    fires = TimedArray((rng.random((100, n)) < 0.15).astype(float), dt=0.1 * ms, name=spikes)
    group = NeuronGroup(n, "v : 1", threshold=f"{spikes}(t, i) > 0", name=name)
    group.namespace[spikes] = fires
    return group


def run(optimize, delays, rule=RULE, seed=0, durations=(6,), between=None, n_post=N_POST):
    """`delays` gives the steps of each synapse in each run, from a random generator and the
    synapses."""
    set_device("numba", optimize=optimize)
    rng = np.random.default_rng(seed)
    pre = cells(N_PRE + 2, rng, "before", "spikes_before")
    post = cells(n_post, rng, "after", "spikes_after")
    # A part of the group, so that rows are not counted from its first neuron.
    synapses = Synapses(pre[1:-1], post, **rule, name="plastic")
    order = rng.permutation(N_PRE * n_post)
    synapses.connect(i=order // n_post, j=order % n_post)
    monitor = StateMonitor(synapses, "w", record=[0, 7, 20], dt=0.3 * ms)
    network = Network(pre, post, synapses, monitor)
    kept = []
    for k, duration in enumerate(durations):
        synapses.pre.delay = delays[k % len(delays)](rng, synapses) * 0.1 * ms
        if between is not None and k:
            between(synapses)
        network.run(duration * ms)
        kept.append({name: where for _, name, where in spikeplast.explain(network).variables})
    names = ["w", "lastupdate_", *"abcx"]
    values = {name: np.array(getattr(synapses, name)) for name in names}
    return {**values, "w monitored": np.array(monitor.w)}, kept


def assert_same(*arguments, **options):
    expected, _ = run(False, *arguments, **options)
    found, kept = run(True, *arguments, **options)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-11, atol=1e-13, err_msg=name)
    assert np.ptp(expected["w"]) > 0.01
    return kept


def up_to(longest):
    """Any delays, of which two differ."""

    def delays(rng, synapses):
        steps = rng.integers(0, longest + 1, len(synapses))
        steps[:2] = 0, longest
        return steps

    return delays


# Inside the precondition there is one loop to compile, and just outside another one.
@settings(max_examples=40 if THOROUGH else 4, deadline=None)
@given(
    longest=st.lists(st.sampled_from([1, 3, 5, 11, 12, 30]), min_size=1, max_size=2),
    seed=st.integers(0, 10_000),
    durations=st.lists(st.integers(1, 4), min_size=1, max_size=3),
)
def test_inside_and_just_outside(longest, seed, durations):
    delays = [up_to(steps) for steps in longest]
    kept = assert_same(delays, seed=seed, durations=durations)
    # One row for each neuron and each of up to 12 delays, if there are 72 synapses.
    if longest[0] <= 3:
        assert kept[0]["a"] == kept[0]["b"] == kept[0]["x"] == BY_DELAY
    elif longest[0] >= 11:
        assert kept[0]["a"] == kept[0]["b"] == BY_SYNAPSE
        assert kept[0]["x"] == BY_SYNAPSE.replace(", without decay", "")
    assert kept[0]["c"] == "per postsynaptic neuron"


def one_of(low, high):
    return lambda rng, synapses: rng.choice([low, high], len(synapses))


# With as many targets there is one more loop.
@settings(max_examples=30 if THOROUGH else 1, deadline=None)
@example(delays=[one_of(0, 3)], seed=1, durations=[2, 3], n_post=48)
@example(delays=[one_of(0, 1), one_of(2, 5)], seed=2, durations=[2, 1], n_post=24)
@given(
    delays=st.lists(
        st.sampled_from([one_of(0, 1), one_of(0, 3), one_of(2, 5)]), min_size=1, max_size=2
    ),
    seed=st.integers(0, 10_000),
    durations=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    n_post=st.sampled_from([24, 48]),
)
def test_weights_wait_for_the_next_spike_with_their_delay(delays, seed, durations, n_post):
    kept = assert_same(delays, seed=seed, durations=durations, n_post=n_post)
    if n_post == 48:
        assert kept[0]["w"] == "its changes wait for the next presynaptic spike"
    else:
        assert kept[0]["w"].endswith("fewer than 16 synapses of a neuron have the same delay")


def test_delays_of_neurons():
    """Each neuron has one delay: then its synapses are one row."""
    (kept,) = assert_same([lambda rng, synapses: 2 * synapses.i])
    assert kept["a"] == BY_DELAY


@pytest.mark.parametrize("between", ["read", "set"])
def test_reading_and_setting_between_runs(between):
    def read(synapses):
        assert synapses.a[:].size

    def set_(synapses):
        synapses.b = 0.25

    actions = {"read": read, "set": set_}
    delays = [lambda rng, synapses: synapses.j % 3]
    kept = assert_same(delays, durations=(2, 3, 1), between=actions[between])
    if between == "read":
        assert kept[1]["a"] == kept[1]["b"] == BY_DELAY
    else:
        # As in Brian 2, what is given counts from the last event of each synapse.
        assert "its values differ" in kept[1]["b"]
        assert "it is written with b" in kept[1]["a"]
