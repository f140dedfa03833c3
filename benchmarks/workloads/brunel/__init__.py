"""Workloads `brunel` and `brunel_additive`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from benchmarks.workloads.brunel.loop import BrunelLoop
from benchmarks.workloads.brunel.network import BrunelNetwork

__all__ = ["Brunel", "BrunelAdditive"]


class Brunel(BrunelNetwork):
    """The network with its hand-written loops."""

    loops: ClassVar[Mapping[str, Any]] = {"hand_written": BrunelLoop}


class BrunelAdditive(Brunel):
    """The same with an additive rule."""

    title: ClassVar[str] = "the same with additive STDP"
    additive: ClassVar[bool] = True
