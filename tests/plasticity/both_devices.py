"""The same network on Brian 2's own device and on the engine."""

import numpy as np
from brian2 import Network, NeuronGroup, SpikeGeneratorGroup, ms, mV, seed, set_device

import spikeplast

WAITS = "its changes wait for the next presynaptic spike"


def weights_on_both(build, duration=300 * ms, variable="w"):
    """Weights from `build()` (objects, the synapses last), after a run on each of the devices.

    Asserts that they are equal up to rounding and not all the same as at the beginning. Returns
    the weights and where the engine keeps each variable of the synapses.
    """
    found = []
    for device in ("runtime", "numba"):
        set_device(device)
        seed(3)
        objects = build()
        synapses = objects[-1]
        before = np.array(getattr(synapses, variable)[:])
        network = Network(*objects)
        network.run(duration, namespace={})
        found.append(np.array(getattr(synapses, variable)[:]))
    kept = {
        name: where
        for owner, name, where in spikeplast.explain(network).variables
        if owner == synapses.name
    }
    assert np.abs(found[0] - before).max() > 1e-6
    np.testing.assert_allclose(found[1], found[0], rtol=1e-9, atol=1e-12)
    return found[1], kept


def random_inputs(n=12, spikes=15, steps=2500, seed=5):
    """`n` inputs with random spikes within 250 ms."""
    rng = np.random.default_rng(seed)
    times = np.concatenate([rng.choice(steps, spikes, replace=False) for _ in range(n)])
    return SpikeGeneratorGroup(n, np.repeat(np.arange(n), spikes), times * 0.1 * ms)


def leaky_cells(n=3, extra_equations="", drive=3):
    """Cells that fire by themselves, at -70 to -50 mV."""
    cells = NeuronGroup(
        n,
        "dv/dt = (-50*mV + drive - v)/(20*ms) : volt\ndrive : volt\n" + extra_equations,
        threshold="v > -50*mV",
        reset="v = -60*mV",
        method="euler",
    )
    cells.v = -65 * mV
    cells.drive = np.arange(1, n + 1) * drive * mV
    return cells
