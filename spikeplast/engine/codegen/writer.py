"""Lines of source, and what the writers of all kinds of steps share."""

import textwrap
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ..binder import Binder
from ..buffers import RecordBuffer
from ..program import Program
from .render import BlockRenderer


@dataclass
class Lines:
    lines: list[str] = field(default_factory=list)
    depth: int = 0

    def add(self, *lines: str) -> None:
        self.lines.extend("    " * self.depth + line if line else "" for line in lines)

    def indented(self, deeper: bool = True) -> "Indent":
        return Indent(self, int(deeper))


@dataclass
class Indent:
    writer: Lines
    levels: int

    def __enter__(self) -> None:
        self.writer.depth += self.levels

    def __exit__(self, *_: Any) -> None:
        self.writer.depth -= self.levels


class Writer:
    """Base of the writers; collects the arguments and buffers that the steps need."""

    def __init__(self, program: Program, device: Any):
        self._program = program
        self._device = device
        self._binder = Binder(device)
        self._buffers: list[RecordBuffer] = []

    def _render(
        self, block: Any, suffix: str, index_names: dict[str, str] | None = None
    ) -> BlockRenderer:
        return BlockRenderer(block, self._binder, suffix, index_names)

    def _size(self, block: Any, name: str = "N") -> str:
        """The size `name` of a block's owner, as an argument that is read at each run."""
        variable = block.variables[name]
        return self._binder.value(
            ("size", id(variable) if hasattr(variable, "owner") else (block.owner.name, name)),
            f"{self._binder.label(block.owner)}_{name}",
            partial(int_value, variable),
        )

    def _write_call(self, out: Lines, function: str, arguments: list[str]) -> None:
        out.add(f"{function}(", *(f"    {line}" for line in folded(arguments, out.depth + 1)), ")")

    def _write_loop(self, out: Lines, header: str, lines: list[str]) -> None:
        if lines:
            out.add(header)
            with out.indented():
                out.add(*lines)


def int_value(variable: Any) -> int:
    value = variable.get_value()
    return int(value.item() if hasattr(value, "item") else value)


def folded(arguments: list[str], depth: int) -> list[str]:
    """Arguments of a call, on as few lines as fit the page."""
    return textwrap.wrap(
        ", ".join(arguments), width=96 - 4 * depth, break_long_words=False, break_on_hyphens=False
    )
