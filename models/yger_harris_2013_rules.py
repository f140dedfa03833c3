"""The rivals of the Convallis rule under the same rate constraint, shrinkage and updates.

"rcSTDP" of Yger & Harris 2013 is pair STDP under a rate constraint. Its constants, like those of
the Convallis rule, were not available: these are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from brian2 import Quantity, ms

from spikeplast.parameters import parameter
from spikeplast.plasticity import Convallis, SpikeEffect

__all__ = ["RateConstrainedPair", "RateConstrainedTriplet", "rate_constraint_alone"]


def rate_constraint_alone(**changes: Any) -> Convallis:
    """Convallis without its detectors: what is left when nothing but the rate is learned."""
    return Convallis(A_LTP=0, A_LTD=0, **changes)


@dataclass(frozen=True)
class RateConstrainedPair(Convallis):
    """Pair STDP in place of the detectors.

        pre:  psi -= A_minus o1      post:  psi += A_plus r1

    all-to-all, every spike reads the traces before its own jump. Amplitudes in seconds (of `psi`).
    The default is dominated by depression, `A_minus tau_minus = 1.05 A_plus tau_plus`.
    """

    A_LTP: float = parameter(0.0, at_least=0)
    A_LTD: float = parameter(0.0, at_least=0)
    A_plus: float = parameter(0.1, at_least=0)
    A_minus: float = parameter(0.1 * 1.05 * 16.8 / 33.7, at_least=0)
    tau_plus: Quantity = parameter(16.8 * ms, ms, above=0)
    tau_minus: Quantity = parameter(33.7 * ms, ms, above=0)

    own_names: ClassVar[tuple[str, ...]] = ("A_plus", "A_minus", "tau_plus", "tau_minus")

    @property
    def namespace(self) -> dict[str, Any]:
        """With amplitudes and time constants of the spike-driven part."""
        return super().namespace | {name: getattr(self, name) for name in self.own_names}

    @property
    def traces(self) -> str:
        """With those of presynaptic and postsynaptic spikes."""
        return super().traces + (
            "\ndr1/dt = -r1/tau_plus : 1 (clock-driven)\ndo1/dt = -o1/tau_minus : 1 (clock-driven)"
        )

    @property
    def pre(self) -> SpikeEffect:
        """Depression."""
        return SpikeEffect(update="psi -= A_minus*o1\np += 1\nq += 1\nr1 += 1")

    @property
    def post(self) -> SpikeEffect:
        """Potentiation."""
        return SpikeEffect(update="psi += A_plus*r1\no1 += 1")


@dataclass(frozen=True)
class RateConstrainedTriplet(RateConstrainedPair):
    """The minimal triplet rule (Pfister & Gerstner 2006) in place of the detectors.

        pre:  psi -= A_minus o1      post:  psi += A_plus r1 o2

    `o2` decays with tau_y (114 ms in visual cortex) and is read before its own jump.
    """

    A_plus: float = parameter(0.03, at_least=0)
    A_minus: float = parameter(0.00819, at_least=0)
    tau_y: Quantity = parameter(40 * ms, ms, above=0)

    own_names: ClassVar[tuple[str, ...]] = (*RateConstrainedPair.own_names, "tau_y")

    @property
    def traces(self) -> str:
        """With the slow one of postsynaptic spikes."""
        return super().traces + "\ndo2/dt = -o2/tau_y : 1 (clock-driven)"

    @property
    def post(self) -> SpikeEffect:
        """Potentiation by triplets."""
        return SpikeEffect(update="psi += A_plus*r1*o2\no1 += 1\no2 += 1")
