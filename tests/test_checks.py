"""Checks end a run, say where and when, and leave the state to look at."""

import numpy as np
import pytest
from brian2 import (
    Hz,
    Network,
    NeuronGroup,
    PoissonGroup,
    SpikeGeneratorGroup,
    Synapses,
    ms,
    mV,
    seed,
    set_device,
)

import spikeplast  # noqa: F401  (registers the device)
from spikeplast.checks import CheckFailed, FiniteState, RateBounds, WeightBounds


@pytest.fixture(params=["runtime", "numba"])
def device(request):
    set_device(request.param)
    return request.param


def growing():
    source = SpikeGeneratorGroup(1, np.zeros(50, int), np.arange(1, 500, 10) * ms, name="source")
    cells = NeuronGroup(3, "v : 1", name="cells")
    synapses = Synapses(source, cells, "w : 1", on_pre="w += 0.1*j", name="synapses")
    synapses.connect()
    return source, cells, synapses


def test_a_weight_beyond_its_bound(device):
    source, cells, synapses = growing()
    network = Network(source, cells, synapses, WeightBounds(synapses, 0, 0.9, dt=50 * ms))
    found = r"t = 50\. ms: synapses\.w\[2\] = 1 is not between 0 and 0\.9 \(1 of 3"
    with pytest.raises(CheckFailed, match=found):
        network.run(500 * ms)
    assert network.t <= 51 * ms
    np.testing.assert_allclose(synapses.w, [0, 0.5, 1.0], rtol=1e-12)


def test_weights_within_their_bounds_pass(device):
    source, cells, synapses = growing()
    network = Network(source, cells, synapses, WeightBounds(synapses, 0, 20, dt=50 * ms))
    network.run(200 * ms)
    assert network.t == 200 * ms


def test_a_state_that_is_not_finite(device):
    cells = NeuronGroup(4, "dv/dt = (v**2 + i*1.0)/(10*ms) : 1", method="euler", name="cells")
    cells.v = [0, 0, 0, 5]
    network = Network(cells, FiniteState(cells, dt=20 * ms))
    with pytest.raises(CheckFailed, match=r"cells\.v\[\d\] is (inf|nan)"):
        network.run(200 * ms)
    assert not np.all(np.isfinite(cells.v[:]))


def test_refractory_cells_that_never_spiked_are_finite(device):
    cells = NeuronGroup(
        2, "v : 1", threshold="v > 1", refractory=5 * ms, method="euler", name="cells"
    )
    network = Network(cells, FiniteState(cells, dt=10 * ms))
    network.run(50 * ms)
    assert network.t == 50 * ms


@pytest.mark.parametrize(("low", "high"), [(None, 50 * Hz), (300 * Hz, None)])
def test_rates_out_of_bounds(device, low, high):
    seed(3)
    inputs = PoissonGroup(50, 200 * Hz, name="inputs")
    network = Network(inputs, RateBounds(inputs, low, high))
    with pytest.raises(
        CheckFailed, match=r"mean rate of inputs is (1[7-9]|2[0-2])\d.* .busiest: cell"
    ):
        network.run(1000 * ms)
    assert network.t < 250 * ms


def test_rates_within_bounds_pass(device):
    seed(3)
    inputs = PoissonGroup(50, 200 * Hz, name="inputs")
    network = Network(inputs, RateBounds(inputs, 100 * Hz, 300 * Hz))
    network.run(500 * ms)
    assert network.t == 500 * ms


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda g: RateBounds(g, high=5 * mV), "give it in Hz"),
        (lambda g: RateBounds(g, 9 * Hz, 3 * Hz), "above high"),
        (lambda g: RateBounds(g, window=-1 * ms), "no time above 0"),
        (lambda g: FiniteState(g, dt=3 * mV), "no time above 0"),
        (lambda g: WeightBounds(g, 0, 1), "no variable 'w'"),
        (lambda g: WeightBounds(g, 0, 1, "v"), "has not the unit"),
    ],
)
def test_bad_input(make, message):
    cells = NeuronGroup(1, "v : volt", threshold="v > 0*mV", name="cells")
    with pytest.raises(ValueError, match=message):
        make(cells)
