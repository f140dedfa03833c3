"""Plain Hebbian learning of rate units."""

from dataclasses import dataclass
from typing import Any, ClassVar

from spikeplast.plasticity.bounds import Bounds
from spikeplast.plasticity.clock_driven import Regularly
from spikeplast.plasticity.rate_rule import RateRule
from spikeplast.references import bibtex


@dataclass(frozen=True)
class Hebb(RateRule):
    """`dw/dt = eta y x` (see `RateRule`).

    For a linear unit the weights grow without limit, along the eigenvector of the largest
    eigenvalue l of the inputs' correlation matrix as `exp(eta l t)`: it needs bounds or
    normalisation.

    Parameter: `eta` (>= 0 1/s). Source: the formula after Hebb 1949 as textbooks give it.
    """

    needs: ClassVar[dict[str, Any]] = {"y": 1}
    citation: ClassVar[str] = bibtex("Hebb1949")

    def regularly(self, bounds: Bounds) -> list[Regularly]:
        """The product of the activities."""
        return [Regularly(bounds.change("learning_rate * eta * dt * y_post * x_pre"))]
