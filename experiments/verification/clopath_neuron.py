"""Neurons for the voltage-based rule: the exponential cell with a spike of 2 ms, and a clamp."""

from brian2 import (
    Equations,
    NeuronGroup,
    SpikeGeneratorGroup,
    Synapses,
    ms,
    mV,
    nS,
    pA,
    pF,
)

from spikeplast.plasticity import Clopath

_EQUATIONS = """
du/dt = (g_L*(E_L - u) + g_L*Delta_T*exp((u - V_T)/Delta_T) - w_ad + z + I_spike)/C : volt
dw_ad/dt = int(phase != 1)*(a*(u - E_L) - w_ad)/tau_w : amp
dz/dt = -z/tau_z : amp
dV_T/dt = (V_T_rest - V_T)/tau_V_T : volt
phase : 1
I_spike : amp
v : volt
"""
_CONSTANTS = {
    "C": 281 * pF,
    "g_L": 30 * nS,
    "E_L": -70.6 * mV,
    "Delta_T": 2 * mV,
    "V_T_rest": -50.4 * mV,
    "V_T_jump": 20 * mV,
    "tau_w": 144 * ms,
    "a": 4 * nS,
    "b": 0.0805 * pA,
    "tau_z": 40 * ms,
    "z_jump": 400 * pA,
    "tau_V_T": 50 * ms,
    "u_spike": 20 * mV,
    "u_first": 29.4 * mV,
    "u_second": 32.862 * mV,
    "u_reset": -49.5016 * mV,
}
_AFTER_SPIKE = """
ended = int(phase == 2)
u = u_reset*ended + u*(1 - ended)
w_ad = w_ad + b*ended
z = z_jump*ended + z*(1 - ended)
V_T = (V_T_rest + V_T_jump)*ended + V_T*(1 - ended)
phase = phase*(1 - ended)
"""
_SPIKE = """
second_step = int(phase == 1)
u = u_second*second_step + u*(1 - second_step)
begins = int(u > u_spike)*int(phase == 0)
u = u_first*begins + u*(1 - begins)
phase = begins + 2*second_step
v = u
I_spike = 0*amp
"""


def driven_cells(
    n: int, rule: Clopath, spikes: SpikeGeneratorGroup
) -> tuple[NeuronGroup, Synapses]:
    """`n` cells of the authors' aEIF.m, each fired by one of `spikes` in the following step.

    Time steps have to be 1 ms. Spikes are clamped to 29.4 and 32.862 mV for one step each, then
    the cell goes on from -49.5016 mV; `v` is the voltage with the spike. The adaptation jump is
    0.0805 pA as that code has it, not the 80.5 pA of the cell's own paper.
    """
    cells = NeuronGroup(
        n,
        Equations(_EQUATIONS) + Equations(rule.target_equations),
        method="euler",
        namespace=_CONSTANTS,
    )
    cells.u = cells.v = _CONSTANTS["E_L"]
    cells.V_T = _CONSTANTS["V_T_rest"]
    cells.run_regularly(_AFTER_SPIKE, when="start")
    # After the step of the equations, before the rule reads the voltage.
    cells.run_regularly(_SPIKE, when="groups", order=1)
    kick = Synapses(spikes, cells, on_pre="I_spike_post = 1e6*pA")
    kick.connect(j="i")
    return cells, kick


def clamped_cells(n: int, rule: Clopath) -> NeuronGroup:
    """Cells whose voltage `v` is what it is set to."""
    return NeuronGroup(n, Equations("v : volt") + Equations(rule.target_equations), method="euler")
