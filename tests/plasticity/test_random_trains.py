"""Every rule against an event-by-event reference in plain Python, on random spike trains."""

from math import exp

import numpy as np
import pytest
from brian2 import Network, SpikeGeneratorGroup, ms, set_device

import spikeplast
from spikeplast.plasticity import DiehlCookSTDP, NoBounds, PairSTDP, TripletSTDP
from spikeplast.stimuli.pairing import Protocol, stacked

RULES = [
    PairSTDP(),
    PairSTDP.bi_poo("nearest"),
    *(
        getattr(TripletSTDP, data)(pairing, "full")
        for data in ("visual_cortex", "hippocampus")
        for pairing in ("all-to-all", "nearest")
    ),
    TripletSTDP.visual_cortex("nearest", "minimal"),
    DiehlCookSTDP(),
]


def reference(rule, protocol):
    """Change of w: events in order of time, the presynaptic first where they coincide."""
    names = rule.namespace
    taus = {
        "r1": names["tau_plus"],
        "o1": names["tau_minus"],
        "r2": names.get("tau_x"),
        "o2": names.get("tau_y"),
    }
    taus = {trace: float(tau) for trace, tau in taus.items() if tau is not None}
    trace = dict.fromkeys(("r1", "r2", "o1", "o2"), 0.0)
    adds = getattr(rule, "pairing", "nearest") == "all-to-all"
    events = [(round(t * 1e4), 0) for t in protocol.pre] + [
        (round(t * 1e4), 1) for t in protocol.post
    ]
    w, last = 0.0, 0
    for step, is_post in sorted(events):
        for name, tau in taus.items():
            trace[name] *= exp(-(step - last) * 1e-4 / tau)
        last = step
        if isinstance(rule, TripletSTDP):
            up = rule.A2_plus + rule.A3_plus * trace["o2"]
            down = rule.A2_minus + rule.A3_minus * trace["r2"]
        elif isinstance(rule, DiehlCookSTDP):
            up, down = rule.A_plus * trace["o2"], rule.A_minus
        else:
            up, down = rule.A_plus, rule.A_minus
        w += trace["r1"] * up if is_post else -trace["o1"] * down
        for name in ("o1", "o2") if is_post else ("r1", "r2"):
            trace[name] = trace[name] + 1 if adds else 1.0
    return w


def random_protocols(n, seed=4, steps=2000):
    rng = np.random.default_rng(seed)

    def train():
        return np.sort(rng.choice(steps, rng.integers(1, 25), replace=False)) * 1e-4

    protocols = [Protocol(train(), train()) for _ in range(n - 1)]
    both = train()
    return [*protocols, Protocol(both, both)]


@pytest.mark.usefixtures("loop_in_python")
@pytest.mark.parametrize("device", ["runtime", "numba"])
@pytest.mark.parametrize("rule", RULES)
def test_rule_equals_the_reference(rule, device):
    set_device(device)
    protocols = random_protocols(30)
    spikes = stacked(protocols)
    source = SpikeGeneratorGroup(30, spikes.pre_indices, spikes.pre_times * 1e3 * ms)
    target = SpikeGeneratorGroup(30, spikes.post_indices, spikes.post_times * 1e3 * ms)
    synapses = rule.synapses(source, target, acts_on=None, bounds=NoBounds())
    synapses.connect(j="i")
    network = Network(source, target, synapses)
    network.run(200 * ms, namespace={})
    expected = [reference(rule, protocol) for protocol in protocols]
    assert np.ptp(expected) > 1e-4
    np.testing.assert_allclose(synapses.w, expected, rtol=0, atol=1e-14)
    if device == "numba":
        kept = {name: where for _, name, where in spikeplast.explain(network).variables}
        # The rules are what lifting and streaming are for.
        assert kept["w"] == "its changes wait for the next presynaptic spike"
