"""Input spikes for hand-written loops: drawn as a Poisson process, or given."""

from __future__ import annotations

from typing import Protocol

import numpy as np

__all__ = ["GivenInputs", "Inputs", "PoissonInputs"]


class Inputs(Protocol):
    def take(self, first_step: int, n_steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Steps and cells of the spikes of these steps, sorted by step; int64, shape (n,)."""
        ...


class PoissonInputs:
    """`n` cells that each spike with probability `p` in each step, like Brian 2's `PoissonGroup`.

    The waiting time between successes of the n trials of each step, taken in a row, is geometric,
    so one exponential number is drawn for each spike and none for a trial without.
    """

    def __init__(self, n: int, p: float, seed: int):
        if n < 1 or not 0 < p < 1:
            raise ValueError(f"{n = } must be at least 1 and {p = } between 0 and 1")
        self._n = n
        self._p = p
        self._rng = np.random.default_rng(seed)
        # Trials counted from the first step not yet taken; drawn already, but not yet used.
        self._waiting = np.empty(0, dtype=np.int64)
        self._last = -1

    def take(self, first_step: int, n_steps: int) -> tuple[np.ndarray, np.ndarray]:
        n_trials = self._n * n_steps
        parts = [self._waiting]
        while self._last < n_trials:
            size = int((n_trials - self._last) * self._p * 1.1) + 20
            waits = self._rng.standard_exponential(size) / -np.log1p(-self._p)
            trials = self._last + np.cumsum(waits.astype(np.int64) + 1)
            parts.append(trials)
            self._last = int(trials[-1])
        trials = np.concatenate(parts)
        n_used = np.searchsorted(trials, n_trials)
        self._waiting = trials[n_used:] - n_trials
        self._last -= n_trials
        steps = trials[:n_used] // self._n
        return steps + first_step, trials[:n_used] - steps * self._n


class GivenInputs:
    """The spikes given: steps (sorted) and cells, int64 arrays of shape (n,)."""

    def __init__(self, steps: np.ndarray, cells: np.ndarray):
        if np.any(np.diff(steps) < 0):
            raise ValueError("the steps of given input spikes must be sorted")
        self._steps = steps
        self._cells = cells

    def take(self, first_step: int, n_steps: int) -> tuple[np.ndarray, np.ndarray]:
        low, high = np.searchsorted(self._steps, (first_step, first_step + n_steps))
        return self._steps[low:high], self._cells[low:high]
