"""Objects that watch a network while it runs, and end the run when something is wrong.

Add them to the network like monitors; they run on any Brian 2 device but C++ standalone. A check
that fails raises `CheckFailed`, which names the group, the cell or synapse and the time. The state
is then that of the step in which the check ran, for inspection:

    network = Network(cells, synapses, FiniteState(cells), RateBounds(cells, high=100*Hz))
"""

from __future__ import annotations

from typing import Any

import numpy as np
from brian2 import (
    Hz,
    NetworkOperation,
    Quantity,
    SpikeMonitor,
    get_dimensions,
    have_same_dimensions,
    ms,
    second,
)

__all__ = ["CheckFailed", "FiniteState", "RateBounds", "WeightBounds"]


class CheckFailed(RuntimeError):
    """Something in a running network is wrong; the message says what, where and when."""


class _Check(NetworkOperation):
    """Calls `check`, which returns what is wrong or None, every `dt`, after everything else."""

    add_to_magic_network = True

    def __init__(self, group: Any, dt: Quantity) -> None:
        if not have_same_dimensions(dt, second) or dt <= 0 * ms:
            raise ValueError(f"dt = {dt} is no time above 0")
        self.group = group
        super().__init__(self._run_check, dt=dt, when="end", order=1000)

    def _run_check(self) -> None:
        problem = self.check()
        if problem is not None:
            time = Quantity(self.clock.t)
            raise CheckFailed(f"at t = {time.in_best_unit(precision=6)}: {problem}")

    def check(self) -> str | None:
        raise NotImplementedError


class FiniteState(_Check):
    """Every floating-point variable of a group is a finite number.

    Args:
        group: a NeuronGroup or Synapses.
        dt: how often to look.

    Raises:
        CheckFailed: while the network runs; names the variable and the first cell or synapse.
        ValueError: if `dt` is no positive time.
    """

    def __init__(self, group: Any, dt: Quantity = 100 * ms) -> None:
        super().__init__(group, dt)

    def check(self) -> str | None:
        for name, values in self.group.get_states(units=False, read_only_variables=False).items():
            numbers = np.atleast_1d(values)
            if numbers.dtype.kind == "f" and not np.all(np.isfinite(numbers)):
                # Times of last spikes begin at minus infinity.
                bad = np.flatnonzero(~np.isfinite(numbers) & (numbers != -np.inf))
                if bad.size:
                    return (
                        f"{self.group.name}.{name}[{bad[0]}] is {numbers[bad[0]]} "
                        f"({bad.size} of {numbers.size} are not finite)"
                    )
        return None


class WeightBounds(_Check):
    """A variable of a group, such as the weights of Synapses, stays between two bounds.

    Args:
        group: Synapses or any group.
        low, high: bounds, in the variable's unit; None for no bound.
        variable: its name.
        dt: how often to look.

    Raises:
        CheckFailed: while the network runs; names the first synapse and its value.
        ValueError: for bounds of another unit or in the wrong order, an unknown variable, or a
            `dt` that is no positive time.
    """

    def __init__(
        self,
        group: Any,
        low: Any = None,
        high: Any = None,
        variable: str = "w",
        dt: Quantity = 100 * ms,
    ) -> None:
        if variable not in group.variables:
            raise ValueError(f"{group.name} has no variable '{variable}'")
        for name, bound in (("low", low), ("high", high)):
            if bound is not None and get_dimensions(bound) != group.variables[variable].dim:
                raise ValueError(f"{name} = {bound} has not the unit of {group.name}.{variable}")
        self.low = -np.inf if low is None else float(low)
        self.high = np.inf if high is None else float(high)
        if not self.low <= self.high:
            raise ValueError(f"low = {low} is above high = {high}")
        self.variable = variable
        super().__init__(group, dt)

    def check(self) -> str | None:
        values = np.atleast_1d(self.group.state(self.variable, use_units=False))
        bad = np.flatnonzero(~((values >= self.low) & (values <= self.high)))
        if not bad.size:
            return None
        return (
            f"{self.group.name}.{self.variable}[{bad[0]}] = {values[bad[0]]:.6g} is not between "
            f"{self.low:g} and {self.high:g} ({bad.size} of {values.size} are not)"
        )


class RateBounds(_Check):
    """The mean rate of a group stays between two bounds: it neither falls silent nor runs away.

    Args:
        group: whatever spikes.
        low, high: bounds (Hz); None for no bound.
        window: the rate is that of the last `window`, looked at at its end.

    Raises:
        CheckFailed: while the network runs; names the rate and the busiest cell.
        ValueError: for bounds that are no rates or in the wrong order, or a `window` that is no
            positive time.
    """

    def __init__(
        self, group: Any, low: Any = None, high: Any = None, window: Quantity = 100 * ms
    ) -> None:
        for name, bound in (("low", low), ("high", high)):
            if bound is not None and not have_same_dimensions(bound, Hz):
                raise ValueError(f"{name} = {bound} is no rate; give it in Hz")
        self.low = 0.0 if low is None else float(low)
        self.high = np.inf if high is None else float(high)
        if not self.low <= self.high:
            raise ValueError(f"low = {low} is above high = {high}")
        super().__init__(group, window)
        self.window = float(window)
        self._counter = SpikeMonitor(group, record=False)
        self._contained_objects.append(self._counter)
        self._before: np.ndarray | None = None

    def check(self) -> str | None:
        counts = np.array(self._counter.count[:])
        before, self._before = self._before, counts
        # Counts that went back were restored.
        if before is None or np.any(counts < before):
            return None
        rates = (counts - before) / self.window
        if self.low <= rates.mean() <= self.high:
            return None
        return (
            f"the mean rate of {self.group.name} is {rates.mean():.4g} Hz, not between "
            f"{self.low:g} and {self.high:g} Hz (busiest: cell {rates.argmax()}, "
            f"{rates.max():.4g} Hz)"
        )
