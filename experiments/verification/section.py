"""A section of docs/verification.md: measure, compare with printed numbers, draw, write."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import isfinite
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from experiments.common.command_line import InputError, exit_status, option, parse
from experiments.common.devices import DEVICES, use_device
from experiments.common.output import OutputFolder, package_versions


@dataclass(frozen=True)
class Row:
    """One compared quantity; `right` is whether it is within its tolerance.

    Rows of the same `part` stand in one table under a heading of that name.
    """

    quantity: str
    source: str
    printed: str
    ours: str
    deviation: str
    right: bool
    part: str = ""

    def __str__(self) -> str:
        verdict = "reached" if self.right else "**not reached**"
        cells = (self.quantity, self.source, self.printed, self.ours, self.deviation, verdict)
        return f"| {' | '.join(cells)} |"


def close(
    quantity: str,
    source: str,
    printed: float,
    ours: float,
    *,
    tolerance: float,
    unit: str = "",
    digits: int = 3,
) -> Row:
    """`ours` has to be at most `tolerance` (absolute, in the same unit) from `printed`."""
    difference = ours - printed
    return Row(
        quantity,
        source,
        f"{printed:g}{unit} ± {tolerance:g}",
        f"{ours:.{digits}g}{unit}",
        f"{difference:+.2g}{unit}",
        isfinite(difference) and abs(difference) <= tolerance,
    )


def at_least(
    quantity: str, source: str, printed: float, ours: float, *, unit: str = "", digits: int = 3
) -> Row:
    """`ours` has to be `printed` or more."""
    right = isfinite(ours) and ours >= printed
    text = f"{ours:.{digits}g}{unit}"
    return Row(quantity, source, f"≥ {printed:g}{unit}", text, f"{ours - printed:+.2g}", right)


def at_most(
    quantity: str, source: str, printed: float, ours: float, *, unit: str = "", digits: int = 3
) -> Row:
    """`ours` has to be `printed` or less."""
    right = isfinite(ours) and ours <= printed
    text = f"{ours:.{digits}g}{unit}"
    return Row(quantity, source, f"≤ {printed:g}{unit}", text, f"{ours - printed:+.2g}", right)


def within(
    quantity: str,
    source: str,
    low: float,
    high: float,
    ours: float,
    *,
    unit: str = "",
    digits: int = 3,
) -> Row:
    """`ours` has to lie in a range that the source prints."""
    right = isfinite(ours) and low <= ours <= high
    outside = max(low - ours, ours - high)
    deviation = "in range" if right else f"{outside:.2g}{unit} outside"
    text = f"{ours:.{digits}g}{unit}"
    return Row(quantity, source, f"{low:g} to {high:g}{unit}", text, deviation, right)


def failures(rows: Sequence[Row]) -> list[str]:
    """What is out of tolerance, in words; empty if nothing is."""
    return [
        f"{row.quantity}: {row.ours}, expected {row.printed} ({row.source})"
        for row in rows
        if not row.right
    ]


def tables(rows: Sequence[Row]) -> str:
    """The rows as Markdown tables, one for each part."""
    head = "| quantity | source | printed | ours | deviation | verdict |\n|---|---|---|---|---|---|"
    found = []
    for part, members in groupby(rows, key=lambda row: row.part):
        heading = [f"### {part}\n"] if part else []
        found.append("\n".join([*heading, head, *map(str, members)]))
    return "\n\n".join(found)


@dataclass(frozen=True)
class Configuration:
    """The command line's options."""

    output: Path | None = option(
        None, "output folder (default: results/verification_NAME)", metavar="DIR"
    )
    document: Path | None = option(
        None,
        "Markdown file whose section is replaced or added; figures go to 'figures' beside it",
        metavar="FILE",
    )
    device: str = option("numba", "what runs the networks", choices=DEVICES)
    quick: bool = option(False, "the short variant that the tests run")


@dataclass(frozen=True)
class Section:
    """What one command verifies.

    `measure(quick, progress)` simulates and returns what is written to results.json;
    `rows(result)` compares it; `figures(result)` gives for each name a figure and its caption.
    """

    name: str
    title: str
    introduction: str
    measure: Callable[..., dict[str, Any]]
    rows: Callable[[dict[str, Any]], list[Row]]
    figures: Callable[[dict[str, Any]], dict[str, tuple[Figure, str]]]

    @property
    def command(self) -> str:
        """How it is called."""
        return f"python -m experiments.verification.{self.name}"

    def main(self, argv: Sequence[str] | None = None) -> int:
        """Command line; 0, 1 for a number out of tolerance, or 2 for bad input."""
        prog, description = f"verification.{self.name}", f"Verify: {self.title}."
        return exit_status(prog, lambda: self.run(parse(Configuration, argv, prog, description)))

    def run(self, configuration: Configuration) -> int:
        """Measure, write, print; 0 if everything is within its tolerance, else 1."""
        document = configuration.document
        if document and configuration.quick:
            raise InputError("--quick and --document: the document holds the full numbers only")
        if document and not document.is_file():
            raise InputError(f"--document {document}: no such file")
        output = OutputFolder(configuration.output or Path(f"results/verification_{self.name}"))
        pictures = OutputFolder(document.parent / "figures") if document else None
        use_device(configuration.device)
        result = self.measure(quick=configuration.quick, progress=sys.stderr.isatty())
        rows = self.rows(result)
        problems = failures(rows)
        figures = self.figures(result)
        report = self._report(rows, problems)
        output.json(
            "results.json",
            {
                "command": self.command,
                "quick": configuration.quick,
                "device": configuration.device,
                "versions": package_versions(),
                **result,
                "failures": problems,
            },
        )
        output.text(f"{self.name}.md", report)
        for name, (figure, _) in figures.items():
            output.figure(f"{name}.png", figure)
        if document and pictures:
            for name, (figure, caption) in figures.items():
                pictures.figure(f"{self.name}_{name}.png", figure)
                report += f"\n![{caption}](figures/{self.name}_{name}.png)\n"
            write_section(document, self.command, report)
        print(report)
        print(f"Figures and numbers are in {output.path}.")
        for problem in problems:
            print(f"FAILED: {problem}", file=sys.stderr)
        return 1 if problems else 0

    def _report(self, rows: list[Row], problems: list[str]) -> str:
        verdict = "; ".join(problems) if problems else "everything is within its tolerance"
        return (
            f"## {self.title}\n\nPrinted by `{self.command}`. Verdict: {verdict}.\n\n"
            f"{self.introduction.strip()}\n\n{tables(rows)}\n"
        )


def write_section(path: Path, command: str, section: str) -> None:
    """Replace what `command` printed into the document, or add it at the end."""
    begin, end = f"<!-- begin: {command} -->", f"<!-- end: {command} -->"
    text = path.read_text(encoding="utf-8")
    if begin not in text:
        text = f"{text.rstrip()}\n\n{begin}\n{end}\n"
    before, rest = text.split(begin, 1)
    text = f"{before}{begin}\n\n{section}\n{end}" + rest.split(end, 1)[1]
    OutputFolder(path.parent).text(path.name, text)
