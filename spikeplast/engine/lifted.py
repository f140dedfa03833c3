"""Synaptic variables that are kept once per neuron instead of once per synapse."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from brian2.core.variables import ArrayVariable
from brian2.synapses.synapses import Synapses


@dataclass
class LiftedVariable:
    """A synaptic variable that is the same for all synapses of a neuron.

    Attributes
    ----------
    variable : the synaptic variable
    side : "pre" or "post", the neuron that it belongs to
    values : the variable with one value for each neuron of that side
    """

    variable: ArrayVariable
    side: str
    values: ArrayVariable


class LiftedTraces:
    """The lifted variables of one Synapses object, all valid at one time.

    Between runs they stay as they are until somebody asks for a synaptic variable; then
    all of them are written out to the synapses, and the next run takes them up again.
    """

    def __init__(self, synapses: Synapses, sides: dict[str, str], device: Any):
        self.synapses = synapses
        self._device = device
        self.last_update = self._new_variable("lastupdate_lifted", 1, scalar=True)
        self.variables = {
            name: LiftedVariable(
                synapses.variables[name],
                side,
                self._new_variable(f"{name}_lifted", self._n_neurons(side)),
            )
            for name, side in sides.items()
        }
        self.resident = False

    @property
    def sides(self) -> dict[str, str]:
        return {name: lifted.side for name, lifted in self.variables.items()}

    def _n_neurons(self, side: str) -> int:
        group = self.synapses.source if side == "pre" else self.synapses.target
        return int(group.stop)

    def _new_variable(self, name: str, size: int, scalar: bool = False) -> ArrayVariable:
        variable = ArrayVariable(
            name, self.synapses, size, self._device, dtype=np.float64, scalar=scalar
        )
        self._device.add_array(variable)
        variable.get_value()[:] = 0
        return variable

    def scratch(self, name: str, side: str) -> ArrayVariable:
        """A further array of one value for each neuron."""
        return self._new_variable(name, self._n_neurons(side))

    def neurons(self, side: str) -> np.ndarray:
        """The neuron of each synapse."""
        return self.synapses.variables[f"_synaptic_{side}"].get_value()

    def compress(self) -> bool:
        """Take the values from the synapses; False if they are not the same per neuron."""
        if self.resident:
            return True
        last = self.synapses.variables["lastupdate"].get_value()
        if last.size and (last != last[0]).any():
            return False
        for lifted in self.variables.values():
            per_synapse = lifted.variable.get_value()
            neurons = self.neurons(lifted.side)
            values = lifted.values.get_value()
            values[:] = 0
            values[neurons] = per_synapse
            if not np.array_equal(values[neurons], per_synapse):
                return False
        self.last_update.get_value()[:] = last[0] if last.size else 0
        return True

    def take_over(self) -> None:
        """From now on the lifted values count."""
        self.resident = True
        for variable in self._synaptic_variables():
            self._device.lifted[variable] = self

    def take_up(self) -> None:
        """Go on after Python code that may have asked for the variables, or changed them.

        Raises
        ------
        RuntimeError
            If they now differ among the synapses of a neuron.
        """
        if self.resident:
            return
        if not self.compress():
            names = ", ".join(sorted(self.variables))
            raise RuntimeError(
                f"during the run, single synapses of '{self.synapses.name}' were given other "
                f"values of {names}, which are kept once per neuron; run with "
                "set_device('numba', optimize={'lift_traces': False})"
            )
        self.take_over()

    def expand(self) -> None:
        """Write the values out to the synapses, whose own values count again."""
        self.resident = False
        for variable in self._synaptic_variables():
            self._device.lifted.pop(variable, None)
        self.synapses.variables["lastupdate"].get_value()[:] = self.last_update.get_value()[0]
        for lifted in self.variables.values():
            per_synapse = lifted.variable.get_value()
            per_synapse[:] = lifted.values.get_value()[self.neurons(lifted.side)]

    def _synaptic_variables(self) -> list[ArrayVariable]:
        return [
            self.synapses.variables["lastupdate"],
            *(lifted.variable for lifted in self.variables.values()),
        ]
