"""Trace lifting: against the program without it, inside and outside of its precondition."""

import numpy as np
import pytest
from brian2 import (
    Hz,
    Network,
    NeuronGroup,
    PoissonGroup,
    SpikeGeneratorGroup,
    SpikeMonitor,
    Synapses,
    ms,
    network_operation,
    seed,
    set_device,
)

import spikeplast

pytestmark = pytest.mark.usefixtures("loop_in_python")

PAIR = dict(
    model="""
    w : 1
    dapre/dt = -apre/(20*ms) : 1 (event-driven)
    dapost/dt = -apost/(30*ms) : 1 (event-driven)
    """,
    on_pre="apre += 0.1; w += apost",
    on_post="apost -= 0.12; w += apre",
)


def spike_trains(n, number, rng_seed, name):
    rng = np.random.default_rng(rng_seed)
    cells, times = rng.integers(0, n, number), rng.integers(0, 900, number)
    _, first = np.unique(np.stack([cells, times]), axis=1, return_index=True)
    return SpikeGeneratorGroup(n, cells[first], times[first] * 0.1 * ms, name=name)


def run(optimize, rule, delay=None, connect="True", prepare=None, extra=(), steps=(60, 40)):
    set_device("numba", optimize=optimize)
    seed(1)
    pre = spike_trains(6, 80, 2, "before")
    post = spike_trains(5, 70, 3, "after")
    synapses = Synapses(pre, post, **rule, delay=delay, name="plastic")
    synapses.connect(connect)
    if prepare is not None:
        prepare(synapses)
    network = Network(pre, post, synapses, *(make(synapses) for make in extra))
    for duration in steps:
        network.run(duration * ms)
    return synapses, network


def kept(network):
    return {variable: where for _, variable, where in spikeplast.explain(network).variables}


NEURON, STAYS, PLAIN = "per p", "per synapse, without decay", "per synapse:"


def assert_same(rule, kinds=(NEURON,), **options):
    """Weights, traces and times of last events are those of the untransformed program."""
    plain, _ = run(False, rule, **options)
    result, network = run(True, rule, **options)
    where = kept(network)
    assert {
        kind
        for kind in (NEURON, STAYS, PLAIN)
        for text in where.values()
        if text.startswith(kind) and not (kind == NEURON and text.startswith("per synapse"))
    } == set(kinds), where
    for name in ["w", "lastupdate_", *where]:
        np.testing.assert_allclose(
            getattr(result, name)[:], getattr(plain, name)[:], rtol=1e-11, atol=1e-13, err_msg=name
        )
    assert np.ptp(plain.w[:]) > 0.01
    return where


def test_pair_stdp_is_lifted_and_equal():
    where = assert_same(PAIR)
    assert where == {
        "apre": "per presynaptic neuron",
        "apost": "per postsynaptic neuron",
        "w": "its changes wait for the next presynaptic spike",
    }


@pytest.mark.parametrize("connect", ["i != j", "(i + j) % 3 == 0"])
def test_sparse_connections(connect):
    assert_same(PAIR, connect=connect)


def test_one_delay_for_all():
    assert_same(PAIR, delay=0.7 * ms)


def test_trace_read_before_its_own_change():
    """The triplet rule reads slow traces as they were before their own spike."""
    rule = dict(
        model="""
        w : 1
        dr1/dt = -r1/(17*ms) : 1 (event-driven)
        dr2/dt = -r2/(100*ms) : 1 (event-driven)
        do1/dt = -o1/(34*ms) : 1 (event-driven)
        do2/dt = -o2/(125*ms) : 1 (event-driven)
        """,
        on_pre="w -= o1*(0.01 + 0.02*r2); r1 += 1; r2 += 1",
        on_post="w += r1*(0.01 + 0.03*o2); o1 += 1; o2 += 1; w += 0.001*o2",
    )
    assert_same(rule)


def test_several_changes_of_one_trace():
    rule = dict(PAIR, on_pre="w += apre; apre += 0.1; w += 2*apre; apre *= 0.5; w += 3*apre")
    assert_same(rule)


def test_coupled_traces_of_one_side():
    rule = dict(
        model="""
        w : 1
        dx/dt = -x/(10*ms) : 1 (event-driven)
        dy/dt = (x - y)/(30*ms) : 1 (event-driven)
        dz/dt = -z/(20*ms) : 1 (event-driven)
        """,
        on_pre="x += 1; w -= 0.1*z",
        on_post="z += 1; w += y",
    )
    assert_same(rule)


DECAYING = dict(PAIR, model=PAIR["model"].replace("20*ms", "taup").replace("30*ms", "taum"))
TAUS = "\ntaup : second (shared, constant)\ntaum : second (shared, constant)"


def in_pieces(optimize, rule, change=None, delay=None, prepare=None):
    """Two runs with `change` between them; returns weights and traces."""
    set_device("numba", optimize=optimize)
    pre = spike_trains(6, 80, 2, "before")
    post = spike_trains(5, 70, 3, "after")
    synapses = Synapses(pre, post, **rule, delay=delay, name="plastic")
    synapses.connect()
    if "taup" in rule["model"]:
        synapses.taup, synapses.taum = 20 * ms, 30 * ms
    if prepare is not None:
        prepare(synapses)
    network = Network(pre, post, synapses)
    network.run(47 * ms)
    if change is not None:
        change(synapses)
    network.run(43 * ms)
    return [synapses.w[:], synapses.apre[:], synapses.apost[:], synapses.lastupdate_[:]]


def assert_same_in_pieces(*arguments, **options):
    expected = in_pieces(False, *arguments, **options)
    result = in_pieces(True, *arguments, **options)
    for values, reference in zip(result, expected, strict=True):
        np.testing.assert_allclose(values, reference, rtol=1e-11, atol=1e-13)


def test_spikes_under_way_when_a_run_begins():
    assert_same_in_pieces(PAIR, delay=6 * ms)


def test_delay_changed_with_spikes_under_way():
    def change(synapses):
        synapses.pre.delay = 1 * ms

    def prepare(synapses):
        synapses.pre.delay = 6 * ms

    assert_same_in_pieces(PAIR, change, prepare=prepare)


def test_different_delays_made_one_with_spikes_under_way():
    def change(synapses):
        synapses.pre.delay = 1 * ms

    def prepare(synapses):
        synapses.pre.delay = "3*ms + j*ms"

    assert_same_in_pieces(PAIR, change, prepare=prepare)


@pytest.mark.parametrize("prepare", [None, "delays"])
def test_time_constants_changed_between_runs(prepare):
    def change(synapses):
        synapses.taup, synapses.taum = 5 * ms, 50 * ms

    def different_delays(synapses):
        synapses.pre.delay = "i*0.1*ms"

    rule = dict(DECAYING, model=DECAYING["model"] + TAUS)
    assert_same_in_pieces(rule, change, prepare=different_delays if prepare else None)


def test_traces_are_those_of_the_time_constants_of_their_run():
    rule = dict(DECAYING, model=DECAYING["model"] + TAUS)
    plain, _ = run_with_taus(False, rule)
    result, _ = run_with_taus(True, rule)
    np.testing.assert_allclose(result, plain, rtol=1e-11)


def run_with_taus(optimize, rule):
    def prepare(synapses):
        synapses.taup, synapses.taum = 20 * ms, 30 * ms

    synapses, network = run(optimize, rule, prepare=prepare)
    synapses.taup = 1 * ms
    return synapses.apre[:], network


def test_a_neuron_variable_that_the_pathway_changes_under_another_name():
    """In a recurrent network v_pre and v_post are one variable."""

    def simulate(optimize):
        set_device("numba", optimize=optimize)
        cells = NeuronGroup(3, "v : 1\nu = 2*v : 1\nk : 1", threshold="int(t/ms) % 3 == k")
        cells.k = "i"
        synapses = Synapses(
            cells,
            cells,
            "w : 1\ndapre/dt = -apre/(20*ms) : 1 (event-driven)",
            on_pre="v_post += 0.1; apre += 0.1 + v_pre + u_pre; w += apre",
        )
        synapses.connect()
        Network(cells, synapses).run(5 * ms)
        return synapses.w[:], synapses.apre[:]

    for values, reference in zip(simulate(True), simulate(False), strict=True):
        np.testing.assert_allclose(values, reference, rtol=1e-11)


def test_nearest_spike_traces_are_set():
    rule = dict(PAIR, on_pre="apre = 0.1; w += apost", on_post="apost = -0.12; w += apre")
    assert_same(rule)


def test_with_as_many_delays_as_synapses_a_trace_stays_with_them():
    def prepare(synapses):
        synapses.pre.delay = "j*0.1*ms"

    rule = dict(PAIR)
    where = assert_same(rule, (NEURON, STAYS), prepare=prepare)
    assert "delays of plastic_pre differ" in where["apre"]


def test_coupled_traces_with_different_delays_are_not_lifted():
    rule = dict(
        model="""
        w : 1
        dx/dt = -x/(10*ms) : 1 (event-driven)
        dy/dt = (x - y)/(30*ms) : 1 (event-driven)
        """,
        on_pre="x += 1; w -= 0.1*y",
        on_post="w += y",
    )

    def prepare(synapses):
        synapses.pre.delay = "i*0.1*ms"

    assert_same(rule, (PLAIN,), prepare=prepare)


def test_a_trace_of_both_sides_stays_with_the_synapses():
    rule = dict(PAIR, on_post="apost -= 0.12; apre *= 0.9; w += apre")
    where = assert_same(rule, (NEURON, STAYS))
    assert "both sides write it" in where["apre"]


def test_a_trace_written_with_one_that_stays_stays_too():
    rule = dict(PAIR, on_pre="apre += 0.1*(1 + w); w += apost", on_post="apost -= w; w += apre")
    assert_same(rule, (STAYS,))


def test_silence_of_many_time_constants():
    """The common factor leaves the range of numbers several times."""
    quick = PAIR["model"].replace("20*ms", "0.02*ms").replace("30*ms", "0.03*ms")
    assert_same(dict(PAIR, model=quick, on_pre="apre += 0.1; w += 1e3*apost + 0.01"))


def test_a_trace_with_a_time_constant_per_synapse_is_not_lifted():
    rule = dict(
        PAIR,
        model=PAIR["model"].replace("w : 1", "w : 1\ntau : second").replace("(20*ms)", "tau"),
    )

    def prepare(synapses):
        synapses.tau = "10*ms + j*ms"

    where = assert_same(rule, (PLAIN,), prepare=prepare)
    assert "depends on tau" in where["apre"]


def test_a_trace_with_random_jumps_stays_with_the_synapses():
    rule = dict(PAIR, on_pre="apre += 0.1*rand(); w += apost")
    where = assert_same(rule, (NEURON, STAYS))
    assert "rand" in where["apre"]


def test_values_that_are_unequal_at_the_beginning_stay_with_the_synapses():
    def prepare(synapses):
        synapses.apre = "0.01*j"

    where = assert_same(PAIR, (NEURON, STAYS), prepare=prepare)
    assert "differ among the synapses" in where["apre"]


def test_values_can_be_read_and_written_between_runs():
    def both(optimize):
        synapses, network = run(optimize, PAIR, steps=(50,))
        seen = [synapses.apre[:], synapses.apost[:], synapses.lastupdate_[:]]
        seen = [values.copy() for values in seen]
        network.run(20 * ms)
        # Unlike 0, this differs from neuron to neuron by the time that it is next seen.
        synapses.apost = -0.5
        synapses.lastupdate = 70 * ms
        network.run(30 * ms)
        return [*seen, synapses.apre[:], synapses.lastupdate_[:], synapses.w[:]]

    for result, expected in zip(both(True), both(False), strict=True):
        np.testing.assert_allclose(result, expected, rtol=1e-11, atol=1e-13)


def test_a_value_that_is_given_counts_from_the_last_event_of_its_synapse():
    """As in Brian 2, so that it then differs among the synapses of a neuron."""

    def both(optimize):
        synapses, network = run(optimize, PAIR, steps=(50,))
        synapses.apost = -0.5
        network.run(50 * ms)
        return synapses.w[:].copy()

    np.testing.assert_allclose(both(True), both(False), rtol=0, atol=1e-13)


def test_store_and_restore():
    expected, _ = run(False, PAIR, steps=(100,))
    expected = expected.w[:].copy()
    synapses, network = run(True, PAIR, steps=(60,))
    network.store()
    network.run(40 * ms)
    first = synapses.w[:].copy()
    network.restore()
    network.run(40 * ms)
    np.testing.assert_allclose(first, expected, rtol=0, atol=1e-13)
    np.testing.assert_array_equal(synapses.w[:], first)


def test_python_code_may_read_but_not_tear_apart():
    seen = []

    def reader(synapses):
        @network_operation(dt=10 * ms)
        def read():
            seen.append(synapses.apre[:].sum())

        return read

    assert_same(PAIR, extra=[reader])
    assert len(seen) == 20 and max(seen) > 0

    def writer(synapses):
        @network_operation(dt=50 * ms)
        def write():
            synapses.apre[0] = 3.5

        return write

    with pytest.raises(RuntimeError, match="lift_traces"):
        run(True, PAIR, extra=[writer])


def test_recurrent_network_with_feedback_through_weights():
    """Spikes themselves must not change: the weights decide when cells fire."""

    def simulate(optimize):
        set_device("numba", optimize=optimize)
        seed(5)
        inputs = PoissonGroup(30, 40 * Hz)
        cells = NeuronGroup(
            20, "dv/dt = -v/(10*ms) : 1", threshold="v > 1", reset="v = 0", method="exact"
        )
        feed = Synapses(inputs, cells, on_pre="v_post += 0.3")
        feed.connect(p=0.3)
        recurrent = Synapses(
            cells,
            cells,
            PAIR["model"],
            on_pre="v_post += w; apre += 0.004; w = clip(w + apost, 0, 0.04)",
            on_post="apost -= 0.0045; w = clip(w + apre, 0, 0.04)",
            delay=0.3 * ms,
        )
        recurrent.connect(condition="i != j", p=0.5)
        recurrent.w = 0.02
        spikes = SpikeMonitor(cells)
        Network(inputs, cells, feed, recurrent, spikes).run(300 * ms)
        return spikes.i[:], spikes.t[:], recurrent.w[:]

    expected_i, expected_t, expected_w = simulate(False)
    i, t, w = simulate({"sample_events": False})
    np.testing.assert_array_equal(i, expected_i)
    np.testing.assert_array_equal(t, expected_t)
    np.testing.assert_allclose(w, expected_w, rtol=0, atol=1e-12)
    assert len(i) > 100 and np.ptp(expected_w) > 0.02
