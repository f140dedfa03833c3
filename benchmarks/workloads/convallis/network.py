"""Poisson inputs on conductance-based cells, all to all, with the Convallis rule.

The rule is after Yger and Harris 2013 (PLoS Comput. Biol. 9:e1003272). Its constants are ours, as
the paper's are not available: each synapse sums at each step, in `psi`, a function of the cell's
voltage times its own normalised postsynaptic potential `c0*(p - q)`, less a term that holds the
cell's rate at `R_0`; each second its weight moves by what `psi` has beyond `THETA`. The cells have
feed-forward inhibition. Cells and weights were set here so that the cells fire at about `R_0`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from brian2 import Clock, Hz, Network, NeuronGroup, SpikeMonitor, Synapses, second, volt

from benchmarks.workload import BrianNetwork, SpikeList, input_group
from benchmarks.workloads.feed_forward import Draw, FeedForward

DT = 1e-3
TAU_M = 20e-3
TAU_E = 5e-3
TAU_I = 10e-3
E_L = -70e-3
E_E = 0.0
E_I = -75e-3
V_T = -50e-3
V_R = -60e-3
REFRACTORY_STEPS = 3
INPUT_RATE = 10.0
TOTAL_W_MAX = 27.5
TOTAL_W_I = 2.0
"""Sums of a cell's weights, in units of the leak conductance; the excitatory at their bound."""

TAU_P = 20e-3
TAU_Q = 5e-3
C_0 = 2.1165
"""Makes the postsynaptic potential c0*(p - q) of one spike peak at 1."""
LTP = 4.0
LTP_VOLTAGE = -50.5e-3
LTD = 1.0
LTD_VOLTAGE = -60e-3
SLOPE = 1e-3
TAU_R = 5.0
R_0 = 10.0
K_P = 0.5
K_I = 0.005
"""1/second"""
UPDATE_STEPS = 1000
ETA = 0.1
"""1/second, in units of the weights' bound"""
THETA = 0.02
"""second"""

NEURON = """
dv/dt = (g_e*(E_e - v) + g_i*(E_i - v) + E_l - v)/tau_m : volt (unless refractory)
dg_e/dt = -g_e/tau_e : 1
dg_i/dt = -g_i/tau_i : 1
dr/dt = -r/tau_r : Hz
excess = (r - r_0)/r_0 : 1
dlam/dt = k_i*excess : 1
above = A_ltp/(1 + exp((V_ltp - v)/slope)) : 1
below = A_ltd/(1 + exp((V_ltd - v)/slope)) : 1
drive = above - below - lam - k_p*excess : 1 (constant over dt)
"""

CONVALLIS = """
w : 1
psi : second
dp/dt = -p/tau_p : 1 (clock-driven)
dq/dt = -q/tau_q : 1 (clock-driven)
"""

ON_PRE = """
g_e_post += w
g_i_post += w_i
p += 1
q += 1
"""

EACH_STEP = "psi += drive_post*c_0*(p - q)*dt"

EACH_SECOND = """
w = clip(w + eta*sign(psi)*clip(abs(psi) - theta, 0*second, inf*second), 0, w_max)
psi = 0*second
"""


@dataclass(frozen=True)
class ConvallisNetwork(FeedForward):
    """`n_inputs` Poisson inputs at 10 Hz on `n_neurons` cells."""

    n_inputs: int = 1000
    n_neurons: int = 100

    title: ClassVar[str] = "feed-forward Convallis rule, clock-driven, all to all, steps of 1 ms"
    seconds: ClassVar[float] = 5.0
    step: ClassVar[float] = DT
    first_v: ClassVar[tuple[float, float]] = (V_R, V_T)
    first_w: ClassVar[tuple[float, float]] = (0.1, 0.6)

    @property
    def w_max(self) -> float:
        return TOTAL_W_MAX / self.n_inputs

    @property
    def w_i(self) -> float:
        """Weight of an input's inhibition."""
        return TOTAL_W_I / self.n_inputs

    def build(self, drawn: Draw, given: SpikeList | None = None) -> BrianNetwork:
        clock = Clock(self.dt * second)
        inputs = input_group(self.n_inputs, INPUT_RATE, clock, given, name="inputs")
        neurons = NeuronGroup(
            self.n_neurons,
            NEURON,
            threshold="v > v_t",
            reset="v = v_r\nr += 1/tau_r",
            refractory=REFRACTORY_STEPS * DT * second,
            method="euler",
            clock=clock,
            namespace={
                "tau_m": TAU_M * second,
                "tau_e": TAU_E * second,
                "tau_i": TAU_I * second,
                "E_l": E_L * volt,
                "E_e": E_E * volt,
                "E_i": E_I * volt,
                "v_t": V_T * volt,
                "v_r": V_R * volt,
                "tau_r": TAU_R * second,
                "r_0": R_0 * Hz,
                "k_p": K_P,
                "k_i": K_I / second,
                "A_ltp": LTP,
                "V_ltp": LTP_VOLTAGE * volt,
                "A_ltd": LTD,
                "V_ltd": LTD_VOLTAGE * volt,
                "slope": SLOPE * volt,
            },
            name="neurons",
        )
        neurons.v = drawn.v * volt
        neurons.r = R_0 * Hz
        plastic = Synapses(
            inputs,
            neurons,
            CONVALLIS,
            on_pre=ON_PRE,
            method="exact",
            clock=clock,
            namespace={
                "w_i": self.w_i,
                "w_max": self.w_max,
                "c_0": C_0,
                "tau_p": TAU_P * second,
                "tau_q": TAU_Q * second,
                "eta": ETA * self.w_max / second,
                "theta": THETA * second,
                "second": second,
            },
            name="plastic",
        )
        plastic.connect()
        plastic.w = drawn.w.ravel()
        plastic.run_regularly(EACH_STEP, clock=clock)
        plastic.run_regularly(EACH_SECOND, dt=UPDATE_STEPS * DT * second, order=1)
        spikes = SpikeMonitor(neurons, name="spikes")
        return BrianNetwork(Network(inputs, neurons, plastic, spikes), plastic, spikes)
