"""Every model gives the same spikes and voltages on the runtime device and on `numba`."""

import numpy as np
import pytest
from brian2 import (
    Hz,
    Network,
    SpikeGeneratorGroup,
    SpikeMonitor,
    ms,
    mV,
    nS,
    pA,
    prefs,
    seed,
    set_device,
)

import spikeplast.engine  # noqa: F401  (registers the device)
from spikeplast.neurons import (
    GIF,
    GLIF,
    NMDALIF,
    AdaptiveThresholdLIF,
    AdEx,
    ClopathEIF,
    ConductanceInput,
    ConductanceLIF,
    CurrentInput,
    CurrentLIF,
    Izhikevich,
    NMDAInput,
    TraubMilesHH,
)
from spikeplast.plasticity import PairSTDP

ALPHA = {"shape": "alpha"}
# Model, what its synapses act on with which gain, and the injected current.
CASES = [
    (ConductanceLIF(), "g_e", 1.0, None),
    (NMDALIF(**ALPHA), "x_n", 1.0, None),
    (CurrentLIF(**ALPHA), "x_e", 100 * pA, 150 * pA),
    (AdaptiveThresholdLIF(lock_out=0 * ms), "g_e", 10.0, None),
    (GLIF(update="nest"), "g_e", 5 * nS, 400 * pA),
    (GLIF(level=2, update="allen", inputs=CurrentInput(**ALPHA)), "x_e", 50 * pA, 300 * pA),
    (AdEx(inputs=NMDAInput()), "x_n", 2 * nS, 900 * pA),
    (Izhikevich(), "v", 5 * mV, 10 * mV / ms),
    (Izhikevich.named("FS", inputs=ConductanceInput()), "g_e", 20 * Hz, 5 * mV / ms),
    (ClopathEIF(), "g_e", 5 * nS, 900 * pA),
    (TraubMilesHH(), "g_e", 3 * nS, 200 * pA),
    (GIF(), "g_e", 1 * nS, 250 * pA),
]


# Compiling takes seconds for each; models with a step of their own are the likeliest to differ.
FAST = (GLIF, ClopathEIF)


def run(device, model, acts_on, gain, current):
    """Spikes, last voltages and last weights of cells that are driven by plastic synapses."""
    set_device(device)
    prefs.codegen.target = "numpy"
    source = SpikeGeneratorGroup(2, [0, 1, 0, 1, 0, 1], [2, 4, 11, 12, 20, 31] * ms)
    cells = model.group(3)
    if current is not None:
        cells.I_ext = current
    synapses = PairSTDP(A_plus=0.1).synapses(source, cells, acts_on=acts_on, gain=gain)
    synapses.connect()
    synapses.w = "0.1 + 0.2*j"
    spikes = SpikeMonitor(cells)
    seed(3)
    Network(source, cells, synapses, spikes).run(40 * ms, namespace={})
    return np.array(spikes.i), spikes.t / ms, cells.v / mV, np.array(synapses.w)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case,
            marks=[] if isinstance(case[0], FAST) else pytest.mark.slow,
            id=f"{type(case[0]).__name__}-{case[1]}",
        )
        for case in CASES
    ],
)
def test_a_model_runs_equally_on_both_devices(case):
    runtime, numba = run("runtime", *case), run("numba", *case)
    assert len(runtime[0]) > 0
    np.testing.assert_array_equal(numba[0], runtime[0])
    for found, expected in zip(numba[1:], runtime[1:], strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-6)
