"""Weights that wait, and what else in the network uses them or what their rule is made of."""

import numpy as np
import pytest
from brian2 import (
    Network,
    NeuronGroup,
    SpikeGeneratorGroup,
    StateMonitor,
    Synapses,
    ms,
    set_device,
)

import spikeplast  # noqa: F401  (registers the device)

pytestmark = pytest.mark.usefixtures("loop_in_python")

PRE, POST = [1, 30, 50], [2, 3, 4, 34]
RULE = dict(on_pre="A += 0.1\nw = clip(w, 0, 1)", on_post="w = clip(w + A, 0, 1)")
TRACE = "w : 1\ndA/dt = -A/(20*ms) : 1 (event-driven)"


def spikes(times, name):
    return SpikeGeneratorGroup(1, [0] * len(times), times * ms, name=name)


def plastic(model=TRACE, pre=PRE, post=POST, **rule):
    synapses = Synapses(
        spikes(pre, "before"), spikes(post, "after"), model, **(RULE | rule), name="plastic"
    )
    synapses.connect()
    synapses.w = 0.4
    return synapses, [synapses.source, synapses.target, synapses]


def a_monitor_of_synapses_that_lead_to_them():
    synapses, objects = plastic()
    many = NeuronGroup(3000, "z : 1", name="many")
    other = Synapses(many, synapses, "x : 1", name="other")
    other.connect(j="0")
    monitor = StateMonitor(other, "w_post", record=[2900], dt=10 * ms)
    return [*objects, many, other, monitor], lambda: (synapses.w, monitor.w_post), 40


def a_pathway_that_writes_them():
    synapses, objects = plastic()
    source = spikes([10], "source")
    other = Synapses(source, synapses, on_pre="w_post = clip(w_post*0.5, 0, 1)", name="other")
    other.connect()
    return [*objects, source, other], lambda: (synapses.w,), 40


def a_pathway_that_reads_them():
    synapses, objects = plastic()
    cells = NeuronGroup(1, "y : 1\ndu/dt = 1/(7*ms) : 1", threshold="u > 1", reset="u = 0")
    other = Synapses(synapses, cells, on_post="y_post += w_pre", name="other")
    other.connect()
    return [*objects, cells, other], lambda: (synapses.w, cells.y), 40


def a_bound_that_changes():
    synapses, objects = plastic(
        "w_max : 1 (shared)\n" + TRACE,
        on_pre="A += 0.1\nw = clip(w, 0, w_max)",
        on_post="w = clip(w + A, 0, w_max)",
    )
    synapses.w_max = 0.5
    synapses.run_regularly("w_max = 0.5 + 0.5*int(t > 25*ms)", dt=10 * ms)
    return objects, lambda: (synapses.w,), 40


def a_sign_that_changes():
    synapses, objects = plastic(
        """
        w : 1
        d : 1 (shared)
        dA/dt = -A/(50*ms) : 1 (event-driven)
        dB/dt = -B/(5*ms) : 1 (event-driven)
        """,
        pre=[1, 30, 90],
        post=[32, 34, 40, 60, 70],
        on_pre="A += 0.3\nB += d\nw = clip(w, 0, 1)",
        on_post="w = clip(w + 0.3*A + B, 0, 1)",
    )
    synapses.d = 0.5
    synapses.run_regularly("d = -3.0", dt=20 * ms, when="end")
    return objects, lambda: (synapses.w,), 100


def a_constant_that_is_written():
    synapses, objects = plastic(
        "tau : second (shared, constant)\n" + TRACE.replace("(20*ms)", "tau")
    )
    synapses.tau = 20 * ms
    synapses.run_regularly("tau = 25*ms - tau", dt=11 * ms)
    return objects, lambda: (synapses.w, synapses.A), 60


def a_trace_that_grows():
    synapses, objects = plastic(
        "w : 1\ndA/dt = A/(7*ms) : 1 (event-driven)",
        pre=np.arange(0, 1500, 100),
        post=np.arange(50, 1500, 100),
        on_pre="A = 0.01\nw = w*1",
        on_post="w += A",
    )
    return objects, lambda: (synapses.w,), 1500


@pytest.mark.parametrize(
    "build",
    [
        a_monitor_of_synapses_that_lead_to_them,
        a_pathway_that_writes_them,
        a_pathway_that_reads_them,
        a_bound_that_changes,
        a_sign_that_changes,
        a_constant_that_is_written,
        a_trace_that_grows,
    ],
)
def test_equal(build):
    found = []
    for device in ("runtime", "numba"):
        set_device(device)
        objects, outcome, duration = build()
        Network(objects).run(duration * ms)
        found.append([np.array(values) for values in outcome()])
    for expected, result in zip(*found, strict=True):
        np.testing.assert_allclose(result, expected, rtol=1e-11)
    assert not np.allclose(found[0][0], 0.4)
