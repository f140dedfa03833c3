"""Workload `convallis`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from benchmarks.workloads.convallis.loop import ConvallisLoop
from benchmarks.workloads.convallis.network import ConvallisNetwork
from benchmarks.workloads.convallis.streamed_loop import ConvallisStreamedLoop

__all__ = ["Convallis"]


class Convallis(ConvallisNetwork):
    """The network with its hand-written loops."""

    loops: ClassVar[Mapping[str, Any]] = {
        "hand_written": ConvallisLoop,
        "hand_written_streamed": ConvallisStreamedLoop,
    }
