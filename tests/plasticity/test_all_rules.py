"""All rules at once: names, targets, bounds, normalisation; the same weights on both devices."""

import numpy as np
import pytest
from brian2 import (
    Equations,
    Hz,
    Network,
    NeuronGroup,
    SpikeGeneratorGroup,
    ms,
    mV,
    nS,
    pA,
    second,
    seed,
    set_device,
)

import spikeplast
from spikeplast import neurons
from spikeplast.neurons import AdEx, ClopathEIF, ConductanceLIF, CurrentInput, CurrentLIF
from spikeplast.plasticity import (
    BCM,
    TDSTDP,
    Clopath,
    Convallis,
    DiehlCookExponential,
    DiehlCookPowerLaw,
    DiehlCookPreAndPost,
    DiehlCookSTDP,
    DopamineSTDP,
    HardBounds,
    Hebb,
    NonlinearHebbian,
    Oja,
    PairSTDP,
    PowerLawBounds,
    RewardSTDP,
    RMax,
    Sanger,
    SlidingTripletSTDP,
    SoftBounds,
    TripletSTDP,
    Vogels,
    Zenke,
    normalise_incoming,
)

from .both_devices import WAITS, random_inputs

#: By name: the rule, and which of its variables wait for the next presynaptic spike.
SPIKING = {
    "pair": (PairSTDP(A_plus=0.05, A_minus=0.06), "w"),
    "reduced": (PairSTDP(A_plus=0.05, A_minus=0.06, pairing="reduced-symmetric"), ""),
    "guetig": (PairSTDP.guetig(0.5, A_plus=0.05, A_minus=0.06), ""),
    "triplet": (TripletSTDP.visual_cortex(), "w"),
    "sliding": (SlidingTripletSTDP(tau_rho=0.1 * second), ""),
    "diehl_cook": (DiehlCookSTDP(), "w"),
    "power_law": (DiehlCookPowerLaw(mu=0.7), ""),
    "exponential": (DiehlCookExponential(), ""),
    "both_spikes": (DiehlCookPreAndPost(A_minus=0.02), ""),
    "vogels": (Vogels(eta=0.02), "w"),
    "zenke": (Zenke(A=0.05, every=50 * ms, tau_con=1 * second), ""),
    "clopath": (Clopath(theta_plus=-58 * mV, A_LTP=8e-4 / mV**2, A_LTD=14e-4 / mV), "w"),
    "convallis": (Convallis(every=20 * ms, step=5), "psi"),
    "dopamine": (DopamineSTDP(d_0=2 / second), "c"),
    "reward": (RewardSTDP(eta=0.02), "c"),
    "r_max": (RMax(eta=0.02), "c"),
    "td": (TDSTDP(eta=5), "c"),
}
#: The cells are driven by them.
DRIVE, PERIOD = 40 * mV, 7 * ms


def equations():
    """What all rules together need of their target, and a sum of weights for each."""
    lines = ["rho : Hz", "value : 1", *(f"total_{name} : 1" for name in SPIKING)]
    for rule, _ in SPIKING.values():
        lines += getattr(rule, "target_equations", "").strip().splitlines()
    return "\n".join(dict.fromkeys(line.strip() for line in lines))


def spiking_network(model, arrange, *, normalised=True):
    """Cells of `model` that fire, and one projection of each rule onto them."""
    inputs = random_inputs(5, spikes=8, steps=500)
    cells = model.group(3, extra_equations=equations())
    cells.rho = [10, 20, 30] * Hz
    cells.run_regularly(f"v += {DRIVE / mV}*mV", dt=PERIOD)
    cells.run_regularly("value = sin(t/(5*ms)); reward = cos(t/(9*ms)); rewarded = 1", dt=20 * ms)
    made = {}
    for name, (rule, _) in SPIKING.items():
        made[name] = arrange(name, rule, inputs, cells)
        made[name].connect()
        made[name].w = "0.3 + 0.02*i + 0.03*j"
        if normalised:
            normalise_incoming(made[name], total=1.5, every=15 * ms, variable=f"total_{name}")
    return Network(inputs, cells, made.values()), cells, made


@pytest.mark.parametrize(
    ("model", "acts_on", "gain", "bounds"),
    [
        (ConductanceLIF(), "g_e", 0.01, HardBounds(0, 0.9)),
        pytest.param(CurrentLIF(), "I_e", 10 * pA, SoftBounds(0, 0.9), marks=pytest.mark.slow),
        (ClopathEIF(inputs=CurrentInput()), "v", 0.1 * mV, PowerLawBounds(0, 0.9, 0.5, 2)),
        pytest.param(AdEx(), "g_e", 1 * nS, PowerLawBounds(0, 0.9, 0.5, 0), marks=pytest.mark.slow),
    ],
    ids=["g_e, hard", "current, soft", "jump of v, power law", "AdEx"],
)
def test_targets_bounds_and_normalisation(model, acts_on, gain, bounds):
    arguments = {"acts_on": acts_on, "gain": gain}

    def arrange(name, rule, inputs, cells):
        if not isinstance(rule.bounds(0.9), HardBounds):
            return rule.synapses(inputs, cells, w_max=0.9, **arguments)
        return rule.synapses(inputs, cells, bounds=bounds, **arguments)

    network, cells, made = spiking_network(model, arrange)
    start = {name: np.array(synapses.w[:]) for name, synapses in made.items()}
    # The last step begins with a normalisation, after which there is a step of changes.
    network.run(45.1 * ms, namespace={})
    for name, synapses in made.items():
        w = np.array(synapses.w[:])
        scaled = start[name] * (1.5 / np.bincount(synapses.j, start[name]))[synapses.j]
        assert np.abs(w - scaled).max() > 1e-7, name
        assert np.isfinite(w).all() and w.min() >= 0 and w.max() < 1.5, name
        np.testing.assert_allclose(np.bincount(synapses.j, w), 1.5, rtol=0.02, err_msg=name)
    if acts_on != "v":
        assert (np.array(getattr(cells, acts_on)) > 0).all()
    if "w_ad" in cells.variables:
        # Their own adaptation is not taken for a weight.
        assert np.isfinite(cells.w_ad).all() and np.abs(np.array(cells.w_ad)).max() > 1e-12


def rate_network():
    source = NeuronGroup(3, "x : 1\nexplained : 1")
    source.run_regularly("x = sin(t/(3*ms) + i)")
    objects, made = [source], {}
    rules = [Hebb(), Oja(), Sanger(), BCM(), NonlinearHebbian.named("Cauchy")]
    for rule in rules:
        target = NeuronGroup(2, "y : 1\ntotal : 1\n" + getattr(rule, "target_equations", ""))
        synapses = rule.synapses(source, target, acts_on="y")
        synapses.connect()
        synapses.w = "0.5 - 0.3*i + 0.2*j"
        normalise_incoming(synapses, total=1, every=20 * ms, norm="length", variable="total")
        made[type(rule).__name__] = synapses
        objects += [target, synapses]
    return objects, made


# One loop with all of them takes a minute to compile; the fast tests of each rule compare it alone.
@pytest.mark.slow
@pytest.mark.parametrize("normalised", [True, False])
def test_all_rules_have_the_same_weights_on_both_devices(normalised):
    found, kept = [], {}

    def arrange(name, rule, inputs, cells):
        additive = isinstance(rule.bounds(0.9), HardBounds)
        bounds = PowerLawBounds(0, 0.9, 0.5, 2) if normalised and additive else None
        return rule.synapses(inputs, cells, acts_on="g_e", gain=0.01, name=name, bounds=bounds)

    for device in ("runtime", "numba"):
        set_device(device)
        seed(3)
        network, _, made = spiking_network(ConductanceLIF(), arrange, normalised=normalised)
        objects, rate = rate_network()
        network.add(objects)
        made |= rate
        start = {name: np.array(synapses.w[:]) for name, synapses in made.items()}
        network.run(120 * ms, namespace={})
        found.append({name: np.array(synapses.w[:]) for name, synapses in made.items()})
    for name in made:
        assert np.abs(found[0][name] - start[name]).max() > 1e-6, name
        np.testing.assert_allclose(
            found[1][name], found[0][name], rtol=1e-9, atol=1e-12, err_msg=name
        )
    for owner, variable, where in spikeplast.explain(network).variables:
        kept[owner, variable] = where
    for name, (_, waiting) in SPIKING.items():
        # A weight cannot wait where it is normalised, nor where its changes depend on it.
        if waiting and not (normalised and waiting == "w"):
            assert kept[name, waiting] == WAITS, name


MODELS = [
    model
    for model in (getattr(neurons, name) for name in neurons.__all__)
    if issubclass(model, neurons.NeuronModel) and model is not neurons.NeuronModel
]


@pytest.mark.parametrize("rule", [rule for rule, _ in SPIKING.values()], ids=list(SPIKING))
def test_names_of_rules_and_models_do_not_meet(rule):
    """So that every rule can be put onto every neuron."""
    own = {"w", "gain", "learning_rate", "w_min", "w_max", "mu_plus", "mu_minus"}
    own |= Equations(rule.traces).names | rule.namespace.keys()
    supplied = Equations(getattr(rule, "target_equations", "")).names
    assert not own & supplied
    for model in MODELS:
        names = Equations(model().equations).names
        assert not names & (own | supplied), (model.__name__, names & (own | supplied))


@pytest.mark.parametrize("rule", [rule for rule, _ in SPIKING.values()], ids=list(SPIKING))
def test_a_target_without_what_a_rule_needs_is_refused(rule):
    source = SpikeGeneratorGroup(1, [0], [1] * ms)
    bare = NeuronGroup(1, "z : 1", threshold="z > 1", reset="z = 0", name="bare")
    needed = (
        getattr(rule, "needs", {}).keys() | Equations(getattr(rule, "target_equations", "")).names
    )
    if not needed:
        rule.synapses(source, bare, acts_on="z")
        return
    with pytest.raises(ValueError) as refused:
        rule.synapses(source, bare, acts_on="z")
    message = str(refused.value)
    assert message.startswith(f"{type(rule).__name__}: bare has no variable '")
    assert message.split("'")[1] in needed and "; " in message and "\n" not in message
