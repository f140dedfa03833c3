"""The network of Diehl and Cook 2015 in `models`, learning from random images.

One image takes 0.5 s of biological time at least; an image that raises too few spikes is shown
again, which counts as another one here. The images need no data: a fifth of the pixels, drawn
anew for each image, have random grey levels, which makes about as many input spikes as MNIST.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from benchmarks.workload import SpikeList, Workload
from models.diehl_cook_2015 import DiehlCookNetwork, DiehlCookParameters, Presentations

SECONDS_PER_IMAGE = 0.5
SLICE = 20
"""Images shown between two looks at the network, as an experiment has them."""


class Draw(NamedTuple):
    """`images` (n, n_inputs) uint8, shown in turns; `w` (n_inputs, n_neurons); `seed`."""

    images: np.ndarray
    w: np.ndarray
    seed: int


class BrianDigits:
    """The network on Brian 2's current device, shown one image after the other."""

    def __init__(self, workload: DigitsNetwork, drawn: Draw):
        self.network = DiehlCookNetwork(
            workload.parameters, workload.n_inputs, SLICE, random_seed=drawn.seed
        )
        self._images = drawn.images
        self._seed = drawn.seed
        self._state = self.network.state()
        self._counts: list[np.ndarray] = []

    def run(self, seconds: float) -> None:
        for n in slices(seconds):
            shown = len(self._counts)
            rows = np.arange(shown, shown + n) % len(self._images)
            told: Presentations = self.network.present(
                self._images[rows], self._state, True, self._seed + shown
            )
            self._counts.extend(told.counts)
            self._state = self.network.state()

    def spikes(self) -> tuple[np.ndarray, np.ndarray]:
        """Spikes while an image was on, at the time at which its presentation began."""
        return spikes_of(self._counts)

    @property
    def w(self) -> np.ndarray:
        return np.asarray(self.network.input_synapses.w)


@dataclass(frozen=True)
class DigitsNetwork(Workload):
    """`n_inputs` pixels, `n_neurons` excitatory and as many inhibitory cells."""

    n_inputs: int = 784
    n_neurons: int = 100

    title: ClassVar[str] = "Diehl & Cook's network learning images"
    seconds: ClassVar[float] = 20.0
    warm_up: ClassVar[float] = 5.0
    short: ClassVar[float] = 0.5
    least: ClassVar[Mapping[str, int]] = {"n_neurons": 2, "n_inputs": 1}
    without: ClassVar[tuple[str, ...]] = ("cpp_standalone",)
    per_unit: ClassVar[tuple[str, float] | None] = ("image", SECONDS_PER_IMAGE)

    @property
    def parameters(self) -> DiehlCookParameters:
        return DiehlCookParameters.hundred_cells(
            n_excitatory=self.n_neurons, w_total=78.0 * self.n_inputs / 784
        )

    @property
    def populations(self) -> dict[str, range]:
        return {"E": range(self.n_neurons)}

    @property
    def w_max(self) -> float:
        return self.parameters.w_max

    @property
    def dt(self) -> float:
        return float(self.parameters.dt)

    def draw(self, seed: int) -> Draw:
        rng = np.random.default_rng(seed)
        shape = (2 * SLICE, self.n_inputs)
        images = rng.integers(100, 256, shape) * (rng.random(shape) < 0.2)
        # As the model draws its weights.
        w = np.random.default_rng(seed).random((self.n_inputs, self.n_neurons)) + 0.01
        return Draw(images.astype(np.uint8), w * self.parameters.w_start, seed)

    def build(self, drawn: Draw, given: SpikeList | None = None) -> BrianDigits:
        if given is not None:
            raise ValueError("the inputs of workload digits are a part of its model")
        return BrianDigits(self, drawn)


def slices(seconds: float) -> list[int]:
    """How many images are shown at a time in a run of `seconds`."""
    n = round(seconds / SECONDS_PER_IMAGE)
    return [min(SLICE, n - first) for first in range(0, n, SLICE)]


def spikes_of(counts: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Times and cells from the counts of all presentations, each of shape (n_neurons,)."""
    table = np.array(counts).reshape(len(counts), -1)
    shown, cells = np.nonzero(table)
    repeats = table[shown, cells]
    return np.repeat(shown * SECONDS_PER_IMAGE, repeats), np.repeat(cells, repeats)
