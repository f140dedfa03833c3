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
                    return _of_product(_terms(node), of_name)
                case ast.Pow() if not a[0] or _is_even(right):
                    return POSITIVE
        case ast.Call(func=ast.Name("exp" | "abs" | "sqrt")):
            return POSITIVE
        case ast.Call(func=ast.Name("int"), args=[ast.Compare() | ast.BoolOp()]):
            return POSITIVE
        case ast.Call(func=ast.Name("clip"), args=[_, low, high]):
            return _sign(low, of_name)[0], _sign(high, of_name)[1]
    return ANY


def _terms(node: ast.AST) -> list[ast.AST]:
    """What is multiplied in a product or quotient, or divides it: the signs count alike."""
    match node:
        case ast.BinOp(left, ast.Mult() | ast.Div(), right):
            return _terms(left) + _terms(right)
    return [node]


def _of_product(factors: list[ast.AST], of_name: Callable[[str], Sign]) -> Sign:
    for flag in factors:
        others = [factor for factor in factors if factor is not flag]
        for rectified in others:
            if ast.unparse(rectified) in _positive_if(flag):
                others.remove(rectified)
                return _of_product(others, of_name) if others else POSITIVE
    product = POSITIVE
    for factor in factors:
        a, b = product, _sign(factor, of_name)
        product = (a[0] and b[1]) or (a[1] and b[0]), (a[0] and b[0]) or (a[1] and b[1])
    return product


def _positive_if(flag: ast.AST) -> list[str]:
    """Expressions that are positive if a flag is 1, as in `x*int(x > 0)`."""
    match flag:
        case ast.Call(
            func=ast.Name("int"),
            args=[ast.Compare(left=left, ops=[ast.Gt() | ast.GtE()], comparators=[right])],
        ):
            difference = ast.unparse(ast.BinOp(left, ast.Sub(), right))
            if isinstance(right, ast.Constant) and right.value == 0:
                return [difference, ast.unparse(left)]
            return [difference]
    return []


def _is_even(node: ast.AST) -> bool:
    match node:
        case ast.Constant(value=int() | float() as value):
            return value % 2 == 0
    return False
