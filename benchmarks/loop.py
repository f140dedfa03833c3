"""What every hand-written loop has: steps in chunks, and the spikes it recorded."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from numba import njit

__all__ = ["Loop", "compiled", "row_starts"]

# Numba's cache does not notice that a constant or a function of another file has changed, so only
# `session` uses one, which it makes anew and sets this variable for.
compiled = njit(error_model="numpy", cache="NUMBA_CACHE_DIR" in os.environ)


def row_starts(owner: np.ndarray, n: int) -> np.ndarray:
    """Where each owner's entries begin in a list sorted by owner, shape (n + 1,).

    Unsigned, since Numba then leaves out the check for negative indices.
    """
    counts = np.bincount(owner, minlength=n)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.uint64)


class Loop(ABC):
    """A network as a state and a compiled loop; `run` goes on from where the last one ended.

    Args:
        dt: time step, second.
        n_cells: number of recorded cells.
        refractory_steps: no cell spikes again in fewer steps than this (0: it may in the next).
    """

    chunk_steps: ClassVar[int] = 1000

    def __init__(self, dt: float, n_cells: int, refractory_steps: int = 0):
        self._dt = dt
        self._step = 0
        self._recorded: list[tuple[np.ndarray, np.ndarray]] = []
        # A cell spikes at most once in each refractory period, so a chunk cannot overflow this.
        capacity = n_cells * (self.chunk_steps // max(refractory_steps, 1) + 1)
        self._spike_step = np.empty(capacity, dtype=np.int64)
        self._spike_cell = np.empty(capacity, dtype=np.int64)

    @property
    @abstractmethod
    def w(self) -> np.ndarray:
        """The plastic weights now, shape (n_synapses,), in the order of the Brian 2 network."""

    @abstractmethod
    def _advance(
        self, first_step: int, n_steps: int, spike_step: np.ndarray, spike_cell: np.ndarray
    ) -> int:
        """Advance the state, write the spikes in order, return their number."""

    def run(self, seconds: float) -> None:
        """Advance the network by `seconds` of biological time."""
        end = self._step + round(seconds / self._dt)
        while self._step < end:
            n_steps = min(self.chunk_steps, end - self._step)
            n_spikes = self._advance(self._step, n_steps, self._spike_step, self._spike_cell)
            self._recorded.append(
                (self._spike_step[:n_spikes].copy(), self._spike_cell[:n_spikes].copy())
            )
            self._step += n_steps

    def spikes(self) -> tuple[np.ndarray, np.ndarray]:
        """Return spike times in seconds and cell indices, both of shape (n_spikes,)."""
        if not self._recorded:
            return np.empty(0), np.empty(0, dtype=np.int64)
        steps, cells = (np.concatenate(parts) for parts in zip(*self._recorded, strict=True))
        return steps * self._dt, cells
