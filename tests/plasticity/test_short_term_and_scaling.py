"""Short-term plasticity against its closed form; synaptic scaling towards its set point."""

from math import exp

import numpy as np
import pytest
from brian2 import (
    Hz,
    Network,
    NeuronGroup,
    SpikeGeneratorGroup,
    StateMonitor,
    ms,
    mV,
    second,
    set_device,
)

from spikeplast.plasticity import Fixed, PairSTDP, TsodyksMarkram, scale_to_rate

from .both_devices import leaky_cells, random_inputs, weights_on_both


def released(rule, times, **parameters):
    """What each spike at `times` (ms) of a weight of 2 adds, with a gain of 3."""
    set_device("numba")
    source = SpikeGeneratorGroup(1, np.zeros(len(times), int), times * ms)
    target = NeuronGroup(1, "y : 1")
    synapses = rule.synapses(
        source, target, acts_on="y", gain=3, w_max=5, short_term=TsodyksMarkram(**parameters)
    )
    synapses.connect()
    synapses.w = 2
    monitor = StateMonitor(target, "y", record=True)
    Network(source, target, synapses, monitor).run((times[-1] + 1) * ms, namespace={})
    steps = np.round(np.asarray(times) * 10).astype(int)
    y = np.append(monitor.y[0], target.y[0])
    return (y[steps + 1] - y[steps]) / 6


@pytest.mark.parametrize(
    ("U", "tau_d", "tau_f"), [(0.2, 200, 600), (0.5, 800, 0.5), (0.05, 100, 1000)]
)
def test_the_steady_state(U, tau_d, tau_f):
    period = 50.0
    found = released(Fixed(), np.arange(1, 20_000, period), U=U, tau_d=tau_d * ms, tau_f=tau_f * ms)
    u = U / (1 - (1 - U) * exp(-period / tau_f))
    x = (1 - exp(-period / tau_d)) / (1 - (1 - u) * exp(-period / tau_d))
    assert found[0] == pytest.approx(U, rel=1e-9)
    assert found[-1] == pytest.approx(u * x, rel=1e-6)
    # The second spike, from the equations by hand.
    u2 = U * exp(-period / tau_f) * (1 - U) + U
    assert found[1] == pytest.approx(u2 * (1 - U * exp(-period / tau_d)), rel=1e-9)


def beside(short_term):
    inputs, target = random_inputs(), leaky_cells()
    # Without an effect, so that the spikes are the same.
    synapses = PairSTDP().synapses(inputs, target, acts_on="v", gain=0 * mV, short_term=short_term)
    synapses.connect()
    synapses.w = 0.5
    return inputs, target, synapses


def test_beside_a_rule_that_is_unaware_of_it():
    found = []
    for short_term in (None, TsodyksMarkram()):
        objects = beside(short_term)
        Network(*objects).run(100 * ms, namespace={})
        found.append(np.array(objects[-1].w[:]))
    assert np.ptp(found[0]) > 1e-3
    np.testing.assert_array_equal(*found)


@pytest.mark.usefixtures("loop_in_python")
def test_beside_a_rule_on_both_devices():
    weights_on_both(lambda: beside(TsodyksMarkram()))


def test_bad_short_term_parameters():
    cells = NeuronGroup(1, "y : 1")
    with pytest.raises(ValueError, match=r"short_term = .* has nothing to scale with acts_on = No"):
        Fixed().synapses(random_inputs(), cells, acts_on=None, short_term=TsodyksMarkram())
    with pytest.raises(ValueError, match=r"TsodyksMarkram: U = 1\.2 is out of range"):
        TsodyksMarkram(U=1.2)
    with pytest.raises(ValueError, match="TsodyksMarkram: tau_d"):
        TsodyksMarkram(tau_d=0 * ms)


def scaled_cells(extra="rate_average : Hz"):
    """Two cells with 20 inputs at 50 Hz, one cell with half the effect."""
    times = np.arange(1, 60_000, 20) * ms
    inputs = SpikeGeneratorGroup(1, np.zeros(len(times), int), times)
    cells = NeuronGroup(
        2,
        "dv/dt = -v/(20*ms) : 1 (unless refractory)\nfactor : 1\n" + extra,
        threshold="v > 1",
        reset="v = 0",
        refractory=1 * ms,
        method="exact",
    )
    cells.factor = [1, 0.5]
    synapses = Fixed().synapses(inputs, cells, acts_on="v", gain=1.0, w_max=100)
    synapses.connect()
    synapses.w = 2
    return inputs, cells, synapses


def test_scaling_reaches_its_set_point_and_stops_when_told():
    set_device("numba")
    inputs, cells, synapses = scaled_cells()
    _, scale = scale_to_rate(
        synapses, rate=25 * Hz, tau=5 * second, tau_rate=0.5 * second, every=100 * ms
    )
    cells.rate_average = 50 * Hz
    network = Network(inputs, cells, synapses)
    network.run(30 * second, namespace={})
    # A spike for every second input: between the weights that need one and two of them.
    np.testing.assert_allclose(cells.rate_average[:] / Hz, 25, rtol=0.2)
    assert 1 / (1 + exp(-1)) < synapses.w[0] < 1.1
    scale.active = False
    before = synapses.w[:].copy()
    network.run(1 * second, namespace={})
    np.testing.assert_array_equal(synapses.w[:], before)


@pytest.mark.usefixtures("loop_in_python")
def test_one_update_by_hand_on_both_devices():
    def build():
        inputs, cells, synapses = scaled_cells("rate_average : Hz\nother : Hz")
        scale_to_rate(synapses, rate=25 * Hz, tau=5 * second, tau_rate=1e6 * second, every=100 * ms)
        cells.rate_average = [10, 50] * Hz
        # Another one beside it keeps its own numbers; it is far too slow to matter.
        scale_to_rate(synapses, rate=9 * Hz, tau=1e9 * second, tau_rate=1 * second, every=100 * ms,
                      variable="other")  # fmt: skip
        return inputs, cells, synapses

    found, _ = weights_on_both(build, duration=50 * ms)
    np.testing.assert_allclose(found, 2 * (1 + 0.02 * np.array([15, -25]) / 25), rtol=1e-5)


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"rate": 0 * Hz}, ValueError, "scale_to_rate: rate"),
        ({"tau": 5}, TypeError, "scale_to_rate: tau"),
        ({"every": 5 * second}, ValueError, "every = 5. s is not below tau"),
        (
            {"variable": "r"},
            ValueError,
            "has no variable 'r'; make it with extra_equations='r : Hz'",
        ),
    ],
)
def test_bad_scaling(changes, error, words):
    _, _, synapses = scaled_cells()
    arguments = dict(rate=25 * Hz, tau=5 * second, tau_rate=1 * second, every=100 * ms)
    with pytest.raises(error) as refused:
        scale_to_rate(synapses, **(arguments | changes))
    assert words in str(refused.value)
