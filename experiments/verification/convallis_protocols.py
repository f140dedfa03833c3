"""The Convallis rule under pairing and clamp protocols, where only signs are expected."""

from typing import Any

import numpy as np
from brian2 import Network, NeuronGroup, SpikeGeneratorGroup, Synapses, ms, mV, second
from numpy.typing import NDArray

from spikeplast.neurons import ConductanceLIF
from spikeplast.plasticity import Convallis
from spikeplast.stimuli.pairing import Protocol, pairs, stacked

LAGS = np.arange(-50, 51, 5) / 1e3
FREQUENCIES = (1, 5, 10, 20, 40, 50)
#: Ten, because psi only adds up: nothing depends on what came before at 1 Hz.
PAIRS = 10
CLAMPS = np.arange(-75, -39.5, 0.5)
#: Peak of the pairing's own PSP in units of the leak conductance: far from threshold.
WEIGHT = 0.1


def _rule() -> Convallis:
    # No update of the weights, and no constraint, which would act on the rate of the protocol.
    return Convallis.speech(k_p=0, k_i=0 / second, every=10_000 * second)


def changes(protocols: list[Protocol]) -> NDArray[np.float64]:
    """`psi` (s) of one synapse per protocol, onto a cell that each postsynaptic spike fires."""
    rule, spikes, n = _rule(), stacked(protocols), len(protocols)
    model = ConductanceLIF(
        v_rest=-70 * mV, v_reset=-60 * mV, v_threshold=-50 * mV, refractory=3 * ms
    )
    cells = model.group(n, extra_equations=rule.target_equations)
    pre = SpikeGeneratorGroup(n, spikes.pre_indices, spikes.pre_times * second)
    # The cell fires in the step after the kick, and not while it is refractory.
    post = SpikeGeneratorGroup(n, spikes.post_indices, spikes.post_times * second)
    kick = Synapses(post, cells, on_pre="v_post = -40*mV")
    kick.connect(j="i")
    synapses = rule.synapses(pre, cells, acts_on="g_e")
    synapses.connect(j="i")
    synapses.w = WEIGHT
    last = max(spikes.pre_times.max(), spikes.post_times.max())
    Network(pre, post, kick, cells, synapses).run((last + 0.2) * second, namespace={})
    return np.array(synapses.psi[:])


def clamped() -> NDArray[np.float64]:
    """`psi` (s) after one presynaptic spike, for each of the clamped voltages."""
    rule = _rule()
    cells = NeuronGroup(
        len(CLAMPS), "v : volt\n" + rule.target_equations, threshold="False", refractory=1 * ms
    )
    cells.v = CLAMPS * mV
    pre = SpikeGeneratorGroup(1, [0], [1] * ms)
    synapses = rule.synapses(pre, cells, acts_on=None)
    synapses.connect()
    Network(pre, cells, synapses).run(200 * ms, namespace={})
    return np.array(synapses.psi[:])


def measure() -> dict[str, Any]:
    """Window at 1 Hz, dependence on frequency at +10 and -10 ms, clamp, and a PSP alone."""
    single = [pairs(lag, frequency=1.0, repetitions=PAIRS) for lag in LAGS]
    curves = [
        pairs(lag, frequency=rho, repetitions=PAIRS) for lag in (0.01, -0.01) for rho in FREQUENCIES
    ]
    alone = Protocol(np.arange(PAIRS) * 1.0, np.array([PAIRS + 1.0]))
    found = changes([*single, *curves, alone])
    return {
        "lags_ms": LAGS * 1e3,
        "window": found[: len(LAGS)],
        "frequencies": FREQUENCIES,
        "frequency": found[len(LAGS) : -1].reshape(2, -1),
        "psp_alone": float(found[-1]),
        "clamps": CLAMPS,
        "clamped": clamped(),
    }
