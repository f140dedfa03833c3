"""What networks with one layer of inputs and one of cells share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from benchmarks.workload import Workload


class Draw(NamedTuple):
    """`v`, shape (n_neurons,); `w`, shape (n_inputs, n_neurons); `seed`, for the inputs."""

    v: np.ndarray
    w: np.ndarray
    seed: int


@dataclass(frozen=True)
class FeedForward(Workload):
    """`n_inputs` inputs on `n_neurons` cells, all to all.

    Class attributes: `step`, the time step in seconds; `first_v` and `first_w`, the ranges from
    which first voltages and weights are drawn, these in units of `w_max`.
    """

    n_inputs: int
    n_neurons: int

    step: ClassVar[float]
    first_v: ClassVar[tuple[float, float]]
    first_w: ClassVar[tuple[float, float]]

    @property
    def populations(self) -> dict[str, range]:
        return {"post": range(self.n_neurons)}

    @property
    def dt(self) -> float:
        return self.step

    def draw(self, seed: int) -> Draw:
        rng = np.random.default_rng(seed)
        w = rng.uniform(*self.first_w, (self.n_inputs, self.n_neurons)) * self.w_max
        return Draw(rng.uniform(*self.first_v, self.n_neurons), w, seed)
