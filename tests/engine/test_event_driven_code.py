"""The update of independent event-driven equations is the one that Brian 2 derives."""

import pytest
from brian2 import Network, NeuronGroup, Synapses, ms, set_device
from brian2.stateupdaters.base import UnsupportedEquationsException
from brian2.stateupdaters.exact import linear

import spikeplast  # noqa: F401  (registers the device)
from spikeplast.engine import event_driven_code

NAMESPACE = {"tau": 20 * ms, "tau_x": 5 * ms, "rest": 0.3}

INDEPENDENT = [
    "dx/dt = -x/tau : 1 (event-driven)\ndy/dt = -y/tau_x : 1 (event-driven)",
    "dx/dt = -x/tau : 1 (event-driven)\ndy/dt = -y/tau : 1 (event-driven)",
    "dy/dt = (rest - y)/tau_x : 1 (event-driven)\ndx/dt = -x/tau : 1 (event-driven)",
    "dx/dt = -2*x/tau - x/tau_x : 1 (event-driven)\ndb/dt = slow/tau : 1 (event-driven)\n"
    "slow = -3*b : 1",
    "dx/dt = rest/tau - x/(tau + tau_x) : 1 (event-driven)\n"
    "dy/dt = -y/tau : 1 (event-driven)\ndz/dt = (1 - z)/tau : 1 (event-driven)",
]


def synapses_with(equations):
    cells = NeuronGroup(2, "v : 1", threshold="v > 1", reset="")
    synapses = Synapses(cells, cells, equations, on_pre="v_post += x", namespace=NAMESPACE)
    synapses.connect()
    return cells, synapses


@pytest.mark.parametrize("equations", INDEPENDENT)
def test_as_brian_2(equations, monkeypatch):
    set_device("numba")
    cells, synapses = synapses_with(equations)
    alone = []
    monkeypatch.setattr(
        event_driven_code, "linear", lambda *system: alone.append(1) or linear(*system)
    )
    Network(cells, synapses).run(0 * ms)
    assert len(alone) == equations.count("event-driven")
    code = synapses.pre.abstract_code
    set_device("runtime")
    synapses.pre.update_abstract_code(NAMESPACE, 0)
    assert code == synapses.pre.abstract_code


def test_coupled_equations_are_left_to_brian_2():
    set_device("numba")
    cells, synapses = synapses_with(
        "dx/dt = (y - x)/tau : 1 (event-driven)\ndy/dt = -y/tau_x : 1 (event-driven)"
    )
    Network(cells, synapses).run(0 * ms)
    code = synapses.pre.abstract_code
    set_device("runtime")
    synapses.pre.update_abstract_code(NAMESPACE, 0)
    assert code == synapses.pre.abstract_code


def test_what_cannot_be_solved_is_refused_in_brian_2_s_words():
    set_device("numba")
    cells, synapses = synapses_with("dx/dt = -x**2/tau : 1 (event-driven)")
    with pytest.raises(Exception, match="object") as caught:
        Network(cells, synapses).run(0 * ms)
    assert isinstance(caught.value.__cause__, UnsupportedEquationsException)
    assert "Use (clock-driven) instead" in str(caught.value.__cause__)
