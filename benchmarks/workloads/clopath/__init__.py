"""Workload `clopath`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from benchmarks.workloads.clopath.loop import ClopathLoop
from benchmarks.workloads.clopath.network import ClopathNetwork
from benchmarks.workloads.clopath.streamed_loop import ClopathStreamedLoop

__all__ = ["Clopath"]


class Clopath(ClopathNetwork):
    """The network with its hand-written loops."""

    loops: ClassVar[Mapping[str, Any]] = {
        "hand_written": ClopathLoop,
        "hand_written_streamed": ClopathStreamedLoop,
    }
