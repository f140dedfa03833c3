"""Walk over all-to-all projections without reading indices.

After `connect()` the synapses of a presynaptic neuron lead to neurons that follow one another:
the first one's index gives all others.  `spikeplast.engine.codegen.walks` says what else is gained.

Precondition, for a presynaptic pathway: the synapses are in the order of their presynaptic
neurons, those of each neuron lead to neurons that follow one another and are reached in the same
time step, and there are at least `SHORTEST` for a neuron on average.  Results have the same bits.
"""

from typing import Any

from ..program import PathwayStep, Program

#: Several loops over few synapses cost more than one.
SHORTEST = 32


def dense_projections(program: Program, device: Any) -> None:
    """Mark the pathways that are walked so."""
    for step in program.steps_of(PathwayStep):
        if step.pathway.prepost == "pre" and step.synapse_block.vector:
            n_synapses, n_rows = step.layout.pointers[-1], len(step.layout.pointers) - 1
            if n_synapses < SHORTEST * n_rows:
                done = f"by index: fewer than {SHORTEST} synapses for a neuron"
            elif not step.leads_to_neighbours:
                done = "by index: a neuron's synapses do not lead to one neighbour after the other"
            else:
                step.dense = True
                done = "walked without indices"
            program.reports.append(("dense_projections", step.obj.name, done))
