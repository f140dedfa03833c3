"""Look for spikes in groups of cells.

In nearly all time steps nearly no cell fires.  So the condition is first counted over a
group of cells, which vectorises, and only a group with a spike is looked through.

Precondition: the condition has no effects and draws no random numbers, and reads only
numbers that are common to all cells and the cell's own.  The results have the same bits.
"""

from typing import Any

from brian2.core.functions import Function
from brian2.core.variables import ArrayVariable

from ..code_object import Block
from ..program import BlockStep, Program


def scan_thresholds(program: Program, device: Any) -> None:
    """Mark the thresholds that may be looked at in groups."""
    for step in program.steps_of(BlockStep):
        if step.template == "threshold":
            obstacle = _obstacle(step.block)
            if obstacle is None:
                step.kwds = {**step.kwds, "_scan": True}
            done = (
                "cells are looked at in groups" if obstacle is None else f"cell by cell: {obstacle}"
            )
            program.reports.append(("scan_thresholds", step.obj.name, done))


def _obstacle(block: Block) -> str | None:
    """Why the condition of a threshold may not be looked at twice; None if it may."""
    for name, variable in block.variables.items():
        if isinstance(variable, Function) and not variable.stateless:
            return f"{name}() does not give the same value twice"
        is_array = isinstance(variable, ArrayVariable) and not variable.scalar
        if is_array and block.indices[name] != "_idx":
            return f"{name} is not the cell's own"
    return None
