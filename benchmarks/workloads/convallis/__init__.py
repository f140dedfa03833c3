"""Workloads `convallis` and `convallis_fine`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from benchmarks.workloads.convallis.loop import ConvallisLoop
from benchmarks.workloads.convallis.network import DT, ConvallisNetwork
from benchmarks.workloads.convallis.streamed_loop import ConvallisStreamedLoop

__all__ = ["Convallis", "ConvallisFine"]


class Convallis(ConvallisNetwork):
    """The network with its hand-written loops."""

    loops: ClassVar[Mapping[str, Any]] = {
        "hand_written": ConvallisLoop,
        "hand_written_streamed": ConvallisStreamedLoop,
    }


class ConvallisFine(ConvallisNetwork):
    """There are no loops by hand for this time step."""

    title: ClassVar[str] = "the same in steps of 0.1 ms"
    seconds: ClassVar[float] = 2.0
    step: ClassVar[float] = DT / 10
    loops: ClassVar[Mapping[str, Any]] = {}
