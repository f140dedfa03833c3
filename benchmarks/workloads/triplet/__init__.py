"""Workload `triplet`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from benchmarks.workloads.triplet.loop import TripletLoop
from benchmarks.workloads.triplet.network import TripletNetwork
from benchmarks.workloads.triplet.peers import TripletOnAnnarchy, TripletOnNest
from benchmarks.workloads.triplet.streamed_loop import TripletStreamedLoop

__all__ = ["Triplet"]


class Triplet(TripletNetwork):
    """The network with its hand-written loops."""

    loops: ClassVar[Mapping[str, Any]] = {
        "hand_written": TripletLoop,
        "hand_written_streamed": TripletStreamedLoop,
        "nest": TripletOnNest,
        "annarchy": TripletOnAnnarchy,
    }
