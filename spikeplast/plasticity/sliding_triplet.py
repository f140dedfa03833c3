"""The minimal triplet rule with a sliding threshold."""

from dataclasses import dataclass
from typing import Any, ClassVar

from brian2 import Hz, Quantity, ms, second

from spikeplast.parameters import parameter
from spikeplast.plasticity.bounds import Bounds
from spikeplast.plasticity.clock_driven import ClockDrivenRule, Regularly
from spikeplast.plasticity.rule import SpikeEffect
from spikeplast.references import bibtex


@dataclass(frozen=True)
class SlidingTripletSTDP(ClockDrivenRule):
    """Minimal triplet STDP whose depression grows with the square of the target's slow rate.

        presynaptic spike:   w -= A2_minus (rho / rho_0)^2 o1,   then r1 += 1
        postsynaptic spike:  w += A3_plus r1 o2(t - eps),        then o1, o2 += 1
        tau_rho drho/dt = -rho + spikes

    The spiking form of nonlinear Hebbian learning (see `NonlinearHebbian`) that keeps a rate: at a
    slow rate of rho_0 it is `TripletSTDP.visual_cortex(model="minimal")`; above it the rate at
    which depression turns into potentiation rises, as BCM's does. All-to-all pairing. `rho` starts
    at rho_0; a silent cell is not revived, as it has no depression to lose: start weights have to
    make it fire.

    The target needs `lastspike` (a model with a refractory period) and `target_equations`.

    Parameters: `A3_plus`, `A2_minus` (>= 0, in units of w), `tau_plus`, `tau_minus`, `tau_y`
    (> 0 ms), `rho_0` (> 0 Hz), `tau_rho` (> 0 s). Defaults of the first five: Pfister & Gerstner
    2006, visual cortex; the rate and its time constant are ours.

    Source: Pfister & Gerstner 2006, J Neurosci 26:9673, whose discussion proposes such a dependence
    for the link with BCM (from memory; the constants of the dependence are ours).
    """

    A3_plus: float = parameter(6.5e-3, at_least=0)
    A2_minus: float = parameter(7.1e-3, at_least=0)
    tau_plus: Quantity = parameter(16.8 * ms, ms, above=0)
    tau_minus: Quantity = parameter(33.7 * ms, ms, above=0)
    tau_y: Quantity = parameter(114 * ms, ms, above=0)
    rho_0: Quantity = parameter(5 * Hz, Hz, above=0)
    tau_rho: Quantity = parameter(5 * second, second, above=0)

    needs: ClassVar[dict[str, Any]] = {"lastspike": second}
    citation: ClassVar[str] = bibtex("Pfister2006")

    @property
    def namespace(self) -> dict[str, Any]:
        """As the synapses use it: tau_rho belongs to the target."""
        return {name: v for name, v in super().namespace.items() if name != "tau_rho"}

    @property
    def target_equations(self) -> str:
        """The slow rate."""
        return "rho_slow : Hz"

    @property
    def target_namespace(self) -> dict[str, Any]:
        """Its time constant."""
        return {"sliding_tau_rho": self.tau_rho}

    def start(self, target: Any) -> None:
        """The rate starts at rho_0."""
        target.rho_slow = self.rho_0

    def target_regularly(self) -> list[Regularly]:
        """The slow rate; a spike is known in the step after it, from `lastspike`."""
        code = "rho_slow += (int(timestep(t - lastspike, dt) == 1) - rho_slow*dt)/sliding_tau_rho"
        return [Regularly(code, order=5)]

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
        """Depression, by the square of the rate."""
        return SpikeEffect(depression="A2_minus * (rho_slow_post/rho_0)**2 * o1", update="r1 += 1")

    @property
    def post(self) -> SpikeEffect:
        """Potentiation; `o2` is read before its jump."""
        return SpikeEffect(potentiation="A3_plus * r1 * o2", update="o1 += 1\no2 += 1")

    def regularly(self, bounds: Bounds) -> list[Regularly]:
        """Nothing: the weights change at spikes only."""
        return []

    @classmethod
    def receptive_fields(cls, **changes: Any) -> "SlidingTripletSTDP":
        """Amplitudes and tau_y with which spiking cells grew oriented fields from photographs.

        For weights up to 1.4 (in mV, 7 % of the threshold), patches of 100 ms and a rate of 5 Hz.
        Found by search, not the paper's: the ratio of the amplitudes is that of visual cortex,
        tau_y = 40 ms that of other sets; with 114 ms fields did not grow.
        """
        values = {"A3_plus": 1.30e-3, "A2_minus": 1.42e-3, "tau_y": 40 * ms}
        return cls(**(values | changes))
