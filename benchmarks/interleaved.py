"""What every benchmark here does: interleave its targets, summarise, and describe the machine."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tqdm import tqdm


def interleave(
    targets: Sequence[str], repeats: int, measure: Callable[[str], dict[str, Any]]
) -> dict[str, list[dict[str, Any]]]:
    """Call `measure(target)` in the order A B C A B C ..., so that a drift of the machine's speed
    meets every target alike; return each target's results in order.
    """
    results: dict[str, list[dict[str, Any]]] = {target: [] for target in targets}
    order = [target for _ in range(repeats) for target in targets]
    # disable=None shows the bar on a terminal only.
    for target in (bar := tqdm(order, disable=None, leave=False)):
        bar.set_description(target)
        results[target].append(measure(target))
    return results


def summarise(values: Sequence[float]) -> dict[str, Any]:
    """Return median, min and max of `values`, and the values themselves."""
    return {
        "median": statistics.median(values),
        "min": min(values),
        "max": max(values),
        "values": list(values),
    }


def machine() -> dict[str, Any]:
    """Describe the machine and the versions that decide the speed."""
    return {
        "cpu": _cpu_name(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {
            name: version(name) for name in ("brian2", "numba", "llvmlite", "numpy", "cython")
        },
    }


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
