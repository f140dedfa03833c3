"""The voltage-based rule: published weights, moments of reading, homeostasis, bad input."""

import numpy as np
import pytest
from brian2 import Network, NeuronGroup, SpikeGeneratorGroup, ms, mV, set_device

from experiments.verification import clopath
from experiments.verification.section import failures
from spikeplast.neurons import ConductanceLIF
from spikeplast.plasticity import Clopath

from .both_devices import WAITS, leaky_cells, random_inputs, weights_on_both

SETS = [
    Clopath.visual_cortex(),
    Clopath.somatosensory_cortex(lag=0),
    Clopath.hippocampus(tau_minus=10 * ms, tau_plus=7 * ms),
]
EAGER = {"theta_plus": -58 * mV, "A_LTP": 8e-3 / mV**2, "A_LTD": 14e-3 / mV}


def test_the_weights_of_the_authors_code():
    set_device("numba")
    rows = clopath.rows(clopath.measure(quick=True))
    assert len(rows) == 12
    assert failures(rows) == []


@pytest.mark.usefixtures("loop_in_python")
@pytest.mark.parametrize("u_ref_squared", [None, 60 * mV**2])
def test_both_devices_and_waiting(u_ref_squared):
    rule = Clopath.visual_cortex(u_ref_squared=u_ref_squared, **EAGER)

    def build():
        inputs, cells = random_inputs(), leaky_cells(extra_equations=rule.target_equations)
        synapses = rule.synapses(inputs, cells, acts_on=None)
        synapses.connect()
        synapses.w = "0.3 + 0.02*i"
        return inputs, cells, synapses

    _, kept = weights_on_both(build)
    assert kept["w"] == WAITS
    assert kept["x"] == "per presynaptic neuron"


def change_of_clamped(rule, v, pre, steps=400, **start):
    """Change of a weight of 0.5 by spikes at `pre` (steps of 1 ms) onto a clamped cell."""
    cells = NeuronGroup(1, "v : volt\n" + rule.target_equations, method="euler", dt=1 * ms)
    cells.v = v
    source = SpikeGeneratorGroup(1, [0] * len(pre), pre * ms, dt=1 * ms)
    synapses = rule.synapses(source, cells, acts_on=None, dt=1 * ms)
    synapses.connect()
    synapses.w = 0.5
    for name, value in start.items():
        setattr(cells, name, value)
    Network(source, cells, synapses).run(steps * ms, namespace={})
    return float(synapses.w[0]) - 0.5


def test_the_trace_is_read_without_the_spike_of_the_same_step():
    rule = Clopath.visual_cortex(A_LTD=0 / mV)
    volt = 4.7 * 30
    reads = sum(np.exp(-k / 15) for k in range(3)) / 15
    # Spike in step 5: read in steps 6, 7, 8, before the decay of each.
    found = change_of_clamped(rule, -40.6 * mV, [5], steps=9)
    assert found == pytest.approx(8e-5 * volt * reads, rel=1e-9)
    assert change_of_clamped(rule, -40.6 * mV, [5], steps=6) == 0


def test_the_filtered_voltage_is_read_as_old_as_lag_says():
    rule = Clopath(A_LTP=0 / mV**2, tau_minus=1 * ms, lag=3)
    # With Euler's method and tau of one step it is 30 mV above its threshold at the start only.
    found = [
        change_of_clamped(rule, -70.6 * mV, [step], 10, v_minus=-40.6 * mV) for step in range(5)
    ]
    np.testing.assert_allclose(found, [0, 0, -14e-5 * 30, 0, 0], rtol=1e-9, atol=1e-15)


def test_homeostasis_scales_depression():
    plain, scaled = (
        change_of_clamped(
            Clopath(A_LTP=0 / mV**2, u_ref_squared=reference), -50.6 * mV, [5], 10,
            **({} if reference is None else {"v2": 400 * mV**2}),
        )
        for reference in (None, 80 * mV**2)
    )  # fmt: skip
    assert scaled == pytest.approx(5 * plain, rel=1e-9)
    assert plain == pytest.approx(-14e-5 * 20, rel=1e-9)


def test_bounds():
    strong = Clopath(A_LTD=1 / mV, A_LTP=0 / mV**2)
    assert change_of_clamped(strong, -40.6 * mV, [5]) == -0.5
    strong = Clopath(A_LTD=0 / mV, A_LTP=1 / mV**2)
    assert change_of_clamped(strong, -40.6 * mV, [5]) == 0.5


@pytest.mark.parametrize("rule", SETS)
def test_the_parameter_sets(rule):
    assert 0 / mV < rule.A_LTD
    assert rule.citation


def test_hippocampus_needs_the_time_constants_that_the_paper_leaves_blank():
    with pytest.raises(TypeError, match="tau_minus"):
        Clopath.hippocampus()


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"A_LTD": 14e-5}, TypeError, "Clopath: A_LTD = 0.00014 is of the wrong unit"),
        ({"tau_x": 0 * ms}, ValueError, "Clopath: tau_x = 0. s is out of range"),
        ({"lag": 1.5}, ValueError, "lag = 1.5 is not a whole number"),
        ({"theta_plus": -80 * mV}, ValueError, "theta_minus = -70.6 mV is not below theta_plus"),
    ],
)
def test_bad_parameters(arguments, error, words):
    with pytest.raises(error) as refused:
        Clopath(**arguments)
    assert words in str(refused.value)


def test_a_target_without_its_variables_is_refused():
    inputs = random_inputs()
    with pytest.raises(ValueError, match="has no variable 'v_minus', which the rule needs; make"):
        Clopath().synapses(inputs, ConductanceLIF().group(1), acts_on="g_e")
    with pytest.raises(ValueError, match="cells has no variable 'v' "):
        Clopath().synapses(inputs, NeuronGroup(1, "u : volt", name="cells"), acts_on=None)
    with pytest.raises(TypeError, match=r"'v' of cells1 is without unit; expected it in V"):
        Clopath().synapses(inputs, NeuronGroup(1, "v : 1", name="cells1"), acts_on=None)


def test_two_rules_on_one_group_have_to_agree():
    inputs, rule = random_inputs(), Clopath()
    cells = leaky_cells(extra_equations=rule.target_equations)
    rule.synapses(inputs, cells, acts_on=None)
    Clopath(A_LTD=1e-5 / mV).synapses(inputs, cells, acts_on=None)
    with pytest.raises(ValueError, match=r"already has clopath_tau_minus = 10\. ms, and this rule"):
        Clopath(tau_minus=5 * ms).synapses(inputs, cells, acts_on=None)
