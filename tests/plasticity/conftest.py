"""Weights after given spike trains, through real Synapses."""

import numpy as np
import pytest
from brian2 import Network, SpikeGeneratorGroup, ms

from spikeplast.plasticity import NoBounds


def weight_after_spikes(rule, pre, post, *, w=0.0, bounds=None, **kwargs):
    """Weight of one synapse after spikes at `pre` and `post` (ms), starting from `w`.

    Several synapses between the two neurons, and as many results, for several values of `w`.
    Without bounds unless given: `w` then holds the sum of all changes.
    """
    if bounds is None and "w_max" not in kwargs:
        bounds = NoBounds()
    source = SpikeGeneratorGroup(1, np.zeros(len(pre), int), np.asarray(pre) * ms)
    target = SpikeGeneratorGroup(1, np.zeros(len(post), int), np.asarray(post) * ms)
    synapses = rule.synapses(source, target, acts_on=None, bounds=bounds, **kwargs)
    synapses.connect(n=np.size(w))
    synapses.w = w
    duration = max(*pre, *post) + 5
    Network(source, target, synapses).run(duration * ms, namespace={})
    weights = np.array(synapses.w)
    return weights if np.ndim(w) else float(weights[0])


@pytest.fixture
def weight_after():
    return weight_after_spikes
