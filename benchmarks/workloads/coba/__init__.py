"""Workloads `coba` and `coba_large`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from benchmarks.workloads.coba.loop import CobaLoop
from benchmarks.workloads.coba.network import CobaNetwork
from benchmarks.workloads.coba.peers import CobaOnAnnarchy, CobaOnNest
from benchmarks.workloads.coba.streamed_loop import CobaStreamedLoop

__all__ = ["Coba", "CobaLarge"]


class Coba(CobaNetwork):
    """The network with its hand-written loops."""

    loops: ClassVar[Mapping[str, Any]] = {
        "hand_written": CobaLoop,
        "hand_written_streamed": CobaStreamedLoop,
        "nest": CobaOnNest,
        "annarchy": CobaOnAnnarchy,
    }


@dataclass(frozen=True)
class CobaLarge(Coba):
    """16 million plastic synapses, whose weights do not fit into the processor's caches."""

    n_neurons: int = 20_000
    p_connect: float = 0.0625

    title: ClassVar[str] = "the same with 20,000 cells and 16 million plastic synapses"
    seconds: ClassVar[float] = 0.5
    slow: ClassVar[tuple[str, ...]] = ("numba_unoptimized", "cython", "numpy", "nest", "annarchy")
