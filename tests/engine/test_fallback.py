"""What Numba can't compile runs in Python, with a warning that names it."""

import numpy as np
import pytest
from brian2 import Network, NeuronGroup, SpikeMonitor, Synapses, ms, set_device

import spikeplast
from spikeplast.engine import functions


def simulate(device):
    set_device(device)
    cells = NeuronGroup(
        4,
        "dv/dt = (1.5 - v)/(10*ms) : 1\nu : 1",
        threshold="v > 1",
        reset="v = 0",
        method="euler",
        name="cells",
    )
    cells.v = "0.2*i"
    cells.run_regularly("u += 0.01*tan(v)", dt=0.5 * ms, name="slow")
    synapses = Synapses(cells, cells, "w : 1", on_pre="v_post += tan(w)", name="synapses")
    synapses.connect(condition="i != j")
    synapses.w = 0.3
    spikes = SpikeMonitor(cells, name="spikes")
    network = Network(cells, synapses, spikes)
    network.run(10 * ms)
    network.run(10 * ms)
    return network, [*cells.v[:], *cells.u[:], *np.asarray(spikes.t / ms), *spikes.i[:]]


@pytest.mark.parametrize("call", ["no_such_kernel", "np.linalg.det"])
def test_an_object_that_numba_refuses(monkeypatch, call):
    _, expected = simulate("runtime")
    original = functions._default_call

    def refused(name):
        return functions.Call(call) if name == "tan" else original(name)

    monkeypatch.setattr(functions, "_default_call", refused)
    with pytest.warns(UserWarning, match="runs in Python, which is slow") as warned:
        network, found = simulate("numba")
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert len(expected) > 12
    # Once each: the second run uses what the first has found out.
    texts = sorted(str(w.message) for w in warned if w.category is UserWarning)
    assert [text.split("'")[1] for text in texts] == ["slow", "synapses_pre"]
    assert "u_" in texts[0] and call in texts[0]
    rows = {name: (place, why) for name, place, why in spikeplast.explain(network).objects}
    assert rows["slow"][0] == rows["synapses_pre"][0] == "Python"
    assert rows["cells_stateupdater"][0] == "the loop"
    assert "Numba can't compile" in rows["slow"][1]


def test_an_error_that_names_no_line(monkeypatch):
    from spikeplast.engine import run_loop

    _, expected = simulate("runtime")
    original = run_loop._Runner.compile

    def fails(self):
        if self.prepared.loop.objects:
            raise RuntimeError("LLVM is unhappy")
        original(self)

    monkeypatch.setattr(run_loop._Runner, "compile", fails)
    with pytest.warns(UserWarning, match="LLVM is unhappy"):
        network, found = simulate("numba")
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert {place for _, place, _ in spikeplast.explain(network).objects} == {"Python"}


@pytest.mark.parametrize(
    ("statement", "variable"),
    [
        ("flag = x > 99999999999999999999999", "flag"),
        ("x = floor(x) + ceil(-x/3)", "x"),
        ("x = x % 3 + x**k + k**2", "x"),
        ("x = yes*x + k", "x"),
    ],
)
def test_what_python_and_numba_write_differently(statement, variable):
    values = [-2.5, 0.0, 7.3, 1e9]
    # NumPy code makes 32-bit numbers of floor() and ceil(); the loop is like Cython here.
    large = [1e25, -1e25, np.inf]
    results = []
    for device in ("runtime", "numba"):
        set_device(device)
        cells = NeuronGroup(7, "x : 1\nk : integer\nflag : boolean", namespace={"yes": True})
        cells.x = values + large
        cells.k = 2
        cells.run_regularly(statement)
        with np.errstate(all="ignore"):
            network = Network(cells)
            network.run(0.1 * ms)
        if device == "numba":
            assert spikeplast.explain(network).objects[0][1] == "the loop"
        results.append(np.array(cells.state(variable)[:]))
    np.testing.assert_allclose(results[1][:4], results[0][:4], rtol=1e-15)
    if "floor" in statement:
        expected = np.floor(large) + np.ceil(-np.array(large) / 3)
        np.testing.assert_allclose(results[1][4:], expected)
    else:
        np.testing.assert_allclose(results[1][4:], results[0][4:])
