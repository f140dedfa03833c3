"""Pair-based STDP: additive, multiplicative, and in between."""

from dataclasses import dataclass
from typing import Any, ClassVar

from brian2 import Quantity, ms

from spikeplast.parameters import check_parameter, parameter
from spikeplast.plasticity.bounds import Bounds, HardBounds, PowerLawBounds
from spikeplast.plasticity.rule import PlasticityRule, SpikeEffect, check_choice
from spikeplast.references import bibtex

#: Of each scheme, what happens to both traces at a presynaptic and at a postsynaptic spike.
_JUMPS = {
    "all-to-all": ("r1 += 1", "o1 += 1"),
    "nearest": ("r1 = 1", "o1 = 1"),
    "presynaptic-centred": ("r1 += 1", "r1 = 0\no1 = 1"),
    "reduced-symmetric": ("r1 = 1\no1 = 0", "r1 = 0\no1 = 1"),
}
SCHEMES = tuple(_JUMPS)


@dataclass(frozen=True)
class PairSTDP(PlasticityRule):
    """Pair-based STDP.

    Every pair of a presynaptic and a postsynaptic spike, `dt = t_post - t_pre` apart, adds

        dw = +A_plus  (1 - w/w_max)^mu_plus   exp(-dt/tau_plus)     where dt >= 0
        dw = -A_minus (w/w_max)^mu_minus      exp(+dt/tau_minus)    where dt < 0

    by way of the traces `r1` (presynaptic, tau_plus) and `o1` (postsynaptic, tau_minus):
    a presynaptic spike subtracts `A_minus o1`, then raises `r1`; a postsynaptic spike adds
    `A_plus r1`, then raises `o1`.

    Parameters (defaults: Song, Miller & Abbott 2000, with w_max = 1):

    - `A_plus`, `A_minus` (>= 0, in units of w): amplitudes
    - `tau_plus`, `tau_minus` (> 0 ms)
    - `mu_plus`, `mu_minus` (>= 0): weight dependence; 0 and 0 is additive, with hard bounds
    - `pairing`: which pairs of spikes count, named as in Morrison, Diesmann & Gerstner 2008:
        - "all-to-all": all (a trace adds 1 at every spike of its side)
        - "nearest" (their symmetric scheme): each spike with the last one of the other side
        - "presynaptic-centred": each presynaptic spike with the last and the next postsynaptic one
        - "reduced-symmetric": each spike with the last one of the other side, unless there is
          another spike of its own side in between

    Wrong where the rate of pairing, or triplets of spikes, matter: it cannot fit Sjostrom et al.
    2001 or Wang et al. 2005 (docs/verification.md shows by how much; its first figure proves this
    rule against its closed form). The additive form is unstable
    unless `A_minus tau_minus > A_plus tau_plus`, and drives weights to their bounds.

    Sources: Song, Miller & Abbott 2000, Nat Neurosci 3:919; the weight dependence after Guetig,
    Aharonov, Rotter & Sompolinsky 2003, J Neurosci 23:3697; schemes of pairing after Morrison,
    Diesmann & Gerstner 2008, Biol Cybern 98:459.
    """

    A_plus: float = parameter(0.005, at_least=0)
    A_minus: float = parameter(0.00525, at_least=0)
    tau_plus: Quantity = parameter(20 * ms, ms, above=0)
    tau_minus: Quantity = parameter(20 * ms, ms, above=0)
    mu_plus: float = parameter(0.0, at_least=0)
    mu_minus: float = parameter(0.0, at_least=0)
    pairing: str = "all-to-all"

    citation: ClassVar[str] = bibtex("Song2000", "Guetig2003")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_choice("PairSTDP", "pairing", self.pairing, SCHEMES)

    @property
    def namespace(self) -> dict[str, Any]:
        """As the equations use it: the exponents belong to the bounds."""
        names = ("A_plus", "A_minus", "tau_plus", "tau_minus")
        return {name: getattr(self, name) for name in names}

    @property
    def traces(self) -> str:
        """`r1` of presynaptic and `o1` of postsynaptic spikes."""
        return """
        dr1/dt = -r1 / tau_plus : 1 (event-driven)
        do1/dt = -o1 / tau_minus : 1 (event-driven)
        """

    @property
    def pre(self) -> SpikeEffect:
        """Depression by earlier postsynaptic spikes."""
        return SpikeEffect(depression="A_minus * o1", update=_JUMPS[self.pairing][0])

    @property
    def post(self) -> SpikeEffect:
        """Potentiation by earlier presynaptic spikes."""
        return SpikeEffect(potentiation="A_plus * r1", update=_JUMPS[self.pairing][1])

    def bounds(self, w_max: float) -> Bounds:
        """Bounds from 0 to `w_max` with the rule's weight dependence."""
        if self.mu_plus == 0 and self.mu_minus == 0:
            return HardBounds(0.0, w_max)
        return PowerLawBounds(0.0, w_max, self.mu_plus, self.mu_minus)

    @classmethod
    def multiplicative(cls, **parameters: Any) -> "PairSTDP":
        """Both changes proportional to the distance to their bound (Rubin, Lee & Sompolinsky 2001).

        Exponents 1 and 1. `parameters` are those of the rule.
        """
        return cls(mu_plus=1.0, mu_minus=1.0, **parameters)

    @classmethod
    def van_rossum(cls, **parameters: Any) -> "PairSTDP":
        """Additive potentiation, proportional depression (van Rossum, Bi & Turrigiano 2000).

        Exponents 0 and 1; the amplitudes are the rule's defaults, not the paper's. With independent
        inputs the weights settle around `w_max A_plus tau_plus / (A_minus tau_minus)`.
        """
        return cls(mu_plus=0.0, mu_minus=1.0, **parameters)

    @classmethod
    def guetig(cls, mu: float = 0.02, **parameters: Any) -> "PairSTDP":
        """Both exponents `mu`, from 0 (additive) to 1 (multiplicative) (Guetig et al. 2003).

        With independent inputs the weights settle around `w_max / (1 + alpha^(1/mu))`, `alpha =
        A_minus tau_minus / (A_plus tau_plus)`, which is near w_max/2 for large `mu` and near 0 for
        small ones (alpha > 1). The default of `mu` and the amplitude ratio of 1.05 are quoted from
        memory of the paper.
        """
        mu = check_parameter("PairSTDP.guetig", "mu", mu, at_least=0, at_most=1)
        return cls(mu_plus=mu, mu_minus=mu, **parameters)

    @classmethod
    def bi_poo(cls, pairing: str = "all-to-all", pairs: int = 60) -> "PairSTDP":
        """Window of Bi & Poo 2001: hippocampal cultures, 16.8 and 33.7 ms.

        The time constants are those that Pfister & Gerstner 2006 use. The amplitudes, 0.777 and
        0.273 of the initial weight for the whole protocol of 60 `pairs`, are from memory and not
        confirmed; here they are divided by `pairs` (above 0).
        """
        check_parameter("PairSTDP.bi_poo", "pairs", pairs, above=0)
        return cls(
            A_plus=0.777 / pairs,
            A_minus=0.273 / pairs,
            tau_plus=16.8 * ms,
            tau_minus=33.7 * ms,
            pairing=pairing,
        )
