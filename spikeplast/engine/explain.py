"""What the engine does with a network, for its user to read."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from brian2.core.magic import magic_network
from brian2.core.namespace import get_local_namespace
from brian2.core.network import Network
from brian2.devices.device import get_device
from brian2.synapses.synapses import Synapses

from .cache import source_path
from .code_object import function_calls
from .codegen.assemble import Loop
from .device import NumbaDevice
from .division import Division
from .functions import is_of_user
from .kept import write_out
from .program import OutsideStep, Program, Step
from .reuse import prepared_before
from .run_loop import prepare
from .table import laid_out


@dataclass
class Explanation:
    """Tables of strings; `str()` lays them out.

    Attributes
    ----------
    objects : list of (object, where it runs, why)
    passes : list of (pass, object, what the pass did there, or why it did not)
    variables : list of (synapses, variable, where it is kept and why)
    memory : list of (synapses, number, bytes for each in the loop)
    source : file of the generated loop
    """

    objects: list[tuple[str, str, str]]
    passes: list[tuple[str, str, str]]
    variables: list[tuple[str, str, str]]
    memory: list[tuple[str, str, str]]
    source: Path

    def __str__(self) -> str:
        parts = [laid_out(("object", "runs in", "why"), self.objects)]
        parts.append(
            laid_out(("pass", "object or variable", "what it did, or why not"), self.passes)
        )
        if self.memory:
            parts.append(laid_out(("synapses", "number", "bytes each, in the loop"), self.memory))
        parts.append(f"generated source: {self.source}")
        return "\n\n".join(parts)

    __repr__ = __str__


def explain(network: Network | None = None, namespace: dict[str, Any] | None = None) -> Explanation:
    """Say which parts of a network run in the compiled loop, and how.

    A network that has run is described as it was in its last run.

    Parameters
    ----------
    network : Network, optional
        By default the network of `brian2.run()`.
    namespace : dict, optional
        Where names in equations are looked up if the network has not run yet; by default
        the caller's variables, as for `brian2.run()`.

    Raises
    ------
    TypeError
        If `network` is something else.
    RuntimeError
        If the device is not `numba`.
    """
    device = get_device()
    if not isinstance(device, NumbaDevice):
        raise RuntimeError(
            "explain() describes the device 'numba', which is not active; "
            "call brian2.set_device('numba') first"
        )
    net = magic_network if network is None else network
    if not isinstance(net, Network):
        raise TypeError(f"explain() describes a Network, not {net!r}; without one, that of run()")
    if net is magic_network:
        net._update_magic_objects(level=1)
    objects = net.sorted_objects
    prepared = prepared_before(net)
    if prepared is None:
        net._clocks = {obj.clock for obj in objects}
        # As a run does: a clock that another network used shows that one's time.
        for clock in net._clocks:
            clock.set_interval(net.t, net.t)
        known = get_local_namespace(level=1) if namespace is None else namespace
        prepared = prepare(device, net, objects, known)
        for lifted in prepared.program.lifted:
            lifted.settle()
    program, loop = prepared.program, prepared.loop
    division, n_threads = loop.division, device.n_threads
    if division is None and n_threads > 1:
        # Then nothing could be divided; it says why.
        division = Division(program, n_threads)
    explanation = Explanation(
        objects=_objects(program, division),
        passes=list(program.reports),
        variables=list(program.notes),
        memory=_memory(loop, net),
        source=source_path(loop.source),
    )
    if prepared_before(net) is not prepared:
        write_out(objects)
    return explanation


def _objects(program: Program, division: Division | None) -> list[tuple[str, str, str]]:
    rows = []
    for step in program.steps:
        if isinstance(step, OutsideStep):
            rows.append((step.obj.name, "Python", step.reason))
        elif not rows or rows[-1][0] != step.obj.name:
            notes = [] if division is None else [division.place(step)]
            notes += _compiled_functions(step)
            rows.append((step.obj.name, "the loop", "; ".join(notes)))
    return rows


def _compiled_functions(step: Step) -> list[str]:
    block = getattr(step, "block", None) or getattr(step, "synapse_block", None)
    if block is None:
        return []
    called = {name for name, _ in function_calls(block) if is_of_user(block.variables[name])}
    return ["with " + ", ".join(f"{name}()" for name in sorted(called))] if called else []


def _memory(loop: Loop, net: Network) -> list[tuple[str, str, str]]:
    values = dict(zip(loop.binder.names, loop.binder.values(), strict=True))
    rows = []
    for obj in net.sorted_objects:
        if not isinstance(obj, Synapses) or len(obj) == 0:
            continue
        prefix = loop.binder.label(obj) + "_"
        n_bytes = sum(
            value.itemsize
            for name, value in values.items()
            if name.startswith(prefix) and isinstance(value, np.ndarray) and len(value) == len(obj)
        )
        rows.append((obj.name, str(len(obj)), str(n_bytes)))
    return rows
