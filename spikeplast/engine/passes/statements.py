"""Statements of abstract code as the passes look at them, and what may be in them."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from brian2.core.functions import Function
from brian2.core.variables import ArrayVariable, Constant
from brian2.parsing.statements import parse_statement
from brian2.utils.stringtools import get_identifiers

from ..functions import is_of_user


@dataclass
class Line:
    """One statement of abstract code."""

    target: str
    operator: str
    expression: str
    text: str

    @property
    def reads(self) -> set[str]:
        names = set(get_identifiers(self.expression))
        return names if self.operator in ("=", ":=") else names | {self.target}

    @property
    def new_value(self) -> str:
        """What the target is set to."""
        if self.operator in ("=", ":="):
            return self.expression
        return f"{self.target} {self.operator[:-1]} ({self.expression})"


def read_lines(code: str) -> list[Line]:
    lines = []
    for text in re.split(r"[;\n]", code):
        text = text.split("#")[0].strip()
        if text:
            target, operator, expression, _ = parse_statement(text)
            lines.append(Line(target, operator, expression, text))
    return lines


def substitute(text: str, names: Mapping[str, str]) -> str:
    """Replace names all at once: Brian 2's function looks for names in what it has put in, too."""
    return re.sub(r"\b[^\W\d]\w*", lambda found: names.get(found[0], found[0]), text)


def factors_in(expression: str) -> list[ast.expr]:
    """The factors of a product; one, if it is none."""
    factors, left = [], ast.parse(expression, mode="eval").body
    while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Mult):
        factors.append(left.right)
        left = left.left
    return [left, *factors]


def is_constant(variable: Any) -> bool:
    """Whether a name means the same at all times of a run, and for all neurons and synapses."""
    if isinstance(variable, Function):
        # The user's may use numbers that Python code changes during the run.
        return variable.stateless and not variable.auto_vectorise and not is_of_user(variable)
    if isinstance(variable, ArrayVariable):
        return variable.scalar and variable.constant
    return isinstance(variable, Constant)


def is_shared(variable: Any) -> bool:
    """Whether a name means the same for all neurons and synapses."""
    return is_constant(variable) or (isinstance(variable, ArrayVariable) and variable.scalar)
