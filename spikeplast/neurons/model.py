"""What all neuron models share: parameters, equations as text, and `group(n)`."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from brian2 import Equations, NeuronGroup

from spikeplast.exact_solution import driven_at_its_own_rate
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

        `method="exact"` is refused (ValueError) where a variable drives another one that decays
        equally fast, because the formula divides by the difference of their rates. A model whose
        own method is exact is integrated by exponential Euler then.
        """
        arguments = {
            "threshold": self.threshold,
            "reset": self.reset,
            "refractory": self.refractory_text,
        } | kwargs
        equations = Equations(self.equations) + Equations(str(extra_equations))
        names = merged_namespace(type(self).__name__, self.namespace, namespace)
        group = NeuronGroup(
            n,
            equations,
            method=self._possible(
                self.method if method is None else method,
                equations,
                names,
                chosen=method is not None,
            ),
            namespace=names,
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

    def _possible(
        self,
        method: str | Callable[..., str],
        equations: Equations,
        names: dict[str, Any],
        *,
        chosen: bool,
    ) -> str | Callable[..., str]:
        """`method`, or exponential Euler where it is exact and its formula divides by zero."""
        if method not in ("exact", "linear"):
            return method
        pair = driven_at_its_own_rate(equations, names)
        if pair is None:
            return method
        if chosen:
            raise ValueError(
                f"{type(self).__name__}: method = '{method}' divides by zero, because {pair[0]} "
                f"and {pair[1]}, which drives it, decay equally fast; use 'exponential_euler' or "
                "another time constant"
            )
        return "exponential_euler"

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
