"""Writes Python functions that work on each element of arrays as functions of numbers.

The rules are those that `spikeplast.engine.user_functions` tells.
"""

import ast
import hashlib
import types
from typing import Any

import brian2
import numpy as np
from brian2.core.functions import Function
from brian2.units import unitsafefunctions

from .python_source import NotCompilable, Outside, definition

#: NumPy's elementwise functions that take and return floating point numbers in the loop.
_UFUNCS = (
    *("sin", "cos", "tan", "arcsin", "arccos", "arctan", "arctan2", "hypot"),
    *("sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh"),
    *("exp", "expm1", "exp2", "log", "log1p", "log10", "log2", "sqrt", "square", "power"),
    *("abs", "absolute", "fabs", "sign", "floor", "ceil", "trunc", "rint"),
    *("minimum", "maximum", "fmin", "fmax", "add", "subtract", "multiply", "divide"),
    *("true_divide", "negative", "reciprocal", "remainder", "mod", "floor_divide"),
)
_TESTS = ("isnan", "isinf", "isfinite")
_LOGICAL = {"logical_and": "&", "logical_or": "|", "logical_xor": "^"}
_OPERATORS: dict[type, str] = {
    **{ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"},
    **{ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^"},
    **{ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="},
}
_BITWISE = (ast.BitAnd, ast.BitOr, ast.BitXor)
KINDS = {"float": "float64", "integer": "int64", "boolean": "bool_"}
#: The functions above, as they are called in NumPy, in Brian 2 and with its units.
_KNOWN = {
    id(getattr(module, name)): name
    for module in (np, brian2, unitsafefunctions)
    for name in (*_UFUNCS, *_TESTS, *_LOGICAL, "logical_not", "where", "clip")
    if hasattr(module, name)
} | {id(abs): "abs"}


class FunctionWriter:
    """Writes one function for arguments of given kinds.

    An expression is written as a pair of its text and its kind: "float", "integer", "boolean", or
    "literal" for whole numbers that stand in the source.
    """

    def __init__(self, code: Any, kinds: tuple[str, ...], callers: tuple[Any, ...]):
        if not isinstance(code, types.FunctionType):
            raise NotCompilable("it is no Python function")
        if code.__code__ in callers:
            raise NotCompilable("it calls itself")
        self._function = code
        self._callers = (*callers, code.__code__)
        self.definitions: list[str] = []
        self.numbers: list[Outside] = []
        self.outside: list[Outside] = []
        self._assigned = 0
        node = definition(code.__code__)
        names = self._arguments(node, kinds)
        self._locals = {name: (f"{name}_", kind) for name, kind in zip(names, kinds, strict=True)}
        lines = [
            f"{name}_ = {KINDS[kind]}({name}_)" for name, kind in zip(names, kinds, strict=True)
        ]
        body = [ast.Return(node.body)] if isinstance(node, ast.Lambda) else node.body
        lines += [line for statement in body[:-1] for line in self._statement(statement)]
        if not isinstance(body[-1], ast.Return) or body[-1].value is None:
            raise NotCompilable("it does not end with the value that it returns")
        text, self.kind = self._plain(self._expression(body[-1].value))
        lines.append(f"return {KINDS[self.kind]}({text})")
        parameters = [f"{name}_" for name in names]
        parameters += [self._number_name(k) for k in range(len(self.numbers))]
        source = "\n".join(f"    {line}" for line in lines)
        source = f"({', '.join(parameters)}):\n{source}\n"
        self.name = f"function_{hashlib.sha256(source.encode()).hexdigest()[:12]}"
        self.definitions.append(f"@in_loop\ndef {self.name}{source}")

    def _arguments(self, node: ast.FunctionDef | ast.Lambda, kinds: tuple[str, ...]) -> list[str]:
        given = node.args
        if given.vararg or given.kwarg or given.kwonlyargs or given.posonlyargs:
            raise NotCompilable("it has arguments of other than the simple kind")
        names = [argument.arg for argument in given.args]
        if len(names) != len(kinds):
            raise NotCompilable(f"it has {len(names)} arguments, and is called with {len(kinds)}")
        return names

    @staticmethod
    def _number_name(k: int) -> str:
        return f"number_{k}"

    def _statement(self, node: ast.stmt) -> list[str]:
        match node:
            case ast.Expr(value=ast.Constant()):
                return []
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                text, kind = self._plain(self._expression(value))
                # A new name each time, since its kind may be another.
                self._assigned += 1
                local = f"{name}_v{self._assigned}"
                self._locals[name] = (local, kind)
                return [f"{local} = {text}"]
        raise NotCompilable(f"it has other statements than assignments: {_first_line(node)}")

    def _expression(self, node: ast.expr) -> tuple[str, str]:
        match node:
            case ast.Constant(value=bool(value)):
                return str(value), "boolean"
            case ast.Constant(value=int(value)):
                return _whole(value)
            case ast.Constant(value=float(value)):
                return repr(value), "float"
            case ast.Name(id=name) if name in self._locals:
                return self._locals[name]
            case ast.Name() | ast.Attribute():
                return self._number(node)
            case ast.UnaryOp():
                return self._unary(node)
            case ast.BinOp():
                return self._binary(node)
            case ast.Compare(ops=[operator], comparators=[right]) if type(operator) in _OPERATORS:
                sides = self._alike(self._expression(node.left), self._expression(right))
                return f"({sides[0]} {_OPERATORS[type(operator)]} {sides[1]})", "boolean"
            case ast.Call():
                return self._call(node)
        raise NotCompilable(f"it contains {ast.unparse(node)}")

    def _number(self, node: ast.expr) -> tuple[str, str]:
        outside = self._resolve(node)
        if not outside.is_number:
            raise NotCompilable(f"it uses {ast.unparse(node)}, which is no number")
        return self._take_number(outside), "float"

    def _take_number(self, outside: Outside) -> str:
        for k, known in enumerate(self.numbers):
            if known.path == outside.path and known.function is outside.function:
                return self._number_name(k)
        self.numbers.append(outside)
        return self._number_name(len(self.numbers) - 1)

    def _resolve(self, node: ast.expr) -> Outside:
        """What a name, or a name in a module, means outside of the function."""
        path: list[str] = []
        inner = node
        while isinstance(inner, ast.Attribute):
            path.insert(0, inner.attr)
            inner = inner.value
        if not isinstance(inner, ast.Name) or inner.id in self._locals:
            raise NotCompilable(f"it contains {ast.unparse(node)}")
        path.insert(0, inner.id)
        for length in range(1, len(path)):
            module = Outside(tuple(path[:length]), self._function)
            if not isinstance(module.value, types.ModuleType):
                raise NotCompilable(f"it contains {ast.unparse(node)}")
        outside = Outside(tuple(path), self._function)
        self.outside.append(outside)
        return outside

    def _unary(self, node: ast.UnaryOp) -> tuple[str, str]:
        text, kind = self._expression(node.operand)
        if isinstance(node.op, ast.USub) and kind in ("float", "literal"):
            return f"(-{text})", kind
        if isinstance(node.op, ast.UAdd) and kind in ("float", "literal"):
            return text, kind
        if isinstance(node.op, ast.Invert) and kind == "boolean":
            return f"(not {text})", kind
        raise NotCompilable(f"it contains {ast.unparse(node)}, of {kind}")

    def _binary(self, node: ast.BinOp) -> tuple[str, str]:
        left, right = self._expression(node.left), self._expression(node.right)
        kinds = {left[1], right[1]}
        if isinstance(node.op, _BITWISE) and kinds == {"boolean"}:
            return f"({left[0]} {_OPERATORS[type(node.op)]} {right[0]})", "boolean"
        # NumPy's integers overflow at 32 bits and have rules of their own; only with a floating
        # point number, or divided, are they like the loop's.
        if kinds == {"literal"}:
            return self._literal(node)
        if kinds == {"boolean", "literal"} and isinstance(node.op, ast.Add | ast.Sub | ast.Mult):
            pair = f"int64({left[0]}) {_OPERATORS[type(node.op)]} int64({right[0]})"
            return f"({pair})", "integer"
        divides = isinstance(node.op, ast.Div) and "boolean" not in kinds
        if isinstance(node.op, _BITWISE) or not ("float" in kinds or divides):
            raise NotCompilable(f"it contains {ast.unparse(node)}, of {_either(left, right)}")
        match node.op:
            case ast.Add() | ast.Sub() | ast.Mult() | ast.Div():
                pair = f"{_float(left)} {_OPERATORS[type(node.op)]} {_float(right)}"
                return f"({pair})", "float"
            case ast.Mod():
                return f"np.remainder({_float(left)}, {_float(right)})", "float"
            case ast.FloorDiv():
                return f"np.floor_divide({_float(left)}, {_float(right)})", "float"
            case ast.Pow() if right == ("2", "literal"):
                return f"({left[0]} ** 2)", "float"
            case ast.Pow():
                return f"np.power({_float(left)}, {_float(right)})", "float"
        raise NotCompilable(f"it contains {ast.unparse(node)}")

    def _literal(self, node: ast.BinOp) -> tuple[str, str]:
        """Arithmetic on whole numbers of the source, done by Python as it would be there."""
        try:
            value = eval(ast.unparse(node), {"__builtins__": {}})
            return (repr(value), "float") if isinstance(value, float) else _whole(value)
        except (ArithmeticError, TypeError):
            raise NotCompilable(f"it contains {ast.unparse(node)}") from None

    def _alike(self, *expressions: tuple[str, str]) -> list[str]:
        """Texts of expressions that are compared or chosen from."""
        kinds = {kind for _, kind in expressions}
        if "boolean" in kinds and len(kinds) > 1:
            raise NotCompilable(f"it mixes {_either(*expressions)}")
        if kinds == {"boolean"}:
            return [text for text, _ in expressions]
        if "integer" in kinds and "float" not in kinds:
            return [text for text, _ in expressions]
        return [_float(expression) for expression in expressions]

    def _call(self, node: ast.Call) -> tuple[str, str]:
        if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
            raise NotCompilable(f"it contains {ast.unparse(node)}")
        function = self._resolve(node.func).value
        arguments = [self._expression(argument) for argument in node.args]
        name = _KNOWN.get(id(function))
        if name is None:
            return self._user_call(ast.unparse(node.func), function, arguments)
        if isinstance(function, np.ufunc) and len(arguments) != function.nin:
            raise NotCompilable(f"it contains {ast.unparse(node)}")
        texts = self._known_call(name, arguments)
        if texts is None:
            raise NotCompilable(f"it contains {ast.unparse(node)}")
        return texts

    def _known_call(self, name: str, arguments: list[tuple[str, str]]) -> tuple[str, str] | None:
        kinds = [kind for _, kind in arguments]
        if name == "where" and len(arguments) == 3 and kinds[0] == "boolean":
            a, b = self._alike(*arguments[1:])
            kind = "float" if "float" in kinds else kinds[1]
            if "literal" in kinds and kind != "float":
                a, b, kind = f"int64({arguments[1][0]})", f"int64({arguments[2][0]})", "integer"
            return f"({a} if {arguments[0][0]} else {b})", kind
        if name in _LOGICAL and kinds == ["boolean"] * 2:
            return f"({arguments[0][0]} {_LOGICAL[name]} {arguments[1][0]})", "boolean"
        if name == "logical_not" and kinds == ["boolean"]:
            return f"(not {arguments[0][0]})", "boolean"
        if "boolean" in kinds or "float" not in kinds:
            return None
        floats = [_float(argument) for argument in arguments]
        if name == "clip" and len(arguments) == 3:
            return f"np.minimum(np.maximum({floats[0]}, {floats[1]}), {floats[2]})", "float"
        if name in _UFUNCS:
            return f"np.{name}({', '.join(floats)})", "float"
        if name in _TESTS:
            return f"np.{name}({floats[0]})", "boolean"
        return None

    def _user_call(
        self, called: str, function: Any, arguments: list[tuple[str, str]]
    ) -> tuple[str, str]:
        if isinstance(function, Function):
            function = function.pyfunc
        function = without_unit_check(function)
        if not isinstance(function, types.FunctionType):
            raise NotCompilable(f"it calls {called}, which may not work element by element")
        kinds = tuple("float" if kind == "literal" else kind for _, kind in arguments)
        writer = FunctionWriter(function, kinds, self._callers)
        self.definitions += [text for text in writer.definitions if text not in self.definitions]
        self.outside += writer.outside
        texts = [_float(a) if a[1] == "literal" else a[0] for a in arguments]
        texts += [self._take_number(outside) for outside in writer.numbers]
        return f"{writer.name}({', '.join(texts)})", writer.kind

    def _plain(self, expression: tuple[str, str]) -> tuple[str, str]:
        """A whole number of the source counts as floating point number."""
        return (_float(expression), "float") if expression[1] == "literal" else expression


def without_unit_check(code: Any) -> Any:
    return getattr(code, "_orig_func", code)


def _whole(value: int) -> tuple[str, str]:
    if abs(value) >= 2**31:
        # Too large to be sure of NumPy's and the loop's type.
        return repr(float(value)), "float"
    return f"({value})" if value < 0 else str(value), "literal"


def _float(expression: tuple[str, str]) -> str:
    text, kind = expression
    if kind == "literal":
        return repr(float(ast.literal_eval(text)))
    return text if kind == "float" else f"float64({text})"


def _either(*expressions: tuple[str, str]) -> str:
    kinds = {"whole number" if kind == "literal" else kind for _, kind in expressions}
    return " and ".join(sorted(kinds))


def _first_line(node: ast.stmt) -> str:
    return ast.unparse(node).splitlines()[0]
