"""Workloads `song` and `song_large`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from benchmarks.workloads.song.loop import SongLoop
from benchmarks.workloads.song.network import SongNetwork

__all__ = ["Song", "SongLarge"]


class Song(SongNetwork):
    """The network with its hand-written loop."""

    loops: ClassVar[Mapping[str, Any]] = {"hand_written": SongLoop}


@dataclass(frozen=True)
class SongLarge(Song):
    """100,000 synapses."""

    n_inputs: int = 10_000
    n_neurons: int = 10

    title: ClassVar[str] = "the same with 10,000 inputs on ten cells"
    seconds: ClassVar[float] = 5.0
