"""Leaky integrate-and-fire neuron with current synapses."""

from dataclasses import dataclass
from typing import ClassVar

from brian2 import Mohm, Quantity, ms, mV

from spikeplast.neurons.inputs import CurrentInput
from spikeplast.neurons.model import NeuronModel
from spikeplast.parameters import parameter
from spikeplast.references import bibtex


@dataclass(frozen=True)
class CurrentLIF(CurrentInput, NeuronModel):
    """Leaky integrate-and-fire neuron with current synapses.

        tau_m dv/dt = (v_rest - v) + R_m (I_e - I_i + I_ext)
        tau_e dI_e/dt = -I_e,    tau_i dI_i/dt = -I_i    (shape = "exponential")

    `I_e` and `I_i` are currents in ampere, both positive: inhibition is subtracted, so that
    weights are positive throughout. `I_ext` (ampere, one per neuron, 0 unless set) is a constant
    injected current. A weight without unit acts on `I_e` through the `gain` of the synapses,
    for example `gain=16*pA`.

    Parameters (defaults: the CUBA benchmark of Brette et al. 2007, appendix 2, at rest):

    - `tau_m`, `tau_e`, `tau_i` (> 0 ms): membrane, excitatory and inhibitory time constants
    - `R_m` (> 0 Mohm): membrane resistance
    - `v_rest`, `v_reset`, `v_threshold` (mV; `v_reset` < `v_threshold`)
    - `refractory` (>= 0 ms)
    - `shape`, `tau_rise_e`, `tau_rise_i`: other time courses, see `inputs.SynapticInput`; synapses
      then act on `x_e` and `x_i`

    With exponential currents the equations are solved exactly. Where `tau_m` equals a synaptic
    time constant, or that of an extra equation that `v` drives or is driven by, the exact
    solution's formula divides by zero, so exponential Euler is used instead, and `method="exact"`
    is refused. For currents with a rise the default is exponential Euler (error of the first order
    in dt) as well, because Brian 2 takes 10 s or more to find the exact solution; `method="exact"`
    asks for it. Wrong where driving forces matter: an inhibitory current can push `v` below any
    reversal potential.
    """

    tau_m: Quantity = parameter(20 * ms, ms, above=0)
    R_m: Quantity = parameter(100 * Mohm, Mohm, above=0)
    v_rest: Quantity = parameter(-60 * mV, mV)
    v_reset: Quantity = parameter(-60 * mV, mV)
    v_threshold: Quantity = parameter(-50 * mV, mV)
    refractory: Quantity = parameter(5 * ms, ms, at_least=0)

    reset: ClassVar[str] = "v = v_reset"
    citation: ClassVar[str] = bibtex("Brette2007", "Vogels2005")

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_reset_below(self.v_threshold, "v_threshold")

    @property
    def equations(self) -> str:
        """Membrane, currents and `I_ext`."""
        current = f"{self.input_current} + I_ext"
        return (
            f"dv/dt = ((v_rest - v) + R_m*({current})) / tau_m : volt (unless refractory)\n"
            f"{self.input_equations(current='amp', conductance='siemens')}\n"
            "I_ext : amp"
        )

    @property
    def method(self) -> str:
        """ "exact" for exponential currents, as far as `group` finds it possible."""
        return "exact" if self.shape == "exponential" else "exponential_euler"

    @classmethod
    def vogels_abbott(cls) -> "CurrentLIF":
        """CUBA benchmark of Brette et al. 2007 after Vogels & Abbott 2005.

        The resting potential of -49 mV lies above the threshold: cells fire without input.
        """
        return cls(v_rest=-49 * mV)
