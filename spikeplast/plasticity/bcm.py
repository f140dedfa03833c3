"""The BCM rule for rate units, with a sliding threshold."""

from dataclasses import dataclass
from typing import Any, ClassVar

from brian2 import Quantity, second

from spikeplast.parameters import parameter
from spikeplast.plasticity.bounds import Bounds
from spikeplast.plasticity.clock_driven import Regularly
from spikeplast.plasticity.rate_rule import RateRule
from spikeplast.references import bibtex


@dataclass(frozen=True)
class BCM(RateRule):
    """`dw/dt = eta x y (y - theta)`, `tau_theta dtheta/dt = y^2/y_0 - theta` (see `RateRule`).

    The sliding threshold in the form of Intrator & Cooper 1992 (that of Bienenstock, Cooper & Munro
    1982 is a power of the mean activity). A unit becomes selective: of n orthogonal patterns shown
    equally often, one keeps a response, of `n y_0`, if tau_theta is short against 1/eta and long
    against the presentation of all patterns.

    The target needs `y` and `target_equations` (the threshold `theta_m`, which starts at 0).

    Parameters: `eta` (>= 0 1/s), `y_0` (> 0), `tau_theta` (> 0 s). All defaults are ours.
    """

    y_0: float = parameter(1.0, above=0)
    tau_theta: Quantity = parameter(0.1 * second, second, above=0)

    needs: ClassVar[dict[str, Any]] = {"y": 1}
    citation: ClassVar[str] = bibtex("Bienenstock1982", "Intrator1992")

    @property
    def namespace(self) -> dict[str, Any]:
        """As the synapses use it: the threshold belongs to the target."""
        return {"eta": self.eta}

    @property
    def target_equations(self) -> str:
        """The sliding threshold."""
        return "theta_m : 1"

    @property
    def target_namespace(self) -> dict[str, Any]:
        """The threshold's scale and time constant."""
        return {"bcm_y_0": self.y_0, "bcm_tau_theta": self.tau_theta}

    def target_regularly(self) -> list[Regularly]:
        """The threshold follows, before the rule reads it (exact for a `y` that stands still)."""
        code = "theta_m = y**2/bcm_y_0 + (theta_m - y**2/bcm_y_0)*exp(-dt/bcm_tau_theta)"
        return [Regularly(code, order=5)]

    def regularly(self, bounds: Bounds) -> list[Regularly]:
        """Potentiation above the threshold, depression below."""
        amount = "learning_rate * eta * dt * x_pre * y_post * (y_post - theta_m_post)"
        return [Regularly(bounds.change(amount))]
