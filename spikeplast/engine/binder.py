"""The arguments of a generated function: a name for each array and number it uses.

Names come from the kind of object and its place in the network, never from the user's
object names, and values are not in the source.  So a rebuilt network, or one with other
parameters, has the same source.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from brian2.core.variables import Constant, Variable

from .user_functions import Translation

_KINDS = {
    "NeuronGroup": "neurons",
    "PoissonGroup": "poisson",
    "SpikeGeneratorGroup": "generator",
    "Synapses": "synapses",
    "SpatialNeuron": "compartments",
    "Clock": "clock",
    "SpikeMonitor": "spikemonitor",
    "EventMonitor": "eventmonitor",
    "StateMonitor": "statemonitor",
    "PopulationRateMonitor": "ratemonitor",
    "PoissonInput": "poissoninput",
}


class Binder:
    """Collects arguments; `values()` gives what to pass for them at the next run."""

    def __init__(self, device: Any):
        self._device = device
        self._labels: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._by_key: dict[Any, str] = {}
        self._constants: dict[str, Any] = {}
        self._values: dict[str, Callable[[], Any]] = {}
        self._of_thread: dict[str, Callable[[int], Any]] = {}
        #: The variables, or other keys, that arrays belong to, by name.
        self.variables: dict[str, Any] = {}
        #: The user's functions that the loop calls, and the names that they have in equations.
        self.functions: list[tuple[str, Translation]] = []

    def define(self, name: str, function: Translation) -> None:
        self.functions.append((name, function))

    @property
    def definitions(self) -> list[str]:
        """Sources of the user's functions, each after those that it calls."""
        texts = (text for _, function in self.functions for text in function.definitions)
        return list(dict.fromkeys(texts))

    @property
    def names(self) -> list[str]:
        return list(self._values)

    def values(self, thread: int = 0) -> list[Any]:
        return [
            self._of_thread[name](thread) if name in self._of_thread else value()
            for name, value in self._values.items()
        ]

    def label(self, owner: Any) -> str:
        """Such as `neurons2` for the second NeuronGroup that is met."""
        name = getattr(owner, "name", None) or "temporary"
        if name not in self._labels:
            kind = _KINDS.get(getattr(owner, "__class__", type(owner)).__name__, "object")
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._labels[name] = f"{kind}{self._counts[kind]}"
        return self._labels[name]

    def array(self, variable: Variable) -> str:
        """The array of a state variable."""
        name = self.value(
            ("array", id(variable)),
            f"{self.label(variable.owner)}_{variable.name}",
            lambda: self._device.raw_value(variable),
        )
        self.variables[name] = id(variable)
        return name

    def index_array(self, variable: Variable) -> str:
        """The same for an array that is used as an index only.

        Unsigned, because Numba then knows that no index counts from the end.
        """
        name = self.value(
            ("index", id(variable)),
            f"{self.label(variable.owner)}_{variable.name}_index",
            lambda: _unsigned(self._device.raw_value(variable)),
        )
        self.variables[name] = id(variable)
        return name

    def constant(self, owner: Any, name: str, variable: Constant) -> str:
        """A number from the model's name space, one argument for each owner and name."""
        value = variable.value
        value = value.item() if hasattr(value, "item") else value
        key: tuple[Any, ...] = ("constant", getattr(owner, "name", ""), name)
        known = self._by_key.get(key)
        if known is not None and not _same(self._constants[known], value):
            key = (*key, id(variable))
        bound = self.value(key, f"{self.label(owner)}_{name}", lambda: value)
        self._constants[bound] = value
        return bound

    def value(self, key: Any, name: str, value: Callable[[], Any]) -> str:
        """An argument for `key`; the first call for a key names it and says its value."""
        if key not in self._by_key:
            self._by_key[key] = self._unique(name)
            self._values[self._by_key[key]] = value
        return self._by_key[key]

    def of_thread(self, key: Any, name: str, value: Callable[[int], Any]) -> str:
        """The same for an argument that differs among the threads that run the function."""
        bound = self.value(key, name, partial(value, 0))
        self._of_thread[bound] = value
        return bound

    def _unique(self, name: str) -> str:
        name = re.sub(r"\W", "_", name)
        name = re.sub(r"__+", "_", name).strip("_")
        candidate, k = name, 2
        while candidate in self._values:
            candidate, k = f"{name}_{k}", k + 1
        return candidate


def _unsigned(array: np.ndarray) -> np.ndarray:
    return array.view(np.dtype(f"u{array.dtype.itemsize}"))


def _same(a: Any, b: Any) -> bool:
    return type(a) is type(b) and (a == b or (a != a and b != b))
