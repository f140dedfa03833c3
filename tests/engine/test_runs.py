"""Runs, and what a user does between them, are as in Brian 2's runtime mode."""

import os
import signal
import threading
import time

import numpy as np
import pytest
from brian2 import (
    Hz,
    Network,
    NeuronGroup,
    PoissonGroup,
    SpikeGeneratorGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    defaultclock,
    ms,
    network_operation,
    second,
    seed,
    set_device,
)

import spikeplast

DEVICES = ["runtime", "numba"]


@pytest.fixture(params=DEVICES)
def device(request):
    set_device(request.param)
    return request.param


def decaying(n=3):
    cells = NeuronGroup(n, "dv/dt = -v/(10*ms) : 1", method="exact")
    cells.v = 1
    return cells


def test_repeated_runs_continue(device):
    cells = decaying()
    network = Network(cells)
    for _ in range(4):
        network.run(2.5 * ms)
    np.testing.assert_allclose(cells.v[:], np.exp(-1), rtol=1e-12)
    assert float(network.t) == pytest.approx(0.01)


def test_variables_can_be_set_between_runs(device):
    cells = decaying()
    network = Network(cells)
    network.run(5 * ms)
    cells.v[1] = 4
    network.run(5 * ms)
    np.testing.assert_allclose(cells.v[:], [np.exp(-1), 4 * np.exp(-0.5), np.exp(-1)], rtol=1e-12)


def test_a_recorded_variable_may_be_called_n(device):
    cells = NeuronGroup(2, "dn/dt = -n/(10*ms) : 1", method="exact")
    cells.n = 1
    states = StateMonitor(cells, "n", record=True)
    Network(cells, states).run(1 * ms, namespace={})
    np.testing.assert_allclose(states.n[1][:3], np.exp(-np.arange(3) / 100), rtol=1e-12)


def test_monitors_can_be_added_between_runs(device):
    cells = decaying()
    network = Network(cells)
    network.run(3 * ms)
    monitor = StateMonitor(cells, "v", record=[0])
    network.add(monitor)
    network.run(2 * ms)
    network.run(1 * ms)
    np.testing.assert_allclose(monitor.t / ms, np.arange(30, 60) * 0.1, rtol=1e-12)
    np.testing.assert_allclose(monitor.v[0], np.exp(-monitor.t / (10 * ms)), rtol=1e-12)


def test_long_recordings_outgrow_their_buffers(monkeypatch):
    from spikeplast.engine import buffers

    monkeypatch.setattr(buffers, "CAPACITY", 64)
    set_device("numba")
    cells = NeuronGroup(4, "dv/dt = 1/(1*ms) : 1", threshold="v > 1", reset="v = 0", method="euler")
    spikes, state = SpikeMonitor(cells), StateMonitor(cells, "v", record=True)
    Network(cells, spikes, state).run(100 * ms)
    assert spikes.count[:].tolist() == [spikes.num_spikes // 4] * 4
    assert state.v.shape == (4, 1000) and spikes.num_spikes > 4 * 80
    np.testing.assert_allclose(state.t / ms, np.arange(1000) * 0.1, rtol=1e-12)
    assert (np.diff(spikes.t / ms) >= 0).all()


def delayed_pair():
    source = SpikeGeneratorGroup(2, [0, 1, 0], [1, 1.5, 2] * ms, name="source")
    target = NeuronGroup(2, "x : 1", name="target")
    synapses = Synapses(source, target, "w : 1", on_pre="x_post += w", name="synapses")
    synapses.connect()
    synapses.w = [1, 10, 100, 1000]
    synapses.delay = [1, 2, 3, 4] * ms
    return Network(source, target, synapses), target, synapses


def test_spikes_under_way_survive_the_end_of_a_run(device):
    network, target, _ = delayed_pair()
    network.run(2.2 * ms)
    assert target.x[:].tolist() == [1, 0]
    network.run(0.9 * ms)
    assert target.x[:].tolist() == [2, 10]
    network.run(5 * ms)
    assert target.x[:].tolist() == [102, 1020]


def test_store_and_restore_with_spikes_under_way(device, tmp_path):
    network, target, _ = delayed_pair()
    network.run(2.2 * ms)
    network.store("then", filename=str(tmp_path / "state"))
    network.run(6 * ms)
    network.restore("then", filename=str(tmp_path / "state"))
    assert target.x[:].tolist() == [1, 0]
    network.run(6 * ms)
    assert target.x[:].tolist() == [102, 1020]


def test_a_state_stored_on_brians_own_device_is_restored(tmp_path):
    network, target, _ = delayed_pair()
    network.run(2.2 * ms)
    network.store("then", filename=str(tmp_path / "state"))
    set_device("numba")
    network, target, _ = delayed_pair()
    network.restore("then", filename=str(tmp_path / "state"))
    assert target.x[:].tolist() == [1, 0]
    network.run(6 * ms)
    assert target.x[:].tolist() == [102, 1020]


def test_delays_may_change_while_spikes_are_under_way(device):
    network, target, synapses = delayed_pair()
    network.run(2.2 * ms)
    synapses.delay = 0 * ms
    network.run(6 * ms)
    assert target.x[:].tolist() == [102, 1020]


def test_restored_random_state_repeats_the_run():
    set_device("numba")
    inputs = PoissonGroup(20, 100 * Hz)
    spikes = SpikeMonitor(inputs)
    network = Network(inputs, spikes)
    seed(3)
    network.run(20 * ms)
    network.store()
    network.run(30 * ms)
    first = np.asarray(spikes.t / ms)
    network.restore(restore_random_state=True)
    network.run(30 * ms)
    np.testing.assert_array_equal(np.asarray(spikes.t / ms), first)
    network.restore()
    network.run(30 * ms)
    assert not np.array_equal(np.asarray(spikes.t / ms), first)


@pytest.mark.parametrize("optimize", [True, False])
def test_a_seed_fixes_poisson_input(optimize):
    set_device("numba", optimize=optimize)

    def simulate(number):
        seed(number)
        inputs = PoissonGroup(30, 100 * Hz)
        spikes = SpikeMonitor(inputs)
        Network(inputs, spikes).run(20 * ms)
        return [*spikes.i[:], *np.asarray(spikes.t / ms)]

    assert simulate(9) == simulate(9)
    assert simulate(9) != simulate(10)


def test_python_code_and_the_loop_share_the_random_stream():
    set_device("numba")

    def simulate(fail):
        seed(4)
        inputs = PoissonGroup(30, 1000 * Hz)
        drawn = []

        @network_operation(dt=1 * ms)
        def draw():
            drawn.append(np.random.rand())
            if fail and len(drawn) == 3:
                raise ZeroDivisionError

        network = Network(inputs, draw)
        if fail:
            with pytest.raises(ZeroDivisionError):
                network.run(10 * ms)
        else:
            network.run(2.05 * ms)
        return [*drawn, np.random.rand()]

    assert len(set(simulate(False))) == 4
    assert simulate(True)[:3] == simulate(False)[:3]
    # What the operation drew before it failed is not drawn again.
    assert simulate(True)[3] not in simulate(True)[:3]


def test_synapses_can_be_added_between_runs(device):
    source = SpikeGeneratorGroup(3, [0, 1, 2, 0, 1, 2], [1, 2, 3, 11, 12, 13] * ms)
    target = SpikeGeneratorGroup(2, [0, 1, 0, 1], [2.5, 3.5, 12.5, 13.5] * ms)
    synapses = Synapses(
        source,
        target,
        "w : 1\ndx/dt = -x/(5*ms) : 1 (event-driven)\ndy/dt = -y/(5*ms) : 1 (event-driven)",
        on_pre="x += 1; w -= y",
        on_post="y += 1; w += x",
    )
    synapses.connect(i=[0, 1], j=[0, 1])
    network = Network(source, target, synapses)
    network.run(10 * ms)
    synapses.connect(i=[2, 0], j=[0, 1])
    network.run(10 * ms)
    e = np.exp
    old = [e(-0.3) - e(-8.5 / 5) + e(-0.3) + e(-11.5 / 5), e(-0.3) - e(-8.5 / 5) + e(-0.3)]
    old[1] += e(-11.5 / 5)
    new = [-e(-0.5 / 5), e(-2.5 / 5)]
    np.testing.assert_allclose(synapses.w[2:], new, atol=1e-12)
    np.testing.assert_allclose(synapses.w[:2], old, atol=1e-12)


def test_a_seed_fixes_the_run():
    set_device("numba")

    def simulate():
        seed(9)
        cells = NeuronGroup(5, "dv/dt = -v/(10*ms) + xi*(5*ms)**-0.5 : 1", method="euler")
        cells.v = "rand()"
        Network(cells).run(5 * ms)
        return cells.v[:]

    np.testing.assert_array_equal(simulate(), simulate())


def test_stop_ends_after_the_step(device):
    cells = decaying()
    network = Network(cells)

    @network_operation(dt=1 * ms)
    def watch(t):
        if t >= 4 * ms:
            network.stop()

    network.add(watch)
    network.run(100 * ms)
    assert float(network.t) == pytest.approx(0.0041)
    np.testing.assert_allclose(cells.v[:], np.exp(-0.41), rtol=1e-12)


def test_control_c_ends_the_run():
    set_device("numba")
    cells = NeuronGroup(50, "dv/dt = -v/(10*ms) + xi*(5*ms)**-0.5 : 1", method="euler")
    network = Network(cells)
    network.run(1 * ms)  # compiled before the clock ticks
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    started = time.time()
    network.run(100000 * second)
    assert time.time() - started < 30
    assert 0.001 < float(network.t) < 100000
    left_at = float(network.t)
    network.run(1 * ms)
    assert float(network.t) == pytest.approx(left_at + 0.001)


def test_report_is_called_from_begin_to_end():
    set_device("numba")
    calls = []
    network = Network(NeuronGroup(10, "dv/dt = xi*(5*ms)**-0.5 : 1", method="euler"))
    network.run(
        1 * second,
        report=lambda elapsed, completed, start, duration: calls.append(completed),
        report_period=1 * ms,
    )
    assert calls[0] == 0 and calls[-1] == 1 and calls == sorted(calls)


def test_unknown_report_is_rejected():
    set_device("numba")
    with pytest.raises(ValueError, match="report argument"):
        Network(decaying()).run(1 * ms, report="loudly")


def test_negative_duration_is_rejected():
    set_device("numba")
    with pytest.raises(ValueError, match="non-negative"):
        Network(decaying()).run(-1 * ms)


def test_python_code_between_the_stretches_of_the_loop(device):
    """Order in a step: what runs before, the operation, what runs after."""
    cells = NeuronGroup(1, "n : 1", name="cells")
    cells.run_regularly("n += 1", when="start", name="early")
    seen = []

    @network_operation(when="groups", dt=0.3 * ms)
    def look():
        seen.append(float(cells.n[0]))
        cells.n[0] += 10

    network = Network(cells, look)
    network.run(1 * ms)
    assert seen == [1.0, 14.0, 27.0, 40.0]
    assert cells.n[0] == 50


def test_user_function_in_python(device):
    from brian2.core.functions import Function

    squares = Function(lambda x: x**2, arg_units=[1], return_unit=1)
    cells = NeuronGroup(
        3, "dv/dt = -squares(v)/(10*ms) : 1\nu : 1", namespace={"squares": squares}, method="euler"
    )
    cells.v = 1
    cells.run_regularly("u += 1", dt=1 * ms)
    Network(cells).run(10 * ms)
    np.testing.assert_allclose(cells.v[:], 0.5, rtol=0.01)
    assert cells.u[:].tolist() == [10, 10, 10]


def test_several_networks_side_by_side():
    set_device("numba")
    first, second_group = decaying(1), decaying(2)
    one, two = Network(first), Network(second_group)
    one.run(5 * ms)
    two.run(10 * ms)
    one.run(5 * ms)
    np.testing.assert_allclose(first.v[:], np.exp(-1), rtol=1e-12)
    np.testing.assert_allclose(second_group.v[:], np.exp(-1), rtol=1e-12)


def test_changed_time_step(device):
    cells = decaying()
    network = Network(cells)
    network.run(4 * ms)
    defaultclock.dt = 0.5 * ms
    network.run(6 * ms)
    np.testing.assert_allclose(cells.v[:], np.exp(-1), rtol=1e-12)


@pytest.mark.parametrize(
    "options",
    [{"cores": 2}, {"optimize": 3}, {"optimize": {"fast": True}}, {"profile": "x"}],
)
def test_unknown_options_are_rejected(options):
    with pytest.raises(TypeError, match="set_device"):
        set_device("numba", **options)
    with pytest.raises(ValueError, match="leave build_on_run out"):
        set_device("numba", build_on_run=False)


def test_explain_takes_networks_only():
    set_device("numba")
    with pytest.raises(TypeError, match="describes a Network"):
        spikeplast.explain("network")


def test_explain_names_what_runs_in_python():
    set_device("numba")
    cells = decaying()

    @network_operation(dt=1 * ms, name="watch")
    def watch():
        pass

    explanation = spikeplast.explain(Network(cells, watch))
    where = {name: place for name, place, _ in explanation.objects}
    assert where == {f"{cells.name}_stateupdater": "the loop", "watch": "Python"}
    assert "NetworkOperation runs Python code" in str(explanation)


def test_explain_needs_the_device():
    with pytest.raises(RuntimeError, match="set_device"):
        spikeplast.explain()
