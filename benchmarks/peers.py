"""Other simulators as targets, for those who have them installed.

Their networks are made of the same arrays, but differ in what their authors decided: both integrate
and deliver spikes in their own order, and NEST has no delay below one time step. So their rates
are only near the others'.
"""

from __future__ import annotations

import os
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["PACKAGES", "AnnarchyNetwork", "NestNetwork", "is_installed"]

PACKAGES = {"nest": "nest", "annarchy": "ANNarchy"}
"""The package that a target needs."""


def is_installed(target: str) -> bool:
    """Whether a target can be measured here; those that are no peers always can."""
    return target not in PACKAGES or find_spec(PACKAGES[target]) is not None


class NestNetwork:
    """A network in NEST's kernel, on one thread. Subclasses give it cells and synapses.

    Args:
        dt: time step, second.
        seed: of NEST's random numbers.
    """

    def __init__(self, dt: float, seed: int):
        import nest

        self.nest = nest
        nest.ResetKernel()
        nest.verbosity = nest.VerbosityLevel.ERROR
        nest.set(resolution=dt * 1e3, local_num_threads=1, rng_seed=seed)
        self.recorder = nest.Create("spike_recorder")
        self.cells: Any = None
        self.plastic: dict[str, Any] = {}

    def connect(self, pre: Any, post: Any, **synapse: Any) -> None:
        """Connect node number `pre[k]` to `post[k]` after one time step.

        `synapse` are the parameters of all of them; arrays of shape (n_synapses,) those of each.
        """
        delay = self.nest.resolution
        n = len(pre)
        of_each = {
            "weight": np.broadcast_to(synapse.pop("weight"), n).astype(float),
            "delay": np.full(n, delay),
        }
        self.nest.Connect(np.asarray(pre), np.asarray(post), "one_to_one", {**synapse, **of_each})

    def run(self, seconds: float) -> None:
        self.nest.Simulate(round(seconds * 1e3 / self.nest.resolution) * self.nest.resolution)

    def spikes(self) -> tuple[np.ndarray, np.ndarray]:
        events = self.recorder.events
        return events["times"] / 1e3, events["senders"] - self.cells[0].global_id

    @property
    def w(self) -> np.ndarray:
        return np.asarray(self.nest.GetConnections(**self.plastic).weight)


class AnnarchyNetwork:
    """A network of ANNarchy, on one thread, compiled when all is said to it.

    Args:
        dt: time step, second.
        seed: of ANNarchy's random numbers.
    """

    def __init__(self, dt: float, seed: int):
        import ANNarchy

        self.annarchy = ANNarchy
        self.network = ANNarchy.Network(dt=dt * 1e3, seed=seed)
        self._dt = dt
        self._spikes: list[np.ndarray] = [np.zeros(0), np.zeros(0, np.int64)]

    def finish(self, cells: Any, plastic: Any) -> None:
        """Compile; `cells` are recorded, `plastic` is the projection whose weights count."""
        self._plastic = plastic
        self._monitor = self.network.monitor(cells, ["spike"])
        # CMake looks for Python there; without, it may find another than this one.
        os.environ["VIRTUAL_ENV"] = sys.prefix
        os.environ["PATH"] = f"{sys.prefix}/bin{os.pathsep}{os.environ['PATH']}"
        # Kept from one measurement to the next, so that only the first one compiles.
        folder = os.environ.get("NUMBA_CACHE_DIR") or tempfile.mkdtemp(prefix="annarchy_")
        self.network.compile(directory=str(Path(folder) / "annarchy"), silent=True)

    def run(self, seconds: float) -> None:
        self.network.simulate(seconds * 1e3)

    def spikes(self) -> tuple[np.ndarray, np.ndarray]:
        """Times and cells of the spikes so far; ANNarchy forgets them when it has told them."""
        times, cells = self._monitor.raster_plot(self._monitor.get("spike"))
        self._spikes = [
            np.append(old, new) for old, new in zip(self._spikes, (times / 1e3, cells), strict=True)
        ]
        return self._spikes[0], self._spikes[1].astype(np.int64)

    @property
    def w(self) -> np.ndarray:
        return np.concatenate([np.asarray(row, float) for row in self._plastic.w])
