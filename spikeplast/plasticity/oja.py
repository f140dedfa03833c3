"""Oja's rule for rate units."""

from dataclasses import dataclass
from typing import Any, ClassVar

from spikeplast.plasticity.bounds import Bounds
from spikeplast.plasticity.clock_driven import Regularly
from spikeplast.plasticity.rate_rule import RateRule
from spikeplast.references import bibtex


@dataclass(frozen=True)
class Oja(RateRule):
    """`dw/dt = eta y (x - y w)`, with `y = w.x` (see `RateRule`).

    The weights of a linear unit go to the first eigenvector of the inputs' correlation matrix, with
    length 1 (either sign). Several units with the same inputs all find the same one: `Sanger` finds
    one for each.

    Parameter: `eta` (>= 0 1/s); `eta dt` times the largest eigenvalue has to be well below 1.
    Source: Oja 1982, J Math Biol 15:267.
    """

    needs: ClassVar[dict[str, Any]] = {"y": 1}
    citation: ClassVar[str] = bibtex("Oja1982")

    def regularly(self, bounds: Bounds) -> list[Regularly]:
        """Hebbian growth, less a decay that keeps the length."""
        amount = "learning_rate * eta * dt * y_post * (x_pre - y_post * w)"
        return [Regularly(bounds.change(amount))]
