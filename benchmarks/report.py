"""The result of a workload as a table for people and as a line of a log."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from benchmarks.workloads import WORKLOADS

__all__ = ["append_line", "table"]


def table(result: dict[str, Any]) -> str:
    """Format the result of `run_workload`: one line of settings, then one per target."""
    return "\n".join([_headline(result), *_rows(result)])


def _headline(result: dict[str, Any]) -> str:
    settings, machine = dict(result["settings"]), result["machine"]
    length, repeats = settings.pop("seconds"), settings.pop("repeats")
    for name in ("warm_up_seconds", "short_run_seconds"):
        settings.pop(name)
    sizes = ", ".join(f"{name} {value:g}" for name, value in settings.items())
    load = result["load_average"]
    return (
        f"{result['workload']}: {WORKLOADS[result['workload']].title}\n"
        f"{sizes}; {length:g} s, median of {repeats}; {machine['cpu']}; "
        f"Brian 2 {machine['versions']['brian2']}; load {load['before']:.1f} before, "
        f"{load['after']:.1f} after"
    )


def _rows(result: dict[str, Any]) -> list[str]:
    ratios = result["times_faster_than"]
    per_unit = WORKLOADS[result["workload"]].per_unit
    first = next(iter(result["targets"].values()))
    rates = {name: name.split("_")[1] + " Hz" for name in first if name.startswith("rate_")}
    heads = ["target", "CPU s / bio s", "[min-max]", "wall s / bio s", "CPU s / run"]
    if per_unit:
        heads.append(f"CPU ms / {per_unit[0]}")
    rows = [[*heads, *rates.values(), "mean w", *(f"x {reference}" for reference in ratios)]]
    for target, figures in result["targets"].items():
        time = figures["cpu_s_per_bio_s"]
        row = [
            target,
            f"{time['median']:.4f}",
            f"[{time['min']:.4f}-{time['max']:.4f}]",
            f"{figures['wall_s_per_bio_s']['median']:.4f}",
            f"{figures['cpu_s_per_run']['median']:.3f}",
        ]
        if per_unit:
            row.append(f"{1000 * time['median'] * per_unit[1]:.2f}")
        row += [f"{figures[rate]['median']:.2f}" for rate in rates]
        row.append(f"{figures['mean_weight']['median']:.4f}")
        rows.append(row + [f"{ratio[target]:.2f}" for ratio in ratios.values()])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def append_line(path: Path, content: dict[str, Any]) -> None:
    """Append `content` to `path` as one line of JSON, making its folder if need be.

    One write to a file opened for appending, so that two benchmarks at a time mix no lines.
    """
    line = (json.dumps(content, allow_nan=False) + "\n").encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        if os.write(handle, line) != len(line):
            raise OSError(f"{path}: the disk took only a part of the line")
    finally:
        os.close(handle)
