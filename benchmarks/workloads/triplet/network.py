"""Poisson inputs on LIF cells, all to all, with triplet STDP.

The rule is the full all-to-all triplet model of Pfister and Gerstner 2006 (J. Neurosci. 26:9673)
with the values fitted to visual cortex, times `ETA`; the cells and weights were set here so that
the cells fire at 18 to 19 Hz, where the rule neither raises nor lowers the mean weight much.
Weights stay off their bounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from brian2 import Clock, Network, NeuronGroup, SpikeMonitor, Synapses, second

from benchmarks.workload import BrianNetwork, SpikeList, input_group
from benchmarks.workloads.feed_forward import Draw, FeedForward

DT = 1e-4
TAU_M = 20e-3
TAU_S = 5e-3
REFRACTORY_STEPS = 50
INPUT_RATE = 10.0
TOTAL_W_MAX = 43.8
"""Sum of a cell's weights if all were at their bound; the threshold is at 1."""

ETA = 0.01
A2_PLUS = 5e-10 * ETA
A3_PLUS = 6.2e-3 * ETA
A2_MINUS = 7e-3 * ETA
A3_MINUS = 2.3e-4 * ETA
TAU_PLUS = 16.8e-3
TAU_X = 101e-3
TAU_MINUS = 33.7e-3
TAU_Y = 125e-3

NEURON = """
dv/dt = (g - v)/tau_m : 1 (unless refractory)
dg/dt = -g/tau_s : 1
"""

TRIPLET = """
w : 1
dr1/dt = -r1/tau_plus : 1 (event-driven)
dr2/dt = -r2/tau_x : 1 (event-driven)
do1/dt = -o1/tau_minus : 1 (event-driven)
do2/dt = -o2/tau_y : 1 (event-driven)
"""

ON_PRE = """
g_post += w
w = clip(w - w_max*o1*(A2_minus + A3_minus*r2), 0, w_max)
r1 += 1
r2 += 1
"""

ON_POST = """
w = clip(w + w_max*r1*(A2_plus + A3_plus*o2), 0, w_max)
o1 += 1
o2 += 1
"""


@dataclass(frozen=True)
class TripletNetwork(FeedForward):
    """`n_inputs` Poisson inputs at 10 Hz on `n_neurons` cells."""

    n_inputs: int = 10_000
    n_neurons: int = 100

    title: ClassVar[str] = "feed-forward triplet STDP, all to all"
    seconds: ClassVar[float] = 2.0
    step: ClassVar[float] = DT
    first_v: ClassVar[tuple[float, float]] = (0.0, 1.0)
    first_w: ClassVar[tuple[float, float]] = (0.3, 0.7)

    @property
    def w_max(self) -> float:
        return TOTAL_W_MAX / self.n_inputs

    def build(self, drawn: Draw, given: SpikeList | None = None) -> BrianNetwork:
        clock = Clock(DT * second)
        inputs = input_group(self.n_inputs, INPUT_RATE, clock, given, name="inputs")
        neurons = NeuronGroup(
            self.n_neurons,
            NEURON,
            threshold="v > 1",
            reset="v = 0",
            refractory=REFRACTORY_STEPS * DT * second,
            method="euler",
            clock=clock,
            namespace={"tau_m": TAU_M * second, "tau_s": TAU_S * second},
            name="neurons",
        )
        neurons.v = drawn.v
        plastic = Synapses(
            inputs,
            neurons,
            TRIPLET,
            on_pre=ON_PRE,
            on_post=ON_POST,
            method="exact",
            clock=clock,
            namespace={
                "w_max": self.w_max,
                "A2_plus": A2_PLUS,
                "A3_plus": A3_PLUS,
                "A2_minus": A2_MINUS,
                "A3_minus": A3_MINUS,
                "tau_plus": TAU_PLUS * second,
                "tau_x": TAU_X * second,
                "tau_minus": TAU_MINUS * second,
                "tau_y": TAU_Y * second,
            },
            name="plastic",
        )
        plastic.connect()
        plastic.w = drawn.w.ravel()
        spikes = SpikeMonitor(neurons, name="spikes")
        return BrianNetwork(Network(inputs, neurons, plastic, spikes), plastic, spikes)
