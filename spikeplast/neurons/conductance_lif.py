"""Leaky integrate-and-fire neuron with exponential conductance synapses."""

from dataclasses import dataclass
from typing import ClassVar

from brian2 import Quantity, ms, mV

from spikeplast.neurons.model import NeuronModel
from spikeplast.parameters import parameter


@dataclass(frozen=True)
class ConductanceLIF(NeuronModel):
    """Leaky integrate-and-fire neuron with exponential conductance synapses.

        tau_m dv/dt = (v_rest - v) + g_e (E_e - v) + g_i (E_i - v)
        tau_e dg_e/dt = -g_e,    tau_i dg_i/dt = -g_i

    The conductances `g_e` and `g_i` are in units of the leak conductance, so they and the weights
    that act on them have no unit: a synapse of 6 nS on a cell with a leak of 10 nS adds 0.6
    (write it as `6*nS / (10*nS)`). `v` is clamped during the refractory period, the conductances
    are not.

    Parameters (defaults: the COBA benchmark of Brette et al. 2007, appendix 2):

    - `tau_m`, `tau_e`, `tau_i` (> 0 ms): membrane, excitatory and inhibitory time constants
    - `v_rest`, `v_reset`, `v_threshold` (mV; `v_reset` < `v_threshold`)
    - `E_e`, `E_i` (mV): reversal potentials
    - `refractory` (>= 0 ms)

    Integrated by exponential Euler: exact for the conductances, and for `v` as far as the
    conductances stand still within a step (error of the first order in dt, always stable).
    Wrong when the spike's shape or its onset matters: there is no spike current.
    """

    tau_m: Quantity = parameter(20 * ms, ms, above=0)
    v_rest: Quantity = parameter(-60 * mV, mV)
    v_reset: Quantity = parameter(-60 * mV, mV)
    v_threshold: Quantity = parameter(-50 * mV, mV)
    refractory: Quantity = parameter(5 * ms, ms, at_least=0)
    E_e: Quantity = parameter(0 * mV, mV)
    E_i: Quantity = parameter(-80 * mV, mV)
    tau_e: Quantity = parameter(5 * ms, ms, above=0)
    tau_i: Quantity = parameter(10 * ms, ms, above=0)

    equations: ClassVar[str] = """
    dv/dt = ((v_rest - v) + g_e*(E_e - v) + g_i*(E_i - v)) / tau_m : volt (unless refractory)
    dg_e/dt = -g_e / tau_e : 1
    dg_i/dt = -g_i / tau_i : 1
    """
    reset: ClassVar[str] = "v = v_reset"
    citation: ClassVar[str] = (
        "Brette et al. (2007). Simulation of networks of spiking neurons: a review of tools and "
        "strategies. J Comput Neurosci 23:349-398, appendix 2."
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_reset_below(self.v_threshold, "v_threshold")

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
