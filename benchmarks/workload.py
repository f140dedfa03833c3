"""What a workload is: one network as Brian 2 objects and as loops written by hand."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
from brian2 import (
    Clock,
    Hz,
    Network,
    PoissonGroup,
    SpikeGeneratorGroup,
    SpikeMonitor,
    Synapses,
    second,
)

from benchmarks.peers import PACKAGES, is_installed

__all__ = ["TARGETS", "BrianNetwork", "Running", "SpikeList", "Workload", "input_group"]

TARGETS = {
    "numba": "this engine",
    "numba_unoptimized": "this engine with optimize=False",
    "numba_single": "this engine in single precision; not measured by default",
    "hand_written": "the same network as one Numba loop written by hand",
    "hand_written_streamed": "by hand, postsynaptic updates summed until the next visit",
    "cpp_standalone": "Brian 2, C++ standalone, one thread",
    "cython": "Brian 2, Cython",
    "numpy": "Brian 2, NumPy",
    "nest": "NEST, if it is installed",
    "annarchy": "ANNarchy, if it is installed",
}


class Running(Protocol):
    """A network on its way: what a measurement needs of it."""

    def run(self, seconds: float) -> None: ...

    def spikes(self) -> tuple[np.ndarray, np.ndarray]:
        """Times in seconds and cells, both of shape (n_spikes,)."""
        ...

    @property
    def w(self) -> np.ndarray:
        """The plastic weights, shape (n_synapses,)."""
        ...


class SpikeList(NamedTuple):
    """Input spikes that a test gives to all targets alike: step and cell of each, by step."""

    steps: np.ndarray
    cells: np.ndarray


@dataclass(frozen=True)
class BrianNetwork:
    """A network on Brian 2's current device, with the objects that a measurement reads."""

    network: Network
    plastic: Synapses
    monitor: SpikeMonitor

    def run(self, seconds: float) -> None:
        self.network.run(seconds * second)

    def spikes(self) -> tuple[np.ndarray, np.ndarray]:
        return np.asarray(self.monitor.t), np.asarray(self.monitor.i)

    @property
    def w(self) -> np.ndarray:
        return np.asarray(self.plastic.w)


@dataclass(frozen=True)
class Workload(ABC):
    """A network to measure; the fields of a subclass are its settings (sizes).

    Class attributes: `title`, one line; `loops`, the factories of networks by target, where
    they are no Brian 2 objects;
    `without`, targets on which it cannot run; `slow`, those that are not measured by default;
    `seconds`, the biological time measured by default, after runs of `warm_up` and `short`
    seconds; `per_unit`, a unit of work beside the second, as (its name, seconds of one); `least`,
    the lowest value of a setting, below which a ValueError is raised.
    """

    title: ClassVar[str]
    seconds: ClassVar[float]
    loops: ClassVar[Mapping[str, Any]]
    warm_up: ClassVar[float] = 0.2
    short: ClassVar[float] = 0.1
    without: ClassVar[tuple[str, ...]] = ()
    slow: ClassVar[tuple[str, ...]] = ("numpy",)
    per_unit: ClassVar[tuple[str, float] | None] = None
    least: ClassVar[Mapping[str, int]] = {"n_neurons": 1, "n_inputs": 1}

    def __post_init__(self) -> None:
        for name, lowest in self.least.items():
            value = getattr(self, name, lowest)
            if value < lowest:
                raise ValueError(f"{name} must be at least {lowest}, not {value}")

    @classmethod
    def targets(cls) -> list[str]:
        """What this workload can be measured on, in the order of `TARGETS`."""
        needed = [name for name in TARGETS if name.startswith("hand_written") or name in PACKAGES]
        lacking = {name for name in needed if name not in cls.loops} | set(cls.without)
        return [name for name in TARGETS if name not in lacking]

    @classmethod
    def default_targets(cls) -> list[str]:
        """The targets without those that take too long, or are not installed."""
        left_out = {*cls.slow, "numba_single"}
        return [n for n in cls.targets() if n not in left_out and is_installed(n)]

    @property
    @abstractmethod
    def populations(self) -> dict[str, range]:
        """Name and recorded cells of each population whose rate is printed."""

    @property
    @abstractmethod
    def w_max(self) -> float:
        """Upper bound of the plastic weights."""

    @property
    @abstractmethod
    def dt(self) -> float:
        """Time step, second."""

    @abstractmethod
    def draw(self, seed: int) -> Any:
        """Everything random but the input spikes, so that each target starts from the same."""

    @abstractmethod
    def build(self, drawn: Any, given: SpikeList | None = None) -> Any:
        """The Brian 2 network from the arrays drawn; `given` takes the place of Poisson input."""

    def by_hand(self, target: str, drawn: Any, given: SpikeList | None = None) -> Running:
        """The same network as a hand-written loop, or in another simulator."""
        return self.loops[target](self, drawn, given)


def input_group(n: int, rate: float, clock: Clock, given: SpikeList | None, **named: Any) -> Any:
    """`n` Poisson inputs at `rate` Hz, or those of `given`."""
    if given is None:
        return PoissonGroup(n, rates=rate * Hz, clock=clock, **named)
    times = given.steps * float(clock.dt) * second
    return SpikeGeneratorGroup(n, given.cells, times, clock=clock, **named)
