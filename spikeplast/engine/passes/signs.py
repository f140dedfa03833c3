"""The sign that an expression can have: a pair (may be negative, may be positive)."""

import ast
from collections.abc import Callable

import numpy as np

Sign = tuple[bool, bool]
ANY: Sign = (True, True)
POSITIVE: Sign = (False, True)


def of_numbers(values: np.ndarray) -> Sign:
    # Not a number has any sign.
    return not np.all(values >= 0), not np.all(values <= 0)


def either(a: Sign, b: Sign) -> Sign:
    return a[0] or b[0], a[1] or b[1]


def of_expression(text: str, of_name: Callable[[str], Sign]) -> Sign:
    """The sign of an expression, given those of the names in it."""
    return _sign(ast.parse(text, mode="eval").body, of_name)


def _sign(node: ast.AST, of_name: Callable[[str], Sign]) -> Sign:
    match node:
        case ast.Constant(value=int() | float() as value):
            return of_numbers(np.asarray(value))
        case ast.Name(name):
            return of_name(name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _sign(operand, of_name)[::-1]  # type: ignore[return-value]
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _sign(operand, of_name)
        case ast.BinOp(left, op, right):
            a, b = _sign(left, of_name), _sign(right, of_name)
            match op:
                case ast.Add():
                    return either(a, b)
                case ast.Sub():
                    return either(a, b[::-1])  # type: ignore[arg-type]
                case ast.Mult() | ast.Div():
                    return (a[0] and b[1]) or (a[1] and b[0]), (a[0] and b[0]) or (a[1] and b[1])
                case ast.Pow() if not a[0]:
                    return POSITIVE
        case ast.Call(func=ast.Name("exp" | "abs" | "sqrt")):
            return POSITIVE
    return ANY
