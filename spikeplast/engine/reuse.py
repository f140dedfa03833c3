"""A network's program and compiled loop, kept for its next run if nothing has changed.

Brian 2 makes all code objects anew at each run, which takes far longer than a run of a few
time steps.  All that goes into them is compared instead: the objects and their attributes,
their variables, time steps, the values of names in equations, preferences and options.  What
a run reads from arrays (state, delays, synapses) may change; the loop gets arrays at each run.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from brian2 import Quantity, prefs
from brian2.core.base import BrianObjectException
from brian2.core.magic import MagicNetwork
from brian2.core.network import Network
from brian2.groups.group import Group
from brian2.input.spikegeneratorgroup import SpikeGeneratorGroup

from .cache import CompiledLoop
from .codegen.assemble import Loop
from .kept import ATTRIBUTE
from .program import PathwayStep, Program, unwrapped

#: Where a network has what it ran last.
_PREPARED = "_spikeplast_prepared"
_PLAIN = (str, bytes, int, float, bool, type(None))
_NUMBERS = (int, float, complex, np.number, np.ndarray)
#: Where a SpikeGeneratorGroup notes what its own preparation has to do.
_OF_GENERATOR = {"_spikes_changed", "_previous_dt", "codeobj"}
#: What says nothing about the code: views of arrays, and our own note.
_IGNORED = {"eventspace", ATTRIBUTE}


@dataclass
class Prepared:
    """What a run needs besides the state."""

    program: Program
    loop: Loop
    function: CompiledLoop
    conditions: "Conditions"
    #: Time steps that took about as long as the loop may go on without a look around.
    n_steps: int = 1
    is_compiled: bool = False

    def can_run_again(
        self, net: Network, objects: Sequence[Any], namespace: Mapping[str, Any], options: Any
    ) -> bool:
        """Whether a run would be prepared in the same way; if so, it is prepared."""
        if not self.conditions.hold(objects, namespace, options):
            return False
        if not all(function.is_current for _, function in self.loop.binder.functions):
            return False
        Network._globally_stopped = net._stopped = False
        for obj in objects:
            if obj.active:
                if isinstance(obj, SpikeGeneratorGroup):
                    try:
                        obj.before_run(namespace)
                    except Exception as error:
                        text = "An error occurred when preparing an object."
                        raise BrianObjectException(text, obj) from error
                else:
                    for code_object in obj.code_objects:
                        code_object.before_run()
        return self.conditions.hold_for_pathways(self.program) and all(
            lifted.try_to_take_up() for lifted in self.program.lifted
        )


def prepared_before(net: Network) -> Prepared | None:
    """What the network ran last; kept at the network, to go with it."""
    return vars(net).get(_PREPARED)


def remember(net: Network, prepared: Prepared) -> None:
    """Keep what a network runs for its next run."""
    # The magic network stays for ever, and lets its objects go after each run.
    if not isinstance(net, MagicNetwork):
        vars(net)[_PREPARED] = prepared


class Watched(Mapping[str, Any]):
    """A name space that remembers what was looked up in it."""

    def __init__(self, namespace: Mapping[str, Any]):
        self._namespace = namespace
        self.seen: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        self.seen[name] = _value(self._namespace, name)
        return self._namespace[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._namespace)

    def __len__(self) -> int:
        return len(self._namespace)


class Conditions:
    """What a network's program was made of.

    Parameters
    ----------
    objects : all objects of the network, in the order in which they run
    program : what was made of them
    namespace : the one with which `before_run` was called
    options : of the device and of the run
    """

    def __init__(self, objects: Sequence[Any], program: Program, namespace: Watched, options: Any):
        inside = _names_inside_all(objects)
        self._names = {name: v for name, v in namespace.seen.items() if name not in inside}
        self._options = options
        self._prefs = dict(prefs.items())
        self._objects = [_description(obj) for obj in objects]
        self._pathways = _pathways(program)
        self._known = all(_prepared_by_brian(obj) for obj in objects)

    def hold(self, objects: Sequence[Any], namespace: Mapping[str, Any], options: Any) -> bool:
        return (
            self._known
            and options == self._options
            and len(objects) == len(self._objects)
            and all(map(_same, map(_description, objects), self._objects))
            and all(_same(_value(namespace, name), v) for name, v in self._names.items())
            and dict(prefs.items()) == self._prefs
        )

    def hold_for_pathways(self, program: Program) -> bool:
        """Whether spikes and synapses are still those that the loop was written for."""
        return self._pathways == _pathways(program)


def _names_inside_all(objects: Sequence[Any]) -> set[str]:
    """Names such as `t` that no object looks up but to warn of an equal one outside."""
    inside = [set(obj.variables) for obj in objects if isinstance(obj, Group)]
    return set.intersection(*inside) if inside else set()


def _prepared_by_brian(obj: Any) -> bool:
    """Whether no class of the user's has a part in preparing the object."""
    methods = (
        getattr(type(obj), name, None)
        for name in ("before_run", "update_abstract_code", "create_code_objects")
    )
    return all(m is None or m.__module__.startswith("brian2.") for m in methods)


def _description(obj: Any) -> tuple[Any, ...]:
    """All that bears on the code made for an object, to be compared with `_same`."""
    ignored = _IGNORED | (_OF_GENERATOR if isinstance(obj, SpikeGeneratorGroup) else set())
    attributes = {name: v for name, v in vars(obj).items() if name not in ignored}
    for name, value in list(attributes.items()):
        if isinstance(value, dict):
            attributes.update((f"{name} {key}", item) for key, item in value.items())
        elif isinstance(value, np.ndarray) and value.ndim:
            # An array is state, not code.
            del attributes[name]
    namespace = getattr(obj, "namespace", None) or {}
    return (
        obj,
        obj.clock,
        getattr(obj.clock, "dt_", None),
        *(part for name in sorted(attributes) for part in (name, _value(attributes, name))),
        *(() if isinstance(obj, SpikeGeneratorGroup) else map(unwrapped, obj.code_objects)),
        *(getattr(obj, "variables", None) or {}).values(),
        *(part for name in namespace for part in (name, _value(namespace, name))),
    )


def _value(namespace: Mapping[str, Any], name: str) -> Any:
    """A copy of a number, since it may be changed in place; anything else is itself."""
    value = namespace.get(name, _MISSING)
    if isinstance(value, _NUMBERS):
        unit = value.dim if isinstance(value, Quantity) else None
        return type(value), unit, np.asarray(value).tobytes()
    return value


_MISSING = object()


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, tuple):
        return isinstance(b, tuple) and len(a) == len(b) and all(map(_same, a, b))
    return a is b or (type(a) in _PLAIN and type(a) is type(b) and a == b)


def _pathways(program: Program) -> list[tuple[Any, ...]]:
    """What the source depends on in the delays and synapses of each pathway."""
    return [
        (
            step.queue.kind,
            step.layout.order is None,
            step.rows,
            not step.dense or step.leads_to_neighbours,
        )
        for step in program.steps
        if isinstance(step, PathwayStep)
    ]
