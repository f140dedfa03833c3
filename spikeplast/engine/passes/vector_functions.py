"""Compute exponential functions of several cells at once.

A call of the C library's exp for each cell is most of the time that exponential neurons and those
with Hodgkin-Huxley channels take, and no loop with a call becomes vector instructions.  So in
equations, vector statements call functions without branches or calls instead (see
`spikeplast.engine.kernels.vector_functions`), exp(a)**c becomes exp(c*a), and powers up to the
eighth are multiplied out, where C calls pow.

Precondition: the functions are Brian 2's own exp and exprel, and the statement is of double
precision.  The values are those of the untransformed program up to two units in the last place for
each function, but that exp gives 0 instead of less than 1e-307, and that exp(a)**c has no overflow
between its two steps.
"""

import ast
from typing import Any

import numpy as np
from brian2.codegen.statements import Statement
from brian2.core.functions import DEFAULT_FUNCTIONS, Function

from ..code_object import Block
from ..functions import VECTOR_FUNCTIONS
from ..program import BlockStep, GainStep, PathwayStep, Program, Step

#: Larger powers are left to pow, which rounds once.
_HIGHEST_POWER = 8


def vector_functions(program: Program, device: Any) -> None:
    """Apply the pass to the equations of all groups, and to traces that are kept per neuron."""
    for step in program.steps:
        changed: set[str] = set()
        for block in _blocks(step):
            for statement in block.vector:
                if np.dtype(statement.dtype) == np.float64:
                    changed |= _rewrite(statement, block)
        if changed:
            done = f"for several cells at once: {', '.join(sorted(changed))}"
            program.reports.append(("vector_functions", step.obj.name, done))


def _blocks(step: Step) -> list[Block]:
    """What a step computes for all cells."""
    if isinstance(step, PathwayStep):
        return [] if step.decay is None else [block for block, _ in step.decay.blocks]
    if isinstance(step, GainStep):
        return [step.block]
    if isinstance(step, BlockStep) and step.template == "stateupdate":
        return [step.block]
    return []


def _rewrite(statement: Statement, block: Block) -> set[str]:
    """Rewrite a statement; returns what was changed in it."""
    rewriter = _Rewriter(block.variables)
    statement.expr = rewriter.rewritten(statement.expr)
    simplified = statement.boolean_simplified_expressions
    if simplified is not None:
        # Brian 2 caches statements, and copies share this.
        statement.boolean_simplified_expressions = {
            flags: rewriter.rewritten(text) for flags, text in simplified.items()
        }
    for name in rewriter.changed & set(VECTOR_FUNCTIONS):
        block.variables[f"_vector_{name}"] = VECTOR_FUNCTIONS[name]
    return rewriter.changed


class _Rewriter(ast.NodeTransformer):
    def __init__(self, variables: dict[str, Any]):
        self._variables = variables
        self.changed: set[str] = set()

    def rewritten(self, text: str) -> str:
        return ast.unparse(self.visit(ast.parse(text, mode="eval")))

    def _is(self, node: ast.expr, name: str) -> bool:
        """Whether a node is a call of Brian 2's function of that name."""
        match node:
            case ast.Call(func=ast.Name(id), args=[_]) if id == name:
                function = self._variables.get(name)
                return isinstance(function, Function) and function is DEFAULT_FUNCTIONS[name]
        return False

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        for name in VECTOR_FUNCTIONS:
            if self._is(node, name):
                self.changed.add(name)
                node.func = ast.Name(f"_vector_{name}")
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        if not isinstance(node.op, ast.Pow):
            return self.generic_visit(node)
        match node.right:
            case ast.Constant(value=int() | float() as power):
                pass
            case _:
                return self.generic_visit(node)
        if self._is(node.left, "exp"):
            assert isinstance(node.left, ast.Call)
            exponent = ast.BinOp(ast.Constant(float(power)), ast.Mult(), node.left.args[0])
            return self.visit(ast.Call(node.left.func, [exponent], []))
        base = self.visit(node.left)
        if power in range(3, _HIGHEST_POWER + 1) and isinstance(base, ast.Name):
            self.changed.add("powers")
            product: ast.expr = base
            for _ in range(int(power) - 1):
                product = ast.BinOp(product, ast.Mult(), base)
            return product
        return ast.BinOp(base, node.op, node.right)
