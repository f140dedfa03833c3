"""What rules for rate units share: no spikes, a change in each time step."""

from dataclasses import dataclass
from typing import Any

from brian2 import Equations, Quantity, Synapses, get_unit, have_same_dimensions, second

from spikeplast.parameters import check_parameter, parameter
from spikeplast.plasticity.bounds import Bounds, NoBounds
from spikeplast.plasticity.clock_driven import ClockDrivenRule


@dataclass(frozen=True)
class RateRule(ClockDrivenRule):
    """A rule for units with activities: `x` of the source and `y` of the target (no units).

    `acts_on="y"` makes `y` of the target the sum of `gain w x` over its inputs, in each time step
    (then it has to be a plain variable of the target, `y : 1`); None leaves `y` to the model. The
    rule reads `x` and `y` after the neurons' step; the sum is made before it, so an `x` that a
    differential equation advances reaches `y` a step late. `eta` is per time: where each time step
    is a sample, as by `source.run_regularly("x = stimulus(t, i)")`, the change per sample is `eta
    dt` times what the rule says. Weights have no bounds unless given.
    """

    eta: Quantity = parameter(1 / second, 1 / second, at_least=0)

    @property
    def traces(self) -> str:
        """None."""
        return ""

    def bounds(self, w_max: float) -> Bounds:
        """None: weights of rate units have either sign."""
        return NoBounds()

    def synapses(
        self,
        source: Any,
        target: Any = None,
        *,
        acts_on: str | None,
        gain: float | Quantity = 1.0,
        w_max: float | None = None,
        bounds: Bounds | None = None,
        extra_equations: str | Equations = "",
        namespace: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Synapses:
        """See `RateRule` and `PlasticityRule.synapses`; `w_max` is refused: give `bounds`."""
        name = type(self).__name__
        if w_max is not None:
            raise ValueError(f"{name}: w_max = {w_max} has no lower bound with it; give bounds")
        x = source.variables.get("x")
        if x is None or not have_same_dimensions(get_unit(x.dim), 1):
            raise ValueError(
                f"{name}: {source.name} has no variable 'x' without unit, its activity; add "
                "'x : 1' to its equations"
            )
        if acts_on not in (None, "y"):
            raise ValueError(f"{name}: acts_on = '{acts_on}' is not known; give 'y' or None")
        equations = Equations(str(extra_equations))
        if acts_on == "y":
            check_parameter(name, "gain", gain)
            equations += Equations("y_post = gain * w * x_pre : 1 (summed)")
        return super().synapses(
            source,
            target,
            acts_on=None,
            gain=gain,
            bounds=bounds,
            extra_equations=equations,
            namespace=namespace,
            **kwargs,
        )
