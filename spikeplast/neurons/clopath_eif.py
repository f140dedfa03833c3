"""Exponential integrate-and-fire neuron with a clamped spike, as Clopath's rule needs it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from brian2 import Quantity, ms, mV, nS, pA, pF

from spikeplast.neurons.model import NeuronWithInputs
from spikeplast.neurons.own_update import own_update
from spikeplast.parameters import parameter
from spikeplast.references import bibtex


@dataclass(frozen=True)
class ClopathEIF(NeuronWithInputs):
    """Adaptive exponential neuron with after-depolarisation and a moving threshold (Clopath 2010).

        C dv/dt = -g_L (v - E_L) + g_L Delta_T exp((v - V_T)/Delta_T) - w_ad + z + I_ext + I_syn
        tau_w dw_ad/dt = a (v - E_L) - w_ad
        tau_z dz/dt = -z,    tau_VT dV_T/dt = -(V_T - V_Trest)

    Voltage-based rules read `v` during a spike, so its shape is prescribed: where v > V_peak, it
    is clamped at `V_spike_1` for the first half of `t_clamp` and at `V_spike_2` for the second.
    Then v = V_r, w_ad += b, z = I_sp and V_T = V_Tmax. Meanwhile w_ad stands still, and all
    currents are ignored. The paper's w is `w_ad` here, because `w` is the weight in synapses.

    Parameters (defaults: the authors' published code):

    - `C` (> 0 pF), `g_L` (> 0 nS), `E_L`, `V_Trest`, `V_Tmax` (mV), `Delta_T` (> 0 mV)
    - `tau_w`, `tau_z`, `tau_VT` (> 0 ms), `a` (nS), `b` (pA), `I_sp` (pA)
    - `V_peak`, `V_spike_1`, `V_spike_2`, `V_r` (mV; `V_r` < `V_peak`), `t_clamp` (> 0 ms)
    - `inputs`: synaptic input, in siemens or ampere, or None

    `I_ext` (ampere, one per neuron) is 0 unless set.

    The step is forward Euler. With `dt = 1*ms` it is the authors' step, and the two clamped values
    belong to it: they hold the integral of a spike that was computed once at high resolution. The
    authors' rule reads its filtered voltages three steps late because of the clamp.

    Where paper and code differ, this is the code: the paper prints V_Tmax = +30.4 mV (its sign is
    lost; the code has -30.4) and b = 0.805 pA (the code adds 0.0805 in pA; 80.5 pA is the value of
    Brette & Gerstner 2005, see `brette_gerstner_b`).
    """

    C: Quantity = parameter(281 * pF, pF, above=0)
    g_L: Quantity = parameter(30 * nS, nS, above=0)
    E_L: Quantity = parameter(-70.6 * mV, mV)
    Delta_T: Quantity = parameter(2 * mV, mV, above=0)
    V_Trest: Quantity = parameter(-50.4 * mV, mV)
    V_Tmax: Quantity = parameter(-30.4 * mV, mV)
    tau_VT: Quantity = parameter(50 * ms, ms, above=0)
    tau_w: Quantity = parameter(144 * ms, ms, above=0)
    a: Quantity = parameter(4 * nS, nS)
    b: Quantity = parameter(0.0805 * pA, pA)
    I_sp: Quantity = parameter(400 * pA, pA)
    tau_z: Quantity = parameter(40 * ms, ms, above=0)
    V_peak: Quantity = parameter(20 * mV, mV)
    V_spike_1: Quantity = parameter(29.4 * mV, mV)
    V_spike_2: Quantity = parameter(32.862 * mV, mV)
    V_r: Quantity = parameter(-49.5016 * mV, mV)
    t_clamp: Quantity = parameter(2 * ms, ms, above=0)

    threshold: ClassVar[str] = "v > V_peak"
    refractory_text: ClassVar[str] = "t_clamp"
    reset: ClassVar[str] = "v = V_spike_1"
    citation: ClassVar[str] = bibtex("Clopath2010")

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_reset_below(self.V_peak, "V_peak", "V_r")
        for name in ("V_Trest", "V_Tmax"):
            if getattr(self, name) >= self.V_peak:
                raise ValueError(
                    f"ClopathEIF: {name} = {getattr(self, name)} is not below V_peak = "
                    f"{self.V_peak}; the upswing would be cut off before it starts"
                )

    @property
    def equations(self) -> str:
        """Membrane, adaptation, after-depolarisation, threshold, synaptic input and `I_ext`."""
        return f"""
        dv/dt = {_slope("v", "V_T", "w_ad", "z", self._current)} : volt
        dw_ad/dt = (a*(v - E_L) - w_ad) / tau_w : amp
        dz/dt = -z / tau_z : amp
        dV_T/dt = (V_Trest - V_T) / tau_VT : volt
        {self._current_equations()}
        """

    @property
    def method(self) -> Callable[..., str]:
        """Forward Euler, with the clamp and what follows it."""
        computed = [
            "_steps = timestep(t - lastspike, dt)",
            "_clamped = int(_steps < timestep(t_clamp, dt))",
            "_second = int(_steps >= timestep(0.5*t_clamp, dt))",
            "_ends = int(_steps == timestep(t_clamp, dt))",
            # The clamped voltage itself would make the exponential huge.
            "_v_0 = v*(1 - _ends - _clamped) + V_r*_ends + E_L*_clamped",
            "_w_0 = w_ad + b*_ends",
            "_z_0 = z*(1 - _ends) + I_sp*_ends",
            "_V_T_0 = V_T*(1 - _ends) + V_Tmax*_ends",
            "_v_clamped = V_spike_1*(1 - _second) + V_spike_2*_second",
            f"_v_free = _v_0 + dt*{_slope('_v_0', '_V_T_0', '_w_0', '_z_0', self._current)}",
        ]
        written = [
            "v = _v_clamped*_clamped + _v_free*(1 - _clamped)",
            "w_ad = _w_0 + dt*(1 - _clamped)*(a*(_v_0 - E_L) - _w_0)/tau_w",
            "z = _z_0 - dt*_z_0/tau_z",
            "V_T = _V_T_0 + dt*(V_Trest - _V_T_0)/tau_VT",
        ]
        return own_update(("v", "w_ad", "z", "V_T"), computed, written)

    @property
    def initial_values(self) -> dict[str, Any]:
        """At rest."""
        return {"v": self.E_L, "V_T": self.V_Trest}

    @classmethod
    def brette_gerstner_b(cls, **parameters: Any) -> "ClopathEIF":
        """With the spike-triggered adaptation of Brette & Gerstner 2005: b = 80.5 pA."""
        return cls(**({"b": 80.5 * pA} | parameters))


def _slope(v: str, V_T: str, w: str, z: str, current: str) -> str:
    exponential = f"g_L*Delta_T*exp(({v} - {V_T})/Delta_T)"
    return f"(g_L*(E_L - {v}) + {exponential} - {w} + {z} + {current}) / C"
