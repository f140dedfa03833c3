"""Brunel's network with STDP between the excitatory cells, as simulators are compared on it.

10,000 cells that receive 1,000 recurrent and 1,000 external inputs each, voltage jumps after a
delay of 1.5 ms; the parameters are those of the comparison of simulators by Ahmad et al.
(github.com/nasiryahm/SNNSimulatorComparison, Brunel benchmark). Its rule depends on the weight;
`brunel_additive` has an additive one, equally strong at the mean initial weight. Here weights
and voltages start from random values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from brian2 import Clock, Network, NeuronGroup, SpikeMonitor, Synapses, second

from benchmarks.workload import BrianNetwork, SpikeList, Workload, input_group

DT = 1e-4
TAU_M = 20e-3
V_T = 20.0
REFRACTORY_STEPS = 20
DELAY_STEPS = 15
INPUT_RATE = 20.0
REFERENCE_FAN_IN = 1000.0
"""Number of cells times probability of a connection for which the weights are meant."""
J_E = 0.1
J_I = -0.5
W_MAX = 0.3
TAU_PLUS = 20e-3
TAU_MINUS = 20e-3
LAMBDA = 0.01
ALPHA = 2.02
A_PLUS = LAMBDA * (1 - J_E / W_MAX)
A_MINUS = LAMBDA * ALPHA * J_E / W_MAX
"""Amplitudes of the additive rule, as fractions of the weights' bound."""

STDP = """
w : 1
dapre/dt = -apre/tau_plus : 1 (event-driven)
dapost/dt = -apost/tau_minus : 1 (event-driven)
"""

WEIGHT_DEPENDENT = {
    "on_pre": "v_post += w\napre += 1\nw = w - lambda_*alpha*w*apost",
    "on_post": "apost += 1\nw = w + lambda_*(w_max - w)*apre",
}

ADDITIVE = {
    "on_pre": "v_post += w\napre += 1\nw = clip(w - A_minus*apost, 0, w_max)",
    "on_post": "apost += 1\nw = clip(w + A_plus*apre, 0, w_max)",
}


class Draw(NamedTuple):
    """Everything random but the input spikes, for which `seed` is.

    Pairs of presynaptic and postsynaptic indices, int32 arrays of shape (n_synapses,), sorted by
    presynaptic index: `ee` and `ei` from excitatory cells to excitatory and inhibitory ones
    (counted within the population), `ia` from inhibitory to all cells, `xa` from inputs to all.
    """

    n_exc: int
    n_inh: int
    v: np.ndarray
    w: np.ndarray
    ee: tuple[np.ndarray, np.ndarray]
    ei: tuple[np.ndarray, np.ndarray]
    ia: tuple[np.ndarray, np.ndarray]
    xa: tuple[np.ndarray, np.ndarray]
    seed: int


@dataclass(frozen=True)
class BrunelNetwork(Workload):
    """`n_neurons` cells and as many inputs, connected with probability `p_connect`.

    Weights are scaled so that their sum stays the same.
    """

    n_neurons: int = 10_000
    p_connect: float = 0.1

    title: ClassVar[str] = "Brunel's network, 6.4 million synapses with weight-dependent STDP"
    seconds: ClassVar[float] = 0.5
    least: ClassVar[Mapping[str, int]] = {"n_neurons": 50}
    slow: ClassVar[tuple[str, ...]] = ("numba_unoptimized", "cython", "numpy")
    additive: ClassVar[bool] = False

    @property
    def scale(self) -> float:
        return REFERENCE_FAN_IN / (self.n_neurons * self.p_connect)

    @property
    def populations(self) -> dict[str, range]:
        n_exc = self.n_neurons * 4 // 5
        return {"E": range(n_exc), "I": range(n_exc, self.n_neurons)}

    @property
    def w_max(self) -> float:
        return W_MAX * self.scale

    @property
    def dt(self) -> float:
        return DT

    @property
    def n_inputs(self) -> int:
        return self.n_neurons

    def draw(self, seed: int) -> Draw:
        rng = np.random.default_rng(seed)
        n, n_exc = self.n_neurons, self.n_neurons * 4 // 5
        i, j = _connect(rng, n, n, self.p_connect)
        ee, ei, ia = (i < n_exc) & (j < n_exc), (i < n_exc) & (j >= n_exc), i >= n_exc
        return Draw(
            n_exc=n_exc,
            n_inh=n - n_exc,
            v=rng.uniform(0.0, V_T, n),
            w=rng.uniform(0.5, 1.5, int(ee.sum())) * J_E * self.scale,
            ee=(i[ee], j[ee]),
            ei=(i[ei], j[ei] - np.int32(n_exc)),
            ia=(i[ia] - np.int32(n_exc), j[ia]),
            xa=_connect(rng, self.n_inputs, n, self.p_connect),
            seed=seed,
        )

    def build(self, drawn: Draw, given: SpikeList | None = None) -> BrianNetwork:
        clock = Clock(DT * second)
        inputs = input_group(self.n_inputs, INPUT_RATE, clock, given, name="inputs")
        neurons = NeuronGroup(
            self.n_neurons,
            "dv/dt = -v/tau_m : 1",
            threshold="v > v_t",
            reset="v = 0",
            refractory=REFRACTORY_STEPS * DT * second,
            method="euler",
            clock=clock,
            namespace={"tau_m": TAU_M * second, "v_t": V_T},
            name="neurons",
        )
        neurons.v = drawn.v
        exc, inh = neurons[: drawn.n_exc], neurons[drawn.n_exc :]
        delay = DELAY_STEPS * DT * second
        plastic = Synapses(
            exc,
            exc,
            STDP,
            **(ADDITIVE if self.additive else WEIGHT_DEPENDENT),
            delay={"pre": delay},
            method="exact",
            clock=clock,
            namespace={
                "w_max": self.w_max,
                "tau_plus": TAU_PLUS * second,
                "tau_minus": TAU_MINUS * second,
                "lambda_": LAMBDA,
                "alpha": ALPHA,
                "A_plus": A_PLUS * self.w_max,
                "A_minus": A_MINUS * self.w_max,
            },
            name="plastic",
        )
        plastic.connect(i=drawn.ee[0], j=drawn.ee[1])
        plastic.w = drawn.w
        fixed = [
            self._fixed(source, target, pairs, weight, delay, clock, name)
            for source, target, pairs, weight, name in (
                (exc, inh, drawn.ei, J_E, "to_inh"),
                (inh, neurons, drawn.ia, J_I, "from_inh"),
                (inputs, neurons, drawn.xa, J_E, "external"),
            )
        ]
        spikes = SpikeMonitor(neurons, name="spikes")
        return BrianNetwork(Network(inputs, neurons, plastic, *fixed, spikes), plastic, spikes)

    def _fixed(self, source, target, pairs, weight, delay, clock, name) -> Synapses:
        synapses = Synapses(
            source,
            target,
            on_pre="v_post += j_fixed",
            delay=delay,
            clock=clock,
            namespace={"j_fixed": weight * self.scale},
            name=name,
        )
        synapses.connect(i=pairs[0], j=pairs[1])
        return synapses


def _connect(
    rng: np.random.Generator, n_pre: int, n_post: int, p: float
) -> tuple[np.ndarray, np.ndarray]:
    post = [np.flatnonzero(rng.random(n_post) < p).astype(np.int32) for _ in range(n_pre)]
    pre = np.repeat(np.arange(n_pre, dtype=np.int32), [len(row) for row in post])
    return pre, np.concatenate(post)
