"""Compare times instead of counting time steps.

Brian 2 asks whether a cell is refractory with `timestep(t - lastspike, dt) >= n`: a division
for each cell and time step, the dearest operation of a simple neuron.  Division rounds
monotonically, so for each n there is a smallest time that passes, and comparing with it
gives the same answer for every time.

Precondition: the left side of a comparison `>=` in a vector statement is a call of Brian
2's `timestep` with the scalar `dt`, the right one a scalar.  The results have the same bits.
"""

import ast
from typing import Any

import numpy as np
from brian2.codegen.statements import Statement
from brian2.core.functions import DEFAULT_FUNCTIONS
from brian2.core.variables import AuxiliaryVariable
from brian2.utils.stringtools import get_identifiers

from ..code_object import Block
from ..functions import TIMESTEP_BOUND
from ..program import BlockStep, Program


def compare_timesteps(program: Program, device: Any) -> None:
    """Apply the pass to the equations of all groups."""
    for step in program.steps_of(BlockStep):
        for statement in step.block.vector:
            if "timestep" not in get_identifiers(statement.expr):
                continue
            try:
                _rewrite(statement, step.block)
            except NotComparable as reason:
                done = f"a division for each cell and time step: {reason}"
            else:
                done = "times are compared"
            program.reports.append(("compare_timesteps", step.obj.name, done))


class NotComparable(Exception):
    """The precondition does not hold; the text says why."""


def _rewrite(statement: Statement, block: Block) -> None:
    """Rewrite a statement; raises NotComparable."""
    tree = ast.parse(statement.expr, mode="eval").body
    match tree:
        case ast.Compare(
            left=ast.Call(func=ast.Name("timestep"), args=[time, ast.Name("dt")]),
            ops=[ast.GtE()],
            comparators=[ast.Name(number)],
        ):
            pass
        case _:
            raise NotComparable("it is no comparison timestep(x, dt) >= n with the same n for all")
    variables = block.variables
    if variables["timestep"] is not DEFAULT_FUNCTIONS["timestep"]:
        raise NotComparable("timestep() is a function of the network's own")
    if not _is_scalar(number, block):
        raise NotComparable(f"{number} differs among the cells")
    bound = f"_bound_of_{number}"
    if bound not in variables:
        variables[bound] = AuxiliaryVariable(bound, dtype=np.float64, scalar=True)
        variables["_timestep_bound"] = TIMESTEP_BOUND
        block.scalar.append(
            Statement(bound, ":=", f"_timestep_bound({number}, dt)", "", np.float64, scalar=True)
        )
    statement.expr = f"({ast.unparse(time)}) + 0.001*dt >= {bound}"


def _is_scalar(name: str, block: Block) -> bool:
    return any(statement.var == name and statement.scalar for statement in block.scalar)
