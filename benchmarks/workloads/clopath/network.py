"""Poisson inputs on exponential integrate-and-fire cells, all to all, with a voltage-based rule.

The rule is that of Clopath et al. 2010 (Nat. Neurosci. 13:344) with the values for visual cortex,
amplitudes times `ETA`, and without its homeostasis. It is written clock-driven: the presynaptic
trace decays at each step in each synapse, and potentiation changes each weight at each step. Cells
and weights were set here so that the cells fire at 5 to 9 Hz.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from brian2 import Clock, Network, NeuronGroup, SpikeMonitor, Synapses, mV, second, volt

from benchmarks.workload import BrianNetwork, SpikeList, input_group
from benchmarks.workloads.feed_forward import Draw, FeedForward

DT = 1e-4
TAU_M = 9.4e-3
TAU_S = 5e-3
E_L = -70.6e-3
V_T = -50.4e-3
DELTA_T = 2e-3
V_PEAK = 0.0
V_RESET = -60e-3
REFRACTORY_STEPS = 20
INPUT_RATE = 10.0
TOTAL_GAIN = 0.71
"""Volt that all inputs together add to a cell's current, spiking once with weights of 1."""

ETA = 0.1
THETA_MINUS = -70.6e-3
THETA_PLUS = -45.3e-3
TAU_X = 15e-3
TAU_MINUS = 10e-3
TAU_PLUS = 7e-3
A_LTD = 14e-5 * 1e3 * ETA
"""1/volt"""
A_LTP = 8e-5 * 1e6 / TAU_X * ETA
"""1/volt**2/second, for a trace that grows by one at each spike"""

NEURON = """
dv/dt = (E_L - v + Delta_T*exp((v - V_T)/Delta_T) + I)/tau_m : volt (unless refractory)
dI/dt = -I/tau_s : volt
dv_minus/dt = (v - v_minus)/tau_minus : volt
dv_plus/dt = (v - v_plus)/tau_plus : volt
"""

CLOPATH = """
w : 1
dx/dt = -x/tau_x : 1 (clock-driven)
"""

ON_PRE = """
I_post += gain*w
w = clip(w - A_LTD*clip(v_minus_post - theta_minus, 0*mV, inf*mV), 0, 1)
x += 1
"""

EACH_STEP = (
    "w = clip(w + A_LTP*x*clip(v_post - theta_plus, 0*mV, inf*mV)"
    "*clip(v_plus_post - theta_minus, 0*mV, inf*mV)*dt, 0, 1)"
)


@dataclass(frozen=True)
class ClopathNetwork(FeedForward):
    """`n_inputs` Poisson inputs at 10 Hz on `n_neurons` cells."""

    n_inputs: int = 500
    n_neurons: int = 500

    title: ClassVar[str] = "feed-forward Clopath rule, clock-driven, all to all"
    seconds: ClassVar[float] = 2.0
    step: ClassVar[float] = DT
    first_v: ClassVar[tuple[float, float]] = (E_L, V_T)
    first_w: ClassVar[tuple[float, float]] = (0.2, 0.8)

    @property
    def w_max(self) -> float:
        return 1.0

    @property
    def gain(self) -> float:
        """What a spike through a weight of 1 adds to a cell's current, volt."""
        return TOTAL_GAIN / self.n_inputs

    def build(self, drawn: Draw, given: SpikeList | None = None) -> BrianNetwork:
        clock = Clock(DT * second)
        inputs = input_group(self.n_inputs, INPUT_RATE, clock, given, name="inputs")
        rule = {
            "theta_minus": THETA_MINUS * volt,
            "theta_plus": THETA_PLUS * volt,
            "tau_x": TAU_X * second,
            "A_LTD": A_LTD / volt,
            "A_LTP": A_LTP / volt**2 / second,
            "gain": self.gain * volt,
            "mV": mV,
        }
        neurons = NeuronGroup(
            self.n_neurons,
            NEURON,
            threshold="v > v_peak",
            reset="v = v_reset",
            refractory=REFRACTORY_STEPS * DT * second,
            method="euler",
            clock=clock,
            namespace={
                "E_L": E_L * volt,
                "V_T": V_T * volt,
                "Delta_T": DELTA_T * volt,
                "v_peak": V_PEAK * volt,
                "v_reset": V_RESET * volt,
                "tau_m": TAU_M * second,
                "tau_s": TAU_S * second,
                "tau_minus": TAU_MINUS * second,
                "tau_plus": TAU_PLUS * second,
            },
            name="neurons",
        )
        neurons.v = neurons.v_minus = neurons.v_plus = drawn.v * volt
        plastic = Synapses(
            inputs,
            neurons,
            CLOPATH,
            on_pre=ON_PRE,
            method="exact",
            clock=clock,
            namespace=rule,
            name="plastic",
        )
        plastic.connect()
        plastic.w = drawn.w.ravel()
        plastic.run_regularly(EACH_STEP, clock=clock)
        spikes = SpikeMonitor(neurons, name="spikes")
        return BrianNetwork(Network(inputs, neurons, plastic, spikes), plastic, spikes)
