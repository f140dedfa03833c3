"""AdEx, Izhikevich and Clopath's neuron against other integrators and the published programs."""

import numpy as np
import pytest
from brian2 import Network, SpikeMonitor, StateMonitor, defaultclock, ms, mV, pA

from experiments.verification.neuron_clopath import voltages
from experiments.verification.neuron_patterns import adex_spike_times, largest_difference
from spikeplast.neurons import AdEx, ClopathEIF, Izhikevich
from spikeplast.neurons.izhikevich import TYPES


@pytest.mark.parametrize("pattern", ["adaptation", "regular bursting"])
def test_adex_converges_to_an_adaptive_integrator(pattern):
    model, current = AdEx.naud(pattern, inputs=None), AdEx.naud_current(pattern)
    exact = adex_spike_times(model, current / pA, 40)
    assert len(exact) >= 2
    errors = []
    for dt in (0.04, 0.02):
        defaultclock.dt = dt * ms
        cells = model.group(1)
        cells.I_ext = current
        spikes = SpikeMonitor(cells)
        Network(cells, spikes).run(40 * ms, namespace={})
        errors.append(largest_difference(np.array(spikes.t / ms), exact))
    # Forward Euler: an error of the first order.
    assert errors[1] < 0.4
    assert 1.5 < errors[0] / errors[1] < 2.5


def test_izhikevich_types_are_those_of_the_published_program():
    defaultclock.dt = 1 * ms
    groups = [Izhikevich.named(kind).group(2) for kind in TYPES]
    monitors = [SpikeMonitor(group) for group in groups]
    network = Network(groups, monitors)
    for group in groups:
        group.I_ext = [4, 10] * mV / ms
    # Later on rounding grows: most types are chaotic at this step.
    network.run(100 * ms, namespace={})
    counts = []
    for kind, monitor in zip(TYPES, monitors, strict=True):
        model = Izhikevich.named(kind)
        a, b = float(model.a * ms), float(model.b * ms)
        c, d = float(model.c / mV), float(model.d / (mV / ms))
        for cell, current in enumerate((4, 10)):
            v, u, steps = -65.0, b * -65.0, []
            for step in range(100):
                for _ in range(2):
                    v += 0.5 * (0.04 * v**2 + 5 * v + 140 - u + current)
                u += a * (b * v - u)
                if v >= 30:
                    steps.append(step)
                    v, u = c, u + d
            counts.append(len(steps))
            np.testing.assert_allclose(monitor.spike_trains()[cell] / ms, steps, atol=1e-9)
    assert len(set(counts)) > 4


def authors_program(pulses, constant, b):
    """Voltage of Clopath's published neuron, step of 1 ms; currents in pA, voltages in mV."""
    u, w, tail, V_T, counter, out = -70.6, 0.0, 0.0, -50.4, 0, []
    for pulse in pulses:
        if counter == 2:
            u, w, tail, counter, V_T = -70.6 + 15 + 6.0984, w + b, 400.0, 0, -30.4
        du = (-30 * (u + 70.6) + 60 * np.exp((u - V_T) / 2) - w + tail + pulse + constant) / 281
        dw = (4 * (u + 70.6) - w) / 144
        u, w, tail, V_T = u + du, w + dw, tail - tail / 40, V_T - (V_T + 50.4) / 50
        if counter == 1:
            counter, u, w = 2, 29.4 + 3.462, w - dw
        if u > 20 and counter == 0:
            u, counter = 29.4, 1
        out.append(u)
    return np.array(out)


def test_clopaths_neuron_is_that_of_the_authors_program():
    defaultclock.dt = 1 * ms
    pulses = np.zeros(150)
    pulses[[5, 25, 27, 28, 100]] = 1e6
    for model, b in ((ClopathEIF(), 0.0805), (ClopathEIF.brette_gerstner_b(), 80.5)):
        constants = (0, 900)
        found = voltages(model, np.array([pulses + constant for constant in constants]))
        for constant, v in zip(constants, found, strict=True):
            expected = authors_program(pulses, constant, b)
            assert (expected == 29.4).sum() >= 4
            np.testing.assert_allclose(v, expected, rtol=1e-9)


def test_the_clamp_lasts_as_long_at_any_step():
    defaultclock.dt = 0.1 * ms
    cells = ClopathEIF(inputs=None).group(1)
    states = StateMonitor(cells, ["v", "z", "V_T"], record=True, when="end")
    network = Network(cells, states)
    cells.I_ext = 1e7 * pA
    network.run(0.1 * ms, namespace={})
    cells.I_ext = 0 * pA
    network.run(4 * ms, namespace={})
    v = states.v[0] / mV
    np.testing.assert_allclose(v[:10], 29.4)
    np.testing.assert_allclose(v[10:20], 32.862)
    assert v[20] == pytest.approx(-49.5, abs=0.2)
    assert states.z[0][20] / pA == pytest.approx(400 * (1 - 0.1 / 40))
    assert states.V_T[0][20] / mV == pytest.approx(-30.4 - 20 * 0.1 / 50)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: AdEx(V_r=30 * mV), "AdEx: V_r = 30. mV is not below V_peak = 20. mV"),
        (lambda: AdEx(V_T=30 * mV), "AdEx: V_T = 30. mV is not below V_peak"),
        (lambda: AdEx(Delta_T=0 * mV), "AdEx: Delta_T = 0. V is out of range; .* above 0 mV"),
        (lambda: AdEx.naud("bursting"), "pattern = 'bursting' is not known; choose from tonic"),
        (lambda: AdEx.naud_current("x"), "AdEx.naud_current: pattern = 'x' is not known"),
        (lambda: Izhikevich.named("XX"), "kind = 'XX' is not known; choose from RS, IB"),
        (lambda: Izhikevich(c=40 * mV), "Izhikevich: c = 40. mV is not below the threshold"),
        (lambda: ClopathEIF(V_Tmax=30.4 * mV), "ClopathEIF: V_Tmax = 30.4 mV is not below V_peak"),
        (lambda: ClopathEIF(t_clamp=0 * ms), "t_clamp = 0. s is out of range"),
    ],
)
def test_what_cannot_work_is_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()
