"""Groups of synapses that a spike reaches together, and that share what it changes: rows.

A row has all synapses of a neuron if they have one delay, or else those of them that have the same
delay: from its spikes on, all that happens to such synapses because of that neuron happens at the
same time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

#: With fewer synapses in a row on average, rows of neurons and delays are not worth their while.
SEVERAL = 2


@dataclass(frozen=True)
class Rows:
    """The rows of a side, or of a pathway with different delays.

    Attributes
    ----------
    side : "pre" or "post", where the neurons are
    index : how statements call a synapse's row
    variable : the row of each synapse
    size : how many there are
    is_current : whether synapses and delays are those that the rows were made of
    pathway : name of the pathway, if these are rows of neurons and delays
    """

    side: str
    index: str
    variable: Any
    size: int
    is_current: Callable[[], bool] = lambda: True
    pathway: str = ""

    @property
    def place(self) -> str:
        """For explain()."""
        delay = f" and delay of {self.pathway}" if self.pathway else ""
        return f"per {self.side}synaptic neuron{delay}"

    @property
    def of_synapses(self) -> np.ndarray:
        return self.variable.get_value()


def neuron_rows(synapses: Any, side: str) -> Rows:
    """One row for each neuron of a side."""
    group = synapses.source if side == "pre" else synapses.target
    index = f"_{side}synaptic_idx"
    return Rows(side, index, synapses.variables[index], int(group.stop))


def delay_rows(step: Any, new_variable: Callable[..., Any]) -> Rows:
    """One row for each neuron and delay of a pathway, as its queue has them."""
    queue, name = step.queue, step.rows
    rows = queue.row_of_synapses
    variable = new_variable(f"_{name}_idx", rows.size, dtype=np.int32)
    variable.get_value()[:] = rows
    version = queue.version
    return Rows(
        step.pathway.prepost,
        f"_{name}_idx",
        variable,
        queue.layout.pointers.size - 1,
        lambda: queue.version == version,
        step.pathway.name,
    )
