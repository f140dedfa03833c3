"""Dopamine-gated STDP of Izhikevich 2007."""

from dataclasses import dataclass
from typing import Any, ClassVar

from brian2 import Quantity, ms, second

from spikeplast.parameters import parameter
from spikeplast.plasticity.bounds import Bounds
from spikeplast.plasticity.clock_driven import ClockDrivenRule, Regularly
from spikeplast.plasticity.rule import PAIRINGS, SpikeEffect, check_choice, trace_jump
from spikeplast.references import bibtex


@dataclass(frozen=True)
class DopamineSTDP(ClockDrivenRule):
    """Pair STDP into an eligibility trace, which dopamine turns into a weight (Izhikevich 2007).

        presynaptic spike:   c -= A_minus o1,  then r1 = 1
        postsynaptic spike:  c += A_plus r1,   then o1 = 1
        dc/dt = -c/tau_c,    dd/dt = -d/tau_d + rewards,    dw/dt = c (d + d_0)

    The weight is changed every `every` by `every c (d + d_0)`, then `c` decays by that time, and
    `c` does not decay in between, as in the author's code: at 10 ms the change by one reward is
    within a few percent of the closed form `c d tau_c tau_d / (tau_c + tau_d)`. Of two spikes in
    the same time step the postsynaptic one comes first, as there: a lag of 0 depresses. A delay of
    the synapses holds for the spikes that arrive, so for the rule as well; where delays differ,
    `set_delays` sets them for both of its presynaptic pathways.

    Dopamine is the variable `dopamine` (1/s) of each target neuron, decaying with tau_d, which the
    target gets with `model.group(n, extra_equations=rule.target_equations)`. A reward adds to it,
    for all neurons or for some: `cells.dopamine += 50/second` between runs, or
    `Synapses(reward, cells, on_pre="dopamine_post += 50/second")`.

    Parameters (defaults: the author's network, time steps of 1 ms, w in mV from 0 to 4):

    - `A_plus`, `A_minus` (>= 0), `tau_plus`, `tau_minus` (> 0 ms), `tau_c` (> 0 s)
    - `d_0` (1/s): dopamine that is always there; the author adds 0.002 every 10 ms
    - `tau_d` (> 0 s); `every` (> 0 ms)
    - `pairing`: "nearest" (a trace is set to 1 at a spike, as in the author's code) or "all-to-all"
      (it adds 1)

    In the author's code the trace of a presynaptic spike begins to decay a step later, so that
    A_plus is 0.1/0.95 in these terms, at steps of 1 ms. There, a reward of 0.5 acts in steps of 10
    ms: here `d` is a rate (1/s), so that reward is 50/s.

    Wrong where reward is common: no baseline is subtracted from it, so that the mean of the STDP
    drives all weights (`RewardSTDP` subtracts one).

    Sources: Cereb Cortex 17:2443; values from the author's daspnet.m (ModelDB 84167).
    """

    A_plus: float = parameter(0.1, at_least=0)
    A_minus: float = parameter(0.15, at_least=0)
    tau_plus: Quantity = parameter(20 * ms, ms, above=0)
    tau_minus: Quantity = parameter(20 * ms, ms, above=0)
    tau_c: Quantity = parameter(1 * second, second, above=0)
    tau_d: Quantity = parameter(0.2 * second, second, above=0)
    d_0: Quantity = parameter(0.2 / second, 1 / second)
    every: Quantity = parameter(10 * ms, ms, above=0)
    pairing: str = "nearest"

    citation: ClassVar[str] = bibtex("Izhikevich2007")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_choice("DopamineSTDP", "pairing", self.pairing, PAIRINGS)

    @property
    def namespace(self) -> dict[str, Any]:
        """As the synapses use it: tau_d belongs to the target."""
        names = ("A_plus", "A_minus", "tau_plus", "tau_minus", "tau_c", "d_0", "every")
        return {name: getattr(self, name) for name in names}

    @property
    def target_equations(self) -> str:
        """Dopamine at each neuron."""
        return "dopamine : 1/second"

    @property
    def target_namespace(self) -> dict[str, Any]:
        """The time constant of dopamine."""
        return {"dopamine_tau_d": self.tau_d}

    def target_regularly(self) -> list[Regularly]:
        """Dopamine decays."""
        return [Regularly("dopamine *= exp(-dt/dopamine_tau_d)", order=5)]

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
        """Depression of the eligibility, also by a postsynaptic spike of the same step."""
        return SpikeEffect(late="c -= A_minus * o1\n" + trace_jump("r1", self.pairing))

    @property
    def post(self) -> SpikeEffect:
        """Potentiation of the eligibility."""
        return SpikeEffect(update="c += A_plus * r1\n" + trace_jump("o1", self.pairing))

    def regularly(self, bounds: Bounds) -> list[Regularly]:
        """The product of eligibility and dopamine, then the decay of the eligibility."""
        amount = "learning_rate * every * c * (dopamine_post + d_0)"
        code = f"{bounds.change(amount)}\nc *= exp(-every/tau_c)"
        return [Regularly(code, self.every, when="start", order=3)]
