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
    set_device,
)

import spikeplast


@pytest.fixture
def single_precision():
    prefs.core.default_float_dtype = np.float32
    yield
    prefs.core.default_float_dtype = np.float64


def simulate(device):
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
        delay=0.3 * ms,
        name="synapses",
    )
    synapses.connect()
    synapses.w = "0.1*(i + 1)"
    state, spikes = StateMonitor(cells, "v", record=True), SpikeMonitor(cells, variables="v")
    network = Network(source, cells, synapses, state, spikes)
    network.run(20 * ms)
    network.run(20 * ms)
    result = {"w": synapses.w, "v": state.v, "n": cells.n, "t": spikes.t / ms, "at": spikes.v}
    return {name: np.array(value[:]) for name, value in result.items()}, network


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
        "per synapse: x is not of double precision"
    }


def test_poisson_input(single_precision):
    set_device("numba")
    inputs = PoissonGroup(1000, 50 * Hz)
    spikes = SpikeMonitor(inputs, record=False)
    Network(inputs, spikes).run(1000 * ms)
    assert abs(spikes.num_spikes - 50_000) < 5 * np.sqrt(50_000)
