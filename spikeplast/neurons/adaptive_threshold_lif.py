"""Conductance-based neuron whose threshold rises with every spike (Diehl & Cook 2015)."""

from dataclasses import dataclass
from typing import Any, ClassVar

from brian2 import Quantity, ms, mV

from spikeplast.neurons.model import NeuronModel
from spikeplast.parameters import parameter
from spikeplast.references import bibtex


@dataclass(frozen=True)
class AdaptiveThresholdLIF(NeuronModel):
    """Conductance-based neuron whose threshold rises with every spike.

        tau_m dv/dt = (v_rest - v) + g_e (E_e - v) + g_i (E_i - v)
        tau_e dg_e/dt = -g_e,    tau_i dg_i/dt = -g_i
        spike where v > v_threshold - theta_offset + theta;  then v = v_reset, theta += theta_plus
        tau_theta dtheta/dt = -theta

    The conductances are in units of the leak conductance, as in `ConductanceLIF`. `theta` makes
    cells that fire often harder to excite, so that all cells take part.

    The group's shared variable `adaptation_rate` (1 in a new group) multiplies both the increment
    and the decay of `theta`: `cells.adaptation_rate = 0` freezes the thresholds, as for a test
    after training, without a rebuild.

    Parameters (defaults: `diehl_cook_excitatory`):

    - `tau_m`, `tau_e`, `tau_i` (> 0 ms): membrane, excitatory and inhibitory time constants
    - `v_rest`, `v_reset`, `v_threshold` (mV)
    - `E_e`, `E_i` (mV): reversal potentials
    - `theta_initial`, `theta_plus`, `theta_offset` (>= 0 mV), `tau_theta` (> 0 ms)
    - `refractory` (>= 0 ms): `v` is clamped this long after a spike
    - `lock_out` (>= 0 ms): no spike this long after the last one, though `v` moves; 0 switches
      it off. Not in the paper: the port of the authors' code among Brian 2's examples has it, with
      50 ms.

    Integrated by exponential Euler (the authors use forward Euler, `method="euler"`).
    """

    tau_m: Quantity = parameter(100 * ms, ms, above=0)
    v_rest: Quantity = parameter(-65 * mV, mV)
    v_reset: Quantity = parameter(-65 * mV, mV)
    v_threshold: Quantity = parameter(-52 * mV, mV)
    refractory: Quantity = parameter(5 * ms, ms, at_least=0)
    lock_out: Quantity = parameter(50 * ms, ms, at_least=0)
    E_e: Quantity = parameter(0 * mV, mV)
    E_i: Quantity = parameter(-100 * mV, mV)
    tau_e: Quantity = parameter(1 * ms, ms, above=0)
    tau_i: Quantity = parameter(2 * ms, ms, above=0)
    theta_initial: Quantity = parameter(20 * mV, mV, at_least=0)
    theta_plus: Quantity = parameter(0.05 * mV, mV, at_least=0)
    theta_offset: Quantity = parameter(20 * mV, mV, at_least=0)
    tau_theta: Quantity = parameter(1e7 * ms, ms, above=0)

    equations: ClassVar[str] = """
    dv/dt = ((v_rest - v) + g_e*(E_e - v) + g_i*(E_i - v)) / tau_m : volt (unless refractory)
    dg_e/dt = -g_e / tau_e : 1
    dg_i/dt = -g_i / tau_i : 1
    dtheta/dt = -adaptation_rate * theta / tau_theta : volt
    adaptation_rate : 1 (shared)
    """
    reset: ClassVar[str] = "v = v_reset\ntheta += adaptation_rate * theta_plus"
    citation: ClassVar[str] = bibtex("Diehl2015")

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_reset_below(
            self.v_threshold - self.theta_offset + self.theta_initial,
            "v_threshold - theta_offset + theta_initial",
        )

    @property
    def threshold(self) -> str:
        """Condition of a spike, with the lock-out unless that is 0."""
        condition = "v > v_threshold - theta_offset + theta"
        if self.lock_out > 0 * ms:
            # Counted in steps, as Brian 2 counts refractoriness, so that rounding of t does not
            # decide whether the step at exactly `lock_out` is still locked (it is).
            condition += " and timestep(t - lastspike, dt) > timestep(lock_out, dt)"
        return condition

    @property
    def initial_values(self) -> dict[str, Any]:
        """At rest, with `theta_initial` and adaptation switched on."""
        return {"v": self.v_rest, "theta": self.theta_initial, "adaptation_rate": 1}

    @classmethod
    def diehl_cook_excitatory(cls, *, lock_out: Quantity = 50 * ms) -> "AdaptiveThresholdLIF":
        """Excitatory cells of Diehl & Cook 2015, values of the authors' code.

        The inhibitory cells are `ConductanceLIF.diehl_cook_inhibitory()`.
        """
        return cls(lock_out=lock_out)
