"""Poisson inputs on conductance-based cells, all to all, with additive pair STDP.

The network of Song, Miller and Abbott 2000 (Nat. Neurosci. 3:919) as it stands among the examples
of Brian 2's documentation; most weights end near one of their bounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from brian2 import Clock, Network, NeuronGroup, SpikeMonitor, Synapses, second, volt

from benchmarks.workload import BrianNetwork, SpikeList, input_group
from benchmarks.workloads.feed_forward import Draw, FeedForward

DT = 1e-4
TAU_M = 10e-3
TAU_E = 5e-3
E_E = 0.0
E_L = -74e-3
V_T = -54e-3
V_R = -60e-3
INPUT_RATE = 15.0
TOTAL_W_MAX = 10.0
"""Sum of a cell's weights if all were at their bound, in units of the leak conductance."""

TAU_PLUS = 20e-3
TAU_MINUS = 20e-3
A_PLUS = 0.01
A_MINUS = 0.0105

NEURON = """
dv/dt = (g_e*(E_e - v) + E_l - v)/tau_m : volt
dg_e/dt = -g_e/tau_e : 1
"""

STDP = """
w : 1
dapre/dt = -apre/tau_plus : 1 (event-driven)
dapost/dt = -apost/tau_minus : 1 (event-driven)
"""

ON_PRE = """
g_e_post += w
apre += A_plus
w = clip(w + apost, 0, w_max)
"""

ON_POST = """
apost += A_minus
w = clip(w + apre, 0, w_max)
"""


@dataclass(frozen=True)
class SongNetwork(FeedForward):
    """`n_inputs` Poisson inputs at 15 Hz on `n_neurons` cells."""

    n_inputs: int = 1000
    n_neurons: int = 1

    title: ClassVar[str] = "feed-forward additive pair STDP, 1,000 inputs on one cell"
    seconds: ClassVar[float] = 10.0
    step: ClassVar[float] = DT
    first_v: ClassVar[tuple[float, float]] = (V_R, V_T)
    first_w: ClassVar[tuple[float, float]] = (0.0, 1.0)

    @property
    def w_max(self) -> float:
        return TOTAL_W_MAX / self.n_inputs

    def build(self, drawn: Draw, given: SpikeList | None = None) -> BrianNetwork:
        clock = Clock(DT * second)
        inputs = input_group(self.n_inputs, INPUT_RATE, clock, given, name="inputs")
        neurons = NeuronGroup(
            self.n_neurons,
            NEURON,
            threshold="v > v_t",
            reset="v = v_r",
            method="euler",
            clock=clock,
            namespace={
                "tau_m": TAU_M * second,
                "tau_e": TAU_E * second,
                "E_e": E_E * volt,
                "E_l": E_L * volt,
                "v_t": V_T * volt,
                "v_r": V_R * volt,
            },
            name="neurons",
        )
        neurons.v = drawn.v * volt
        plastic = Synapses(
            inputs,
            neurons,
            STDP,
            on_pre=ON_PRE,
            on_post=ON_POST,
            method="exact",
            clock=clock,
            namespace={
                "w_max": self.w_max,
                "tau_plus": TAU_PLUS * second,
                "tau_minus": TAU_MINUS * second,
                "A_plus": A_PLUS * self.w_max,
                "A_minus": -A_MINUS * self.w_max,
            },
            name="plastic",
        )
        plastic.connect()
        plastic.w = drawn.w.ravel()
        spikes = SpikeMonitor(neurons, name="spikes")
        return BrianNetwork(Network(inputs, neurons, plastic, spikes), plastic, spikes)
