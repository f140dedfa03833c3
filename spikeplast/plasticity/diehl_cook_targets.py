"""Three rules of Diehl & Cook 2015 that compare a presynaptic trace with a target."""

from dataclasses import dataclass
from typing import ClassVar

from brian2 import Quantity, ms

from spikeplast.parameters import parameter
from spikeplast.plasticity.bounds import Bounds, ClippedBounds
from spikeplast.plasticity.rule import PlasticityRule, SpikeEffect
from spikeplast.references import bibtex


@dataclass(frozen=True)
class _TargetTrace(PlasticityRule):
    """The trace of presynaptic spikes, which alone these rules need, and bounds."""

    A_plus: float = parameter(1e-2, at_least=0)
    x_tar: float = parameter(0.4, at_least=0)
    tau_plus: Quantity = parameter(20 * ms, ms, above=0)

    citation: ClassVar[str] = bibtex("Diehl2015")

    @property
    def traces(self) -> str:
        """`r1` of presynaptic spikes."""
        return "dr1/dt = -r1 / tau_plus : 1 (event-driven)"

    @property
    def pre(self) -> SpikeEffect:
        """None but on the trace."""
        return SpikeEffect(update="r1 += 1")

    def bounds(self, w_max: float) -> Bounds:
        """From 0 to `w_max`, on which the changes depend."""
        return ClippedBounds(0.0, w_max)


@dataclass(frozen=True)
class DiehlCookPowerLaw(_TargetTrace):
    """Power-law weight dependence, the rule that Diehl & Cook 2015 describe first (their eq. 3).

        presynaptic spike:   r1 += 1
        postsynaptic spike:  w += A_plus (r1 - x_tar) (w_max - w)^mu

    with the trace `r1` (tau_plus; x_pre in the paper) and `w` clipped to [0, w_max]. Inputs that
    were silent before a postsynaptic spike are disconnected, the sooner the higher the target
    `x_tar` is. The factor is the same for both signs: a weight at w_max does not come down
    by itself, only by normalisation.

    Parameters:

    - `A_plus` (>= 0; eta in the paper): learning rate
    - `x_tar` (>= 0): target of the trace; an input at rate f has a mean trace of f tau_plus
    - `tau_plus` (> 0 ms)
    - `mu` (>= 0): weight dependence; 0 is none

    No default is the paper's: its constants of this rule could not be confirmed. `tau_plus`
    and `A_plus` are what its authors' code has for the triplet rule; `x_tar` and `mu` are ours.
    The equation was read in reimplementations that cite it by number (ngc-learn and others), not
    in the paper.
    """

    mu: float = parameter(1.0, at_least=0)

    @property
    def post(self) -> SpikeEffect:
        """Towards w_max where the trace is above the target, towards 0 elsewhere."""
        return SpikeEffect(change=f"A_plus * (r1 - x_tar) * {self._power('w_max - w')}")

    def _power(self, distance: str) -> str:
        # A negative distance to the power of a fraction would not be a number.
        kept = f"clip({distance}, 0, inf)"
        # Powers cost more than all else, at each presynaptic spike in `DiehlCookPreAndPost`.
        return kept if self.mu == 1 else f"{kept}**mu"


@dataclass(frozen=True)
class DiehlCookExponential(_TargetTrace):
    """Exponential weight dependence of Diehl & Cook 2015 (their eq. 4).

        presynaptic spike:   r1 += 1
        postsynaptic spike:  w += A_plus (r1 exp(-beta w) - x_tar exp(-beta (w_max - w)))

    with the trace `r1` (tau_plus; x_pre in the paper) and `w` clipped to [0, w_max].

    Parameters:

    - `A_plus` (>= 0; eta in the paper): learning rate
    - `x_tar` (>= 0): target of the trace; an input at rate f has a mean trace of f tau_plus
    - `tau_plus` (> 0 ms)
    - `beta` (>= 0, per unit of w): weight dependence; 0 is none

    No default is the paper's: its constants of this rule could not be confirmed. `tau_plus`
    and `A_plus` are what its authors' code has for the triplet rule; `x_tar` and `beta` are ours.
    The equation was read in reimplementations that cite it by number (ngc-learn and others), not
    in the paper.
    """

    beta: float = parameter(1.0, at_least=0)

    @property
    def post(self) -> SpikeEffect:
        """Potentiation that shrinks with the weight, and depression that grows with it."""
        return SpikeEffect(
            change="A_plus * (r1 * exp(-beta * w) - x_tar * exp(-beta * (w_max - w)))"
        )


@dataclass(frozen=True)
class DiehlCookPreAndPost(DiehlCookPowerLaw):
    """Pre-and-post STDP of Diehl & Cook 2015: changes at both spikes (their eq. 5 and 6).

        presynaptic spike:   w -= A_minus o1 w^mu,                         then r1 += 1
        postsynaptic spike:  w += A_plus (r1 - x_tar) (w_max - w)^mu,      then o1 += 1

    with the traces `r1` (tau_plus; x_pre in the paper) and `o1` (tau_minus; x_post), and `w`
    clipped to [0, w_max]. With `A_minus` of 0 it is `DiehlCookPowerLaw`.

    Parameters:

    - `A_plus`, `A_minus` (>= 0; eta_post and eta_pre in the paper): learning rates
    - `x_tar` (>= 0): target of the trace; an input at rate f has a mean trace of f tau_plus
    - `tau_plus`, `tau_minus` (> 0 ms)
    - `mu` (>= 0): weight dependence; 0 is none

    No default is the paper's: its constants of this rule could not be confirmed. `tau_plus`,
    `tau_minus`, `A_plus` and `A_minus` are what its authors' code has for the triplet rule;
    `x_tar` and `mu` are ours. The equations were read in reimplementations that cite them by
    number (ngc-learn and others), not in the paper.
    """

    A_minus: float = parameter(1e-4, at_least=0)
    tau_minus: Quantity = parameter(20 * ms, ms, above=0)

    @property
    def traces(self) -> str:
        """`r1` of presynaptic and `o1` of postsynaptic spikes."""
        return f"{super().traces}\ndo1/dt = -o1 / tau_minus : 1 (event-driven)"

    @property
    def pre(self) -> SpikeEffect:
        """Depression by earlier postsynaptic spikes."""
        return SpikeEffect(depression=f"A_minus * o1 * {self._power('w')}", update="r1 += 1")

    @property
    def post(self) -> SpikeEffect:
        """That of the power law; its own trace afterwards."""
        return SpikeEffect(change=super().post.change, update="o1 += 1")
