"""Rows of a table with verdicts, and a section of a document that a command replaces."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from experiments.common.command_line import InputError
from experiments.common.output import OutputFolder


@dataclass(frozen=True)
class Row:
    """One quantity beside its reference: right if `low <= ours <= high` (so NaN never is)."""

    quantity: str
    source: str
    printed: str
    ours: float
    low: float
    high: float
    deviation: str
    digits: str = ".4g"

    @property
    def right(self) -> bool:
        """Whether our value lies in the tolerated range."""
        return self.low <= self.ours <= self.high


def within(quantity: str, source: str, low: float, high: float, ours: float, unit: str = "") -> Row:
    """A value that has to lie in a range that the source prints."""
    outside = max(low - ours, ours - high)
    deviation = "in range" if outside <= 0 else f"{outside:.2g}{unit} outside"
    return Row(quantity, source, f"{low:g} to {high:g}{unit}", ours, low, high, deviation)


def close(
    quantity: str, source: str, printed: float, ours: float, *, tolerance: float, unit: str = ""
) -> Row:
    """A value that has to be near a printed one; `tolerance` is absolute, in the same unit."""
    return Row(
        f"{quantity} (tolerance {tolerance:g}{unit})",
        source,
        f"{printed:g}{unit}",
        ours,
        printed - tolerance,
        printed + tolerance,
        f"{ours - printed:+.2g}{unit}",
    )


def at_most(quantity: str, source: str, limit: float, ours: float, unit: str = "") -> Row:
    """A difference from an exact result, which is 0 there."""
    return Row(
        f"{quantity} (tolerance {limit:g}{unit})", source, "0", ours, 0, limit, f"{ours:.2g}{unit}"
    )


def table(rows: Iterable[Row]) -> str:
    """Markdown table of all rows."""
    lines = [
        "| quantity | source | printed value | ours | deviation | verdict |",
        "|---|---|---|---:|---:|---|",
    ]
    lines += [
        f"| {row.quantity} | {row.source} | {row.printed} | {row.ours:{row.digits}} "
        f"| {row.deviation} | {'right' if row.right else 'WRONG'} |"
        for row in rows
    ]
    return "\n".join(lines)


def failures(rows: Iterable[Row]) -> list[str]:
    """What is wrong, in words; empty if nothing is."""
    return [
        f"{row.quantity} is {row.ours:.4g}, not {row.printed} ({row.source})"
        for row in rows
        if not row.right
    ]


def check_document(document: Path | None, begin: str) -> None:
    """InputError unless there is such a file with that line (or no document is asked for)."""
    if document and not (document.is_file() and begin in document.read_text(encoding="utf-8")):
        raise InputError(f"--document {document}: no such file with a line {begin}")


def write_section(path: Path, begin: str, end: str, section: str) -> None:
    """Replace what stands between the lines `begin` and `end`."""
    before, rest = path.read_text(encoding="utf-8").split(begin, 1)
    text = f"{before}{begin}\n\n{section}\n{end}" + rest.split(end, 1)[1]
    OutputFolder(path.parent).text(path.name, text)
