"""Objects that run at given times (Brian 2 2.10 and later) do so within the compiled loop."""

import brian2
import numpy as np
import pytest
from brian2 import (
    Network,
    NetworkOperation,
    NeuronGroup,
    SpikeGeneratorGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    ms,
    second,
    set_device,
)

import spikeplast

pytestmark = pytest.mark.skipif(
    not hasattr(brian2, "EventClock"), reason="Brian 2 has EventClock from 2.10 on"
)


def simulate(device):
    set_device(device)
    source = SpikeGeneratorGroup(3, [0, 1, 2, 0, 1], [1, 2, 3.5, 8, 12] * ms)
    cells = NeuronGroup(
        3, "dv/dt = (1.2 - v)/(10*ms) : 1", threshold="v > 1", reset="v = 0", method="exact"
    )
    synapses = Synapses(
        source,
        cells,
        "w : 1\ndx/dt = -x/(5*ms) : 1 (event-driven)\ndy/dt = -y/(5*ms) : 1 (event-driven)",
        on_pre="v_post += w; x += 0.1; w = clip(w + y, 0, 1)",
        on_post="y -= 0.1; w = clip(w + x, 0, 1)",
    )
    synapses.connect()
    synapses.w = "0.1*(i + 1)"
    # On the grid, off the grid, before the first run ends, just when it ends, and never.
    times = [0, 0.3, 2.55, 7, 9.93, 10, 14.2, 400] * ms
    cells.run_at("v += 0.1*(i + 1) + t/second", times=times)
    synapses.run_at("w *= 0.9", times=[4, 11] * ms)
    recorded = StateMonitor(cells, "v", record=True, clock=brian2.EventClock([1, 2.5, 12] * ms))
    seen = []
    look = NetworkOperation(
        lambda t: seen.append((t[:] / second, *cells.v[:])),
        clock=brian2.EventClock([3, 10, 11.02] * ms),
    )
    spikes = SpikeMonitor(cells)
    network = Network(source, cells, synapses, recorded, look, spikes)
    network.run(10 * ms)
    network.run(5 * ms)
    result = {
        "v": cells.v[:],
        "w": synapses.w[:],
        "recorded": recorded.v[:],
        "recorded_t": np.asarray(recorded.t / second),
        "seen": np.array(seen),
        "spikes": np.asarray(spikes.t / second),
        "t": float(network.t),
    }
    return {name: np.array(value) for name, value in result.items()}, network


def test_equal_to_brian():
    expected, _ = simulate("runtime")
    found, network = simulate("numba")
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-12, err_msg=name)
    assert len(expected["seen"]) == 3 and expected["recorded"].shape == (3, 3)
    places = [place for _, place, _ in spikeplast.explain(network).objects]
    assert places.count("Python") == 1


def test_no_other_clock():
    set_device("numba")
    cells, others = NeuronGroup(2, "n : 1"), NeuronGroup(1, "n : 1")
    network = Network(cells.run_at("n += 1", times=[1, 3, 3.5] * ms))
    counts = []
    for end in (3, 3.4, 9):
        if end == 3.4:
            network.add(others.run_at("n += 1", times=[3, 3.7] * ms))
        network.run(end * ms - network.t)
        counts.append((cells.n[0], others.n[0]))
    assert counts == [(1, 0), (2, 1), (3, 2)]


def test_an_event_just_before_the_end():
    """Brian 2 ends with StopIteration here, since it has the other clock tick again."""
    set_device("numba")
    cells = NeuronGroup(1, "n : 1\nm : 1")
    cells.run_regularly("m += 1")
    cells.run_at("n += 1", times=[1 - 1e-9] * ms)
    network = Network(cells)
    network.run(1 * ms)
    assert (cells.n[0], cells.m[0]) == (1, 10)
    network.run(1 * ms)
    assert (cells.n[0], cells.m[0]) == (1, 20)
