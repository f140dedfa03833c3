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
        if step.template == "threshold" and _draws(step.block):
            try:
                rates = _rates(step)
            except NotSampled as reason:
                done = f"a random number for each cell and time step: {reason}"
            else:
                step.kwds = {**step.kwds, "_rates": rates}
                done = "drawn by event"
            program.reports.append(("sample_events", step.obj.name, done))


class NotSampled(Exception):
    """The precondition does not hold; the text says why."""


def _draws(block: Block) -> bool:
    return any(variable is DEFAULT_FUNCTIONS["rand"] for variable in block.variables.values())


def _rates(step: BlockStep) -> ArrayVariable:
    """The variable of the rates in a condition of that form; raises NotSampled."""
    block = step.block
    if step.kwds["_uses_refractory"]:
        raise NotSampled("the cells are refractory")
    other_form = NotSampled("the threshold is not rand() < rates*dt")
    if block.scalar or len(block.vector) != 1:
        raise other_form
    match ast.parse(block.vector[0].expr, mode="eval").body:
        case ast.Compare(
            left=ast.Call(func=ast.Name("rand"), args=[]),
            ops=[ast.Lt()],
            comparators=[ast.BinOp(ast.Name(a), ast.Mult(), ast.Name(b))],
        ) if "dt" in (a, b):
            name = a if b == "dt" else b
        case _:
            raise other_form
    rates = block.variables[name]
    per_cell = isinstance(rates, ArrayVariable) and not rates.scalar
    if not per_cell or block.indices[name] != "_idx":
        raise NotSampled(f"{name} is no variable of the cells")
    if block.variables["rand"] is not DEFAULT_FUNCTIONS["rand"]:
        raise NotSampled("rand() is a function of the network's own")
    return rates
