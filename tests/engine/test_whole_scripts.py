"""Parts of Brian 2 that no other test touches, each compared with Brian 2's NumPy target."""

import numpy as np
import pytest
from brian2 import (
    Cylinder,
    EventMonitor,
    Network,
    NetworkOperation,
    NeuronGroup,
    SpatialNeuron,
    SpikeGeneratorGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    cm,
    defaultclock,
    ms,
    mV,
    nA,
    ohm,
    set_device,
    siemens,
    uF,
    um,
)

import spikeplast  # noqa: F401


def compartments():
    """A cable with a threshold, a current injected at its end, and two runs."""
    cable = SpatialNeuron(
        Cylinder(length=100 * um, diameter=1 * um, n=10),
        "Im = g*(-70*mV - v) : amp/meter**2\nI : amp (point current)",
        Cm=1 * uF / cm**2,
        Ri=100 * ohm * cm,
        method="exponential_euler",
        threshold="v > -60*mV",
        threshold_location=3,
        refractory=2 * ms,
        namespace={"g": 1e-4 * siemens / cm**2},
    )
    cable.v = -70 * mV
    cable.I[0] = 0.1 * nA
    state, spikes = StateMonitor(cable, "v", record=[0, 3, 9]), SpikeMonitor(cable)
    network = Network(cable, state, spikes)
    network.run(5 * ms)
    cable.I[0] = 0 * nA
    network.run(5 * ms)
    assert spikes.num_spikes > 2
    return state.v, spikes.t


def events():
    """Events of one's own: what they run, when, and what synapses and monitors make of them."""
    cells = NeuronGroup(
        5,
        "dv/dt = (1.5 - v)/(10*ms) : 1\nhits : integer\nseen : boolean\nlast : second",
        threshold="v > 1",
        reset="v = 0",
        events={"half": "v > 0.5 and not seen", "near": "v > 0.9"},
        method="euler",
    )
    cells.v = "i*0.2"
    cells.run_on_event("half", "hits += 1; seen = True; last = t")
    cells.run_on_event("near", "v += 0.01")
    cells.set_event_schedule("near", when="before_resets", order=2)
    ring = Synapses(
        cells,
        cells,
        "w : 1",
        on_pre={"spike": "v_post += w", "half": "w += 0.1"},
        on_event={"spike": "spike", "half": "half"},
    )
    ring.connect(j="(i + 1) % N_post")
    ring.half.delay = 0.5 * ms
    half = EventMonitor(cells, "half", variables=["v", "hits"])
    network = Network(cells, ring, half)
    network.run(10 * ms)
    cells.seen = False
    network.run(10 * ms)
    return half.i, half.t, half.v, cells.hits, ring.w, cells.last, cells.seen


def changed_between_runs():
    """Synapses added, delays of all kinds changed, a Synapses object added and removed."""
    source = SpikeGeneratorGroup(3, [0, 1, 2] * 3, [1, 2, 3, 6, 7, 8, 9, 10, 11] * ms)
    target = NeuronGroup(3, "x : 1\ny : 1")
    synapses = Synapses(source, target, "w : 1", on_pre="x_post += w*t/ms")
    synapses.connect(i=[0, 1], j=[1, 2])
    synapses.w, synapses.delay = 1, 0.4 * ms
    state = StateMonitor(target, "x", record=True)
    network = Network(source, target, synapses, state)
    network.run(2.2 * ms)
    synapses.connect(i=[2, 0], j=[0, 0])
    synapses.w["i == 2 or j == 0"] = 5
    network.run(1 * ms)
    others = Synapses(source, target, on_pre="y_post += 1")
    others.connect()
    network.add(others)
    network.run(3 * ms)
    network.remove(others)
    for delay in ("0.7*ms*i", "1*ms"):
        network.run(2.2 * ms)
        synapses.delay = delay
    network.run(3 * ms)
    return state.x, target.y, synapses.w


def states():
    """Booleans and integers, shared and not, set by strings and changed by resets."""
    cells = NeuronGroup(
        6,
        """
        v : volt
        flag : boolean
        n : integer
        on : boolean (shared)
        step : integer (shared)
        r : 1 (constant)
        total = v/mV + n : 1
        high = v > 2*mV : boolean
        dx/dt = -x/(5*ms) : 1 (unless refractory)
        """,
        threshold="flag and high",
        reset="flag = not flag; n += int(high); v = -v",
        refractory="n*0.2*ms",
        method="exact",
    )
    cells.v, cells.flag, cells.n = "i*mV", "i % 2 == 1", "i // 2"
    cells.on, cells.step, cells.x = True, 3, 1
    cells.v["i > 3"] = "v + 2*mV"
    cells.n[:3] = "n*2 + 1"
    cells.flag["n > 2"] = "not flag"
    cells.r = "total + int(flag)"
    cells.run_regularly("flag = on and not (n > 20); n = n + step", dt=0.5 * ms)
    names = ["v", "flag", "n", "high", "total", "r", "x", "not_refractory"]
    state = StateMonitor(cells, names, record=True)
    network = Network(cells, state)
    network.run(2 * ms)
    cells.step, cells.on, cells.v = 1, False, "v + 1*mV"
    network.run(1 * ms)
    cells.on, cells.n = True, "n % 4"
    network.run(2 * ms)
    return [getattr(state, name) for name in names]


def parameters():
    """Time constants, thresholds and time steps that are others in each run."""
    cells = NeuronGroup(
        3, "dv/dt = (I - v)/tau : 1\nI : 1", threshold="v > bound", reset="v = 0", method="exact"
    )
    cells.I = "1 + i"
    spikes = SpikeMonitor(cells)
    network = Network(cells, spikes)
    for tau, bound, dt in [(5 * ms, 0.8, 0.1), (9 * ms, 0.5, 0.1), (2 * ms, 0.9, 0.05)]:
        defaultclock.dt = dt * ms
        network.run(10 * ms, namespace={"tau": tau, "bound": bound})
    assert spikes.num_spikes > 30
    return spikes.t, spikes.i, cells.v


def restored_in_an_operation():
    """store() and restore() during a run, with spikes under way and a trace per neuron."""
    cells = NeuronGroup(
        3,
        "dv/dt = 1/(10*ms) : 1\nk : integer",
        threshold="v > 0.35",
        reset="v = 0; k += 1",
        method="euler",
    )
    cells.v = [0, 0.2, 0.1]
    synapses = Synapses(
        cells,
        cells,
        "w : 1\ndx/dt = -x/(5*ms) : 1 (event-driven)\ndy/dt = -y/(5*ms) : 1 (event-driven)",
        on_pre="v_post += w; x += 0.1; w = clip(w - y, 0, 0.2)",
        on_post="y += 0.01; w = clip(w + 0.1*x, 0, 0.2)",
        delay=1.2 * ms,
    )
    synapses.connect(condition="i != j")
    synapses.w = 0.05
    spikes = SpikeMonitor(cells)
    network = Network(cells, synapses, spikes)
    calls = []

    def travel():
        calls.append(float(network.t))
        if len(calls) == 3:
            network.store("then")
        if len(calls) == 8:
            synapses.w = 0.1
            network.restore("then")

    network.add(NetworkOperation(travel, dt=2 * ms))
    network.run(20 * ms)
    network.run(5 * ms)
    return cells.v, cells.k, spikes.t, spikes.i, synapses.w, synapses.x, np.array(calls)


SCRIPTS = [compartments, events, changed_between_runs, states, parameters, restored_in_an_operation]


@pytest.mark.parametrize("script", SCRIPTS)
def test_equal_to_numpy(script):
    results = []
    for device in ("runtime", "numba"):
        set_device(device)
        defaultclock.dt = 0.1 * ms
        results.append([np.array(value[:], dtype=float) for value in script()])
    for found, expected in zip(results[1], results[0], strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-13)


def test_a_state_with_other_synapses_cannot_be_restored_during_a_run():
    set_device("numba")
    source = SpikeGeneratorGroup(1, [0, 0], [1, 3] * ms)
    target = NeuronGroup(2, "x : 1")
    synapses = Synapses(source, target, on_pre="x_post += 1", delay=1 * ms)
    synapses.connect(i=0, j=0)
    operation = NetworkOperation(lambda: network.restore(), dt=2 * ms)
    network = Network(source, target, synapses, operation)
    network.store()
    synapses.connect(i=0, j=1)
    with pytest.raises(RuntimeError, match="between runs"):
        network.run(5 * ms)
