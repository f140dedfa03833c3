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
        if step.template == "threshold" and _is_pure(step.block):
            step.kwds = {**step.kwds, "_scan": True}


def _is_pure(block: Block) -> bool:
    for name, variable in block.variables.items():
        if isinstance(variable, Function) and not variable.stateless:
            return False
        is_array = isinstance(variable, ArrayVariable) and not variable.scalar
        if is_array and block.indices[name] != "_idx":
            return False
    return True
