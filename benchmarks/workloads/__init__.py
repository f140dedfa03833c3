"""The workloads by name, in the order in which they are measured."""

from __future__ import annotations

from benchmarks.workload import Workload
from benchmarks.workloads.brunel import Brunel, BrunelAdditive
from benchmarks.workloads.clopath import Clopath
from benchmarks.workloads.coba import Coba, CobaLarge
from benchmarks.workloads.convallis import Convallis, ConvallisFine
from benchmarks.workloads.digits import Digits
from benchmarks.workloads.rule import FeedForwardRule
from benchmarks.workloads.song import Song, SongLarge
from benchmarks.workloads.triplet import Triplet

__all__ = ["EVERY_WORKLOAD", "WORKLOADS"]

WORKLOADS: dict[str, type[Workload]] = {
    "coba": Coba,
    "coba_large": CobaLarge,
    "triplet": Triplet,
    "song": Song,
    "song_large": SongLarge,
    "clopath": Clopath,
    "convallis": Convallis,
    "convallis_fine": ConvallisFine,
    "brunel": Brunel,
    "brunel_additive": BrunelAdditive,
    "digits": Digits,
}

#: With that of `benchmarks.rules`, which has a rule in the place of loops by hand.
EVERY_WORKLOAD: dict[str, type[Workload]] = {**WORKLOADS, "rule": FeedForwardRule}
