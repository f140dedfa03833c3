"""Clock-driven traces that are kept per neuron: the code that runs in each time step."""

import copy
from typing import Any

from brian2.core.variables import ArrayVariable
from brian2.utils.stringtools import get_identifiers, word_substitute

from ..code_object import Block, parse
from ..lifted import LiftedTraces
from ..program import BlockStep, Program, RowsStep, ScaleStep
from .statements import Line
from .synaptic_steps import Clocked, lines_of, updates_of


def lift_clocked(program: Program, clocked: dict[str, Clocked], traces: LiftedTraces) -> None:
    """Let all steps but the pathways use what is kept per neuron.

    Of what only decays, one number changes for all; the rest changes for each neuron.
    """
    names = {id(traces.synapses.variables[name]): name for name in clocked}
    for step in list(program.steps_of(BlockStep)):
        used = {
            alias: names[id(variable)]
            for alias, variable in step.block.variables.items()
            if id(variable) in names
        }
        if not used:
            continue
        changing = sorted(name for name, change in clocked.items() if change.step is step)
        decaying = [name for name in changing if clocked[name].factor is not None]
        position = program.steps.index(step)
        # After what reads them at synapses, and the scales after what they are the scales of.
        if decaying:
            program.steps.insert(position + 1, _scale_step(step, decaying, clocked, traces))
        stepped = [name for name in changing if clocked[name].factor is None]
        for rows in sorted({traces.variables[name].rows for name in stepped}, reverse=True):
            of_rows = [name for name in stepped if traces.variables[name].rows == rows]
            program.steps.insert(position + 1, _rows_step(step, of_rows, used, traces))
        lines = without(lines_of(step), set(changing), step.block.variables)
        if lines:
            rewrite(step, lines, used, traces)
        else:
            del program.steps[position]


def without(lines: list[Line], targets: set[str], variables: dict[str, Any]) -> list[Line]:
    """The statements that are left if nobody wants some of their targets."""
    kept: list[Line] = []
    needed: set[str] = set()
    for line in reversed(lines):
        is_output = line.target.startswith("_to_record_") or line.target in (
            "_synaptic_var",
            "_cond",
        )
        is_output |= isinstance(variables.get(line.target), ArrayVariable)
        if line.target not in targets and (is_output or line.target in needed):
            kept.insert(0, line)
            needed |= line.reads
    return kept


def rewrite(step: BlockStep, lines: list[Line], used: dict[str, str], traces: LiftedTraces) -> None:
    """Give a step other statements, in which lifted variables are known by the names in `used`."""
    text = _scaled(used, traces)
    code = [
        f"{line.target} {line.operator} {word_substitute(line.expression, text)}" for line in lines
    ]
    variables = dict(step.block.variables)
    indices = copy.copy(step.block.indices)
    for alias, name in used.items():
        lifted = traces.variables[name]
        rows = traces.rows[lifted.rows]
        variables |= {alias: lifted.values, rows.index: rows.variable}
        indices[alias] = rows.index
        indices[rows.index] = "_idx"
        if lifted.scale is not None:
            variables[f"_{name}_scale"] = lifted.scale
            indices[f"_{name}_scale"] = "0"
    step.code = "\n".join(code)
    old = step.block
    step.block = parse(step.code, old.owner, variables, indices, old.generator.name, step.template)


def _scaled(used: dict[str, str], traces: LiftedTraces) -> dict[str, str]:
    """What to write for the names of lifted variables."""
    return {
        alias: f"({alias}*_{name}_scale)"
        for alias, name in used.items()
        if traces.variables[name].scale is not None
    }


def _rows_step(
    step: BlockStep, names: list[str], used: dict[str, str], traces: LiftedTraces
) -> RowsStep:
    """What a step does to some variables, for each of their rows."""
    updates = updates_of(step)
    text = _scaled(used, traces)
    code = [f"_new_{name} = {word_substitute(updates[name], text)}" for name in names]
    code += [f"{name} = _new_{name}" for name in names]
    variables, indices = dict(step.block.variables), copy.copy(step.block.indices)
    rows = traces.rows[traces.variables[names[0]].rows]
    for name, index in list(indices.items()):
        if index == rows.index:
            indices[name] = "_idx"
    for alias, name in used.items():
        lifted = traces.variables[name]
        variables[alias], indices[alias] = lifted.values, "_idx"
        if lifted.scale is not None:
            variables[f"_{name}_scale"], indices[f"_{name}_scale"] = lifted.scale, "0"
    known = get_identifiers("\n".join(code))
    variables = {name: variable for name, variable in variables.items() if name in known}
    old = step.block
    block = parse("\n".join(code), old.owner, variables, indices, old.generator.name, "stateupdate")
    return RowsStep(step.obj, block, traces.variables[names[0]].values)


def _scale_step(
    step: BlockStep, names: list[str], clocked: dict[str, Clocked], traces: LiftedTraces
) -> ScaleStep:
    scales = {f"_{name}_scale": traces.variables[name].scale for name in names}
    code = [f"_{name}_scale = _{name}_scale*({clocked[name].factor})" for name in names]
    scaled = [(traces.variables[name].values, traces.variables[name].scale) for name in names]
    factors = {(traces.synapses.name, name): str(clocked[name].factor) for name in names}
    return ScaleStep(step.obj, step, factors, scale_block(step, code, scales), scaled)


def scale_block(step: BlockStep, code: list[str], scales: dict[str, Any]) -> Block:
    """Statements that change shared numbers."""
    text = "\n".join(code)
    used = get_identifiers(text)
    variables = {n: v for n, v in {**step.block.variables, **scales}.items() if n in used}
    indices = copy.copy(step.block.indices)
    indices.update(dict.fromkeys(scales, "0"))
    return parse(text, step.block.owner, variables, indices, "decay", "stateupdate")
