"""Networks of single precision run in the loop and equal Brian 2's up to its rounding."""

import numpy as np
import pytest
from brian2 import (
    Hz,
    Network,
    NeuronGroup,
    PoissonGroup,
    SpikeGeneratorGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    ms,
    prefs,
    second,
    set_device,
)

import spikeplast


@pytest.fixture
def single_precision():
    prefs.core.default_float_dtype = np.float32
    yield
    prefs.core.default_float_dtype = np.float64


def simulate(device, delay=0.3 * ms):
    set_device(device)
    source = SpikeGeneratorGroup(3, [0, 1, 2, 0, 1], [1, 2, 3.5, 8, 12] * ms)
    cells = NeuronGroup(
        3,
        "dv/dt = (1.3 - v)/(10*ms) : 1 (unless refractory)\nn : integer",
        threshold="v > 1",
        reset="v = 0; n += 1",
        refractory="(1 + i)*ms",
        method="exact",
    )
    synapses = Synapses(
        source,
        cells,
        "w : 1\ndx/dt = -x/(5*ms) : 1 (event-driven)\ndy/dt = -y/(5*ms) : 1 (event-driven)",
        on_pre="v_post += w; x += 0.1; w = clip(w + y, 0, 1)",
        on_post="y -= 0.1; w = clip(w + x, 0, 1)",
        name="synapses",
    )
    synapses.connect()
    synapses.pre.delay = delay
    synapses.w = "0.1*(i + 1)"
    state, spikes = StateMonitor(cells, "v", record=True), SpikeMonitor(cells, variables="v")
    network = Network(source, cells, synapses, state, spikes)
    network.run(20 * ms)
    network.run(20 * ms)
    result = {"w": synapses.w, "v": state.v, "n": cells.n, "t": spikes.t / ms, "at": spikes.v}
    return {name: np.array(value[:]) for name, value in result.items()}, network


@pytest.mark.usefixtures("loop_in_python")
def test_equal_to_numpy(single_precision):
    expected, _ = simulate("runtime")
    found, network = simulate("numba")
    assert expected["v"].dtype == found["v"].dtype == np.float32
    assert expected["n"].sum() > 5
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-5, err_msg=name)
    explanation = spikeplast.explain(network)
    assert {place for _, place, _ in explanation.objects} == {"the loop"}
    assert {why for _, _, why in explanation.variables} == {
        "per presynaptic neuron",
        "per postsynaptic neuron",
        "its changes wait for the next presynaptic spike",
    }


@pytest.mark.usefixtures("loop_in_python")
def test_what_stays_with_the_synapses_keeps_its_decay(single_precision):
    delays = np.arange(9) * 0.1 * ms
    expected, _ = simulate("runtime", delays)
    found, network = simulate("numba", delays)
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-5, err_msg=name)
    assert {why for _, _, why in spikeplast.explain(network).variables} == {
        "per synapse: x is not of double precision, and the delays of synapses_pre differ"
    }


def spikes_of(n_cells, n, rng):
    """`n` spikes in 2 s, of each cell at most one in a time step."""
    spikes = rng.choice(20_000 * n_cells, n, replace=False)
    return SpikeGeneratorGroup(n_cells, spikes % n_cells, spikes // n_cells * 0.1 * ms)


def weights(device, dtype):
    set_device(device)
    prefs.core.default_float_dtype = dtype
    rng = np.random.default_rng(1)
    synapses = Synapses(
        spikes_of(30, 3000, rng),
        spikes_of(20, 1000, rng),
        "w : 1\ndx/dt = -x/(20*ms) : 1 (event-driven)\ndy/dt = -y/(20*ms) : 1 (event-driven)",
        on_pre="x += 0.01; w = clip(w - 0.5*y, 0, 0.8)",
        on_post="y += 0.01; w = clip(w + x, 0, 0.8)",
        name="synapses",
    )
    synapses.connect()
    synapses.w = "0.5 + 0.01*i"
    network = Network(synapses.source, synapses.target, synapses)
    network.run(1 * second)
    # At the bound, rounded to single precision, weights may be above it.
    network.run(1 * second)
    return np.array(synapses.w[:]), network


def test_streamed_weights_are_as_precise_as_brian_s_own(single_precision):
    exact, _ = weights("runtime", np.float64)
    own, _ = weights("runtime", np.float32)
    found, network = weights("numba", np.float32)
    explanation = spikeplast.explain(network)
    kept = {name: where for _, name, where in explanation.variables}
    assert kept["w"] == "its changes wait for the next presynaptic spike"
    assert found.dtype == np.float32
    assert exact.max() == 0.8
    assert np.ptp(exact) > 0.1
    assert np.abs(found - exact).max() < 2 * np.abs(own - exact).max() < 1e-5
    assert explanation.memory[0][2].startswith("12")


def test_poisson_input(single_precision):
    set_device("numba")
    inputs = PoissonGroup(1000, 50 * Hz)
    spikes = SpikeMonitor(inputs, record=False)
    Network(inputs, spikes).run(1000 * ms)
    assert abs(spikes.num_spikes - 50_000) < 5 * np.sqrt(50_000)
