"""Clock-driven traces that are kept per neuron: the code that runs in each time step."""

import copy
from typing import Any

from brian2.core.variables import ArrayVariable
from brian2.utils.stringtools import get_identifiers, word_substitute

from ..code_object import Block, parse
from ..lifted import LiftedTraces
from ..program import BlockStep, Program, ScaleStep
from .statements import Line
from .synaptic_steps import ClockedDecay, lines_of


def lift_clocked(program: Program, clocked: dict[str, ClockedDecay], traces: LiftedTraces) -> None:
    """Let all steps but the pathways use what is kept per neuron; one number decays for all."""
    names = {id(traces.synapses.variables[name]): name for name in clocked}
    for step in list(program.steps_of(BlockStep)):
        used = {
            alias: names[id(variable)]
            for alias, variable in step.block.variables.items()
            if id(variable) in names
        }
        if not used:
            continue
        decaying = sorted(name for name, decay in clocked.items() if decay.step is step)
        position = program.steps.index(step)
        if decaying:
            program.steps.insert(position + 1, _scale_step(step, decaying, clocked, traces))
        lines = without(lines_of(step), set(decaying), step.block.variables)
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
    text = {alias: f"({alias}*_{name}_scale)" for alias, name in used.items()}
    code = [
        f"{line.target} {line.operator} {word_substitute(line.expression, text)}" for line in lines
    ]
    variables = dict(step.block.variables)
    indices = copy.copy(step.block.indices)
    for alias, name in used.items():
        lifted = traces.variables[name]
        rows = traces.rows[lifted.rows]
        variables |= {
            alias: lifted.values,
            f"_{name}_scale": lifted.scale,
            rows.index: rows.variable,
        }
        indices[alias] = rows.index
        indices[f"_{name}_scale"] = "0"
        indices[rows.index] = "_idx"
    step.code = "\n".join(code)
    old = step.block
    step.block = parse(step.code, old.owner, variables, indices, old.generator.name, step.template)


def _scale_step(
    step: BlockStep, names: list[str], clocked: dict[str, ClockedDecay], traces: LiftedTraces
) -> ScaleStep:
    scales = {f"_{name}_scale": traces.variables[name].scale for name in names}
    code = [f"_{name}_scale = _{name}_scale*({clocked[name].factor})" for name in names]
    scaled = [(traces.variables[name].values, traces.variables[name].scale) for name in names]
    factors = {(traces.synapses.name, name): clocked[name].factor for name in names}
    return ScaleStep(step.obj, step, factors, scale_block(step, code, scales), scaled)


def scale_block(step: BlockStep, code: list[str], scales: dict[str, Any]) -> Block:
    """Statements that change shared numbers."""
    text = "\n".join(code)
    used = get_identifiers(text)
    variables = {n: v for n, v in {**step.block.variables, **scales}.items() if n in used}
    indices = copy.copy(step.block.indices)
    indices.update(dict.fromkeys(scales, "0"))
    return parse(text, step.block.owner, variables, indices, "decay", "stateupdate")
