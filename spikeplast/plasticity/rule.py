"""What all spike-driven rules share: traces, the order of events, and `synapses(...)`."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from brian2 import Equations, Quantity, Synapses, get_unit, have_same_dimensions

from spikeplast.exact_solution import driven_at_its_own_rate
from spikeplast.parameters import Parameters, check_parameter, merged_namespace
from spikeplast.parameters import check_choice as check_choice
from spikeplast.plasticity.bounds import Bounds, HardBounds, NoBounds
from spikeplast.references import remember_source

PAIRINGS = ("all-to-all", "nearest")


@dataclass(frozen=True)
class SpikeEffect:
    """What one spike does: change the weight by traces as they stand, then update its own traces.

    `depression` and `potentiation` are amounts (Brian 2 text, never negative), applied in this
    order; `change` is an amount of either sign, bounded as a whole. `update` holds the statements
    for the traces of the side that spiked. `late` is for presynaptic spikes only: statements after
    the postsynaptic spikes of the same time step, for a trace that these are not to see.
    """

    depression: str | None = None
    potentiation: str | None = None
    change: str | None = None
    update: str = ""
    late: str = ""


@dataclass(frozen=True)
class PlasticityRule(Parameters, ABC):
    """A rule for the weight `w` that acts at presynaptic and postsynaptic spikes.

    At a presynaptic spike the synapse first transmits with the weight it has, then depresses or
    potentiates, then updates the presynaptic traces; at a postsynaptic spike it changes the
    weight, then updates the postsynaptic traces. So every trace is read *before* the jump that
    the same spike gives it. Of a presynaptic and a postsynaptic spike in the same time step the
    presynaptic one comes first: a lag of 0 counts as pre before post.

    The traces are event-driven per-synapse equations; they are exact at any time step.

    A new rule is a subclass with its parameters, `traces`, `pre`, `post` and `citation`. It says
    nothing of transmission or bounds, which `synapses` adds.
    """

    #: BibTeX of the papers.
    citation: ClassVar[str] = ""

    @property
    @abstractmethod
    def traces(self) -> str:
        """Equations of the traces, as Brian 2 text."""

    @property
    @abstractmethod
    def pre(self) -> SpikeEffect:
        """Effect of a presynaptic spike."""

    @property
    @abstractmethod
    def post(self) -> SpikeEffect:
        """Effect of a postsynaptic spike."""

    def bounds(self, w_max: float) -> Bounds:
        """The bounds that the rule implies for weights from 0 to `w_max`."""
        return HardBounds(0.0, w_max)

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
        short_term: Any = None,
        **kwargs: Any,
    ) -> Synapses:
        """Plain Brian 2 Synapses from `source` to `target` (None: `source`) under this rule.

        They are not yet connected, and after `connect` the weights `w` (no unit) are 0: set them,
        or use `set_weights`, which checks their range.

        - `acts_on`: variable of `target` that a presynaptic spike raises by `gain * w`, such as
          "g_e"; None for plasticity without transmission.
        - `gain`: effect of a weight of 1, in the unit of that variable (for example `0.015`, or
          `16*pA`).
        - `w_max`: upper bound of the weights (default 1) within the rule's own bounds, or
          `bounds`: other bounds. Give one of the two.
        - `short_term`: a `TsodyksMarkram`, which scales what each spike transmits.
        - `extra_equations`, `namespace`: more variables per synapse, and more names.
        - All further arguments go to Synapses. A `delay` holds for presynaptic spikes: they count,
          for the rule too, when they arrive. Delays that differ are set with `set_delays`.

        The shared variable `learning_rate` (1 at first) multiplies every change of the weight:
        `synapses.learning_rate = 0` switches plasticity off, while the traces go on. Even so, a
        weight that something else has put outside the bounds is clipped at its next spike.

        Raises ValueError or TypeError for an `acts_on` that the target does not have, a `gain` of
        another unit, bounds that are none or given twice, a variable of the neurons that has the
        name of a variable or parameter of the rule, and an extra equation that decays as fast as
        what drives it, which the formula of the exact solution divides by zero for.
        """
        name = type(self).__name__
        neurons = source if target is None else target
        if w_max is not None:
            check_parameter(name, "w_max", w_max, above=0)
        # A class has all that its objects have, so it would pass for bounds.
        if bounds is not None and (isinstance(bounds, type) or not isinstance(bounds, Bounds)):
            raise TypeError(
                f"{name}: bounds = {bounds} are not bounds; expected HardBounds, SoftBounds, "
                "PowerLawBounds or NoBounds"
            )
        if bounds is not None and w_max is not None:
            raise ValueError(
                f"{name}: w_max = {w_max} and bounds = {bounds} are both given; give one of them"
            )
        if bounds is not None and not isinstance(self.bounds(1.0), (HardBounds, NoBounds)):
            raise ValueError(
                f"{name}: bounds = {bounds} and the rule's own {self.bounds(1.0)} both make the "
                "change depend on the weight; give bounds to an additive rule only"
            )
        if bounds is None:
            bounds = self.bounds(1.0 if w_max is None else w_max)
        transmission = _transmission(name, neurons, acts_on, gain)
        own_names = self.namespace | bounds.namespace | {"gain": gain}
        if short_term is not None:
            if not transmission:
                raise ValueError(
                    f"{name}: short_term = {short_term} has nothing to scale with acts_on = None"
                )
            own_names |= short_term.namespace
            extra_equations = f"{extra_equations}\n{short_term.equations}"
            transmission = [*short_term.on_spike, f"{transmission[0]} * released"]
        equations = Equations(f"w : 1\nlearning_rate : 1 (shared)\n{self.traces}")
        _check_names(name, source, equations.names)
        _check_names(name, neurons, equations.names | own_names.keys())
        on_pre: Any = "\n".join([*transmission, *_statements(self.pre, bounds)])
        if self.pre.late:
            on_pre = {"pre": on_pre, "late": self.pre.late}
            if "delay" in kwargs and not isinstance(kwargs["delay"], dict):
                kwargs["delay"] = dict.fromkeys(on_pre, kwargs["delay"])
        equations += Equations(str(extra_equations))
        names = merged_namespace(name, own_names, namespace)
        if kwargs.get("method") in (None, "exact", "linear"):
            _check_rates(name, equations, names)
        synapses = Synapses(
            source,
            target,
            equations,
            on_pre=on_pre or None,
            # A pathway without code would still be walked at each postsynaptic spike.
            on_post="\n".join(_statements(self.post, bounds)) or None,
            namespace=names,
            **kwargs,
        )
        if self.pre.late:
            # Brian 2 gives pathways of postsynaptic spikes the order 1.
            synapses.late.order = 2
        # The attribute cannot be set before connect(), but a shared variable exists already.
        synapses.variables["learning_rate"].set_value(1.0)
        for part in (self, short_term):
            if part is not None:
                remember_source(synapses, type(part).__name__, part.citation)
        return synapses


def _statements(effect: SpikeEffect, bounds: Bounds) -> list[str]:
    statements = []
    if effect.depression:
        statements.append(bounds.depress(f"learning_rate * ({effect.depression})"))
    if effect.potentiation:
        statements.append(bounds.potentiate(f"learning_rate * ({effect.potentiation})"))
    if effect.change:
        statements.append(bounds.change(f"learning_rate * ({effect.change})"))
    return [line for line in [*statements, effect.update] if line]


def _transmission(name: str, target: Any, acts_on: str | None, gain: Any) -> list[str]:
    if acts_on is None:
        return []
    variable = target.variables.get(acts_on)
    if variable is None or variable.read_only:
        own = [
            key
            for key, other in target.variables.items()
            if not other.read_only and not key.startswith("_")
        ]
        raise ValueError(
            f"{name}: acts_on = '{acts_on}' is not a variable of {target.name} that can change; "
            f"it has {', '.join(sorted(own)) or 'none'}"
        )
    # Brian 2 would call no unit "rad".
    dimensionless = have_same_dimensions(get_unit(variable.dim), 1)
    expected = "a number" if dimensionless else f"a quantity in {get_unit(variable.dim)}"
    if not isinstance(gain, (int, float, np.number, np.ndarray)):
        raise TypeError(f"{name}: gain = {gain} is a {type(gain).__name__}; expected {expected}")
    if not have_same_dimensions(gain, get_unit(variable.dim)):
        raise TypeError(
            f"{name}: gain = {gain} is of the wrong unit for {acts_on} of {target.name}; "
            f"expected {expected}"
        )
    if np.ndim(gain) != 0 or not np.isfinite(float(gain)):
        raise ValueError(f"{name}: gain = {gain} is not one finite value")
    return [f"{acts_on}_post += gain * w"]


def _check_names(name: str, neurons: Any, names: set[str]) -> None:
    # Brian 2 would read a parameter of that name from the neuron, and refuse such a variable.
    shared = sorted(names & set(neurons.variables))
    if shared:
        raise ValueError(
            f"{name}: {neurons.name} has a variable '{shared[0]}', which is the name of something "
            "else in this rule's synapses; rename the variable of the neurons"
        )


def _check_rates(name: str, equations: Equations, names: dict[str, Any]) -> None:
    pair = driven_at_its_own_rate(equations, names)
    if pair is not None:
        raise ValueError(
            f"{name}: {pair[0]} and {pair[1]}, which drives it, decay equally fast, where the "
            "formula of the exact solution divides by zero; write both time constants by the same "
            "name, or make them different"
        )


def trace_jump(trace: str, pairing: str) -> str:
    """Statement for the jump of `trace` at a spike: summed over spikes, or of the last one."""
    return f"{trace} += 1" if pairing == "all-to-all" else f"{trace} = 1"
