"""What stands in a Python function: its syntax tree, and what names outside of it mean."""

import ast
import builtins
import functools
import inspect
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeGuard

import numpy as np
from brian2.units import get_dimensions


class NotCompilable(Exception):
    """Why a function stays Python code."""


def definition(code: types.CodeType) -> ast.FunctionDef | ast.Lambda:
    """The syntax tree of a function, if its source can be read and is the one that was compiled."""
    try:
        lines, _ = inspect.findsource(code)
        tree, compiled = _compiled_file("".join(lines))
    except (OSError, TypeError, IndexError, SyntaxError):
        raise NotCompilable("its source can't be read") from None
    if code in compiled:
        for node in ast.walk(tree):
            if _is_of(node, code):
                return node
    raise NotCompilable("its source has changed or can't be found")


def _is_of(node: ast.AST, code: types.CodeType) -> TypeGuard[ast.FunctionDef | ast.Lambda]:
    if isinstance(node, ast.FunctionDef):
        first = min([node.lineno, *(line.lineno for line in node.decorator_list)])
        return node.name == code.co_name and first <= code.co_firstlineno <= node.lineno
    if not isinstance(node, ast.Lambda):
        return False
    # Several may stand in one line.
    body = node.body
    place = (body.lineno, body.end_lineno, body.col_offset, body.end_col_offset)
    return code.co_name == "<lambda>" and place in code.co_positions()


@functools.lru_cache(maxsize=16)
def _compiled_file(text: str) -> tuple[ast.Module, set[types.CodeType]]:
    """The syntax tree of a file, and what Python compiles it to."""
    tree = ast.parse(text)
    return tree, set(_code_objects(compile(text, "<source>", "exec", dont_inherit=True)))


def _code_objects(code: types.CodeType) -> Iterator[types.CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant
            yield from _code_objects(constant)


@dataclass
class Outside:
    """What a name outside of a function means: a number, a module or another function."""

    path: tuple[str, ...]
    function: types.FunctionType
    value: Any = field(init=False)

    def __post_init__(self) -> None:
        self.value = self.present()
        self.is_number = _is_number(self.value)
        self._dimensions = get_dimensions(self.value) if self.is_number else None

    def present(self) -> Any:
        first, *attributes = self.path
        cells = dict(
            zip(self.function.__code__.co_freevars, self.function.__closure__ or (), strict=True)
        )
        try:
            if first in cells:
                value = cells[first].cell_contents
            elif first in self.function.__globals__:
                value = self.function.__globals__[first]
            else:
                value = vars(builtins)[first]
            for attribute in attributes:
                value = getattr(value, attribute)
        except (KeyError, ValueError, AttributeError):
            raise NotCompilable(f"it uses {'.'.join(self.path)}, which is not defined") from None
        return value

    @property
    def is_unchanged(self) -> bool:
        """Whether the name means the same thing, or another number of the same units."""
        value = self.present()
        return value is self.value or self._may_be(value)

    def _may_be(self, value: Any) -> bool:
        return self.is_number and _is_number(value) and get_dimensions(value) == self._dimensions

    def number(self) -> float:
        value = self.present()
        if not self._may_be(value):
            raise TypeError(
                f"'{'.'.join(self.path)}', which the function {self.function.__name__}() uses, "
                f"was {self.value!r} when the run began and is {value!r} now; it must stay a "
                "number with the same units"
            )
        return float(np.asarray(value).item())


def _is_number(value: Any) -> bool:
    return (
        isinstance(value, int | float | np.number | np.ndarray | np.bool_)
        and np.shape(value) == ()
        and np.asarray(value).dtype.kind in "bif"
    )
