"""Bounds of a weight: how a rule's potentiation and depression change `w` within its range."""

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from spikeplast.parameters import Parameters, parameter


@runtime_checkable
class Bounds(Protocol):
    """Turns an amount of change (Brian 2 text, never negative) into a statement that sets `w`."""

    @property
    def namespace(self) -> dict[str, Any]:
        """The names that the statements use."""
        ...

    def potentiate(self, amount: str) -> str:
        """Statement that raises `w` by `amount`, as far as the bounds let it."""
        ...

    def depress(self, amount: str) -> str:
        """Statement that lowers `w` by `amount`, as far as the bounds let it."""
        ...

    def change(self, amount: str) -> str:
        """Statement that adds `amount`, of either sign here, as far as the bounds let it."""
        ...


@dataclass(frozen=True)
class _Range(Parameters):
    w_min: float = parameter(0.0)
    w_max: float = parameter(1.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.w_min >= self.w_max:
            raise ValueError(
                f"{type(self).__name__}: w_min = {self.w_min:g} is not below w_max = {self.w_max:g}"
            )


@dataclass(frozen=True)
class ClippedBounds(_Range):
    """`w` is clipped to [w_min, w_max], after changes that depend on `w` by the rule's own terms.

    For `PlasticityRule.bounds` of such a rule, which then takes no other bounds.
    """

    def potentiate(self, amount: str) -> str:
        return f"w = clip(w + {amount}, w_min, w_max)"

    def depress(self, amount: str) -> str:
        return f"w = clip(w - {amount}, w_min, w_max)"

    def change(self, amount: str) -> str:
        return self.potentiate(amount)


@dataclass(frozen=True)
class HardBounds(ClippedBounds):
    """The change does not depend on `w`, which is clipped to [w_min, w_max] (additive rules)."""


@dataclass(frozen=True)
class PowerLawBounds(_Range):
    """The change shrinks with the distance to the bound ahead (Guetig et al. 2003).

    Potentiation is multiplied by `((w_max - w) / (w_max - w_min)) ** mu_plus`, depression by
    `((w - w_min) / (w_max - w_min)) ** mu_minus`, and `w` is clipped to [w_min, w_max]. A change
    that is a sum of several terms is potentiation or depression by its sign. The exponents are at
    least 0: both 0 is `HardBounds`, both 1 is `SoftBounds`. A weight that starts outside the range
    counts as on its bound.
    """

    mu_plus: float = parameter(1.0, at_least=0)
    mu_minus: float = parameter(1.0, at_least=0)

    def potentiate(self, amount: str) -> str:
        return f"w = clip(w + {amount}{self._to_maximum}, w_min, w_max)"

    def depress(self, amount: str) -> str:
        return f"w = clip(w - {amount}{self._to_minimum}, w_min, w_max)"

    def change(self, amount: str) -> str:
        up, down = f"clip({amount}, 0, inf)", f"clip(-({amount}), 0, inf)"
        return f"w = clip(w + {up}{self._to_maximum} - {down}{self._to_minimum}, w_min, w_max)"

    @property
    def _to_maximum(self) -> str:
        return self._factor("(w_max - w) / (w_max - w_min)", "mu_plus")

    @property
    def _to_minimum(self) -> str:
        return self._factor("(w - w_min) / (w_max - w_min)", "mu_minus")

    def _factor(self, distance: str, exponent: str) -> str:
        mu = getattr(self, exponent)
        if mu == 0:
            return ""
        # Clipped because a negative distance to the power of a fraction is not a number.
        factor = f" * clip({distance}, 0, 1)"
        return factor if mu == 1 else f"{factor}**{exponent}"


@dataclass(frozen=True)
class SoftBounds(_Range):
    """The change is proportional to the distance to the bound ahead (multiplicative rules).

    The same as `PowerLawBounds` with both exponents 1.
    """

    def potentiate(self, amount: str) -> str:
        return PowerLawBounds(self.w_min, self.w_max).potentiate(amount)

    def depress(self, amount: str) -> str:
        return PowerLawBounds(self.w_min, self.w_max).depress(amount)

    def change(self, amount: str) -> str:
        return PowerLawBounds(self.w_min, self.w_max).change(amount)


@dataclass(frozen=True)
class NoBounds:
    """`w` takes every change whole: to measure what a rule does, not for a network."""

    @property
    def namespace(self) -> dict[str, Any]:
        return {}

    def potentiate(self, amount: str) -> str:
        return f"w += {amount}"

    def depress(self, amount: str) -> str:
        return f"w -= {amount}"

    def change(self, amount: str) -> str:
        return f"w += {amount}"
