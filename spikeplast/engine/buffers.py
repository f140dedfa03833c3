"""What monitors record during a stretch of the loop, before it goes to Brian 2's arrays.

The loop can't grow arrays, so it writes to buffers of fixed size and returns when one of
them might not hold another time step.
"""

from typing import Any

import numpy as np

from .binder import Binder

#: Numbers held by a buffer, unless one time step may need more.
CAPACITY = 1 << 17


class RecordBuffer:
    """The buffers of one monitor.

    Parameters
    ----------
    monitor : whose variables the rows go to
    binder : gives the arrays their names in the loop
    dtypes : type of each recorded variable, by name
    rows : how many rows one time step may add at most
    width : numbers in a row of a recorded variable, or None for variables with one
    with_times : whether the time of each row is kept as well, in `t`

    `n` is the name of a one-element array with the number of rows in use, `names` holds those of
    the recorded variables' arrays, `time_name` that of the times.
    """

    def __init__(
        self,
        monitor: Any,
        binder: Binder,
        dtypes: dict[str, Any],
        rows: int,
        width: int | None = None,
        with_times: bool = True,
    ):
        self.monitor = monitor
        self.label = binder.label(monitor)
        self.count = np.zeros(1, np.int64)
        self.capacity = max(CAPACITY // max(width or 1, 1), 4 * rows, 16)
        self.rows = rows
        self._binder = binder
        # A name that no variable of the user can have.
        self.n = self._bind("_n", self.count)
        self._limit = binder.value(
            ("limit", id(monitor)), f"{self.label}_limit", lambda: self.capacity - self.rows
        )
        shape = (self.capacity,) if width is None else (self.capacity, width)
        recorded = {name: np.zeros(shape, dtypes[name]) for name in sorted(dtypes)}
        self.names = {name: self._bind(name, array) for name, array in recorded.items()}
        self._arrays = recorded
        if with_times:
            times = np.zeros(self.capacity)
            self.time_name = self._bind("t", times)
            self._arrays = {"t": times, **recorded}

    def _bind(self, name: str, array: np.ndarray) -> str:
        return self._binder.value(
            ("buffer", id(self.monitor), name), f"{self.label}_buffer_{name}", lambda: array
        )

    @property
    def full_condition(self) -> str:
        return f"{self.n}[0] > {self._limit}"

    def flush(self) -> None:
        """Move the rows in use to the end of the monitor's variables."""
        n = int(self.count[0])
        if n == 0:
            return
        variables = self.monitor.variables
        old = int(np.asarray(variables["N"].get_value()).item())
        self.monitor.resize(old + n)
        variables["N"].set_value(old + n)
        for name, array in self._arrays.items():
            variables[name].get_value()[old : old + n] = array[:n]
        self.count[0] = 0
