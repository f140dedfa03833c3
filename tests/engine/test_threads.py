"""Several threads for one network: the same bits as one thread, for each number of them."""

import _thread
import threading

import numpy as np
import pytest
from brian2 import (
    Hz,
    Network,
    NeuronGroup,
    PoissonGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    ms,
    network_operation,
    seed,
    set_device,
)

import spikeplast
from spikeplast.engine import buffers, division

from . import networks

NUMBERS = [1, 2, 3]


@pytest.fixture(autouse=True)
def small_ranges(monkeypatch):
    """Small networks are divided, too."""
    monkeypatch.setattr(division, "ALIGNMENT", 1)


def assert_same_bits(run):
    """`run` takes a number of threads; gives a network and arrays."""
    results = []
    for threads in NUMBERS:
        seed(7)
        set_device("numba", threads=threads)
        network, values = run()
        # Brian 2's monitors give views of memory that goes with them.
        results.append({name: np.array(array) for name, array in values.items()})
        where = [runs_in for _, runs_in, _ in spikeplast.explain(network).objects]
        assert set(where) <= {"the loop", "Python"}
        who = " ".join(why for _, _, why in spikeplast.explain(network).objects)
        assert (f"divided among {threads} threads" in who) == (threads > 1)
    for values in results[1:]:
        for name, expected in results[0].items():
            np.testing.assert_array_equal(values[name], expected, err_msg=name, strict=True)
    return results[0]


@pytest.mark.parametrize(
    "build",
    [
        networks.pair_stdp,
        pytest.param(networks.delays, marks=pytest.mark.slow),
        pytest.param(networks.continuous_synapses, marks=pytest.mark.slow),
        networks.inputs,
    ],
    ids=lambda build: build.__name__,
)
def test_networks(build, monkeypatch):
    # Buffers that are full after some time steps.
    monkeypatch.setattr(buffers, "CAPACITY", 64)

    def run():
        network, observe = build()
        for duration in (11, 0.1, 18):
            network.run(duration * ms, namespace={})
        return network, observe()

    assert_same_bits(run)


def plastic_network():
    """Recurrent pair STDP, a voltage-based rule, delays of all kinds, Python code in between."""
    rng = np.random.default_rng(2)
    inputs = PoissonGroup(15, np.linspace(80, 200, 15) * Hz, name="inputs")
    inputs.run_regularly("rates = rates*0.9 + 10*Hz", dt=3 * ms)
    cells = NeuronGroup(
        20,
        "dv/dt = (1.1 + g - v)/tau : 1 (unless refractory)\ndg/dt = -g/(5*ms) : 1\n"
        "du/dt = (v - u)/(7*ms) : 1",
        threshold="v > 1",
        reset="v = 0",
        refractory=1 * ms,
        method="euler",
        namespace={"tau": 10 * ms},
        name="cells",
    )
    cells.v = rng.random(20)
    feed = Synapses(
        inputs,
        cells[5:],
        "w : 1\ndq/dt = -q/(8*ms) : 1 (event-driven)",
        on_pre="g_post += 0.2 + w; q += 1",
        on_post="w += 0.01*q*v_post",
        name="feed",
    )
    feed.connect(i=rng.integers(0, 15, 60), j=rng.integers(0, 15, 60))
    # One row for each neuron and delay.
    feed.pre.delay = rng.choice([0.1, 0.3], 60) * ms
    plastic = Synapses(
        cells,
        cells,
        "w : 1\ndx/dt = -x/(0.5*ms) : 1 (event-driven)\ndy/dt = -y/(9*ms) : 1 (event-driven)",
        on_pre="g_post += w; x += 1; w = clip(w - 0.02*y, 0, 1)",
        on_post="y += 1; w = clip(w + 0.05*x, 0, 1)",
        delay=0.8 * ms,
        name="plastic",
    )
    # Sorted by source, but not by target.
    i, j = np.divmod(rng.permutation(400)[:200], 20)
    by_source = np.argsort(i, kind="stable")
    plastic.connect(i=i[by_source], j=j[by_source])
    plastic.w = rng.random(200) * 0.2
    voltage = Synapses(
        inputs,
        cells,
        "dz/dt = -z/(6*ms) : 1 (clock-driven)\n"
        "dw/dt = 0.5*z*int(v_post > u_post)*(v_post - u_post)/ms : 1 (clock-driven)",
        on_pre="z += 1; g_post += 0.01*w; w -= 0.01",
        method="euler",
        name="voltage",
    )
    voltage.connect(p=0.5)
    spikes = SpikeMonitor(cells, name="spikes")
    weights = StateMonitor(plastic, "w", record=[3, 50, 120], dt=0.7 * ms, name="weights")

    @network_operation(dt=0.5 * ms)
    def push():
        cells.v_[3:17] += 0.01
        cells.g_[4] = np.random.rand()

    network = Network(inputs, cells, feed, plastic, voltage, spikes, weights, push)

    def observe():
        values = {
            "i": spikes.i,
            "t": spikes.t_,
            "recorded": weights.w,
            "w": plastic.w,
            "x": plastic.x,
            "voltage": voltage.w,
            "fed": feed.w,
            "v": cells.v,
        }
        return {name: np.array(array[:]) for name, array in values.items()}

    return network, observe


@pytest.mark.slow
def test_streamed_rules_over_several_runs():
    def run():
        network, observe = plastic_network()
        network.run(20 * ms)
        network.store()
        network.run(15 * ms)
        first = observe()
        # Spikes are under way.
        network.restore()
        network.run(15 * ms)
        kept = {(s, name): where for s, name, where in spikeplast.explain(network).variables}
        assert "wait" in kept["plastic", "w"]
        assert "wait" in kept["voltage", "w"]
        assert "neuron and delay" in kept["feed", "q"]
        return network, {**first, **{f"{name} again": v for name, v in observe().items()}}

    values = assert_same_bits(run)
    assert values["i"].size > 50
    assert np.ptp(values["w"]) > 0.01
    assert np.ptp(values["voltage"]) > 0.01
    assert np.ptp(values["fed"]) > 0.01


def driven_cells():
    cells = NeuronGroup(
        100, "dv/dt = (2 - v)/(10*ms) : 1", threshold="v > 1", reset="v = 0", method="exact"
    )
    cells.v = "i/100.0"
    return cells, SpikeMonitor(cells)


def test_errors_of_python_code_end_the_run_and_leave_a_usable_network():
    set_device("numba", threads=2)
    cells, spikes = driven_cells()
    calls = []

    @network_operation(when="end")
    def fail():
        calls.append(None)
        if len(calls) == 50:
            raise ValueError("no more")

    network = Network(cells, spikes, fail)
    with pytest.raises(ValueError, match="no more"):
        network.run(10 * ms)
    n = spikes.num_spikes
    network.run(10 * ms)
    assert spikes.num_spikes > n


def test_ctrl_c_ends_the_run_of_all_threads():
    set_device("numba", threads=2)
    cells, spikes = driven_cells()
    network = Network(cells, spikes)
    network.run(1 * ms)
    before = threading.active_count()
    timer = threading.Timer(0.3, _thread.interrupt_main)
    timer.start()
    network.run(10_000_000 * ms)
    timer.join()
    assert network.t < 1_000_000 * ms
    assert threading.active_count() <= before
    t = network.t
    network.run(1 * ms)
    assert abs(network.t - t - 1 * ms) < 0.01 * ms


def test_the_number_of_threads_may_change_between_runs():
    seed(3)
    results = []
    for numbers in ((1, 1, 1), (1, 3, 2)):
        set_device("numba")
        cells, spikes = driven_cells()
        chain = Synapses(cells, cells, on_pre="v_post += 0.05", delay=2 * ms)
        chain.connect(i=np.arange(100), j=np.arange(100)[::-1])
        network = Network(cells, spikes, chain)
        for threads in numbers:
            set_device("numba", threads=threads)
            network.run(7 * ms)
        results.append([np.array(values[:]) for values in (spikes.i, spikes.t_, cells.v)])
    for expected, found in zip(*results, strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("threads", "error"),
    [
        (0, ValueError),
        (-2, ValueError),
        (10**6, ValueError),
        (1.5, TypeError),
        ("2", TypeError),
        (True, TypeError),
    ],
)
def test_bad_numbers_of_threads(threads, error):
    with pytest.raises(error, match=f"threads={threads!r} of set_device"):
        set_device("numba", threads=threads)


def test_explain_says_who_does_what():
    set_device("numba", threads=2)
    noisy = NeuronGroup(5, "dv/dt = -v/(9*ms) + 0.1*xi*ms**-0.5 : 1", method="euler", name="noisy")
    explanation = spikeplast.explain(Network(noisy))
    assert ("noisy_stateupdater", "the loop", "on one thread: it draws random numbers") in (
        explanation.objects
    )


def test_one_thread_has_the_program_that_it_always_had():
    sources = []
    for options in ({}, {"threads": 1}):
        set_device("numba", **options)
        network, _ = networks.conductance()
        sources.append(spikeplast.explain(network, namespace={}).source)
    assert sources[0] == sources[1]
    assert "barrier" not in sources[0].read_text()
