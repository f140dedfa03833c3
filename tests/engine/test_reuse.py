"""The loop of a network's last run is used again if, and only if, nothing has changed."""

import gc
import itertools
import weakref

import numpy as np
import pytest
from brian2 import (
    Hz,
    Network,
    NetworkOperation,
    NeuronGroup,
    PoissonGroup,
    SpikeGeneratorGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    defaultclock,
    ms,
    prefs,
    seed,
    set_device,
)

from spikeplast.engine.reuse import prepared_before

pytestmark = pytest.mark.usefixtures("loop_in_python")

NAMESPACE = {"tau": 10 * ms, "A": 0.1}


def build():
    seed(4)
    source = SpikeGeneratorGroup(3, [0, 1, 2, 0, 1], [1, 2, 3.5, 8, 12] * ms, name="source")
    noise = PoissonGroup(3, 200 * Hz, name="noise")
    cells = NeuronGroup(
        2,
        "dv/dt = -v/tau : 1\ngain : 1 (shared)",
        threshold="v > 0.5",
        reset="v = 0",
        method="exact",
        name="cells",
    )
    cells.gain = 1
    synapses = Synapses(
        source,
        cells,
        "w : 1\ndx/dt = -x/tau : 1 (event-driven)\ndy/dt = -y/tau : 1 (event-driven)",
        on_pre="v_post += w*gain_post; x += A; w = clip(w + y, 0, 1)",
        on_post="y -= A; w = clip(w + x, 0, 1)",
        name="synapses",
    )
    synapses.connect()
    synapses.w = [0.3, 0.6, 0.4, 0.7, 0.2, 0.5]
    input_synapses = Synapses(noise, cells, on_pre="v_post += 0.3", name="input_synapses")
    input_synapses.connect(j="i % 2")
    monitors = [
        SpikeMonitor(cells, name="spikes"),
        StateMonitor(cells, "v", record=True, name="states"),
    ]
    return Network(source, noise, cells, synapses, input_synapses, *monitors)


def outcome(network):
    return {
        "w": np.array(network["synapses"].w[:]),
        "x": np.array(network["synapses"].x[:]),
        "y": np.array(network["synapses"].y[:]),
        "v": np.array(network["states"].v),
        "t": np.array(network["spikes"].t / ms),
    }


def prepared(network):
    return prepared_before(network)


def simulate(device, change=lambda network: None, runs=4, **options):
    """Runs of 4 ms with `change` in the middle; whether the loop was kept before and after it."""
    set_device(device, **options)
    defaultclock.dt = 0.1 * ms
    namespace = dict(NAMESPACE)
    network = build()
    programs = []
    for k in range(runs):
        if k == runs // 2:
            found = change(network)
            if isinstance(found, dict):
                namespace.update(found)
        network.run(4 * ms, namespace=namespace)
        if device == "numba":
            programs.append(prepared(network))
    kept = [a is b for a, b in itertools.pairwise(programs)]
    return outcome(network), kept


def assert_equal(found, expected):
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, atol=1e-12, err_msg=name)


def test_nothing_changed():
    found, kept = simulate("numba", optimize=False)
    assert kept == [True, True, True]
    expected, _ = simulate("runtime")
    assert_equal(found, expected)


def test_state_may_change_and_is_used():
    def change(network):
        network["cells"].v = [0.4, 0.1]
        network["synapses"].w = 0.45
        network["cells"].gain = 0.5
        network["source"].set_spikes([2, 1], [9, 11] * ms)

    found, kept = simulate("numba", change, optimize={"sample_events": False})
    assert kept == [True, True, True]
    expected, _ = simulate("runtime", change)
    assert_equal(found, expected)


def halve_dt(network):
    defaultclock.dt = 0.05 * ms


def set_delay(network):
    network["synapses"].pre.delay = "1*ms + 0.5*ms*j"


def add_synapses(network):
    network["synapses"].connect(i=[0, 1], j=[1, 1])
    network["synapses"].w[6:] = 0.3


def deactivate(network):
    network["synapses"].pre.active = False


def change_code(network):
    network["synapses"].pre.code = "v_post += 2*w"


def add_operation(network):
    network["cells"].run_regularly("v = 0.9*v", dt=1 * ms)


def change_threshold(network):
    network["cells"].events["spike"] = "v > 0.3"


def change_own_namespace(network):
    network["input_synapses"].namespace = {"unused": 3}


@pytest.mark.parametrize(
    "change",
    [
        lambda network: {"tau": 5 * ms},
        halve_dt,
        set_delay,
        change_code,
        *(
            pytest.param(change, marks=pytest.mark.slow)
            for change in (
                lambda network: {"A": 0.3},
                deactivate,
                change_threshold,
                change_own_namespace,
            )
        ),
    ],
)
def test_what_the_loop_is_made_of_has_changed(change):
    found, kept = simulate("numba", change, optimize=False)
    assert kept == [True, False, True]
    expected, _ = simulate("runtime", change)
    assert_equal(found, expected)
    lifted, _ = simulate("numba", change, optimize={"sample_events": False})
    assert_equal(lifted, expected)


def set_trace(network):
    # At each synapse it decays from now on since another event: no longer one value per neuron.
    network["synapses"].x = 0.2


@pytest.mark.parametrize("change", [add_synapses, add_operation, set_trace])
def test_the_program_itself_changes(change):
    found, _ = simulate("numba", change, optimize={"sample_events": False})
    expected, _ = simulate("runtime", change)
    assert_equal(found, expected)


def test_a_number_changed_in_place():
    A = np.array(0.1)
    set_device("numba")
    network = build()
    network.run(4 * ms, namespace={**NAMESPACE, "A": A})
    first = prepared(network)
    A += 0.2
    network.run(4 * ms, namespace={**NAMESPACE, "A": A})
    assert prepared(network) is not first


def test_a_preference_or_an_option_changed():
    set_device("numba")
    network = build()
    network.run(4 * ms, namespace=NAMESPACE)
    first = prepared(network)
    network.run(4 * ms, namespace=NAMESPACE, profile=True)
    second = prepared(network)
    assert second is not first
    set_device("numba", optimize=False)
    network.run(4 * ms, namespace=NAMESPACE)
    third = prepared(network)
    assert third is not second
    old = prefs.codegen.loop_invariant_optimisations
    prefs.codegen.loop_invariant_optimisations = not old
    try:
        network.run(4 * ms, namespace=NAMESPACE)
        assert prepared(network) is not third
    finally:
        prefs.codegen.loop_invariant_optimisations = old


def test_objects_that_prepare_themselves_are_asked_each_time():
    asked = []

    class Asking(NeuronGroup):
        def before_run(self, run_namespace=None):
            asked.append(1)
            super().before_run(run_namespace)

    set_device("numba")
    cells = Asking(1, "dv/dt = -v/tau : 1", method="exact")
    network = Network(cells)
    for _ in range(3):
        network.run(1 * ms, namespace=NAMESPACE)
    assert len(asked) == 3


def test_restored_state_is_used():
    set_device("numba")
    network = build()
    network.run(4 * ms, namespace=NAMESPACE)
    network.store()
    ends = []
    for _ in range(2):
        network.restore(restore_random_state=True)
        network.run(6 * ms, namespace=NAMESPACE)
        ends.append(outcome(network))
    assert_equal(ends[1], ends[0])


def test_what_nobody_needs_any_more_goes():
    set_device("numba")

    def run_and_forget():
        network = build()
        operation = NetworkOperation(lambda: network.t, dt=1 * ms)
        network.add(operation)
        network.run(4 * ms, namespace=NAMESPACE)
        synapses = network["synapses"].__repr__.__self__
        return weakref.ref(network), weakref.ref(synapses), weakref.ref(synapses.variables["w"])

    references = run_and_forget()
    gc.collect()
    assert [reference() for reference in references] == [None, None, None]


def test_chunks_do_not_grow_with_several_clocks():
    set_device("numba")
    cells = NeuronGroup(1, "dv/dt = -v/tau : 1", method="exact")
    slow = NeuronGroup(1, "dv/dt = -v/tau : 1", method="exact", dt=0.5 * ms)
    network = Network(cells, slow)
    for _ in range(12):
        network.run(1 * ms, namespace=NAMESPACE)
    assert prepared(network).n_steps <= 20 * 12
