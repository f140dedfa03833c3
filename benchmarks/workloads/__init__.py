"""The workloads by name, in the order in which they are measured."""

from __future__ import annotations

from benchmarks.workload import Workload
from benchmarks.workloads.clopath import Clopath
from benchmarks.workloads.coba import Coba, CobaLarge
from benchmarks.workloads.triplet import Triplet

__all__ = ["WORKLOADS"]

WORKLOADS: dict[str, type[Workload]] = {
    "coba": Coba,
    "coba_large": CobaLarge,
    "triplet": Triplet,
    "clopath": Clopath,
}
