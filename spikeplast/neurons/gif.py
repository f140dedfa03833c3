"""Generalised integrate-and-fire neuron (GIF) with stochastic spikes."""

from dataclasses import dataclass
from typing import Any, ClassVar

from brian2 import Hz, Quantity, ms, mV, nS, pA, pF

from spikeplast.neurons.model import NeuronWithInputs
from spikeplast.parameters import parameter
from spikeplast.references import bibtex


@dataclass(frozen=True)
class GIF(NeuronWithInputs):
    """Generalised integrate-and-fire neuron (Mensi et al. 2012; Pozzorini et al. 2015).

        C dv/dt = g_L (E_L - v) - eta_1 - eta_2 + I_ext + I_syn
        spikes at the rate lambda = lambda_0 exp((v - V_Tstar - gamma_1 - gamma_2) / Delta_V);
        then v = V_reset for t_ref, eta_k += q_eta_k, gamma_k += q_gamma_k
        tau_eta_k deta_k/dt = -eta_k,    tau_gamma_k dgamma_k/dt = -gamma_k

    `eta` are spike-triggered currents, `gamma` make the moving threshold. The probability of a
    spike in a time step is 1 - exp(-lambda dt). This GIF is not the GLIF of the Allen Institute.

    Parameters (defaults: the cell of NEST's example `gif_population`):

    - `C` (> 0 pF), `g_L` (> 0 nS), `E_L`, `V_reset`, `V_Tstar` (mV), `t_ref` (>= 0 ms)
    - `Delta_V` (> 0 mV): how sharp the threshold is; `lambda_0` (>= 0 Hz): rate at the threshold
    - `q_eta_1`, `q_eta_2` (pA), `tau_eta_1`, `tau_eta_2` (> 0 ms)
    - `q_gamma_1`, `q_gamma_2` (mV), `tau_gamma_1`, `tau_gamma_2` (> 0 ms)
    - `inputs`: synaptic input, in siemens or ampere, or None

    `I_ext` (ampere, one per neuron) is 0 unless set. A kernel with q of 0 is switched off.

    The jumps of eta and gamma happen at the spike, as in NEST's `gif_psc_exp`; kernels from the
    GIF toolbox jump after the refractory period and have to be converted.

    Brito & Gerstner (2016) use a GIF model of a pyramidal cell for nonlinear Hebbian learning and
    fit a [I - theta]_+ with a = 143 Hz/nA and theta = 0.08 nA to its rate over steps of 500 ms.
    The constants of their cell were not available; the defaults are another cell.

    Integrated by exponential Euler: exact for eta and gamma, of the first order in dt for v.
    """

    C: Quantity = parameter(83.1 * pF, pF, above=0)
    g_L: Quantity = parameter(3.7 * nS, nS, above=0)
    E_L: Quantity = parameter(-67 * mV, mV)
    V_reset: Quantity = parameter(-36.7 * mV, mV)
    V_Tstar: Quantity = parameter(-39.6 * mV, mV)
    t_ref: Quantity = parameter(4 * ms, ms, at_least=0)
    Delta_V: Quantity = parameter(1.4 * mV, mV, above=0)
    lambda_0: Quantity = parameter(1 * Hz, Hz, at_least=0)
    q_eta_1: Quantity = parameter(56.7 * pA, pA)
    q_eta_2: Quantity = parameter(-6.9 * pA, pA)
    tau_eta_1: Quantity = parameter(57.8 * ms, ms, above=0)
    tau_eta_2: Quantity = parameter(218.2 * ms, ms, above=0)
    q_gamma_1: Quantity = parameter(11.7 * mV, mV)
    q_gamma_2: Quantity = parameter(1.8 * mV, mV)
    tau_gamma_1: Quantity = parameter(53.8 * ms, ms, above=0)
    tau_gamma_2: Quantity = parameter(640 * ms, ms, above=0)

    reset: ClassVar[str] = """
    v = V_reset
    eta_1 += q_eta_1
    eta_2 += q_eta_2
    gamma_1 += q_gamma_1
    gamma_2 += q_gamma_2
    """
    threshold: ClassVar[str] = "rand() < 1 - exp(-intensity*dt)"
    refractory_text: ClassVar[str] = "t_ref"
    citation: ClassVar[str] = bibtex("Mensi2012", "Pozzorini2015")

    @property
    def equations(self) -> str:
        """Membrane, currents, threshold, `intensity` (lambda), synaptic input and `I_ext`."""
        return f"""
        dv/dt = (g_L*(E_L - v) - eta_1 - eta_2 + {self._current}) / C : volt (unless refractory)
        deta_1/dt = -eta_1 / tau_eta_1 : amp
        deta_2/dt = -eta_2 / tau_eta_2 : amp
        dgamma_1/dt = -gamma_1 / tau_gamma_1 : volt
        dgamma_2/dt = -gamma_2 / tau_gamma_2 : volt
        intensity = lambda_0 * exp((v - V_Tstar - gamma_1 - gamma_2) / Delta_V) : Hz
        {self._current_equations()}
        """

    @property
    def initial_values(self) -> dict[str, Any]:
        """At rest, without currents and shifts of the threshold."""
        return {"v": self.E_L}
