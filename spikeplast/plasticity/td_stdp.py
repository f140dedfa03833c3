"""TD-STDP: a temporal-difference error times an eligibility of spike pairs."""

from dataclasses import dataclass
from typing import Any, ClassVar

from brian2 import Quantity, ms, second

from spikeplast.parameters import parameter
from spikeplast.plasticity.bounds import Bounds
from spikeplast.plasticity.clock_driven import ClockDrivenRule, Regularly
from spikeplast.plasticity.rule import SpikeEffect
from spikeplast.references import bibtex


@dataclass(frozen=True)
class TDSTDP(ClockDrivenRule):
    """TD-STDP: spikes that follow a PSP become eligible, the TD error changes the weight.

        dc/dt = -c/tau_c + S_post(t) psp(t),     dw/dt = eta delta(t) c
        delta = dV/dt - V/tau_r + reward_rate

    `psp` decays with tau_h from 1 at each presynaptic spike, and is read without the spikes of the
    same time step. `V` is the variable `value` of the target, its estimate of the rewards to
    come, which the model has to supply: a critic's filtered rate, or a variable summed over a
    population. `reward_rate` (1/s, at each target) is reward per time: set it for as long as reward
    lasts. The error is formed every `every`, with the difference of V since the last time; the
    weights change by `every eta delta c`, then `c` decays.

    Parameters: `eta` (>= 0), `tau_h` (> 0 ms), `tau_c` (> 0 s), `tau_r` (> 0 s: the horizon of
    discounting), `every` (> 0 ms). All defaults are ours. With `every` as long as a state lasts it
    is TD learning of states, discounted by 1 - every/tau_r: `experiments.dopamine_error`.

    Source: the framework of Fremaux & Gerstner 2016, Front Neural Circuits 9:85, from memory, with
    the error in continuous time.
    """

    eta: float = parameter(0.01, at_least=0)
    tau_h: Quantity = parameter(20 * ms, ms, above=0)
    tau_c: Quantity = parameter(0.5 * second, second, above=0)
    tau_r: Quantity = parameter(4 * second, second, above=0)
    every: Quantity = parameter(10 * ms, ms, above=0)

    needs: ClassVar[dict[str, Any]] = {"value": 1}
    citation: ClassVar[str] = bibtex("Fremaux2016")

    @property
    def namespace(self) -> dict[str, Any]:
        """As the synapses use it: the error is formed at the target."""
        return {k: v for k, v in super().namespace.items() if k != "tau_r"}

    @property
    def target_equations(self) -> str:
        """Reward, error, and the value a step ago."""
        return "reward_rate : 1/second\ntd_error : 1/second\nvalue_before : 1"

    @property
    def target_namespace(self) -> dict[str, Any]:
        """The horizon, and the step of the difference."""
        return {"td_tau_r": self.tau_r, "td_every": self.every}

    def start(self, target: Any) -> None:
        """No change of the value at first."""
        target.value_before = target.value[:]

    def target_regularly(self) -> list[Regularly]:
        """The error, and the value for the next one."""
        code = """
        td_error = (value - value_before)/td_every - value/td_tau_r + reward_rate
        value_before = value
        """
        return [Regularly(code, self.every, when="start", order=0)]

    @property
    def traces(self) -> str:
        """The `psp` and the eligibility `c`."""
        return "dpsp/dt = -psp / tau_h : 1 (event-driven)\nc : 1"

    @property
    def pre(self) -> SpikeEffect:
        """The PSP begins, after the postsynaptic spikes of the same step."""
        return SpikeEffect(late="psp += 1")

    @property
    def post(self) -> SpikeEffect:
        """What the PSP may have caused is eligible."""
        return SpikeEffect(update="c += psp")

    def regularly(self, bounds: Bounds) -> list[Regularly]:
        """The product of eligibility and error, then the decay of the eligibility."""
        amount = "learning_rate * eta * td_error_post * c * every"
        code = f"{bounds.change(amount)}\nc *= exp(-every/tau_c)"
        return [Regularly(code, self.every, when="start", order=3)]
