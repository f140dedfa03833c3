"""R-max: reward times the surprise of a spike."""

from dataclasses import dataclass
from typing import Any, ClassVar

from brian2 import Hz, Quantity, ms

from spikeplast.parameters import parameter
from spikeplast.plasticity.bounds import Bounds
from spikeplast.plasticity.clock_driven import Regularly
from spikeplast.plasticity.reward import RewardRule
from spikeplast.plasticity.rule import SpikeEffect
from spikeplast.references import bibtex


@dataclass(frozen=True)
class RMax(RewardRule):
    """R-max: reward times (spike minus expected rate) times PSP (see `RewardRule`).

        dc/dt = -c/tau_e + (S_post(t) - rho(t)) psp(t);    at a reward R:  w += eta (R - Rbar) c

    `psp` decays with tau_h from 1 at each presynaptic spike; `rho` is the rate at which the target
    is about to fire (escape noise). For a target that does fire with that rate the mean of `c` is
    0, so that without reward, and with reward that does not depend on spikes, nothing drifts. In
    each time step `psp` is read without the presynaptic spikes of that step; so it is at a
    postsynaptic spike (else spikes would count that could not have caused it).

    The target needs `rho` (Hz), the rate that its `threshold="rand() < rho*dt"` uses, and
    `target_equations`.

    Parameters: `tau_h` (> 0 ms), and those of `RewardRule`; all defaults are ours.

    Wrong for neurons without escape noise: their spikes carry no surprise.

    Source: the framework of Fremaux & Gerstner 2016, Front Neural Circuits 9:85, from memory.
    """

    tau_h: Quantity = parameter(20 * ms, ms, above=0)

    needs: ClassVar[dict[str, Any]] = {"rho": Hz}
    citation: ClassVar[str] = bibtex("Fremaux2016")

    @property
    def traces(self) -> str:
        """The `psp` and the eligibility `c`."""
        return "dpsp/dt = -psp / tau_h : 1 (clock-driven)\nc : 1"

    @property
    def pre(self) -> SpikeEffect:
        """The PSP begins, after the postsynaptic spikes of the same step."""
        return SpikeEffect(late="psp += 1")

    @property
    def post(self) -> SpikeEffect:
        """A spike, as such."""
        return SpikeEffect(update="c += psp")

    def regularly(self, bounds: Bounds) -> list[Regularly]:
        """Less the spikes that were to be expected; then what `RewardRule` does."""
        # In the order of the traces' decay plus one: psp as the spikes of this step will see it.
        expected = Regularly("c -= rho_post * dt * psp", order=12)
        return [expected, *super().regularly(bounds)]
