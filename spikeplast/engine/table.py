"""Tables of text."""

from collections.abc import Sequence


def laid_out(header: tuple[str, ...], rows: Sequence[tuple[str, ...]], numbers: int = 0) -> str:
    """Columns as wide as their contents; the last `numbers` of them aligned to the right."""
    widths = [max(len(row[k]) for row in [header, *rows]) for k in range(len(header))]
    first_number = len(header) - numbers

    def line(row: tuple[str, ...]) -> str:
        cells = [
            cell.rjust(width) if k >= first_number else cell.ljust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        return "  ".join(cells).rstrip()

    return "\n".join(map(line, [header, tuple("-" * width for width in widths), *rows]))
