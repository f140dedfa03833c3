"""Sanger's rule for rate units."""

from dataclasses import dataclass
from typing import Any, ClassVar

from brian2 import Equations, Quantity, Subgroup, Synapses

from spikeplast.plasticity.bounds import Bounds
from spikeplast.plasticity.clock_driven import CHANGE_ORDER, Regularly
from spikeplast.plasticity.rate_rule import RateRule
from spikeplast.references import bibtex


@dataclass(frozen=True)
class Sanger(RateRule):
    """`dw_ij/dt = eta y_j (x_i - sum over k <= j of y_k w_ik)`, generalised Hebbian algorithm.

    With `y = w.x`, unit j goes to the j-th eigenvector of the inputs' correlation matrix, with
    length 1 (either sign). The source needs `x`, and `explained : 1` for the sum; the units count
    in the order of their indices, one after the other in each time step, so that the work grows
    with the square of their number: for tens of units, not for thousands.

    Parameter: `eta` (>= 0 1/s). Source: Sanger 1989, Neural Networks 2:459, formula from memory.
    """

    needs: ClassVar[dict[str, Any]] = {"y": 1}
    citation: ClassVar[str] = bibtex("Sanger1989")

    def regularly(self, bounds: Bounds) -> list[Regularly]:
        """Nothing here: `synapses` adds the operations, whose number is that of the targets."""
        return []

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
        """See `RateRule`; ValueError for a source without `explained`, or with it in use."""
        if "explained" not in source.variables:
            raise ValueError(
                f"Sanger: {source.name} has no variable 'explained', which the rule needs; add "
                "'explained : 1' to its equations"
            )
        parent = source.source if isinstance(source, Subgroup) else source
        reset_name = f"{parent.name}_reset_explained"
        if any(item.name == reset_name for item in parent.contained_objects):
            raise ValueError(
                f"Sanger: 'explained' of {parent.name} is in use by other synapses; give these a "
                "source of their own"
            )
        made = super().synapses(
            source,
            target,
            acts_on=acts_on,
            gain=gain,
            w_max=w_max,
            bounds=bounds,
            extra_equations=extra_equations,
            namespace=namespace,
            **({"order": CHANGE_ORDER} | kwargs),
        )
        parent.run_regularly(
            "explained = 0", when="groups", order=CHANGE_ORDER - 1, name=reset_name
        )
        chosen = self.bounds(1.0) if bounds is None else bounds
        order = CHANGE_ORDER
        for unit in range(len(source if target is None else target)):
            own = f"int(j == {unit})"
            made.run_regularly(f"explained_pre += y_post*w*{own}", when="groups", order=order)
            amount = f"learning_rate * eta * dt * y_post * (x_pre - explained_pre) * {own}"
            code = chosen.change(amount)
            made.run_regularly(code, when="groups", order=order + 1)
            order += 2
        return made
