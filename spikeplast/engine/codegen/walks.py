"""How the synapses of one neuron are walked over.

Usually in one loop, with all statements for a synapse after each other.  If the neuron's synapses
lead to neurons that follow one another, as after `connect()`, no index is read, and the statements
are given loops of their own where that changes nothing: such loops a compiler turns into vector
instructions, because each touches few arrays.
"""

from typing import Any

from brian2.codegen.statements import Statement
from brian2.core.functions import Function
from brian2.core.variables import ArrayVariable
from brian2.utils.stringtools import get_identifiers

from ..code_object import Block

#: A compiler checks each pair of arrays in a loop for overlap, and gives up at too many.
MOST_ARRAYS = 4


def divided(block: Block) -> list[list[Statement]]:
    """The statements at a synapse in groups that may each have a loop of their own.

    What one group writes but for variables of the synapse itself, no other may touch; local
    variables stay within a group, and functions with side effects keep their order.
    """
    statements = list(block.vector)
    functions = [v for v in block.variables.values() if isinstance(v, Function)]
    if any(not f.stateless or f.auto_vectorise for f in functions):
        return [statements]
    groups: list[list[Statement]] = []
    for statement in statements:
        if groups and _may_join(block, groups[-1], statement):
            groups[-1].append(statement)
        else:
            groups.append([statement])
    groups = _with_locals_together(block, groups)
    return groups if _independent(block, groups) else [statements]


def _arrays(block: Block, statements: list[Statement]) -> tuple[set[str], set[str]]:
    """The names of arrays that statements access, and those that they write."""
    read, write, _, condition = block.generator.arrays_helper(statements)
    return set(read) | set(write) | set(condition.values()), set(write)


def _is_own(block: Block, statements: list[Statement]) -> bool:
    """Whether only variables of the synapse itself are written."""
    return all(block.indices[name] == "_idx" for name in _arrays(block, statements)[1])


def _may_join(block: Block, group: list[Statement], statement: Statement) -> bool:
    both = [*group, statement]
    arrays = {n for n in _arrays(block, both)[0] if not _same_for_all(block, n)}
    return _is_own(block, both) and len(arrays) <= MOST_ARRAYS


def _same_for_all(block: Block, name: str) -> bool:
    """Whether a name has one value for all synapses of the neuron."""
    return block.variables[name].scalar or block.indices[name] in ("0", "_presynaptic_idx")


def _with_locals_together(block: Block, groups: list[list[Statement]]) -> list[list[Statement]]:
    """Join groups, from the one that sets a local variable to the last one that uses it."""
    made: dict[str, int] = {}
    joined: list[list[Statement]] = []
    for group in groups:
        used = set().union(*(get_identifiers(s.expr) | {s.var} for s in group))
        first = min((made[name] for name in used & set(made)), default=len(joined))
        merged = [s for earlier in joined[first:] for s in earlier] + group
        joined[first:] = [merged]
        made = {name: min(k, first) for name, k in made.items()}
        for statement in merged:
            if not isinstance(block.variables.get(statement.var), ArrayVariable):
                made.setdefault(statement.var, first)
    return joined


def _independent(block: Block, groups: list[list[Statement]]) -> bool:
    touched: dict[int, set[int]] = {}
    shared: set[int] = set()
    kinds: dict[int, set[Any]] = {}
    for k, group in enumerate(groups):
        accessed, written = _arrays(block, group)
        for name in accessed:
            variable, index = block.variables[name], block.indices[name]
            touched.setdefault(id(variable), set()).add(k)
            kinds.setdefault(id(variable), set()).add(index)
            if name in written and index != "_idx":
                shared.add(id(variable))
                if index != "_postsynaptic_idx":
                    return False
    return all(len(touched[key]) == 1 and len(kinds[key]) == 1 for key in shared)
