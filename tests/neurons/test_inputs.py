"""Time courses of synaptic input, NMDA's block, and what is refused."""

import numpy as np
import pytest
from brian2 import Network, StateMonitor, mmolar, ms, mV, pA

from spikeplast.neurons import NMDALIF, ConductanceInput, ConductanceLIF, CurrentLIF
from spikeplast.plasticity import PairSTDP


def test_a_weight_is_the_height_of_a_response_of_any_shape():
    alpha = CurrentLIF(shape="alpha", tau_e=4 * ms).group(1, dt=0.01 * ms)
    double = ConductanceLIF(
        shape="double-exponential",
        tau_e=8 * ms,
        tau_rise_e=2 * ms,
        tau_i=12 * ms,
        tau_rise_i=3 * ms,
    ).group(1, dt=0.01 * ms)
    alpha.x_e, double.x_e, double.x_i = 50 * pA, 0.7, 0.2
    currents = StateMonitor(alpha, "I_e", record=0, dt=0.01 * ms)
    conductances = StateMonitor(double, ["g_e", "g_i"], record=0, dt=0.01 * ms)
    Network(alpha, double, currents, conductances).run(12 * ms, namespace={})
    for values, height, time in (
        (currents.I_e[0] / pA, 50, 4),
        (conductances.g_e[0], 0.7, 8 * 2 / 6 * np.log(4)),
        (conductances.g_i[0], 0.2, 12 * 3 / 9 * np.log(4)),
    ):
        # A rise is an error of the first order in the time step.
        assert np.max(values) == pytest.approx(height, rel=0.004)
        assert currents.t[np.argmax(values)] / ms == pytest.approx(time, abs=0.05)


def test_magnesium_blocks_nmda_where_jahr_and_stevens_say():
    cells = NMDALIF.brunel_wang_pyramidal().group(3)
    cells.v = [-70, 0, 40] * mV
    free = NMDALIF(Mg=0 * mmolar).group(1)
    for group in (cells, free):
        group.x_n = 1
    network = Network(cells, free)
    expected = 1 / (1 + np.exp(-0.062 * np.array([-70, 0, 40])) / 3.57)
    np.testing.assert_allclose(cells.unblocked[:], expected, rtol=1e-12)
    assert free.unblocked[0] == 1
    network.run(8 * ms, namespace={})
    # Peak of the course with 2 and 100 ms at 8.0 ms.
    np.testing.assert_allclose(cells.g_n[:], 1, rtol=0.03)


def test_synapses_cannot_act_on_what_follows_from_another_variable():
    cells = ConductanceLIF(shape="alpha").group(1)
    with pytest.raises(ValueError, match=r"acts_on = 'g_e' is not a variable .* x_e"):
        PairSTDP().synapses(cells, cells, acts_on="g_e")
    PairSTDP().synapses(cells, cells, acts_on="x_e")
    Network(cells)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"shape": "beta"}, "ConductanceInput: shape = 'beta' is not known; choose from expon"),
        ({"shape": "double-exponential"}, "tau_rise_e = None is missing"),
        ({"tau_rise_e": 1 * ms}, "tau_rise_e = 1. ms has no effect with shape = 'exponential'"),
        (
            {"shape": "double-exponential", "tau_rise_e": 5 * ms, "tau_rise_i": 1 * ms},
            "tau_rise_e = 5. ms is not below tau_e = 5. ms",
        ),
    ],
)
def test_shapes_that_do_not_fit_are_refused(values, words):
    with pytest.raises(ValueError, match=words):
        ConductanceInput(**values)
