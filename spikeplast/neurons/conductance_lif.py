"""Leaky integrate-and-fire neurons with conductance synapses, with and without NMDA."""

from dataclasses import dataclass, replace
from typing import ClassVar

from brian2 import Quantity, ms, mV

from spikeplast.neurons.inputs import ConductanceInput, NMDAInput
from spikeplast.neurons.model import NeuronModel
from spikeplast.parameters import parameter
from spikeplast.references import bibtex


@dataclass(frozen=True)
class ConductanceLIF(ConductanceInput, NeuronModel):
    """Leaky integrate-and-fire neuron with conductance synapses.

        tau_m dv/dt = (v_rest - v) + g_e (E_e - v) + g_i (E_i - v)
        tau_e dg_e/dt = -g_e,    tau_i dg_i/dt = -g_i    (shape = "exponential")

    The conductances `g_e` and `g_i` are in units of the leak conductance, so they and the weights
    that act on them have no unit: a synapse of 6 nS on a cell with a leak of 10 nS adds 0.6
    (write it as `6*nS / (10*nS)`). `v` is clamped during the refractory period, the conductances
    are not.

    Parameters (defaults: the COBA benchmark of Brette et al. 2007, appendix 2):

    - `tau_m`, `tau_e`, `tau_i` (> 0 ms): membrane, excitatory and inhibitory time constants
    - `v_rest`, `v_reset`, `v_threshold` (mV; `v_reset` < `v_threshold`)
    - `E_e`, `E_i` (mV): reversal potentials
    - `refractory` (>= 0 ms)
    - `shape`, `tau_rise_e`, `tau_rise_i`: other time courses, see `inputs.SynapticInput`; synapses
      then act on `x_e` and `x_i`

    Integrated by exponential Euler: exact for exponential conductances, and for `v` (and for
    conductances with a rise) as far as what drives it stands still within a step (error of the
    first order in dt, always stable).
    Wrong when the spike's shape or its onset matters: there is no spike current.
    """

    tau_m: Quantity = parameter(20 * ms, ms, above=0)
    v_rest: Quantity = parameter(-60 * mV, mV)
    v_reset: Quantity = parameter(-60 * mV, mV)
    v_threshold: Quantity = parameter(-50 * mV, mV)
    refractory: Quantity = parameter(5 * ms, ms, at_least=0)

    reset: ClassVar[str] = "v = v_reset"
    citation: ClassVar[str] = bibtex("Brette2007")

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_reset_below(self.v_threshold, "v_threshold")

    @property
    def equations(self) -> str:
        """Membrane and conductances, these in units of the leak conductance."""
        return (
            f"dv/dt = ((v_rest - v) + {self.input_current}) / tau_m : volt (unless refractory)\n"
            + self.input_equations(current="volt", conductance="1")
        )

    @classmethod
    def song_miller_abbott(cls) -> "ConductanceLIF":
        """Song, Miller & Abbott 2000, Nat Neurosci 3:919.

        The values come from a third party's script, not from the paper itself.
        """
        return cls(
            tau_m=20 * ms,
            v_rest=-70 * mV,
            v_reset=-60 * mV,
            v_threshold=-54 * mV,
            refractory=0 * ms,
            E_e=0 * mV,
            E_i=-70 * mV,
            tau_e=5 * ms,
            tau_i=5 * ms,
        )

    @classmethod
    def diehl_cook_inhibitory(cls) -> "ConductanceLIF":
        """Inhibitory cells of Diehl & Cook 2015, Front Comput Neurosci 9:99 (authors' code)."""
        return cls(
            tau_m=10 * ms,
            v_rest=-60 * mV,
            v_reset=-45 * mV,
            v_threshold=-40 * mV,
            refractory=2 * ms,
            E_e=0 * mV,
            E_i=-85 * mV,
            tau_e=1 * ms,
            tau_i=2 * ms,
        )


@dataclass(frozen=True)
class NMDALIF(NMDAInput, ConductanceLIF):
    """`ConductanceLIF` with a third conductance, `g_n`, of NMDA with magnesium block.

        tau_m dv/dt = (v_rest - v) + g_e (E_e - v) + g_i (E_i - v) + g_n B(v) (E_e - v)

    Synapses act on `x_n` for NMDA (see `inputs.NMDAInput` for its course, its block `B(v)` and
    their parameters), in units of the leak conductance as the others.
    """

    citation: ClassVar[str] = bibtex("Brunel2001", "Jahr1990")

    @classmethod
    def brunel_wang_pyramidal(cls) -> "NMDALIF":
        """Pyramidal cells of Brunel & Wang 2001 (0.5 nF, 25 nS), as in Brian 2's example of it."""
        return cls(
            tau_m=20 * ms,
            v_rest=-70 * mV,
            v_reset=-55 * mV,
            v_threshold=-50 * mV,
            refractory=2 * ms,
            E_e=0 * mV,
            E_i=-70 * mV,
            tau_e=2 * ms,
            tau_i=10 * ms,
        )

    @classmethod
    def brunel_wang_interneuron(cls) -> "NMDALIF":
        """Interneurons of Brunel & Wang 2001 (0.2 nF, 20 nS), as in Brian 2's example of it."""
        return replace(cls.brunel_wang_pyramidal(), tau_m=10 * ms, refractory=1 * ms)
