"""Dense projections: the same bits as without the pass, whatever the statements."""

import numpy as np
import pytest
from brian2 import Network, NeuronGroup, SpikeGeneratorGroup, Synapses, ms, seed, set_device

import spikeplast

pytestmark = pytest.mark.usefixtures("loop_in_python")

MODEL = """
w : 1
u : 1
dx/dt = -x/(10*ms) : 1 (event-driven)
dy/dt = -y/(12*ms) : 1 (event-driven)
"""
RULES = {
    "streamed": (
        "g_post += w; w = clip(w - 0.03*y, 0, 1); x += 1",
        "w = clip(w + 0.05*x, 0, 1); y += 1",
    ),
    "eager": ("x += 1; g_post += w*x; w = clip(w - 0.1*w*y, 0, 1)", "w += 0.1*x*(1 - w); y += 1"),
    "locals": ("dw = 0.1*g_post; u = dw; w = clip(w - dw, 0, 1); h_post += u + dw", ""),
    "read after write": ("g_post += w; w = 0.9*w + 0.01*g_post; u = g_post", ""),
    "two targets": ("g_post += w; h_post = 0.5*h_post + g_post", ""),
    "source": ("g_post += w; v_pre += 0.001*w", ""),
    "random": ("g_post += w*rand(); w = 0.5*rand()", ""),
    "many variables": ("u = 0.5*u + w; w = 0.9*w + 0.01*g_post*h_post + v_post; g_post += u", ""),
}


def run(dense, rules, connect="True", n_post=40, delay=0 * ms, recurrent=False, subgroup=False):
    """All state after two runs of a network with a projection for each rule; the source."""
    set_device("numba", optimize={"dense_projections": dense})
    seed(1)
    rng = np.random.default_rng(5)
    times = np.unique(rng.integers(0, 300, 60)) * 0.1 * ms
    inputs = SpikeGeneratorGroup(30, rng.integers(0, 30, len(times)), times)
    network = Network(inputs)
    variables = []
    for rule in rules:
        cells = NeuronGroup(
            n_post,
            "dv/dt = (1.2 - v + g)/(10*ms) : 1\ndg/dt = -g/(5*ms) : 1\ndh/dt = -h/(7*ms) : 1",
            threshold="v > 1",
            reset="v = 0",
            method="exact",
        )
        cells.v = "i/N"
        on_pre, on_post = RULES[rule]
        source = cells if recurrent or "_pre" in on_pre else inputs
        target = cells[3:38] if subgroup else cells
        synapses = Synapses(
            source, target, MODEL, on_pre=on_pre, on_post=on_post or None, delay=delay
        )
        synapses.connect(connect)
        synapses.w = rng.random(len(synapses)) * 0.5
        variables += [(synapses, name) for name in ("w", "u", "x", "y")]
        variables += [(cells, name) for name in ("v", "g", "h")]
        network.add(cells, synapses)
    network.run(20 * ms, namespace={})
    network.run(10 * ms, namespace={})
    values = [np.array(getattr(owner, name)[:]) for owner, name in variables]
    return values, spikeplast.explain(network).source.read_text()


def assert_same_bits(rules, is_dense=True, **options):
    expected, _ = run(False, rules, **options)
    found, source = run(True, rules, **options)
    # Only loops over dense projections leave out neurons without synapses.
    assert source.count("continue") == is_dense * len(rules)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a, b)
    assert np.ptp(expected[2]) > 0 or np.ptp(expected[4]) > 0


@pytest.mark.parametrize(
    "rules",
    [
        ["eager", "locals"],
        ["read after write", "random", "source"],
        ["two targets", "many variables"],
    ],
)
def test_statements(rules):
    assert_same_bits(rules)


@pytest.mark.parametrize(
    "options",
    [{"subgroup": True, "delay": 0.7 * ms}, {"recurrent": True}, {"connect": "j >= i % 3"}],
)
def test_inside_the_precondition(options):
    assert_same_bits(["streamed"], **options)


@pytest.mark.parametrize("options", [{"connect": "i != j"}, {"connect": "j < 10"}])
def test_outside_of_the_precondition(options):
    assert_same_bits(["streamed"], is_dense=False, **options)


def test_other_synapses_are_restored():
    """Between the runs a neuron's synapses come to lead elsewhere."""
    ends = []
    for dense in (True, False):
        set_device("numba", optimize={"dense_projections": dense})
        inputs = SpikeGeneratorGroup(2, [0, 1, 0, 1], [1, 2, 11, 12] * ms)
        cells = NeuronGroup(80, "g : 1")
        synapses = Synapses(inputs, cells, "w : 1", on_pre="g_post += w")
        network = Network(inputs, cells, synapses)
        network.store()
        for targets in (np.arange(40), 2 * np.arange(40)):
            network.restore()
            synapses.connect(i=np.repeat([0, 1], 40), j=np.tile(targets, 2))
            synapses.w = "j + 1"
            network.run(20 * ms, namespace={})
            ends.append(np.array(cells.g))
    np.testing.assert_array_equal(ends[:2], ends[2:])
    assert ends[0][1] > 0 and ends[1][1] == 0
