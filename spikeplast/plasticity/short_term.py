"""Short-term plasticity of Tsodyks & Markram, which any rule can have beside it."""

from dataclasses import dataclass
from typing import ClassVar

from brian2 import Quantity, ms

from spikeplast.parameters import Parameters, parameter
from spikeplast.plasticity.rule import PlasticityRule, SpikeEffect
from spikeplast.references import bibtex


@dataclass(frozen=True)
class TsodyksMarkram(Parameters):
    """Depression and facilitation of transmission (Tsodyks, Pawelzik & Markram 1998).

        dstp_x/dt = (1 - stp_x)/tau_d,    dstp_u/dt = -stp_u/tau_f
        presynaptic spike:  stp_u += U (1 - stp_u);  released = stp_u stp_x;  stp_x -= released

    and the spike has the effect `gain w released`. Utilisation rises before the release, so that
    a first spike releases U. Give it to any rule: `PairSTDP().synapses(..., short_term=
    TsodyksMarkram())`, or to weights that do not learn: `Fixed().synapses(..., short_term=...)`.
    The long-term rule is unaware of it. The variable is `stp_used` = 1 - stp_x, so that resources
    start full.

    Parameters: `U` (0 to 1), `tau_d`, `tau_f` (> 0 ms). Defaults: U 0.2, 200 and 600 ms, the values
    in the code of Zenke et al. 2015.

    Closed form at regular intervals T: u = U / (1 - (1-U) exp(-T/tau_f)) and
    x = (1 - exp(-T/tau_d)) / (1 - (1-u) exp(-T/tau_d)); each spike releases u x.
    """

    U: float = parameter(0.2, at_least=0, at_most=1)
    tau_d: Quantity = parameter(200 * ms, ms, above=0)
    tau_f: Quantity = parameter(600 * ms, ms, above=0)

    citation: ClassVar[str] = bibtex("Tsodyks1998")
    #: With the used resources instead of those left, so that a new synapse (0) is rested.
    equations: ClassVar[str] = """
    dstp_u/dt = -stp_u / stp_tau_f : 1 (event-driven)
    dstp_used/dt = -stp_used / stp_tau_d : 1 (event-driven)
    """
    on_spike: ClassVar[tuple[str, ...]] = (
        "stp_u += stp_U * (1 - stp_u)",
        "released = stp_u * (1 - stp_used)",
        "stp_used += released",
    )

    @property
    def namespace(self) -> dict[str, object]:
        """Names of their own, beside those of a rule."""
        return {"stp_U": self.U, "stp_tau_d": self.tau_d, "stp_tau_f": self.tau_f}


@dataclass(frozen=True)
class Fixed(PlasticityRule):
    """Weights that do not change: for short-term plasticity alone, or as a control."""

    @property
    def traces(self) -> str:
        """None."""
        return ""

    @property
    def pre(self) -> SpikeEffect:
        """None."""
        return SpikeEffect()

    @property
    def post(self) -> SpikeEffect:
        """None."""
        return SpikeEffect()
