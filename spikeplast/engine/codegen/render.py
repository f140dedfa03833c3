"""Statements as Python text that Numba compiles to what Brian 2's Cython target does."""

import ast
from functools import partial
from typing import Any

import numpy as np
from brian2.codegen.statements import Statement
from brian2.core.variables import AuxiliaryVariable, Constant
from brian2.parsing.bast import brian_ast, brian_dtype_from_dtype
from brian2.parsing.rendering import NodeRenderer

from ..binder import Binder
from ..code_object import Block, kinds_of
from ..functions import call_of


class BlockRenderer:
    """The text of one block.

    Parameters
    ----------
    block : Block
    binder : Binder
    suffix : str
        Appended to the names of the block's local variables, which keeps the types of
        equally named variables of different blocks apart.
    index_names : dict, optional
        What to write for an index (Brian 2's name) instead of reading it from its array.
    """

    def __init__(
        self,
        block: Block,
        binder: Binder,
        suffix: str,
        index_names: dict[str, str] | None = None,
    ):
        self.block = block
        self._binder = binder
        self._suffix = suffix
        self._index_names = index_names or {}
        self._types: dict[str, Any] = dict(block.variables)

    def local(self, name: str) -> str:
        return f"{name}_{self._suffix}"

    def lines(self) -> tuple[list[str], list[str], list[str]]:
        """Lines to run once, once per own-side neuron (see `hoistable`), and per element."""
        scalar, vector = self.block.scalar, self.block.vector
        helper = self.block.generator.arrays_helper
        scalar_read, scalar_write, scalar_indices, scalar_condition = helper(scalar)
        read, write, indices, condition = helper(vector)
        for name in set(read):
            if self.block.variables[name].scalar and name not in write:
                scalar_read.add(name)
                read.remove(name)
        once = [
            *self._read(scalar_indices, scalar_read),
            *self._statements(scalar, scalar_condition),
            *self._write(scalar_write),
        ]
        hoisted = self._hoistable(read, write)
        per_source = self._read(set(), hoisted)
        each = [
            *self._read(indices, read - hoisted),
            *self._statements(vector, condition),
            *self._write(write),
        ]
        return once, per_source, each

    def lines_of(self, statements: list[Statement]) -> list[str]:
        """Lines per element for some of the block's statements, after `lines` was called."""
        part = Block(self.block.generator, [], statements)
        renderer = BlockRenderer(part, self._binder, self._suffix, self._index_names)
        renderer._types = self._types
        return renderer.lines()[2]

    def _hoistable(self, read: set[str], write: set[str]) -> set[str]:
        """What is read through an index that is the same for all elements, and not written."""
        written = {id(self.block.variables[name]) for name in write}
        return {
            name
            for name in read
            if self._index_names.get(self.block.indices[name], "").startswith("_source")
            and id(self.block.variables[name]) not in written
        }

    def _index(self, name: str) -> str:
        index = self.block.indices[name]
        if index in ("0", 0):
            return "0"
        return self._index_names.get(index, self.local(index))

    def _read(self, indices: set[str], names: set[str]) -> list[str]:
        lines = []
        for name in sorted(indices):
            if name not in self._index_names:
                array = self._binder.index_array(self.block.variables[name])
                lines.append(f"{self.local(name)} = {array}[{self._index(name)}]")
        for name in sorted(names):
            array = self._binder.array(self.block.variables[name])
            lines.append(f"{self.local(name)} = {array}[{self._index(name)}]")
        return lines

    def _write(self, names: set[str]) -> list[str]:
        return [
            f"{self._binder.array(self.block.variables[name])}[{self._index(name)}]"
            f" = {self.local(name)}"
            for name in sorted(names)
        ]

    def _statements(self, statements: list[Statement], condition: dict[str, str]) -> list[str]:
        lines = []
        for statement in statements:
            if statement.var not in self._types:
                self._types[statement.var] = AuxiliaryVariable(
                    statement.var, dtype=statement.dtype, scalar=statement.scalar
                )
            text = self._statement(statement)
            if statement.var in condition:
                lines.append(f"if {self.local(condition[statement.var])}:")
                text = [f"    {line}" for line in text]
            lines.extend(text)
        return lines

    def _statement(self, statement: Statement) -> list[str]:
        if statement.used_boolean_variables and (
            brian_dtype_from_dtype(statement.dtype) == "float"
        ):
            return self._boolean_cases(statement)
        return [self._assignment(statement, statement.expr)]

    def _boolean_cases(self, statement: Statement) -> list[str]:
        """A long expression with flags in it becomes a short one for each of their values."""
        lines = []
        word = "if"
        for assigned, expression in statement.boolean_simplified_expressions.items():
            flags = [
                self.name(name) if value else f"not {self.name(name)}" for name, value in assigned
            ]
            last = word == "elif" and len(statement.used_boolean_variables) == 1
            lines.append("else:" if last else f"{word} {' and '.join(flags)}:")
            lines.append("    " + self._assignment(statement, expression))
            word = "elif"
        return lines

    def _assignment(self, statement: Statement, expression: str) -> str:
        target = self.local(statement.var)
        tree = brian_ast(expression, self._types)
        text = _Expression(self).render_node(tree).strip()
        dtype = _dtype_name(statement.dtype)
        operator = "=" if statement.op == ":=" else statement.op
        if dtype == "float64" and tree.dtype == "float":
            return f"{target} {operator} {text}"
        if operator != "=":
            text = f"{target} {operator[:-1]} ({text})"
        # C rounds to the type of the variable at each assignment.
        return f"{target} = {dtype}({text})"

    # -- for _Expression ------------------------------------------------------------------

    def name(self, name: str) -> str:
        variable = self._types.get(name)
        if isinstance(variable, Constant):
            return self._binder.constant(self.block.owner, name, variable)
        if name in self._index_names:
            return self._index_names[name]
        if variable is None and name in ("True", "False"):
            return name
        if variable is None and name == "inf":
            # What Brian 2 makes of a number such as 1e400.
            return "math.inf"
        return self.local(name)

    def call(self, name: str, arguments: list[str], kinds: tuple[str, ...]) -> str:
        function = self.block.variables[name]
        call = call_of(function, self.block.owner, kinds)
        if call.translation is not None:
            self._binder.define(name, call.translation)
        bound = [
            self._binder.value(
                ("function", id(function), key, str(value) if key == "K" else ""),
                f"{name}_{key}",
                value if callable(value) else partial(_identity, value),
            )
            for key, value in call.bound
        ]
        return f"{call.name}({', '.join([*call.random, *arguments, *bound])})"


class _Expression(NodeRenderer):
    """Expressions as C would compute them."""

    def __init__(self, block: BlockRenderer):
        super().__init__()
        self._block = block

    def render_Name(self, node: ast.Name) -> str:
        return self._block.name(node.id)

    def render_Constant(self, node: ast.Constant) -> str:
        # Numba's integers end at 64 bits.
        if type(node.value) is int and node.value >= 2**63:
            return repr(float(node.value))
        return super().render_Constant(node)

    def render_Call(self, node: ast.Call) -> str:
        assert isinstance(node.func, ast.Name)
        arguments = [self.render_node(argument) for argument in node.args]
        return self._block.call(node.func.id, arguments, kinds_of(node))

    def render_BinOp(self, node: ast.BinOp) -> str:
        if isinstance(node.op, ast.Mod):
            return f"modulo({self.render_node(node.left)}, {self.render_node(node.right)})"
        if isinstance(node.op, ast.Pow):
            return self._power(node)
        return super().render_BinOp(node)

    def _power(self, node: ast.BinOp) -> str:
        left, right = self.render_node(node.left), self.render_node(node.right)
        if getattr(node, "dtype", None) == "integer":
            return f"({left}) ** ({right})"
        # Numba multiplies out integer powers; C calls pow, which rounds once.
        return f"math.pow(float({left}), float({right}))"


def _identity(value: Any) -> Any:
    return value


def _dtype_name(dtype: Any) -> str:
    name = np.dtype(dtype).name
    return {"bool": "bool_"}.get(name, name)
