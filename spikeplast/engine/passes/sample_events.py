"""Draw Poisson input by event instead of by cell and time step.

A Poisson source draws a random number for each cell in each time step, and nearly all of
them say no.  Instead, the next candidate among the cells is found by its waiting time at
the group's highest rate, and taken with the probability that its own rate is of that.

Precondition: a threshold condition `rand() < rates*dt`, as a PoissonGroup has it, whose
`rates` are a plain variable of the cells, and no refractoriness.  Each cell spikes in each
step with the same probability as before and independently of all others, but from other
random numbers: a seed gives another, equally distributed, raster.
"""

import ast
from typing import Any

from brian2.core.functions import DEFAULT_FUNCTIONS
from brian2.core.variables import ArrayVariable

from ..code_object import Block
from ..program import BlockStep, Program


def sample_events(program: Program, device: Any) -> None:
    """Mark the thresholds that are drawn by event."""
    for step in program.steps_of(BlockStep):
        if step.template == "threshold" and not step.kwds["_uses_refractory"]:
            rates = _rates(step.block)
            if rates is not None:
                step.kwds = {**step.kwds, "_rates": rates}


def _rates(block: Block) -> ArrayVariable | None:
    """The variable of the rates in a condition of that form."""
    if block.scalar or len(block.vector) != 1:
        return None
    match ast.parse(block.vector[0].expr, mode="eval").body:
        case ast.Compare(
            left=ast.Call(func=ast.Name("rand"), args=[]),
            ops=[ast.Lt()],
            comparators=[ast.BinOp(ast.Name(a), ast.Mult(), ast.Name(b))],
        ) if "dt" in (a, b):
            name = a if b == "dt" else b
        case _:
            return None
    rates = block.variables[name]
    per_cell = isinstance(rates, ArrayVariable) and not rates.scalar
    if not per_cell or block.indices[name] != "_idx":
        return None
    return rates if block.variables["rand"] is DEFAULT_FUNCTIONS["rand"] else None
