"""The triplet-like rule of the code of Diehl & Cook 2015."""

from dataclasses import dataclass
from typing import ClassVar

from brian2 import Quantity, ms

from spikeplast.parameters import parameter
from spikeplast.plasticity.rule import PlasticityRule, SpikeEffect
from spikeplast.references import bibtex


@dataclass(frozen=True)
class DiehlCookSTDP(PlasticityRule):
    """The rule that the authors' released code of Diehl & Cook 2015 runs.

    Traces `r1` (tau_plus) of presynaptic, `o1` (tau_minus) and `o2` (tau_y) of postsynaptic
    spikes, all set to 1 at a spike (nearest-spike):

        presynaptic spike:   w -= A_minus o1,              then r1 = 1
        postsynaptic spike:  w += A_plus r1 o2(t - eps),   then o1 = o2 = 1

    with `w` clipped to [0, w_max]. `o2` is read before its own jump, so a postsynaptic spike
    potentiates only as the second of two within a few tau_y.

    Parameters (defaults: the authors' code, where they are called pre, post1 and post2):

    - `A_plus`, `A_minus` (>= 0, in units of w)
    - `tau_plus`, `tau_minus`, `tau_y` (> 0 ms)

    This is not the paper's default rule, `dw = eta (x_pre - x_tar) (w_max - w)^mu` at
    postsynaptic spikes (quoted from memory); the accuracies in the paper are close for all its
    rules. Wrong without normalisation: potentiation far outweighs depression, so it is meant for
    weights that are normalised (`normalise_incoming`, with a total of 78 for 784 inputs).
    """

    A_plus: float = parameter(1e-2, at_least=0)
    A_minus: float = parameter(1e-4, at_least=0)
    tau_plus: Quantity = parameter(20 * ms, ms, above=0)
    tau_minus: Quantity = parameter(20 * ms, ms, above=0)
    tau_y: Quantity = parameter(40 * ms, ms, above=0)

    citation: ClassVar[str] = bibtex("Diehl2015")

    @property
    def traces(self) -> str:
        """`r1` of presynaptic, `o1` and `o2` of postsynaptic spikes."""
        return """
        dr1/dt = -r1 / tau_plus : 1 (event-driven)
        do1/dt = -o1 / tau_minus : 1 (event-driven)
        do2/dt = -o2 / tau_y : 1 (event-driven)
        """

    @property
    def pre(self) -> SpikeEffect:
        """Depression by the last postsynaptic spike."""
        return SpikeEffect(depression="A_minus * o1", update="r1 = 1")

    @property
    def post(self) -> SpikeEffect:
        """Potentiation; `o2` is read before it is set."""
        return SpikeEffect(potentiation="A_plus * r1 * o2", update="o1 = 1\no2 = 1")
