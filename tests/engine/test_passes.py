"""The passes that keep the bits, and the one that keeps the distribution."""

import numpy as np
import pytest
from brian2 import (
    Hz,
    Network,
    NeuronGroup,
    PoissonGroup,
    SpikeMonitor,
    Synapses,
    ms,
    second,
    seed,
    set_device,
    volt,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import spikeplast
from spikeplast.engine import kernels
from spikeplast.engine.passes import NOTHING, PASSES


def refractory_cells(refractory, optimize):
    set_device("numba", optimize=optimize)
    cells = NeuronGroup(
        150,
        "dv/dt = (drive - v)/(10*ms) : volt (unless refractory)\ndrive : volt",
        threshold="v > 10*mV",
        reset="v = 0*mV",
        refractory=refractory,
        method="euler",
    )
    cells.drive = "8*mV + 0.1*mV*i"
    spikes = SpikeMonitor(cells)
    Network(cells, spikes).run(80 * ms)
    return spikes.i[:], np.asarray(spikes.t / second), np.asarray(cells.v / volt)


@pytest.mark.parametrize("name", ["compare_timesteps", "scan_thresholds"])
@pytest.mark.parametrize("refractory", [5 * ms, 0 * ms, 0.25 * ms, "i*0.05*ms", "v > 9*mV"])
def test_bits_are_kept(name, refractory):
    without = {other: False for other in PASSES}
    expected = refractory_cells(refractory, without)
    result = refractory_cells(refractory, {**without, name: True})
    for values, reference in zip(result, expected, strict=True):
        np.testing.assert_array_equal(values, reference)
    assert len(expected[0]) > 100


@pytest.mark.parametrize(
    ("name", "trace"),
    [
        ("compare_timesteps", "timestep_bound(_"),
        ("scan_thresholds", "for _low_"),
        ("sample_events", "sample_events(\n"),
    ],
)
def test_each_pass_finds_what_it_is_for(name, trace):
    def source(optimize):
        set_device("numba", optimize=optimize)
        inputs = PoissonGroup(3, 30 * Hz)
        cells = NeuronGroup(
            3, "v : 1", threshold="v > 1", reset="v = 0", refractory=5 * ms, method="euler"
        )
        network = Network(inputs, cells)
        network.run(0.1 * ms)
        return spikeplast.explain(network).source.read_text()

    without = {other: False for other in PASSES}
    assert trace in source({**without, name: True})
    assert trace not in source(without)


def reported(*objects):
    reports = spikeplast.explain(Network(*objects)).passes
    assert {name for name, _, _ in reports} == set(PASSES) == set(NOTHING)
    return {(name, obj): what for name, obj, what in reports}


def test_explain_says_what_each_pass_did():
    set_device("numba")
    inputs = PoissonGroup(3, 30 * Hz, name="inputs")
    cells = NeuronGroup(32, "v : 1", threshold="v > 1", refractory=5 * ms, name="cells")
    rule = "w : 1\ndx/dt = -x/(10*ms) : 1 (event-driven)"
    events = {"on_pre": "v_post += w; x += 1", "on_post": "w += x"}
    synapses = Synapses(inputs, cells, rule, **events, name="synapses")
    synapses.connect()
    found = reported(inputs, cells, synapses)
    assert found["lift_traces", "synapses.x"] == "per presynaptic neuron"
    assert "wait for the next presynaptic spike" in found["stream_plasticity", "synapses.w"]
    assert found["dense_projections", "synapses_pre"] == "walked without indices"
    assert found["compare_timesteps", "cells_stateupdater"] == "times are compared"
    assert "in groups" in found["scan_thresholds", "cells_spike_thresholder"]
    assert "rand()" in found["scan_thresholds", "inputs_spike_thresholder"]
    assert found["sample_events", "inputs_spike_thresholder"] == "drawn by event"


def test_explain_says_why_a_pass_did_nothing():
    set_device("numba", optimize={"lift_traces": False})
    cells = NeuronGroup(3, "r : second", threshold="i > 5", refractory="r", name="cells")
    drawing = NeuronGroup(3, "p : 1", threshold="rand() < p", name="drawing")
    synapses = Synapses(cells, cells, "dx/dt = -x/(10*ms) : 1 (event-driven)", on_pre="x += 1")
    synapses.connect()
    found = reported(cells, drawing, synapses)
    assert found["lift_traces", ""] == "switched off"
    assert found["stream_plasticity", ""].startswith("nothing to do")
    assert "fewer than 32 synapses" in found["dense_projections", f"{synapses.name}_pre"]
    assert "a division for each cell" in found["compare_timesteps", "cells_stateupdater"]
    assert "not rand() < rates*dt" in found["sample_events", "drawing_spike_thresholder"]
    set_device("numba")
    found = reported(NeuronGroup(3, "v : 1", name="others"))
    # This one is about every loop.
    found.pop(("flush_denormals", ""))
    assert all(what == f"nothing to do: {NOTHING[name]}" for (name, _), what in found.items())


# The first call starts Numba.
@settings(deadline=None)
@given(
    number=st.integers(-3, 10**7),
    dt=st.floats(1e-6, 1e-1),
    near=st.integers(-5, 5),
    x=st.floats(-1e3, 1e3),
)
def test_bound_answers_as_the_division_does(number, dt, near, x):
    bound = kernels.timestep_bound(number, dt)
    around = bound
    for _ in range(abs(near)):
        around = np.nextafter(around, np.inf * near)
    for value in (around, x):
        assert (value >= bound) == (int(value / dt) >= number)


def poisson_counts(optimize, rates):
    set_device("numba", optimize=optimize)
    seed(11)
    inputs = PoissonGroup(len(rates), rates)
    spikes = SpikeMonitor(inputs)
    Network(inputs, spikes).run(20 * second)
    return spikes


def test_sampled_cells_have_their_own_rates():
    rates = np.array([0.0, 1.0, 5.0, 20.0, 80.0, 200.0] * 5) * Hz
    counts = poisson_counts(True, rates).count[:]
    expected = np.asarray(rates / Hz) * 20
    assert (counts[expected == 0] == 0).all()
    z = (counts - expected)[expected > 0] / np.sqrt(expected[expected > 0])
    # 25 independent standard normal numbers, nearly.
    assert 1e-4 < stats.chi2.cdf((z**2).sum(), z.size) < 1 - 1e-4


def test_sampled_cells_are_independent_and_without_memory():
    spikes = poisson_counts(True, np.full(40, 50.0) * Hz)
    steps = np.rint(np.asarray(spikes.t / (0.1 * ms))).astype(int)
    per_step = np.bincount(np.bincount(steps, minlength=200000), minlength=4)[:4]
    p = 50 * 1e-4
    expected = 200000 * stats.binom.pmf(np.arange(4), 40, p)
    assert stats.chisquare(per_step, expected * per_step.sum() / expected.sum()).pvalue > 1e-4
    intervals = np.concatenate([np.diff(steps[spikes.i == cell]) for cell in range(40)])
    np.testing.assert_allclose(intervals.mean(), 1 / p, rtol=0.03)
    np.testing.assert_allclose(intervals.std() / intervals.mean(), 1, rtol=0.03)
    assert intervals.min() >= 1


def test_certain_spikes_are_drawn():
    spikes = poisson_counts(True, np.array([1e4, 5e4, 0.0]) * Hz)
    assert spikes.count[:].tolist() == [200000, 200000, 0]


def test_without_the_pass_a_seed_gives_brian_2_s_raster():
    set_device("runtime")
    expected = poisson_counts_of_brian()
    result = poisson_counts({"sample_events": False}, np.full(3, 30.0) * Hz)
    np.testing.assert_array_equal(result.i[:], expected.i[:])
    np.testing.assert_array_equal(result.t[:], expected.t[:])


def poisson_counts_of_brian():
    """NumPy's target draws a step's numbers at once, from the same stream in the same order."""
    seed(11)
    inputs = PoissonGroup(3, np.full(3, 30.0) * Hz)
    spikes = SpikeMonitor(inputs)
    Network(inputs, spikes).run(20 * second)
    return spikes


def test_other_conditions_are_not_sampled():
    """rand() < rates*dt with a refractory period keeps drawing for each cell."""
    set_device("numba")
    cells = NeuronGroup(
        5, "rates : Hz", threshold="rand() < rates*dt", refractory=10 * ms, method="euler"
    )
    cells.rates = 1000 * Hz
    spikes = SpikeMonitor(cells)
    sink = NeuronGroup(5, "x : 1")
    feed = Synapses(cells, sink, on_pre="x_post += 1")
    feed.connect(j="i")
    Network(cells, spikes, sink, feed).run(1 * second)
    np.testing.assert_array_equal(sink.x[:], spikes.count[:])
    assert (np.diff(np.asarray(spikes.t / ms)[spikes.i == 0]) > 9.9).all()
    assert 80 < spikes.count[0] < 100
