"""Nonlinear Hebbian learning of rate units (Brito & Gerstner 2016)."""

import ast
from dataclasses import dataclass
from typing import Any, ClassVar

from brian2 import DEFAULT_FUNCTIONS
from brian2.utils.stringtools import get_identifiers

from spikeplast.parameters import check_choice, check_parameter
from spikeplast.plasticity.bounds import Bounds
from spikeplast.plasticity.clock_driven import Regularly
from spikeplast.plasticity.rate_rule import RateRule
from spikeplast.references import bibtex


def _quadratic_rectifier(theta_1: float, theta_2: float) -> str:
    return f"clip(u - {theta_1:.17g}, 0, inf) * (u - {theta_2:.17g}) / 10"


def _cauchy(sparseness: float) -> str:
    """The s > 0 at which `u = s + 2 sparseness s / (1 + s^2)`: a cubic with one real root."""
    # s = u/3 + t turns s^3 - u s^2 + k s - u = 0 into t^3 + p t + q = 0 (Cardano).
    k = 1 + 2 * sparseness
    half_q = f"(u*({k / 6 - 0.5:.17g}) - u**3/27)"
    root = f"sqrt({half_q}**2 + ({k / 3:.17g} - u**2/9)**3)"
    cubes = [f"(-{half_q} {sign} {root})" for sign in "+-"]
    roots = " + ".join(f"sign({cube})*abs({cube})**(1.0/3)" for cube in cubes)
    return f"int(u > 0) * (u/3 + {roots})"


#: Effective nonlinearities f(u) of the paper's figure 2, by name, as in the authors' code.
NONLINEARITIES = {
    "linear rectifier": "clip(u - 3, 0, inf)",
    "quadratic rectifier": _quadratic_rectifier(0.5, 1.0),
    "L0": "u * int(u > 3)",
    "Cauchy": _cauchy(3.2),
    "negative sigmoid": "-0.5 * tanh(u)",
    "cubic": "u**3 / 100",
    "negative sine": "-sin(u)",
    "linear": "u",
    "symmetric rectifier": "clip(u - 2, 0, inf) + clip(-u - 2, 0, inf)",
    "negative cosine": "-cos(u)",
}


@dataclass(frozen=True)
class NonlinearHebbian(RateRule):
    """`dw/dt = eta x f(u)`, `u = w.x` (see `RateRule`), with weights of a fixed length.

    In the paper's terms a unit with the activation `g` and a plasticity `h` of its output has the
    effective nonlinearity `f(u) = h(g(u))`, and learning climbs `<F(w.x)>`, `F' = f`. Sparse
    coding, independent component analysis, BCM and triplet STDP are choices of `f`: on natural
    images most of them find localised, oriented filters.

    The target needs `y`, which is `u` here (the sum of its inputs, with `acts_on="y"`), and
    `target_equations`. The length of the weights is not kept by the rule: add
    `normalise_incoming(synapses, total=1, every=..., norm="length")`.

    Parameters: `eta` (>= 0 1/s); `f`, Brian 2 text of a function of `u` without unit, `named` one
    of the paper's, or `quadratic_rectifier` with other thresholds.

    The spiking form is the minimal triplet rule, `TripletSTDP.visual_cortex(model="minimal")`: at
    a constant presynaptic rate its mean drift is `y^2 - b y` of the postsynaptic rate y, and with
    the f-I curve `a [I - theta]_+` of `CurrentLIF` or `GIF` a quadratic rectifier of the input.
    The paper's constants of that cell were not available.

    Wrong without normalisation: most choices of `f` let the weights grow without limit.
    """

    f: str = NONLINEARITIES["quadratic rectifier"]

    needs: ClassVar[dict[str, Any]] = {"y": 1}
    citation: ClassVar[str] = bibtex("Brito2016")

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.f, str):
            raise TypeError(
                f"NonlinearHebbian: f = {self.f!r} is not text; expected a function of u"
            )
        try:
            ast.parse(self.f.strip(), mode="eval")
        except SyntaxError as error:
            raise ValueError(
                f"NonlinearHebbian: f = '{self.f}' is not an expression ({error.msg})"
            ) from error
        names = get_identifiers(self.f) - set(DEFAULT_FUNCTIONS) - {"inf", "pi", "e"}
        if names != {"u"}:
            raise ValueError(
                f"NonlinearHebbian: f = '{self.f}' is a function of "
                f"{', '.join(sorted(names)) or 'nothing'}; expected one of u alone"
            )

    @classmethod
    def named(cls, name: str, *, sign: int = 1, **parameters: Any) -> "NonlinearHebbian":
        """One of `NONLINEARITIES` by name; `sign` of -1 gives its negative."""
        check_choice("NonlinearHebbian.named", "name", name, tuple(NONLINEARITIES))
        if sign not in (1, -1):
            raise ValueError(f"NonlinearHebbian.named: sign = {sign} is neither 1 nor -1")
        f = NONLINEARITIES[name]
        return cls(f=f if sign == 1 else f"-({f})", **parameters)

    @classmethod
    def quadratic_rectifier(
        cls, theta_1: float = 1.0, theta_2: float = 2.0, **parameters: Any
    ) -> "NonlinearHebbian":
        """`f(u) = [u - theta_1]_+ (u - theta_2) / 10`, theta_1 < theta_2.

        Depression starts at theta_1, potentiation at theta_2. The defaults are those of most of the
        paper's figures; the "quadratic rectifier" of its figure 2c has 0.5 and 1.
        """
        owner = "NonlinearHebbian.quadratic_rectifier"
        for name, value in (("theta_1", theta_1), ("theta_2", theta_2)):
            check_parameter(owner, name, value)
        if theta_1 >= theta_2:
            raise ValueError(f"{owner}: theta_1 = {theta_1:g} is not below theta_2 = {theta_2:g}")
        return cls(f=_quadratic_rectifier(theta_1, theta_2), **parameters)

    @property
    def target_equations(self) -> str:
        """The nonlinearity of the present input."""
        return "f_of_u : 1"

    def target_regularly(self) -> list[Regularly]:
        """The nonlinearity, before the rule reads it."""
        return [Regularly(f"u = y\nf_of_u = {self.f}", order=5)]

    def regularly(self, bounds: Bounds) -> list[Regularly]:
        """Presynaptic activity times the nonlinearity."""
        amount = "learning_rate * eta * dt * x_pre * f_of_u_post"
        return [Regularly(bounds.change(amount))]
