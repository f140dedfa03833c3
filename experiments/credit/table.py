"""All systems of the table, and the page that shows what they reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from experiments.credit import (
    alignment,
    bottleneck,
    dale,
    deep_digits,
    dopamine,
    dynamics,
    gated,
    hebbian,
    meta_rules,
    statistics,
)
from experiments.credit.system import Measurement, System, mean_and_error

__all__ = ["SYSTEMS", "failures", "page"]

SYSTEMS: tuple[System, ...] = (
    *dopamine.SYSTEMS,
    *deep_digits.SYSTEMS,
    *alignment.SYSTEMS,
    *hebbian.SYSTEMS,
    *meta_rules.SYSTEMS,
    *bottleneck.SYSTEMS,
    *gated.SYSTEMS,
    *statistics.SYSTEMS,
    *dale.SYSTEMS,
    *dynamics.SYSTEMS,
)

Results = Mapping[str, Sequence[Measurement]]
"""Measurements of each system, one for each seed"""


def failures(systems: Sequence[System], results: Results, quick: bool) -> list[str]:
    """Criteria that are not fulfilled, in words."""
    return [
        f"{system.title}: {c.quantity}: {c.value(results[system.name]):.4g}, expected {c.demand}"
        for system in systems
        for c in system.demands(quick)
        if not c.right(results[system.name])
    ]


def page(systems: Sequence[System], results: Results, quick: bool, figures: str) -> str:
    """Markdown: one table for each system, with verdicts, and its figure from a folder."""
    blocks = [_overview(systems, results, quick)]
    for system in systems:
        measurements = results[system.name]
        lines = [
            f"### {system.title}",
            "",
            f"{system.source}. {system.task[0].upper()}{system.task[1:]}. "
            f"{len(measurements)} {'seed' if len(measurements) == 1 else 'seeds'}."
            + (f" {system.note}" if system.note else ""),
            "",
            "| quantity | calibration | must be | reached | verdict |",
            "|---|---|---|---|---|",
        ]
        shown = set()
        for c in system.demands(quick):
            shown.add(c.quantity)
            verdict = "reached" if c.right(measurements) else "**not reached**"
            name = _cell(c.quantity) + (" (control)" if c.control else "")
            lines.append(
                f"| {name} | {_cell(c.calibration)} | {c.demand} | {c.reached(measurements)} | "
                f"{verdict} |"
            )
        shown |= {curve.quantity.format(x=x) for curve in system.curves for x in curve.x}
        for quantity in measurements[0]:
            if quantity not in shown:
                reached = mean_and_error([m[quantity] for m in measurements])
                lines.append(f"| {_cell(quantity)} | | | {reached} | |")
        lines += ["", f"![{system.title}: every seed]({figures}/{system.name}.png)"]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def _overview(systems: Sequence[System], results: Results, quick: bool) -> str:
    lines = ["| system | source | numbers reached | controls |", "|---|---|---|---|"]
    for system in systems:
        demands = system.demands(quick)
        counts = []
        for control in (False, True):
            chosen = [c for c in demands if c.control == control]
            right = sum(c.right(results[system.name]) for c in chosen)
            text = f"{right} of {len(chosen)}" if chosen else ""
            counts.append(text if right == len(chosen) else f"**{text}**")
        lines.append(f"| {system.title} | {system.source} | {counts[0]} | {counts[1]} |")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
