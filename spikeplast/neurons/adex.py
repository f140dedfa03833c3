"""Adaptive exponential integrate-and-fire neuron, with the firing patterns of Naud et al. 2008."""

from dataclasses import dataclass
from typing import Any, ClassVar

from brian2 import Quantity, ms, mV, nS, pA, pF

from spikeplast.neurons.model import NeuronWithInputs
from spikeplast.parameters import check_choice, parameter
from spikeplast.references import bibtex

# C (pF), g_L (nS), E_L (mV), a (nS), tau_w (ms), b (pA), V_r (mV), step of current (pA)
_NAUD = {
    "tonic spiking": (200, 10, -70, 2, 30, 0, -58, 500),
    "adaptation": (200, 12, -70, 2, 300, 60, -58, 500),
    "initial burst": (130, 18, -58, 4, 150, 120, -50, 400),
    "regular bursting": (200, 10, -58, 2, 120, 100, -46, 210),
    "delayed accelerating": (200, 12, -70, -10, 300, 0, -58, 300),
    "delayed regular bursting": (100, 10, -65, -10, 90, 30, -47, 110),
    "transient spiking": (100, 10, -65, 10, 90, 100, -47, 180),
    "irregular spiking": (100, 12, -60, -11, 130, 30, -48, 160),
}
PATTERNS = tuple(_NAUD)


@dataclass(frozen=True)
class AdEx(NeuronWithInputs):
    """Adaptive exponential integrate-and-fire neuron (Brette & Gerstner 2005).

        C dv/dt = -g_L (v - E_L) + g_L Delta_T exp((v - V_T)/Delta_T) - w_ad + I_ext + I_syn
        tau_w dw_ad/dt = a (v - E_L) - w_ad
        spike where v > V_peak;  then v = V_r, w_ad += b

    The paper's w is `w_ad` here, because `w` is the weight in synapses.

    Parameters (defaults: Brette & Gerstner 2005):

    - `C` (> 0 pF), `g_L` (> 0 nS), `E_L`, `V_T` (mV), `Delta_T` (> 0 mV)
    - `tau_w` (> 0 ms), `a` (nS), `b` (pA)
    - `V_r`, `V_peak` (mV; `V_r` < `V_peak`, `V_T` < `V_peak`), `refractory` (>= 0 ms)
    - `inputs`: synaptic input, in siemens or ampere, or None

    `I_ext` (ampere, one per neuron) is 0 unless set. With `a` and `b` of 0 it is the exponential
    integrate-and-fire neuron.

    Integrated by forward Euler, as the exponential allows nothing exact: at 0.1 ms a spike's
    upswing takes one or two steps, `v` overshoots `V_peak` by far in the last one, and spike
    times are right to the first order in the step. Patterns near a boundary in parameter space
    ("irregular spiking") are other ones at another time step. Wrong where the shape of a spike
    matters.
    """

    C: Quantity = parameter(281 * pF, pF, above=0)
    g_L: Quantity = parameter(30 * nS, nS, above=0)
    E_L: Quantity = parameter(-70.6 * mV, mV)
    V_T: Quantity = parameter(-50.4 * mV, mV)
    Delta_T: Quantity = parameter(2 * mV, mV, above=0)
    tau_w: Quantity = parameter(144 * ms, ms, above=0)
    a: Quantity = parameter(4 * nS, nS)
    b: Quantity = parameter(80.5 * pA, pA)
    V_r: Quantity = parameter(-70.6 * mV, mV)
    V_peak: Quantity = parameter(20 * mV, mV)
    refractory: Quantity = parameter(0 * ms, ms, at_least=0)

    reset: ClassVar[str] = "v = V_r\nw_ad += b"
    threshold: ClassVar[str] = "v > V_peak"
    method: ClassVar[str] = "euler"
    citation: ClassVar[str] = bibtex("Brette2005", "Naud2008")

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_reset_below(self.V_peak, "V_peak", "V_r")
        if self.V_peak <= self.V_T:
            raise ValueError(
                f"AdEx: V_T = {self.V_T} is not below V_peak = {self.V_peak}; "
                "the upswing would be cut off before it starts"
            )

    @property
    def equations(self) -> str:
        """Membrane, adaptation, synaptic input and `I_ext`."""
        return f"""
        dv/dt = (g_L*(E_L - v) + g_L*Delta_T*exp((v - V_T)/Delta_T) - w_ad + {self._current})
            / C : volt (unless refractory)
        dw_ad/dt = (a*(v - E_L) - w_ad) / tau_w : amp
        {self._current_equations()}
        """

    @property
    def initial_values(self) -> dict[str, Any]:
        """At the leak's reversal potential, without adaptation."""
        return {"v": self.E_L}

    @classmethod
    def naud(cls, pattern: str, **parameters: Any) -> "AdEx":
        """A firing pattern of Naud et al. 2008, Biol Cybern 99:335, by name (see `PATTERNS`).

        The values are those of Brian 2's example, which were adapted to match the paper's figures:
        V_T -50 mV, Delta_T 2 mV, V_peak 0 mV. It answers a step of `naud_current(pattern)`.
        """
        check_choice("AdEx.naud", "pattern", pattern, PATTERNS)
        C, g_L, E_L, a, tau_w, b, V_r, _ = _NAUD[pattern]
        values: dict[str, Any] = {
            "C": C * pF,
            "g_L": g_L * nS,
            "E_L": E_L * mV,
            "a": a * nS,
            "tau_w": tau_w * ms,
            "b": b * pA,
            "V_r": V_r * mV,
            "V_T": -50 * mV,
            "Delta_T": 2 * mV,
            "V_peak": 0 * mV,
        }
        return cls(**(values | parameters))

    @staticmethod
    def naud_current(pattern: str) -> Quantity:
        """The step of current with which the pattern is shown."""
        check_choice("AdEx.naud_current", "pattern", pattern, PATTERNS)
        return _NAUD[pattern][-1] * pA
