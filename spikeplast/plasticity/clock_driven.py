"""What rules share that also act in each time step: what they read of the target, and when."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from brian2 import Equations, Quantity, Subgroup, Synapses, get_unit, have_same_dimensions

from spikeplast.plasticity.bounds import Bounds
from spikeplast.plasticity.rule import PlasticityRule, SpikeEffect

#: Orders in the scheduling slot "groups", in which neurons advance with order 0: the rule reads
#: them after that, and the synaptic traces as they were left by the spikes of earlier steps.
CHANGE_ORDER, TRACE_ORDER = 10, 11


@dataclass(frozen=True)
class Regularly:
    """Code that runs at each synapse (or neuron), in each time step or with a clock of its own."""

    code: str
    every: Quantity | None = None
    when: str = "groups"
    order: int = CHANGE_ORDER


@dataclass(frozen=True)
class ClockDrivenRule(PlasticityRule):
    """A rule that acts in each time step, and perhaps at spikes as well.

    Order within a time step: the neurons advance; the rule changes the weights, reading the
    neurons as they are now and its traces before they decay, so without this step's spikes; the
    traces decay; then come the spikes, in the order of `PlasticityRule`.

    A subclass gives `traces`, `regularly` and what it does at spikes (`pre`, `post`: nothing
    unless given). `needs` names what the model of the target has to have, `target_equations` is
    what the rule supplies; give these to the model:
    `model.group(n, extra_equations=rule.target_equations)`.
    """

    #: What names the operations at the target; rules that share them have it in common.
    target_kind: ClassVar[str] = ""
    #: Variables that the target's model has to have, and their units.
    needs: ClassVar[dict[str, Any]] = {}

    @property
    def target_equations(self) -> str:
        """Equations that the target needs for this rule."""
        return ""

    @property
    def target_namespace(self) -> dict[str, Any]:
        """Names that `target_equations` and `target_regularly` use; they go to the target."""
        return {}

    def start(self, target: Any) -> None:
        """Set the variables that the rule supplies to the values they start with."""

    @property
    def pre(self) -> SpikeEffect:
        """Nothing, unless a rule says otherwise."""
        return SpikeEffect()

    @property
    def post(self) -> SpikeEffect:
        """Nothing, unless a rule says otherwise."""
        return SpikeEffect()

    @abstractmethod
    def regularly(self, bounds: Bounds) -> list[Regularly]:
        """What runs at each synapse, as Brian 2 text."""

    def target_regularly(self) -> list[Regularly]:
        """What runs at each target neuron; once, however many projections the rule has there."""
        return []

    def synapses(
        self,
        source: Any,
        target: Any = None,
        *,
        acts_on: str | None,
        gain: float | Quantity = 1.0,
        w_max: float | None = None,
        bounds: Bounds | None = None,
        extra_equations: str | Equations = "",
        namespace: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Synapses:
        """See `PlasticityRule.synapses`; `method` is "exact" unless given.

        The variables that the rule supplies are set to where they start, a filtered voltage to the
        voltage as it is now, and the names in `target_equations` get their values. Raises
        ValueError, or TypeError for a wrong unit, if the target lacks a variable that the rule
        needs.
        """
        neurons = source if target is None else target
        self._check_target(neurons)
        made = super().synapses(
            source,
            target,
            acts_on=acts_on,
            gain=gain,
            w_max=w_max,
            bounds=bounds,
            extra_equations=extra_equations,
            namespace=namespace,
            **({"method": "exact", "order": TRACE_ORDER} | kwargs),
        )
        chosen = bounds if bounds is not None else self.bounds(1.0 if w_max is None else w_max)
        for item in self.regularly(chosen):
            made.run_regularly(item.code, dt=item.every, when=item.when, order=item.order)
        # Operations of a Subgroup object are not part of the network, those of its parent are.
        parent = neurons.source if isinstance(neurons, Subgroup) else neurons
        self._name_values(parent)
        kind = self.target_kind or type(self).__name__.lower()
        for number, item in enumerate(self.target_regularly()):
            self._run_once(parent, f"{parent.name}_{kind}_{number}", item)
        self.start(neurons)
        return made

    def _run_once(self, neurons: Any, name: str, item: Regularly) -> None:
        there = [other for other in neurons.contained_objects if other.name == name]
        if not there:
            neurons.run_regularly(
                item.code, dt=item.every, when=item.when, order=item.order, name=name
            )
        elif there[0].abstract_code != item.code or (
            item.every is not None and there[0].clock.dt != item.every
        ):
            raise ValueError(
                f"{type(self).__name__}: {neurons.name} already has a rule of this kind that does "
                "something else there, or at other times; rules on one group have to agree in what "
                "they do there"
            )

    def _name_values(self, neurons: Any) -> None:
        for key, value in self.target_namespace.items():
            if neurons.namespace.setdefault(key, value) is not value and not np.all(
                neurons.namespace[key] == value
            ):
                raise ValueError(
                    f"{type(self).__name__}: {neurons.name} already has {key} = "
                    f"{neurons.namespace[key]}, and this rule {value}; rules on one group have to "
                    "agree in what they do there"
                )

    def _check_target(self, target: Any) -> None:
        name = type(self).__name__
        supplied = Equations(self.target_equations)
        for variable, unit in self.needs.items():
            found = target.variables.get(variable)
            if found is None:
                raise ValueError(
                    f"{name}: {target.name} has no variable '{variable}' ({_in(unit)}), which "
                    "the rule needs; use a model that has it"
                )
            if not have_same_dimensions(get_unit(found.dim), unit):
                raise TypeError(
                    f"{name}: '{variable}' of {target.name} is {_in(get_unit(found.dim))}; "
                    f"expected it {_in(unit)}"
                )
        for variable in supplied:
            if variable not in target.variables:
                raise ValueError(
                    f"{name}: {target.name} has no variable '{variable}', which the rule needs; "
                    "make the group with extra_equations=rule.target_equations"
                )


def _in(unit: Any) -> str:
    # Brian 2 would call no unit "rad".
    return "without unit" if have_same_dimensions(unit, 1) else f"in {unit}"
