"""What event-driven and decaying variables become as time passes, computed with NumPy."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from brian2.core.functions import Function


class DecayFunction:
    """Event-driven equations as a function of arrays.

    Parameters
    ----------
    assignments : pairs of a name and the expression that it is set to, in order
    variables : Brian 2's variables, by the names used in the expressions
    names : the variables of the equations
    of_neurons : names of `variables` that neurons have, and "pre" or "post"
    """

    def __init__(
        self,
        assignments: Iterable[tuple[str, str]],
        variables: dict[str, Any],
        names: list[str],
        of_neurons: Mapping[str, str] = MappingProxyType({}),
    ):
        self._assignments = [
            (target, compile(text, "<decay>", "eval")) for target, text in assignments
        ]
        self._variables = variables
        self._of_neurons = of_neurons
        self.names = names
        self._frozen: dict[str, Any] | None = None

    def freeze(self) -> None:
        """Go on with the present values of shared variables, even if they change."""
        self._frozen = self._shared_values()

    def thaw(self) -> None:
        self._frozen = None

    @property
    def changed(self) -> bool:
        """Whether shared variables have other values than when the function was frozen."""
        if self._frozen is None:
            return False
        now = self._shared_values()
        return not all(np.array_equal(self._frozen[name], now[name]) for name in now)

    def _shared_values(self) -> dict[str, Any]:
        return {name: _plain(variable) for name, variable in self._variables.items()}

    def __call__(
        self,
        values: dict[str, np.ndarray],
        since: np.ndarray,
        until: Any,
        neurons: Mapping[str, np.ndarray] = MappingProxyType({}),
    ) -> dict[str, np.ndarray]:
        """The values of all variables at times `until`, from their values at `since`.

        `neurons` has the neuron of each value, by its side.
        """
        known = dict(self._shared_values() if self._frozen is None else self._frozen)
        for name, side in self._of_neurons.items():
            known[name] = known[name][neurons[side]]
        known.update(values, lastupdate=since, t=until)
        for target, expression in self._assignments:
            known[target] = eval(expression, {"__builtins__": {}}, known)
        return {name: known[name] for name in self.names}


def is_decay(factors: DecayFunction) -> bool:
    """Whether all factors by which clock-driven variables are multiplied are those of a decay."""
    return all(0 < factor <= 1 for factor in factors({}, np.zeros(0), 0.0).values())


def _plain(variable: Any) -> Any:
    if isinstance(variable, Function):
        return variable.pyfunc
    value = variable.get_value()
    if not variable.scalar:
        return value.copy()
    return value.item() if getattr(value, "size", 0) == 1 else value
