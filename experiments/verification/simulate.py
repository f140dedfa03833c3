"""Weight changes that rules make under pairing protocols, by simulation of real Synapses."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from brian2 import Network, SpikeGeneratorGroup, defaultclock, second
from numpy.typing import NDArray
from tqdm import tqdm

from spikeplast.plasticity import NoBounds, PlasticityRule
from spikeplast.stimuli.pairing import Protocol, stacked, time_step


def weight_changes(
    rules: Sequence[PlasticityRule], protocols: Sequence[Protocol], *, progress: bool = False
) -> NDArray[np.float64]:
    """Sum of the changes of `w`, of the shape (rules, protocols), without bounds.

    Protocols of about the same length run side by side in one network, each between its own two
    neurons, and every rule sees the same spikes. The time step is as long as the spikes permit:
    traces are solved exactly between events, so it cannot change the result.
    """
    batches = defaultdict(list)
    for index, protocol in enumerate(protocols):
        batches[_order_of_length(protocol)].append(index)
    changes = np.full((len(rules), len(protocols)), np.nan)
    usual_dt = defaultclock.dt
    try:
        for members in tqdm(batches.values(), desc="pairing", unit="run", disable=not progress):
            changes[:, members] = _run(rules, [protocols[i] for i in members])
    finally:
        defaultclock.dt = usual_dt
    return changes


def _order_of_length(protocol: Protocol) -> int:
    # A short protocol need not run for as long as the longest.
    return int(np.ceil(np.log10(max(protocol.pre[-1], protocol.post[-1], 1e-3))))


def _run(rules: Sequence[PlasticityRule], protocols: Sequence[Protocol]) -> NDArray[np.float64]:
    spikes = stacked(protocols)
    n = len(protocols)
    merged = Protocol(spikes.pre_times, spikes.post_times)
    defaultclock.dt = time_step(merged) * second
    source = SpikeGeneratorGroup(n, spikes.pre_indices, spikes.pre_times * second)
    target = SpikeGeneratorGroup(n, spikes.post_indices, spikes.post_times * second)
    network = Network(source, target)
    projections = []
    for rule in rules:
        synapses = rule.synapses(source, target, acts_on=None, bounds=NoBounds())
        synapses.connect(j="i")
        network.add(synapses)
        projections.append(synapses)
    last = max(spikes.pre_times.max(), spikes.post_times.max())
    network.run(last * second + defaultclock.dt, namespace={})
    return np.array([synapses.w[:] for synapses in projections])
