"""Traub & Miles' neuron and the stochastic GIF."""

import numpy as np
import pytest
from brian2 import Network, SpikeMonitor, StateMonitor, defaultclock, ms, mV, nS, pA, pF, seed

from experiments.verification import neuron_hh
from spikeplast.neurons import GIF, HodgkinHuxley, TraubMilesHH


def test_hodgkin_huxley_spikes_where_an_adaptive_integrator_does():
    defaultclock.dt = 0.02 * ms
    cells = TraubMilesHH(inputs=None).group(2, method="rk4")
    cells.I_ext = [200, 800] * pA
    spikes = SpikeMonitor(cells)
    Network(cells, spikes).run(30 * ms, namespace={})
    for cell, current in enumerate((200.0, 800.0)):
        exact = neuron_hh.spike_times(current, 30)
        assert len(exact) > 1
        np.testing.assert_allclose(spikes.spike_trains()[cell] / ms, exact, atol=0.04)


@pytest.mark.parametrize(("rate", "u", "limit"), neuron_hh.LIMITS)
def test_rates_have_their_limits_at_the_points_of_0_over_0(rate, u, limit):
    cells = TraubMilesHH(inputs=None).group(4)
    Network(cells)
    cells.v = (-63 + u + np.array([-1e-9, 0, 1e-9, 1])) * mV
    rates = getattr(cells, rate)[:] * ms
    np.testing.assert_allclose(rates[:3], limit, rtol=1e-9)
    sign = 1 if rate == "beta_m" else -1
    scale = {"alpha_m": 4, "beta_m": 5, "alpha_n": 5}[rate]
    assert rates[3] == pytest.approx(limit / scale * sign / np.expm1(sign / scale))


def test_the_gates_start_at_rest():
    cells = TraubMilesHH(inputs=None).group(1)
    before = [float(getattr(cells, x)[0]) for x in "mhn"]
    Network(cells).run(0.01 * ms, namespace={})
    np.testing.assert_allclose([float(getattr(cells, x)[0]) for x in "mhn"], before, rtol=0.01)


def test_the_squid_axon_fires_from_its_threshold_on():
    """Steady rates at 6 and 10 uA/cm^2 (1.2 and 2 nA): none, and 68.7 Hz."""
    defaultclock.dt = 0.02 * ms
    cells = HodgkinHuxley(inputs=None).group(2)
    assert [float(getattr(cells, x)[0]) for x in "mhn"] == pytest.approx(
        [0.0529, 0.5961, 0.3177], abs=1e-4
    )
    cells.I_ext = [1200, 2000] * pA
    spikes = SpikeMonitor(cells)
    Network(cells, spikes).run(60 * ms, namespace={})
    trains = spikes.spike_trains()
    assert len(trains[0]) <= 2
    assert 1e3 / np.diff(trains[1] / ms)[1:].mean() == pytest.approx(68.7, rel=0.03)


def test_gif_spikes_with_the_probability_of_its_intensity():
    """The same random numbers in a loop written again give the same spikes."""
    model, steps, n = GIF(inputs=None), 1500, 20
    current = np.linspace(100, 500, n)
    cells = model.group(n)
    cells.I_ext = current * pA
    spikes = SpikeMonitor(cells)
    seed(4)
    Network(cells, spikes).run(steps * 0.1 * ms, namespace={})

    np.random.seed(4)
    v, last = np.full(n, -67.0), np.full(n, -1000)
    currents, thresholds = np.zeros((2, n)), np.zeros((2, n))
    found = []
    for step in range(steps):
        free = step - last >= 40
        end = -67 + (current - currents.sum(axis=0)) / 3.7
        v = np.where(free, end + (v - end) * np.exp(-0.1 * 3.7 / 83.1), v)
        currents = currents * np.exp(-0.1 / np.array([[57.8], [218.2]]))
        thresholds = thresholds * np.exp(-0.1 / np.array([[53.8], [640.0]]))
        intensity = 1e-3 * np.exp((v + 39.6 - thresholds.sum(axis=0)) / 1.4)
        fires = (np.random.rand(n) < 1 - np.exp(-intensity * 0.1)) & free
        found += [(step, cell) for cell in np.flatnonzero(fires)]
        v, last = np.where(fires, -36.7, v), np.where(fires, step, last)
        currents = currents + fires * np.array([[56.7], [-6.9]])
        thresholds = thresholds + fires * np.array([[11.7], [1.8]])
    assert len(found) > 50
    assert found == list(zip(np.rint(spikes.t / (0.1 * ms)).astype(int), spikes.i, strict=True))


def test_gif_holds_its_reset_while_refractory():
    cells = GIF(inputs=None).group(1)
    cells.v = 50 * mV
    states = StateMonitor(cells, ["v", "gamma_1"], record=True)
    Network(cells, states).run(6 * ms, namespace={})
    np.testing.assert_allclose(states.v[0][1:40] / mV, -36.7)
    assert states.v[0][45] != states.v[0][44]
    assert states.gamma_1[0][1] / mV == pytest.approx(11.7)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: TraubMilesHH(C=0 * pF), "TraubMilesHH: C = 0. F is out of range; .* above 0 pF"),
        (lambda: TraubMilesHH(g_Na=-1 * nS), "g_Na = -1. nS is out of range"),
        (lambda: GIF(Delta_V=0 * mV), "GIF: Delta_V = 0. V is out of range; .* above 0 mV"),
        (lambda: GIF(tau_gamma_2=-1 * ms), "GIF: tau_gamma_2 = -1. ms is out of range"),
    ],
)
def test_what_cannot_work_is_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()
