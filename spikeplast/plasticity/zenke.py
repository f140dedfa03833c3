"""Orchestrated plasticity of Zenke et al. 2015: triplets, heterosynaptic terms, consolidation."""

from dataclasses import dataclass
from typing import Any, ClassVar

from brian2 import Hz, Quantity, ms, second

from spikeplast.parameters import parameter
from spikeplast.plasticity.bounds import Bounds
from spikeplast.plasticity.clock_driven import ClockDrivenRule, Regularly
from spikeplast.plasticity.rule import SpikeEffect
from spikeplast.references import bibtex


@dataclass(frozen=True)
class Zenke(ClockDrivenRule):
    """Triplet STDP with heterosynaptic and transmitter-induced terms (Zenke et al. 2015).

        presynaptic spike:   w += -A (nu/kappa)^2 o1 + delta,               then r1 += 1
        postsynaptic spike:  w += A o2 r1 - beta o1^3 (w - w_solid),        then o1, o2 += 1
        tau_con dw_solid/dt = (w - w_solid) + P (w_a-w_solid) (w_b-w_solid) (w_c-w_solid)

    Traces `r1` (tau_plus), `o1` (tau_minus) and `o2` (tau_long) are read before the jump of the
    same spike; the change at a spike is bounded as one sum. `nu`
    is the target's rate, low-passed with tau_hom (1 Hz at first). `w_solid`, the consolidated
    weight, starts at 0 (set it after `connect`) and is moved every `every` by Euler's method; its
    stable values are w_a and w_c, divided by w_b. Short-term plasticity is apart: the code has
    `TsodyksMarkram()` with tau_d of 150 to 200 ms. So is its inhibitory plasticity.

    The target needs `lastspike` (a model with a refractory period) and `target_equations`.

    Parameters (defaults: the authors' code, which says that its values differ slightly from the
    paper's): `A`, `beta`, `delta` (>= 0; transmitter-induced growth), `kappa` (> 0 Hz), `tau_plus`,
    `tau_minus`, `tau_long` (> 0 ms), `tau_hom`, `tau_con`, `every` (> 0 s), `P` (>= 0), `w_a` <
    `w_b` < `w_c`. Weights go up to 5 there (`w_max=5`). `P` is that of the class; its run script
    has 17.07.

    docs/verification.md shows a network of a tenth of the paper's size that keeps its rate for
    1,000 s, and does not with `beta` of 0; the paper's cell assemblies have not been reproduced.

    Sources: Nat Commun 6:6922; values and order of events from the authors' repository.
    """

    A: float = parameter(1e-3, at_least=0)
    beta: float = parameter(0.05, at_least=0)
    delta: float = parameter(2e-5, at_least=0)
    kappa: Quantity = parameter(10 * Hz, Hz, above=0)
    tau_plus: Quantity = parameter(20 * ms, ms, above=0)
    tau_minus: Quantity = parameter(20 * ms, ms, above=0)
    tau_long: Quantity = parameter(100 * ms, ms, above=0)
    tau_hom: Quantity = parameter(600 * second, second, above=0)
    tau_con: Quantity = parameter(1200 * second, second, above=0)
    every: Quantity = parameter(1.2 * second, second, above=0)
    P: float = parameter(20.0, at_least=0)
    w_a: float = parameter(0.0)
    w_b: float = parameter(0.25)
    w_c: float = parameter(0.5)

    needs: ClassVar[dict[str, Any]] = {"lastspike": second}
    citation: ClassVar[str] = bibtex("Zenke2015")

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.w_a < self.w_b < self.w_c:
            raise ValueError(
                f"Zenke: w_a = {self.w_a:g}, w_b = {self.w_b:g}, w_c = {self.w_c:g} do not ascend"
            )
        if self.every >= self.tau_con:
            raise ValueError(f"Zenke: every = {self.every} is not below tau_con = {self.tau_con}")

    @property
    def namespace(self) -> dict[str, Any]:
        """As the synapses use it: tau_hom belongs to the target."""
        return {name: v for name, v in super().namespace.items() if name != "tau_hom"}

    @property
    def target_equations(self) -> str:
        """The slow rate."""
        return "nu_hom : Hz"

    @property
    def target_namespace(self) -> dict[str, Any]:
        """Its time constant."""
        return {"zenke_tau_hom": self.tau_hom}

    def start(self, target: Any) -> None:
        """1 Hz, as in the authors' code."""
        target.nu_hom = 1 * Hz

    def target_regularly(self) -> list[Regularly]:
        """The slow rate; a spike is known in the step after it, from `lastspike`."""
        code = "nu_hom += (int(timestep(t - lastspike, dt) == 1) - nu_hom*dt)/zenke_tau_hom"
        return [Regularly(code, order=5)]

    @property
    def traces(self) -> str:
        """`r1` of presynaptic, `o1` and `o2` of postsynaptic spikes; the consolidated weight."""
        return """
        dr1/dt = -r1 / tau_plus : 1 (event-driven)
        do1/dt = -o1 / tau_minus : 1 (event-driven)
        do2/dt = -o2 / tau_long : 1 (event-driven)
        w_solid : 1
        """

    @property
    def pre(self) -> SpikeEffect:
        """Homeostatic depression, and growth by each transmitter release."""
        return SpikeEffect(change="delta - A * (nu_hom_post/kappa)**2 * o1", update="r1 += 1")

    @property
    def post(self) -> SpikeEffect:
        """Triplet potentiation, and the pull to the consolidated weight by bursts."""
        return SpikeEffect(
            change="A * o2 * r1 - beta * o1**3 * (w - w_solid)", update="o1 += 1\no2 += 1"
        )

    def regularly(self, bounds: Bounds) -> list[Regularly]:
        """Consolidation."""
        code = (
            "w_solid += learning_rate * every/tau_con * (w - w_solid"
            " + P * (w_a - w_solid) * (w_b - w_solid) * (w_c - w_solid))"
        )
        return [Regularly(code, self.every, when="start", order=3)]
