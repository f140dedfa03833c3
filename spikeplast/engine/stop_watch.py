"""The time that each step of a program takes inside of the compiled loop.

A loop that is to be timed reads the clock after each step, without leaving the loop: some 30 ns,
as much as a small network's step takes.  So it reads the clock twice at the end of a time step,
which says how long that takes, and this is taken off.  Other loops have no trace of it all.
"""

import ctypes
import sys
import time
from functools import cache

import numpy as np

from .binder import Binder
from .program import (
    BlockStep,
    FlushStep,
    GainStep,
    OutsideStep,
    PathwayStep,
    RowsStep,
    ScaleStep,
    Step,
    WaitStep,
)

_DOES = {
    "stateupdate": "state update",
    "summed_variable": "sum over synapses",
    "spikegenerator": "given spikes",
    "spikemonitor": "spike monitor",
    "statemonitor": "state monitor",
    "ratemonitor": "rate monitor",
}


def does(step: Step) -> str:
    """What a step is for, in a few words."""
    if isinstance(step, PathwayStep):
        return f"on_{step.pathway.prepost}"
    if isinstance(step, RowsStep | ScaleStep):
        return "decay of traces"
    if isinstance(step, GainStep | WaitStep):
        return "changes that will wait"
    if isinstance(step, FlushStep):
        return "changes that waited"
    if isinstance(step, BlockStep):
        return _DOES.get(step.template, step.template)
    return type(step.obj).__name__


class StopWatch:
    """What a timed loop adds to, and what Python adds for steps that run outside of it.

    Attributes
    ----------
    spent : array of int64, nanoseconds of each step, and of the second reading at the end
    calls : array of int64, how often each step ran, and the time steps
    names : of the arrays in the loop
    """

    def __init__(self, steps: list[Step], binder: Binder):
        self.steps = steps
        self.spent = np.zeros(len(steps) + 1, np.int64)
        self.calls = np.zeros(len(steps) + 1, np.int64)
        self._last = np.zeros(1, np.int64)
        self._binder = binder
        address = _clock_address()
        self._clock = self._bind("clock", address)
        self.names = [self._bind(name, getattr(self, name)) for name in ("_last", "spent", "calls")]

    def _bind(self, name: str, value: object) -> str:
        return self._binder.value(("watch", name), f"watch_{name}", lambda: value)

    def start_line(self) -> str:
        return f"start_watch({self._clock}, {self.names[0]})"

    def lap_line(self, k: int) -> str:
        """Source that counts the time since the last such line for step number `k`."""
        # Numba would compile a function for each literal.
        return f"lap({self._clock}, {', '.join(self.names)}, int64({k}))"

    def end_line(self) -> str:
        """Source for the end of a time step."""
        return self.lap_line(len(self.steps))

    @property
    def seconds_per_reading(self) -> float:
        """How long it takes to read the clock."""
        return 1e-9 * float(self.spent[-1]) / max(int(self.calls[-1]), 1)

    def seconds(self) -> list[float]:
        """How long each step took, without the readings of the clock."""
        reading = self.seconds_per_reading
        return [
            max(1e-9 * spent - (0 if isinstance(step, OutsideStep) else calls * reading), 0.0)
            for step, spent, calls in zip(self.steps, self.spent, self.calls, strict=False)
        ]

    def reset(self) -> None:
        self.spent[:] = 0
        self.calls[:] = 0

    def add(self, step: OutsideStep, started: float) -> None:
        """Count the time since `started`, of `time.perf_counter`, for a step outside."""
        k = next(k for k, other in enumerate(self.steps) if other is step)
        self.spent[k] += round((time.perf_counter() - started) * 1e9)
        self.calls[k] += 1


@cache
def _clock_address() -> int:
    try:
        if sys.platform == "win32":
            function = ctypes.CDLL("ucrtbase")["_timespec64_get"]
        else:
            function = ctypes.CDLL(None)["timespec_get"]
    except (OSError, AttributeError) as error:
        raise RuntimeError(
            f"profile=True needs C's function timespec_get, which is not here ({error}); "
            "run without profile"
        ) from error
    address = ctypes.cast(function, ctypes.c_void_p).value
    assert address is not None
    return address
