"""Functions of the user's that are known as Python code only, written for the compiled loop.

Brian 2's NumPy target calls such a function with arrays; the loop would call it with numbers.  Both
give the same for functions that only do arithmetic on each element by itself, so these are
translated, from their source: assignments and a `return`, of arithmetic, comparisons, NumPy's
elementwise functions and other such functions.  Anything else (branches, loops, attributes of
arguments, random numbers, integers that may overflow differently) stays Python code.

Numbers that a function finds outside of itself are arguments of its translation, so that the loop
of another run, or after Python code in between, sees their present values.
"""

import ast
import inspect
import types
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from brian2 import Quantity
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject
from brian2.core.functions import Function

from .function_writer import KINDS, FunctionWriter, without_unit_check
from .python_source import NotCompilable, Outside, definition

#: What Brian 2 makes of a function that expects units.
_UNIT_WRAPPER = "add_numpy_implementation.<locals>.wrapper_function"


@dataclass
class Translation:
    """A function as it is written for the loop.

    Attributes
    ----------
    name : what the loop calls
    definitions : sources of the function and of those that it calls, these first
    numbers : pairs of a name and a function that gives the present value, of what the function
        takes after its own arguments
    """

    name: str
    definitions: tuple[str, ...]
    numbers: list[tuple[str, Callable[[], float]]]
    _function: Function
    _code: Any
    _dependencies: list["Outside"]

    @property
    def is_current(self) -> bool:
        """Whether a translation would be the same now, but for the values of numbers."""
        try:
            return _numpy_code(self._function) is self._code and all(
                outside.is_unchanged for outside in self._dependencies
            )
        except NotCompilable:
            return False


def has_no_python_code(function: Function) -> bool:
    """Whether a function was written for other targets only: its Python body does nothing."""
    code = _numpy_code(function)
    if code is None:
        return True
    if not isinstance(code, types.FunctionType):
        return False
    try:
        body = definition(code.__code__).body
    except NotCompilable:
        return False
    return isinstance(body, list) and all(
        isinstance(line, ast.Raise | ast.Pass)
        or (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))
        for line in body
    )


def translate(function: Function, owner: Any, kinds: tuple[str, ...]) -> Translation:
    """Write a function for the loop.

    Parameters
    ----------
    function : Function
    owner : the group in whose code it is called
    kinds : of its arguments: "float", "integer" or "boolean"

    Raises
    ------
    NotCompilable
        If it is not known to give the same for numbers as for arrays; the text says why.
    """
    if function.auto_vectorise:
        raise NotCompilable("it asks for the number of elements")
    if NumpyCodeObject in function.implementations:
        implementation = function.implementations[NumpyCodeObject]
        if implementation.dynamic or implementation.availability_check is not None:
            raise NotCompilable("its code depends on where it is used")
    code = _numpy_code(function)
    writer = FunctionWriter(code, kinds, ())
    returned = function._return_type
    if returned == "highest":
        returned = max(kinds, key=list(reversed(KINDS)).index)
    if function._returns_bool:
        returned = "boolean"
    if writer.kind != returned:
        raise NotCompilable(f"it returns {writer.kind}, and {returned} is declared")
    _try_with_arrays(function, owner, kinds)
    return Translation(
        writer.name,
        tuple(writer.definitions),
        [("_".join(outside.path), outside.number) for outside in writer.numbers],
        function,
        code,
        list(writer.outside),
    )


def _numpy_code(function: Function) -> Any:
    """The Python function that NumPy code calls, without Brian 2's wrapper for units."""
    code = function.pyfunc
    if NumpyCodeObject in function.implementations:
        code = function.implementations[NumpyCodeObject]._code
        if getattr(code, "__qualname__", "").endswith(_UNIT_WRAPPER):
            code = inspect.getclosurevars(code).nonlocals["orig_func"]
    return without_unit_check(code)


def _try_with_arrays(function: Function, owner: Any, kinds: tuple[str, ...]) -> None:
    """Let NumPy code that would fail, for its units for example, fail in Python."""
    samples = {
        "float": np.array([0.3, 0.7]),
        "integer": np.array([1, 2], np.int32),
        "boolean": np.array([True, False]),
    }
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code = function.implementations[NumpyCodeObject].get_code(owner)
            result = code(*(samples[kind].copy() for kind in kinds))
    except Exception as error:
        raise NotCompilable(f"it fails for arrays: {error}") from None
    if isinstance(result, Quantity) or np.shape(result) not in ((), (2,)):
        raise NotCompilable("it does not return a number for each element")
