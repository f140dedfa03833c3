"""What all neuron models share: parameters, equations as text, and `group(n)`."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from brian2 import Equations, NeuronGroup

from spikeplast.neurons.inputs import ConductanceInput, SynapticInput
from spikeplast.parameters import Parameters, merged_namespace
from spikeplast.references import remember_source


@dataclass(frozen=True)
class NeuronModel(Parameters, ABC):
    """A spiking neuron: Brian 2 text and the parameters that it names.

    A subclass gives `equations`, `threshold`, `reset`, `initial_values`, `citation`, a parameter
    `refractory`, and the integration `method` that suits its equations.
    """

    #: BibTeX of the papers.
    citation: ClassVar[str] = ""

    @property
    @abstractmethod
    def equations(self) -> str:
        """Equations, as Brian 2 text."""

    @property
    @abstractmethod
    def reset(self) -> str | None:
        """Statements at a spike, as Brian 2 text; None if it changes nothing."""

    @property
    def threshold(self) -> str:
        """Condition of a spike, as Brian 2 text."""
        return "v > v_threshold"

    @property
    def method(self) -> str | Callable[..., str]:
        """Brian 2 integration method used when `group` is not given one."""
        return "exponential_euler"

    @property
    def refractory_text(self) -> str:
        """How long no spike follows a spike, as Brian 2 text."""
        return "refractory"

    @property
    def initial_values(self) -> dict[str, Any]:
        """State of a new group, by variable; what is not named starts at 0."""
        return {"v": self.namespace["v_rest"]}

    def group(
        self,
        n: int,
        *,
        extra_equations: str | Equations = "",
        method: str | Callable[..., str] | None = None,
        namespace: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> NeuronGroup:
        """`n` such neurons, as a plain NeuronGroup at rest.

        `extra_equations` are added to the model's (for example `"w_total : 1"`, which
        `normalise_incoming` needs). `namespace` adds names for them; it may not repeat one of
        the model's parameters (ValueError). All further arguments go to NeuronGroup and may
        replace `threshold`, `reset` and `refractory`.
        """
        arguments = {
            "threshold": self.threshold,
            "reset": self.reset,
            "refractory": self.refractory_text,
        } | kwargs
        group = NeuronGroup(
            n,
            Equations(self.equations) + Equations(str(extra_equations)),
            method=self.method if method is None else method,
            namespace=merged_namespace(type(self).__name__, self.namespace, namespace),
            **arguments,
        )
        for variable, value in self.initial_values.items():
            setattr(group, variable, value)
        for part in self._parts:
            remember_source(group, type(part).__name__, part.citation)
        return group

    @property
    def _parts(self) -> tuple[Any, ...]:
        """What `spikeplast.cite` names for a group."""
        return (self,)

    def _check_reset_below(
        self, threshold: Any, threshold_name: str, reset_name: str = "v_reset"
    ) -> None:
        reset = getattr(self, reset_name)
        if reset >= threshold:
            raise ValueError(
                f"{type(self).__name__}: {reset_name} = {reset} is not below {threshold_name} = "
                f"{threshold}; the neuron would spike at every time step"
            )


@dataclass(frozen=True)
class NeuronWithInputs(NeuronModel):
    """A neuron in physical units, with a synaptic input of any kind and a current `I_ext`.

    Parameter `inputs`: `ConductanceInput` (in siemens), `CurrentInput` (in ampere), `NMDAInput`,
    or None.
    """

    inputs: SynapticInput | None = field(default_factory=ConductanceInput)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.inputs is not None and not isinstance(self.inputs, SynapticInput):
            raise TypeError(
                f"{type(self).__name__}: inputs = {self.inputs!r} is not a synaptic input; "
                "expected a ConductanceInput, CurrentInput or NMDAInput (or None)"
            )

    @property
    def namespace(self) -> dict[str, Any]:
        """Parameters, with those of the synaptic input."""
        return super().namespace | (self.inputs.namespace if self.inputs else {})

    @property
    def _parts(self) -> tuple[Any, ...]:
        return (self, self.inputs) if self.inputs and self.inputs.citation else (self,)

    @property
    def _current(self) -> str:
        """Injected and synaptic current, as Brian 2 text."""
        return "I_ext" + (f" + {self.inputs.input_current}" if self.inputs else "")

    def _current_equations(self, current: str = "amp", conductance: str = "siemens") -> str:
        lines = [f"I_ext : {current}"]
        if self.inputs:
            lines.append(self.inputs.input_equations(current=current, conductance=conductance))
        return "\n".join(lines)
