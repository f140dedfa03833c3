"""Workload `digits`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from benchmarks.workloads.digits.loop import DigitsLoop
from benchmarks.workloads.digits.network import DigitsNetwork

__all__ = ["Digits"]


class Digits(DigitsNetwork):
    """The network with its hand-written loop."""

    loops: ClassVar[Mapping[str, Any]] = {"hand_written": DigitsLoop}
