"""The integrate-and-fire neurons against their closed forms."""

import numpy as np
import pytest
from brian2 import (
    Network,
    SpikeMonitor,
    StateMonitor,
    defaultclock,
    ms,
    mV,
    nA,
    pA,
    second,
)
from scipy.integrate import solve_ivp

from spikeplast.neurons import AdaptiveThresholdLIF, ConductanceLIF, CurrentLIF


def run(duration, *objects):
    network = Network(*objects)
    network.run(duration, namespace={})
    return network


@pytest.mark.parametrize(
    "model",
    [
        ConductanceLIF(),
        ConductanceLIF.song_miller_abbott(),
        ConductanceLIF.diehl_cook_inhibitory(),
        CurrentLIF(),
        AdaptiveThresholdLIF.diehl_cook_excitatory(),
    ],
)
def test_a_new_group_stays_at_rest(model):
    group = model.group(3)
    spikes = SpikeMonitor(group)
    run(20 * ms, group, spikes)
    np.testing.assert_allclose(group.v / mV, np.full(3, model.v_rest / mV), rtol=1e-14)
    assert spikes.num_spikes == 0
    assert model.citation


def test_conductances_decay_exactly_and_pull_v_towards_their_reversal():
    model = ConductanceLIF(tau_e=3 * ms, tau_i=7 * ms, v_threshold=20 * mV)
    group = model.group(2)
    group.g_e = [0.5, 0]
    group.g_i = [0, 0.5]
    run(10 * ms, group)
    np.testing.assert_allclose(group.g_e, [0.5 * np.exp(-10 / 3), 0], rtol=1e-12)
    np.testing.assert_allclose(group.g_i, [0, 0.5 * np.exp(-10 / 7)], rtol=1e-12)
    assert group.v[0] > model.v_rest > group.v[1] > model.E_i


def test_conductance_membrane_converges_to_a_fine_reference():
    def voltage(dt):
        defaultclock.dt = dt
        group = ConductanceLIF(v_threshold=50 * mV).group(1)
        group.g_e, group.g_i = 0.8, 0.3
        run(8 * ms, group)
        return float(group.v[0] / mV)

    model = ConductanceLIF()

    def slope(t, v):
        g_e, g_i = 0.8 * np.exp(-t / 5), 0.3 * np.exp(-t / 10)
        return (-60 - v + g_e * (0 - v) + g_i * (-80 - v)) / 20

    exact = solve_ivp(slope, (0, 8), [-60.0], rtol=1e-10, atol=1e-10).y[0, -1]
    coarse, fine = abs(voltage(0.1 * ms) - exact), abs(voltage(0.01 * ms) - exact)
    assert model.method == "exponential_euler"
    assert coarse < 0.1
    assert fine == pytest.approx(coarse / 10, rel=0.1)


def test_current_neuron_follows_the_exact_solution():
    model = CurrentLIF(tau_m=20 * ms, tau_e=5 * ms, v_threshold=100 * mV)
    group = model.group(1)
    group.I_e = 100 * pA
    run(10 * ms, group)
    kernel = 5 / (20 - 5) * (np.exp(-10 / 20) - np.exp(-10 / 5))
    assert model.method == "exact"
    assert group.v[0] / mV == pytest.approx(-60 + 10 * kernel, rel=1e-12)


@pytest.mark.parametrize(
    ("tau_e", "extra", "names", "pair"),
    [
        (20, "", {}, "v and I_e"),
        (5, "dz/dt = (v - z) / (20*ms) : volt", {}, "z and v"),
        (5, "dz/dt = (I_e - z) / tau_z : amp", {"tau_z": 5 * ms}, "z and I_e"),
    ],
    ids=["synapse", "number", "name"],
)
def test_equal_time_constants_stay_numbers(tau_e, extra, names, pair):
    model = CurrentLIF(tau_e=tau_e * ms, v_threshold=100 * mV)
    group = model.group(1, extra_equations=extra, namespace=names)
    group.I_e = 100 * pA
    run(10 * ms, group)
    # The first is the limit of the second: t/tau exp(-t/tau).
    kernel = np.exp(-0.5) / 2 if tau_e == 20 else 5 / 15 * (np.exp(-0.5) - np.exp(-2))
    assert group.v[0] / mV == pytest.approx(-60 + 10 * kernel, abs=0.05)
    if extra:
        assert np.isfinite(group.z[0])
    with pytest.raises(ValueError, match=f"CurrentLIF: method = 'exact' divides .* because {pair}"):
        model.group(1, extra_equations=extra, namespace=names, method="exact")


FILTER = "dz/dt = (v - v_rest - z) / tau_m : volt"


def test_the_formula_knows_of_time_constants_that_are_written_alike():
    model = CurrentLIF(tau_e=5 * ms, tau_i=5 * ms)
    alike = model.group(1, extra_equations=f"{FILTER} (unless refractory)")
    assert alike.method_choice == "exact"
    # While v stands still, its rate is 0 and that of z is not.
    assert model.group(1, extra_equations=FILTER).method_choice == "exponential_euler"


# Brian 2 takes ten seconds to find the formula.
@pytest.mark.slow
def test_time_constants_that_are_written_alike_are_solved_exactly():
    model = CurrentLIF(tau_e=5 * ms, tau_i=5 * ms, v_threshold=100 * mV)
    group = model.group(1, extra_equations=f"{FILTER} (unless refractory)")
    group.I_e, group.I_i = 300 * pA, 100 * pA
    run(10 * ms, group)
    difference = np.exp(-10 / 20) - np.exp(-10 / 5)
    assert group.v[0] / mV == pytest.approx(-60 + 20 * 5 / 15 * difference, rel=1e-12)
    # The same, filtered with a time constant of 20 ms.
    filtered = 20 * 5 / 15 * (10 / 20 * np.exp(-10 / 20) - 5 / 15 * difference)
    assert group.z[0] / mV == pytest.approx(filtered, rel=1e-12)


def test_current_neuron_fires_at_the_closed_form_rate():
    model = CurrentLIF(refractory=2 * ms)
    group = model.group(1)
    group.I_ext = 200 * pA
    spikes = SpikeMonitor(group)
    run(100 * ms, group, spikes)
    # From reset to threshold 10 mV higher, drawn towards 20 mV above rest.
    interval = 2 + 20 * np.log(20 / (20 - 10))
    np.testing.assert_allclose(np.diff(spikes.t / ms), interval, atol=0.15)


def test_v_is_clamped_while_refractory():
    group = CurrentLIF(refractory=4 * ms).group(1)
    group.I_ext = 1 * nA
    states = StateMonitor(group, "v", record=True)
    spikes = SpikeMonitor(group)
    run(20 * ms, group, states, spikes)
    first = spikes.t[0]
    clamped = (states.t > first) & (states.t < first + 3.95 * ms)
    assert clamped.sum() >= 38
    np.testing.assert_allclose(states.v[0][clamped] / mV, -60)


def test_vogels_abbott_cells_fire_without_input():
    group = CurrentLIF.vogels_abbott().group(1)
    spikes = SpikeMonitor(group)
    run(0.15 * second, group, spikes)
    assert spikes.num_spikes > 1


def test_theta_jumps_decays_and_freezes():
    model = AdaptiveThresholdLIF(
        lock_out=0 * ms, theta_plus=2 * mV, theta_initial=20 * mV, tau_theta=100 * ms
    )
    group = model.group(2)
    group.v = [-51, -65] * mV
    spikes = SpikeMonitor(group)
    network = run(defaultclock.dt, group, spikes)
    decay = np.exp(-0.1 / 100)
    np.testing.assert_allclose(group.theta / mV, [20 * decay + 2, 20 * decay], rtol=1e-12)
    assert group.v[0] == model.v_reset

    group.adaptation_rate = 0
    frozen = np.array(group.theta / mV)
    group.v = [-65, -30] * mV
    network.run(20 * ms, namespace={})
    assert list(spikes.i) == [0, 1]
    np.testing.assert_array_equal(group.theta / mV, frozen)


def test_theta_raises_the_threshold():
    model = AdaptiveThresholdLIF(lock_out=0 * ms)
    group = model.group(2)
    group.theta = [20, 30] * mV
    group.v = -45 * mV
    spikes = SpikeMonitor(group)
    run(defaultclock.dt, group, spikes)
    assert list(spikes.i) == [0]


@pytest.mark.parametrize(("lock_out", "interval"), [(50, 50.1), (0, 5.1)])
def test_the_lock_out_blocks_spikes_and_can_be_switched_off(lock_out, interval):
    model = AdaptiveThresholdLIF.diehl_cook_excitatory(lock_out=lock_out * ms)
    group = model.group(1)
    spikes = SpikeMonitor(group)
    network = Network(group, spikes)
    drive = group.run_regularly("g_e = 1000", dt=defaultclock.dt)
    network.add(drive)
    network.run(200 * ms, namespace={})
    # Locked up to and with the step at `lock_out`; without it the clamp of 5 ms is left.
    np.testing.assert_allclose(np.diff(spikes.t / ms), interval, atol=0.101)
    assert np.diff(spikes.t / ms).min() > lock_out


@pytest.mark.parametrize(
    ("model", "values", "words"),
    [
        (ConductanceLIF, {"v_reset": -50 * mV}, "v_reset = -50. mV is not below v_threshold"),
        (CurrentLIF, {"v_threshold": -70 * mV}, "would spike at every time step"),
        (AdaptiveThresholdLIF, {"theta_initial": 0 * mV}, "theta_offset"),
    ],
)
def test_a_reset_above_threshold_is_refused(model, values, words):
    with pytest.raises(ValueError, match=words):
        model(**values)


def test_group_takes_more_equations_names_and_options():
    group = ConductanceLIF().group(
        2, extra_equations="w_total : 1", namespace={"extra": 3}, name="cells", method="euler"
    )
    assert "w_total" in group.variables
    assert group.namespace["extra"] == 3
    assert group.name == "cells"
    assert group.method_choice == "euler"


def test_a_namespace_may_not_contradict_a_parameter():
    with pytest.raises(ValueError, match="ConductanceLIF: namespace gives tau_m a second value"):
        ConductanceLIF().group(1, namespace={"tau_m": 1 * ms})


def test_no_parameter_comes_from_the_surroundings():
    tau_m = "not a time constant"
    assert tau_m
    group = ConductanceLIF().group(1)
    group.v = -55 * mV
    Network(group).run(5 * ms)
    expected = -60 + 5 * np.exp(-5 / 20)
    assert group.v[0] / mV == pytest.approx(expected, rel=1e-10)
