"""The time that each part of a network takes, measured inside of the loop."""

import time

import numpy as np
import pytest
from brian2 import (
    Hz,
    Network,
    NeuronGroup,
    PoissonGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    magic_network,
    ms,
    network_operation,
    profiling_summary,
    run,
    seed,
    set_device,
)

import spikeplast


def network():
    """Lifted and streamed STDP that a monitor looks at, a slow clock, and Python in between."""
    inputs = PoissonGroup(20, 80 * Hz, name="inputs")
    cells = NeuronGroup(
        200,
        "dv/dt = -v/(10*ms) : 1",
        threshold="v > 1",
        reset="v = 0",
        method="exact",
        name="cells",
    )
    synapses = Synapses(
        inputs,
        cells,
        """
        w : 1
        dx/dt = -x/(20*ms) : 1 (event-driven)
        dy/dt = -y/(20*ms) : 1 (event-driven)
        """,
        on_pre="v_post += w; x += 0.01; w = clip(w + y, 0, 1)",
        on_post="y -= 0.01; w = clip(w + x, 0, 1)",
        name="synapses",
    )
    synapses.connect()
    synapses.w = "0.2 + 0.001*i"
    spikes = SpikeMonitor(cells, name="spikes")
    weights = StateMonitor(synapses, "w", record=[0, 7], dt=1 * ms, name="weights")

    @network_operation(dt=2 * ms, name="look")
    def look():
        time.sleep(0.002)

    return Network(inputs, cells, synapses, spikes, weights, look)


@pytest.fixture(scope="module")
def runs():
    """The same run without and with a watch, in one loop each."""
    found = []
    for profile in (False, True):
        set_device("numba")
        seed(2)
        net = network()
        net.run(50 * ms, profile=profile)
        found.append(net)
    set_device("runtime")
    return found


def test_results_are_the_same(runs):
    plain, timed = runs
    for monitor, name in (("spikes", "i"), ("spikes", "t"), ("weights", "w"), ("synapses", "w")):
        first, second = (np.asarray(getattr(net[monitor], name)) for net in (plain, timed))
        np.testing.assert_array_equal(first, second)
    assert plain["spikes"].num_spikes > 100


def test_each_part_is_listed(runs):
    profile = spikeplast.profile(runs[1])
    found = {(part.object, part.does): (part.runs_in, part.calls) for part in profile.parts}
    assert found == {
        ("weights", "changes that waited"): ("the loop", 50),
        ("weights", "changes that will wait"): ("the loop", 50),
        ("weights", "state monitor"): ("the loop", 50),
        ("look", "NetworkOperation"): ("Python", 25),
        ("inputs_spike_thresholder", "threshold"): ("the loop", 500),
        ("cells_stateupdater", "state update"): ("the loop", 500),
        ("cells_spike_thresholder", "threshold"): ("the loop", 500),
        ("spikes", "spike monitor"): ("the loop", 500),
        ("synapses_pre", "on_pre"): ("the loop", 500),
        ("synapses_post", "on_post"): ("the loop", 500),
        ("cells_spike_resetter", "reset"): ("the loop", 500),
    }


def test_times_are_where_they_were_spent(runs):
    profile = spikeplast.profile(runs[1])
    seconds = {part.object: part.seconds for part in profile.parts}
    assert seconds["cells_stateupdater"] > 0 and all(value >= 0 for value in seconds.values())
    # 25 times 2 ms of sleep; the loop's parts know nothing of them.
    assert seconds.pop("look") >= 0.05
    assert max(seconds.values()) < 0.05
    assert profile.reading > 0 and profile.seconds + profile.reading <= profile.elapsed
    assert profile.duration == pytest.approx(0.05)
    lines = str(profile).splitlines()
    assert lines[4].startswith("look") and "%" in lines[4]


def test_brian_2_has_the_same_times(runs):
    seconds = {}
    for part in spikeplast.profile(runs[1]).parts:
        seconds[part.object] = seconds.get(part.object, 0) + part.seconds
    info = {name: float(spent) for name, spent in runs[1].profiling_info}
    assert info == pytest.approx(seconds)
    assert "look" in str(profiling_summary(runs[1], show=1))


def test_without_a_timed_run_there_is_no_profile(runs):
    with pytest.raises(RuntimeError, match="profile=True"):
        spikeplast.profile(runs[0])
    with pytest.raises(TypeError, match="describes a Network"):
        spikeplast.profile("network")


def test_the_network_of_run_and_the_option_of_the_device():
    set_device("numba", profile=True)
    cells = NeuronGroup(3, "dv/dt = -v/(10*ms) : 1", method="exact", name="cells")
    run(1 * ms)
    (part,) = spikeplast.profile().parts
    assert (part.object, part.calls) == ("cells_stateupdater", 10)
    assert [name for name, _ in magic_network.profiling_info] == ["cells_stateupdater"]
    run(1 * ms, profile=False)
    with pytest.raises(RuntimeError, match="profile=True"):
        spikeplast.profile()
    assert cells.v[0] == 0


def test_profile_is_yes_or_no():
    set_device("numba")
    with pytest.raises(TypeError, match=r"profile='x' of run\(\) must be True or False"):
        Network().run(1 * ms, profile="x")
