"""Reward-modulated STDP with a baseline of reward."""

from dataclasses import dataclass
from typing import ClassVar

from brian2 import Quantity, ms

from spikeplast.parameters import parameter
from spikeplast.plasticity.reward import RewardRule
from spikeplast.plasticity.rule import SpikeEffect
from spikeplast.references import bibtex


@dataclass(frozen=True)
class RewardSTDP(RewardRule):
    """R-STDP: pair STDP into an eligibility, and rewards less their mean (see `RewardRule`).

        presynaptic spike:   c -= A_minus o1,  then r1 += 1
        postsynaptic spike:  c += A_plus r1,   then o1 += 1
        at a reward R:       w += eta (R - Rbar) c

    Without the baseline the mean of the STDP would drive the weights, whatever is rewarded. A
    presynaptic spike comes before a postsynaptic one of the same time step.

    Parameters: `A_plus`, `A_minus` (>= 0), `tau_plus`, `tau_minus` (> 0 ms), `eta` (>= 0), `tau_e`
    (> 0 s; 0.5 to 1 s are typical), `window` (>= 1 rewards), `every` (> 0 ms). All defaults are
    ours.

    Wrong where rewards depend on the situation: one mean for all situations is no critic.

    Source: the framework of Fremaux & Gerstner 2016, Front Neural Circuits 9:85, from memory.
    """

    A_plus: float = parameter(1.0, at_least=0)
    A_minus: float = parameter(1.0, at_least=0)
    tau_plus: Quantity = parameter(20 * ms, ms, above=0)
    tau_minus: Quantity = parameter(20 * ms, ms, above=0)

    citation: ClassVar[str] = bibtex("Fremaux2016")

    @property
    def traces(self) -> str:
        """`r1` of presynaptic, `o1` of postsynaptic spikes; the eligibility `c`."""
        return """
        dr1/dt = -r1 / tau_plus : 1 (event-driven)
        do1/dt = -o1 / tau_minus : 1 (event-driven)
        c : 1
        """

    @property
    def pre(self) -> SpikeEffect:
        """Depression of the eligibility."""
        return SpikeEffect(update="c -= A_minus * o1\nr1 += 1")

    @property
    def post(self) -> SpikeEffect:
        """Potentiation of the eligibility."""
        return SpikeEffect(update="c += A_plus * r1\no1 += 1")
