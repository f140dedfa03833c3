"""Hodgkin-Huxley neurons: the squid axon, and that of Traub & Miles as in the COBAHH benchmark."""

from dataclasses import dataclass
from typing import Any, ClassVar

from brian2 import Quantity, ms, mV, nS, pF

from spikeplast.neurons.model import NeuronWithInputs
from spikeplast.parameters import parameter
from spikeplast.references import bibtex


@dataclass(frozen=True)
class TraubMilesHH(NeuronWithInputs):
    """Hodgkin-Huxley neuron with sodium and delayed-rectifier potassium (Traub & Miles 1991).

        C dv/dt = g_L (E_L - v) + g_Na m^3 h (E_Na - v) + g_Kd n^4 (E_K - v) + I_ext + I_syn
        dx/dt = alpha_x (1 - x) - beta_x x      for x = m, h, n

        alpha_m = 0.32 (13 - u)/(exp((13 - u)/4) - 1)
        beta_m = 0.28 (u - 40)/(exp((u - 40)/5) - 1)
        alpha_h = 0.128 exp((17 - u)/18),    beta_h = 4/(1 + exp((40 - u)/5))
        alpha_n = 0.032 (15 - u)/(exp((15 - u)/5) - 1),    beta_n = 0.5 exp((10 - u)/40)

    with u = v - V_T in mV and rates in 1/ms. The three rates that are 0/0 at u = 13, 40 and 15 are
    written by exprel(x) = (exp(x) - 1)/x, which has its limit there.

    Parameters (defaults: COBAHH of Brette et al. 2007, a cell of 20,000 um^2):

    - `C` (> 0 pF), `g_L`, `g_Na`, `g_Kd` (>= 0 nS)
    - `E_L`, `E_Na`, `E_K`, `V_T` (mV): reversal potentials, and what shifts the rates
    - `v_threshold` (mV): a spike is counted where v crosses it; nothing is reset
    - `refractory` (> 0 ms): spikes are not counted again so soon; longer than a spike
      (3 ms in Brian 2's COBAHH, 2 ms in NEST's)
    - `inputs`: synaptic input, in siemens or ampere, or None

    `I_ext` (ampere, one per neuron) is 0 unless set.

    With these values the cell fires without input, at about 14 Hz.

    Integrated by exponential Euler, as in the benchmark: stable at 0.1 ms, where intervals between
    spikes are up to 11 % too long (1 % at 0.01 ms; docs/verification.md). `method="rk4"` with
    `dt` of 0.02 ms or less is far more precise.
    """

    C: Quantity = parameter(200 * pF, pF, above=0)
    g_L: Quantity = parameter(10 * nS, nS, at_least=0)
    g_Na: Quantity = parameter(20_000 * nS, nS, at_least=0)
    g_Kd: Quantity = parameter(6_000 * nS, nS, at_least=0)
    E_L: Quantity = parameter(-60 * mV, mV)
    E_Na: Quantity = parameter(50 * mV, mV)
    E_K: Quantity = parameter(-90 * mV, mV)
    V_T: Quantity = parameter(-63 * mV, mV)
    v_threshold: Quantity = parameter(-20 * mV, mV)
    refractory: Quantity = parameter(3 * ms, ms, above=0)

    reset: ClassVar[None] = None
    citation: ClassVar[str] = bibtex("Brette2007", "Traub1991")

    @property
    def equations(self) -> str:
        """Membrane, gates and their rates, synaptic input and `I_ext`."""
        return f"""
        dv/dt = (g_L*(E_L - v) + g_Na*m**3*h*(E_Na - v) + g_Kd*n**4*(E_K - v) + {self._current})/C
            : volt
        dm/dt = alpha_m*(1 - m) - beta_m*m : 1
        dh/dt = alpha_h*(1 - h) - beta_h*h : 1
        dn/dt = alpha_n*(1 - n) - beta_n*n : 1
        alpha_m = 0.32*4/exprel((13*mV - v + V_T)/(4*mV))/ms : Hz
        beta_m = 0.28*5/exprel((v - V_T - 40*mV)/(5*mV))/ms : Hz
        alpha_h = 0.128*exp((17*mV - v + V_T)/(18*mV))/ms : Hz
        beta_h = 4/(1 + exp((40*mV - v + V_T)/(5*mV)))/ms : Hz
        alpha_n = 0.032*5/exprel((15*mV - v + V_T)/(5*mV))/ms : Hz
        beta_n = 0.5*exp((10*mV - v + V_T)/(40*mV))/ms : Hz
        {self._current_equations()}
        """

    @property
    def initial_values(self) -> dict[str, Any]:
        """v = E_L, and the gates where they would come to rest at that voltage."""
        gates = {x: f"alpha_{x}/(alpha_{x} + beta_{x})" for x in "mhn"}
        return {"v": self.E_L} | gates


@dataclass(frozen=True)
class HodgkinHuxley(NeuronWithInputs):
    """The squid's giant axon (Hodgkin & Huxley 1952), one compartment, rest at -65 mV.

        C dv/dt = g_L (E_L - v) + g_Na m^3 h (E_Na - v) + g_K n^4 (E_K - v) + I_ext + I_syn
        dx/dt = alpha_x (1 - x) - beta_x x      for x = m, h, n

        alpha_m = 0.1 (v + 40)/(1 - exp(-(v + 40)/10)),    beta_m = 4 exp(-(v + 65)/18)
        alpha_h = 0.07 exp(-(v + 65)/20),    beta_h = 1/(1 + exp(-(v + 35)/10))
        alpha_n = 0.01 (v + 55)/(1 - exp(-(v + 55)/10)),    beta_n = 0.125 exp(-(v + 65)/80)

    with v in mV and rates in 1/ms; what is 0/0 at -40 and -55 mV is written by exprel.

    Parameters (defaults: 1 uF/cm^2, 120, 36 and 0.3 mS/cm^2 on 20,000 um^2, so that 10 uA/cm^2
    are 2 nA):

    - `C` (> 0 pF), `g_L`, `g_Na`, `g_K` (>= 0 nS)
    - `E_L`, `E_Na`, `E_K` (mV): reversal potentials
    - `v_threshold` (mV): a spike is counted where v crosses it; nothing is reset
    - `refractory` (> 0 ms): spikes are not counted again so soon; longer than a spike
    - `inputs`: synaptic input, in siemens or ampere, or None

    `I_ext` (ampere, one per neuron) is 0 unless set. Steady firing sets in between 6 and
    6.5 uA/cm^2, at once with more than 50 Hz.

    Integrated by exponential Euler; give `dt` of 0.02 ms or less.
    """

    C: Quantity = parameter(200 * pF, pF, above=0)
    g_L: Quantity = parameter(60 * nS, nS, at_least=0)
    g_Na: Quantity = parameter(24_000 * nS, nS, at_least=0)
    g_K: Quantity = parameter(7_200 * nS, nS, at_least=0)
    E_L: Quantity = parameter(-54.387 * mV, mV)
    E_Na: Quantity = parameter(50 * mV, mV)
    E_K: Quantity = parameter(-77 * mV, mV)
    v_threshold: Quantity = parameter(0 * mV, mV)
    refractory: Quantity = parameter(3 * ms, ms, above=0)

    reset: ClassVar[None] = None
    citation: ClassVar[str] = bibtex("Hodgkin1952")

    @property
    def equations(self) -> str:
        """Membrane, gates and their rates, synaptic input and `I_ext`."""
        return f"""
        dv/dt = (g_L*(E_L - v) + g_Na*m**3*h*(E_Na - v) + g_K*n**4*(E_K - v) + {self._current})/C
            : volt
        dm/dt = alpha_m*(1 - m) - beta_m*m : 1
        dh/dt = alpha_h*(1 - h) - beta_h*h : 1
        dn/dt = alpha_n*(1 - n) - beta_n*n : 1
        alpha_m = 0.1*10/exprel(-(v + 40*mV)/(10*mV))/ms : Hz
        beta_m = 4*exp(-(v + 65*mV)/(18*mV))/ms : Hz
        alpha_h = 0.07*exp(-(v + 65*mV)/(20*mV))/ms : Hz
        beta_h = 1/(1 + exp(-(v + 35*mV)/(10*mV)))/ms : Hz
        alpha_n = 0.01*10/exprel(-(v + 55*mV)/(10*mV))/ms : Hz
        beta_n = 0.125*exp(-(v + 65*mV)/(80*mV))/ms : Hz
        {self._current_equations()}
        """

    @property
    def initial_values(self) -> dict[str, Any]:
        """v = -65 mV, and the gates where they would come to rest at that voltage."""
        gates = {x: f"alpha_{x}/(alpha_{x} + beta_{x})" for x in "mhn"}
        return {"v": -65 * mV} | gates
