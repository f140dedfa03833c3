"""GLIF: both updates step by step, and against an exact integration of the equations."""

import numpy as np
import pytest
from brian2 import Network, SpikeMonitor, defaultclock, ms, mV, pA

from experiments.verification.glif_exact import expected_error, spike_times
from spikeplast.neurons import GLIF, ConductanceLIF
from spikeplast.neurons.glif import LEVELS, UPDATES

MODELS = [GLIF(level=level, update=update, inputs=None) for level in LEVELS for update in UPDATES]
CURRENTS = np.array([280.0, 330.0, 420.0])


def spikes_of(models, dt, duration, *later):
    """Spike times in ms of each model and current; `later` are currents for further runs."""
    defaultclock.dt = dt * ms
    groups = [model.group(len(CURRENTS)) for model in models]
    monitors = [SpikeMonitor(group) for group in groups]
    network = Network(groups, monitors)
    for currents in (CURRENTS, *later):
        for group in groups:
            group.I_ext = currents * pA
        network.run(duration * ms, namespace={})
    return [[trains[i] / ms for i in range(3)] for trains in (m.spike_trains() for m in monitors)]


def reference_steps(model, currents, dt, duration):
    """Steps in which one cell spikes, by the published order of operations, written again."""
    C, g, E, n_ref = 58.72, 9.43, -78.85, round(3.75 / dt)
    nest, rule = model.update == "nest", model.level in (2, 4, 5)
    k, dI = np.array([0.003, 0.1]), np.array([-9.18, -198.94]) * (model.level >= 3)
    v, th_s, th_v, asc, hold, out = E, 0.0, 0.0, np.zeros(2), 0, []
    for step in range(len(currents) * round(duration / dt)):
        if hold:
            hold -= 1
            continue
        injected = currents[step // round(duration / dt)]
        mean = (1 - np.exp(-k * dt)) / (k * dt) if nest else 1
        total = injected + (asc * mean).sum()
        before, far = v, v - E - total / g
        v = E + total / g + far * np.exp(-g / C * dt) if nest else v - dt * g / C * far
        if model.level == 5:
            beta, phi = total / g, 0.005 / (0.09 - g / C)
            decay = np.exp(-0.09 * dt)
            th_v = (
                phi * far * np.exp(-g / C * dt)
                + decay * (th_v - phi * far - 0.005 / 0.09 * beta)
                + 0.005 / 0.09 * beta
            )
        th_s, asc = th_s * np.exp(-0.009 * dt), asc * np.exp(-k * dt)
        if v > -51.68 + th_s + th_v:
            out.append(step)
            v = E + 0.2 * ((before if nest else v) - E) + 18.51 if rule else E
            th_s = (th_s * np.exp(-0.009 * 3.75) + 0.37) * rule
            asc = asc * np.exp(-k * 3.75) + dI
            hold = n_ref if nest else n_ref - 1
    return np.array(out)


def test_both_updates_are_the_published_ones_step_by_step():
    later = np.array([400.0, 150.0, 600.0])
    trains = spikes_of(MODELS, 0.05, 100, later)
    counts = set()
    for model, trains_of_model in zip(MODELS, trains, strict=True):
        for first, second, times in zip(CURRENTS, later, trains_of_model, strict=True):
            steps = reference_steps(model, (first, second), 0.05, 100)
            np.testing.assert_array_equal(np.rint(times / 0.05).astype(int), steps)
            counts.add(len(steps))
    # The levels and currents differ in what they do.
    assert len(counts) > 5
    assert min(counts) > 2


def test_both_updates_converge_to_the_exact_integration():
    # All levels: experiments.verification.neurons.
    models, dt = [model for model in MODELS if model.level == 5], 0.01
    for model, trains in zip(models, spikes_of(models, dt, 40), strict=True):
        for current, times in zip(CURRENTS, trains, strict=True):
            exact = spike_times(model, current, 40)
            assert abs(len(times) - len(exact)) <= 1
            n = min(len(times), len(exact))
            assert n > 0
            assert (np.abs(times[:n] - exact[:n]) <= expected_error(model, exact[:n], dt)).all()


def test_synaptic_input_and_own_equations_are_integrated_as_elsewhere():
    group = GLIF().group(1, extra_equations="dz/dt = -z/(5*ms) : 1")
    other = ConductanceLIF().group(1)
    group.z, other.g_e = 1, 1
    group.g_e = "9.43*nS"
    Network(group, other).run(2 * ms, namespace={})
    assert group.z[0] == pytest.approx(np.exp(-0.4), rel=1e-12)
    assert float(group.g_e[0]) / 9.43e-9 == pytest.approx(other.g_e[0], rel=1e-12)
    assert group.v[0] > -78.85 * mV


@pytest.mark.parametrize(
    ("values", "error", "words"),
    [
        ({"level": 6}, ValueError, "GLIF: level = 6 is out of range; expected 1 to 5"),
        ({"update": "euler"}, ValueError, "GLIF: update = 'euler' is not known; choose from allen"),
        ({"dV": -30 * mV}, ValueError, "spike without end"),
        ({"E_L": -50 * mV}, ValueError, "E_L = -50. mV is not below Th_inf"),
        ({"f_1": 1.5}, ValueError, "GLIF: f_1 = 1.5 is out of range; expected a number at least 0"),
        ({"k_1": 3 * ms}, TypeError, "k_1 = 3. ms is of the wrong unit"),
        ({"inputs": 3}, TypeError, "inputs = 3 is not a synaptic input; expected a Cond"),
    ],
)
def test_what_cannot_work_is_refused(values, error, words):
    with pytest.raises(error, match=words):
        GLIF(**values)


def test_a_reset_rule_is_checked_only_where_it_is_used():
    GLIF(level=1, dV=-30 * mV)
    with pytest.raises(ValueError, match="method = 'euler' has no effect"):
        GLIF().group(1, method="euler")
