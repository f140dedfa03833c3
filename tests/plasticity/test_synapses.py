"""What `rule.synapses` makes: transmission, bounds, the learning rate, and its complaints."""

import numpy as np
import pytest
from brian2 import Network, NeuronGroup, SpikeGeneratorGroup, Synapses, ms, nS, pA

from spikeplast.neurons import ConductanceLIF, CurrentLIF
from spikeplast.plasticity import (
    DiehlCookExponential,
    DiehlCookPreAndPost,
    DiehlCookSTDP,
    HardBounds,
    PairSTDP,
    PowerLawBounds,
    SoftBounds,
    TripletSTDP,
    set_weights,
)

RULES = [
    PairSTDP(),
    PairSTDP.van_rossum(),
    PairSTDP.guetig(pairing="nearest"),
    TripletSTDP.visual_cortex(),
    TripletSTDP.hippocampus("nearest", "minimal"),
    DiehlCookSTDP(),
    DiehlCookExponential(),
    DiehlCookPreAndPost(),
]


def spikes_at(*times):
    return SpikeGeneratorGroup(1, np.zeros(len(times), int), np.array(times) * ms)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_transmits_the_weight_as_it_was_before_the_spike(rule):
    source, target = spikes_at(1.0, 3.0), ConductanceLIF(tau_e=1e6 * ms).group(1)
    synapses = rule.synapses(source, target, acts_on="g_e", gain=0.5)
    assert type(synapses) is Synapses
    synapses.connect()
    synapses.w = 0.4
    Network(source, target, synapses).run(5 * ms, namespace={})
    assert target.g_e[0] == pytest.approx(2 * 0.5 * 0.4, rel=1e-5)
    assert synapses.w[0] == 0.4
    assert rule.citation


def test_the_weight_can_act_on_a_current():
    source, target = spikes_at(1.0), CurrentLIF(tau_e=1e6 * ms).group(1)
    synapses = PairSTDP().synapses(source, target, acts_on="I_e", gain=20 * pA)
    synapses.connect()
    synapses.w = 0.5
    Network(source, target, synapses).run(2 * ms, namespace={})
    assert target.I_e[0] / pA == pytest.approx(10, rel=1e-5)


def test_the_learning_rate_scales_and_switches_off_plasticity():
    def changes(*rates):
        source, target = spikes_at(10, 110, 210), spikes_at(15, 115, 215)
        rule = PairSTDP(tau_minus=1 * ms)
        synapses = rule.synapses(source, target, acts_on=None)
        synapses.connect()
        synapses.w = 0.5
        network = Network(source, target, synapses)
        weights = [0.5]
        for rate in rates:
            synapses.learning_rate = rate
            network.run(100 * ms, namespace={})
            weights.append(float(synapses.w[0]))
        return np.diff(weights)

    full, none, half = changes(1, 0, 0.5)
    assert full > 1e-3
    assert none == 0
    assert half == pytest.approx(full / 2, rel=0.02)


def test_the_learning_rate_is_1_without_being_set():
    synapses = PairSTDP().synapses(spikes_at(1), spikes_at(2), acts_on=None)
    synapses.connect()
    assert float(synapses.learning_rate[:]) == 1


def test_a_delay_moves_the_presynaptic_spike():
    source, target = spikes_at(10), spikes_at(12)
    synapses = PairSTDP(A_plus=0.1, A_minus=0.2).synapses(
        source, target, acts_on=None, delay=5 * ms
    )
    synapses.connect()
    synapses.w = 0.5
    Network(source, target, synapses).run(20 * ms, namespace={})
    assert synapses.w[0] == pytest.approx(0.5 - 0.2 * np.exp(-3 / 20), rel=1e-12)


def test_extra_equations_and_names_reach_the_synapses():
    synapses = PairSTDP().synapses(
        spikes_at(1),
        spikes_at(2),
        acts_on=None,
        extra_equations="tag : 1",
        namespace={"extra": 2},
        name="plastic",
    )
    assert synapses.name == "plastic"
    assert "tag" in synapses.variables
    assert synapses.namespace["extra"] == 2


def test_extra_equations_that_decay_as_fast_as_what_drives_them():
    def made(tau, **arguments):
        return PairSTDP().synapses(
            spikes_at(1),
            spikes_at(2),
            acts_on=None,
            extra_equations=f"dz/dt = (r1 - z) / {tau} : 1 (event-driven)",
            **arguments,
        )

    with pytest.raises(ValueError, match="PairSTDP: z and r1, which drives it, decay equally fast"):
        made("(20*ms)")
    synapses = made("tau_plus", name="alike")
    synapses.connect()
    Network(synapses, synapses.source, synapses.target).run(4 * ms, namespace={})
    assert synapses.z[0] == pytest.approx(np.exp(-1 / 20) / 20, rel=1e-12)
    assert "z" in made("(10*ms)").variables and "z" in made("(20*ms)", method="euler").variables


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"acts_on": "ge"}, ValueError, "acts_on = 'ge' is not a variable of cells that can"),
        ({"acts_on": "i"}, ValueError, "it has g_e, g_i, lastspike, not_refractory, v"),
        ({"acts_on": "v"}, TypeError, "gain = 1.0 is of the wrong unit for v of cells"),
        ({"acts_on": "g_e", "gain": 1 * nS}, TypeError, "gain = 1. nS is of the wrong unit"),
        ({"acts_on": "g_e", "gain": np.nan}, ValueError, "gain = nan is not one finite value"),
        ({"acts_on": "g_e", "w_max": 0}, ValueError, "PairSTDP: w_max = 0 is out of range"),
        ({"acts_on": "g_e", "bounds": (0, 1)}, TypeError, "PairSTDP: bounds = (0, 1) are not"),
        ({"acts_on": "g_e", "bounds": HardBounds}, TypeError, "HardBounds'> are not bounds"),
        ({"acts_on": "g_e", "gain": "1"}, TypeError, "gain = 1 is a str; expected a number"),
        ({"acts_on": "v", "gain": "1"}, TypeError, "gain = 1 is a str; expected a quantity in V"),
        ({"acts_on": "g_e", "w_max": 1 * ms}, TypeError, "w_max = 1. ms is of the wrong unit"),
        (
            {"acts_on": "g_e", "w_max": 1, "bounds": HardBounds()},
            ValueError,
            "both given; give one",
        ),
        (
            {"acts_on": "g_e", "namespace": {"tau_plus": 1 * ms}},
            ValueError,
            "PairSTDP: namespace gives tau_plus a second value",
        ),
    ],
)
def test_wrong_synapses_are_refused_at_once(arguments, error, words):
    cells = ConductanceLIF().group(1, name="cells")
    with pytest.raises(error) as refused:
        PairSTDP().synapses(spikes_at(1), cells, **arguments)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("names", ["w : 1", "r1 : 1", "tau_plus : second", "w_max : 1"])
def test_neurons_may_not_have_the_names_of_the_rule(names):
    cells = NeuronGroup(1, f"y : 1\n{names}", name="cells")
    variable = names.split()[0]
    with pytest.raises(ValueError, match=f"PairSTDP: cells has a variable '{variable}', which"):
        PairSTDP().synapses(spikes_at(1), cells, acts_on="y")


def test_bounds_are_checked_when_they_are_made():
    with pytest.raises(ValueError, match="HardBounds: w_min = 1 is not below w_max = 0"):
        HardBounds(1, 0)
    with pytest.raises(ValueError, match=r"PowerLawBounds: mu_plus = -1 is out of range; expected"):
        PowerLawBounds(0, 1, -1, 0)


def test_acts_on_has_to_be_said():
    with pytest.raises(TypeError, match="acts_on"):
        PairSTDP().synapses(spikes_at(1), spikes_at(2))


def test_power_law_bounds_with_exponents_0_and_1_are_hard_and_soft():
    assert PowerLawBounds(0, 1, 0, 0).potentiate("x") == HardBounds(0, 1).potentiate("x")
    assert PowerLawBounds(0, 1, 1, 1).depress("x") == SoftBounds(0, 1).depress("x")


def connected():
    synapses = PairSTDP().synapses(
        SpikeGeneratorGroup(2, [], [] * ms), SpikeGeneratorGroup(2, [], [] * ms), acts_on=None
    )
    synapses.connect()
    return synapses


def test_set_weights_sets_one_number_or_one_per_synapse():
    synapses = connected()
    set_weights(synapses, 0.25)
    np.testing.assert_array_equal(synapses.w, [0.25] * 4)
    set_weights(synapses, [0, 0.1, 0.2, 1])
    np.testing.assert_array_equal(synapses.w, [0, 0.1, 0.2, 1])


@pytest.mark.parametrize(
    ("w", "words"),
    [
        ([0.1, 0.2], "expected one number, or 4"),
        ([[0.1, 0.2], [0.3, 0.4]], "shape"),
        (1.5, r"outside \[0, 1\], the first 1\.5 at index 0"),
        ([0, 0.5, np.nan, -1], "2 values that are not finite or outside .* nan at index 2"),
    ],
)
def test_set_weights_refuses_what_cannot_be_a_weight(w, words):
    synapses = connected()
    set_weights(synapses, 0.5)
    with pytest.raises(ValueError, match=words):
        set_weights(synapses, w)
    np.testing.assert_array_equal(synapses.w, [0.5] * 4)
