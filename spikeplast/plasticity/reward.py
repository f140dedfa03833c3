"""What rules share whose eligibility a reward, less its mean, turns into a weight."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from brian2 import Quantity, ms, second

from spikeplast.parameters import parameter
from spikeplast.plasticity.bounds import Bounds
from spikeplast.plasticity.clock_driven import ClockDrivenRule, Regularly


@dataclass(frozen=True)
class RewardRule(ClockDrivenRule):
    """A rule with an eligibility `c` and rewards, given at single moments.

        dc/dt = -c/tau_e + H(pre, post);    at a reward R:  w += eta (R - Rbar) c,
        then Rbar += (R - Rbar) / window

    A reward is given to target neurons by `cells.reward = R; cells.rewarded = 1` (from Python
    between runs, or by Synapses that have them as target); it takes effect at the next multiple of
    `every`, at which `c` decays too, and it is forgotten then. The baseline `reward_mean` of each
    neuron starts at 0; set it to the reward that is expected at first.

    Rules of this kind on one group share its rewards, so `window` and `every` have to be the same.

    A reward later than a few tau_e finds no eligibility: pairings expire. A subclass gives H.
    """

    eta: float = parameter(1.0, at_least=0)
    tau_e: Quantity = parameter(0.5 * second, second, above=0)
    window: float = parameter(10.0, at_least=1)
    every: Quantity = parameter(10 * ms, ms, above=0)

    target_kind: ClassVar[str] = "reward"
    #: Parameters that are used at the target, not in the synapses.
    _elsewhere: ClassVar[tuple[str, ...]] = ("window",)

    @property
    def namespace(self) -> dict[str, Any]:
        """As the synapses use it: the baseline is kept at the target."""
        return {k: v for k, v in super().namespace.items() if k not in self._elsewhere}

    @property
    def target_equations(self) -> str:
        """Reward, its mean, and the difference of the two that acts now."""
        return "reward : 1\nrewarded : 1\nreward_mean : 1\nsurprise : 1"

    @property
    def target_namespace(self) -> dict[str, Any]:
        """Over how many rewards the baseline averages."""
        return {"reward_window": self.window}

    def target_regularly(self) -> list[Regularly]:
        """The surprise of a reward since the last time, and the new baseline."""
        code = """
        surprise = rewarded*(reward - reward_mean)
        reward_mean += surprise/reward_window
        rewarded = 0
        """
        return [Regularly(code, self.every, when="start", order=0)]

    @property
    @abstractmethod
    def traces(self) -> str:
        """Equations of the traces, with `c : 1`."""

    def regularly(self, bounds: Bounds) -> list[Regularly]:
        """The product of eligibility and surprise, then the decay of the eligibility."""
        amount = "learning_rate * eta * c * surprise_post"
        code = f"{bounds.change(amount)}\nc *= exp(-every/tau_e)"
        return [Regularly(code, self.every, when="start", order=3)]
