"""What monitors record during a stretch of the loop, before it goes to Brian 2's arrays.

The loop can't grow arrays, so it writes to buffers of fixed size and returns when one of
them might not hold another time step.
"""

from typing import Any

import numpy as np

from .codegen.binder import Binder

#: Numbers held by a buffer, unless one time step may need more.
CAPACITY = 1 << 17


class RecordBuffer:
    """Base of all buffers.

    `n` is the name of a one-element array with the number of rows in use, and `rows` the
    number that one time step may add at most.
    """

    def __init__(self, monitor: Any, binder: Binder, rows: int, row_size: int):
        self.monitor = monitor
        self.label = binder.label(monitor)
        self.count = np.zeros(1, np.int64)
        self.capacity = max(CAPACITY // max(row_size, 1), 4 * rows, 16)
        self.rows = rows
        self._binder = binder
        self.n = self._bind("n", self.count)
        self._limit = binder.value(
            ("limit", id(monitor)), f"{self.label}_limit", lambda: self.capacity - self.rows
        )

    def _bind(self, name: str, array: np.ndarray) -> str:
        return self._binder.value(
            ("buffer", id(self.monitor), name), f"{self.label}_buffer_{name}", lambda: array
        )

    @property
    def full_condition(self) -> str:
        return f"{self.n}[0] > {self._limit}"

    def _append(self, arrays: dict[str, np.ndarray]) -> None:
        """Move the rows in use to the end of the monitor's variables."""
        n = int(self.count[0])
        if n == 0:
            return
        variables = self.monitor.variables
        old = int(np.asarray(variables["N"].get_value()).item())
        self.monitor.resize(old + n)
        variables["N"].set_value(old + n)
        for name, array in arrays.items():
            variables[name].get_value()[old : old + n] = array[:n]
        self.count[0] = 0

    def flush(self) -> None:
        raise NotImplementedError


class EventBuffer(RecordBuffer):
    """Of a SpikeMonitor or EventMonitor: recorded variables of each event."""

    def __init__(self, monitor: Any, variables: dict[str, Any], binder: Binder):
        super().__init__(monitor, binder, rows=len(monitor.source), row_size=1)
        self._arrays = {
            name: np.zeros(self.capacity, variables[name].dtype) for name in sorted(variables)
        }
        self.array_names = {name: self._bind(name, array) for name, array in self._arrays.items()}

    def flush(self) -> None:
        self._append(self._arrays)


class StateBuffer(RecordBuffer):
    """Of a StateMonitor: the recorded variables of all recorded elements, by time step."""

    def __init__(self, monitor: Any, variables: dict[str, Any], binder: Binder):
        n_indices = len(monitor.variables["_indices"].get_value())
        super().__init__(monitor, binder, rows=1, row_size=n_indices)
        self._times = np.zeros(self.capacity)
        self._arrays = {
            name: np.zeros((self.capacity, n_indices), variables[name].dtype)
            for name in sorted(variables)
        }
        self.time_name = self._bind("t", self._times)
        self.array_names = {name: self._bind(name, array) for name, array in self._arrays.items()}

    def flush(self) -> None:
        self._append({"t": self._times, **self._arrays})


class RateBuffer(RecordBuffer):
    """Of a PopulationRateMonitor: one rate for each time step."""

    def __init__(self, monitor: Any, binder: Binder):
        super().__init__(monitor, binder, rows=1, row_size=1)
        self._times = np.zeros(self.capacity)
        self._rates = np.zeros(self.capacity)
        self.time_name = self._bind("t", self._times)
        self.rate_name = self._bind("rate", self._rates)

    def flush(self) -> None:
        self._append({"t": self._times, "rate": self._rates})
