"""Synaptic variables that are kept once per neuron instead of once per synapse."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from brian2.core.functions import Function
from brian2.core.variables import ArrayVariable
from brian2.synapses.synapses import Synapses

from .kept import keep, release

#: Below this a decaying trace counts as nothing: denormal numbers are slow.
SMALLEST = 1e-290


class DecayFunction:
    """Event-driven equations as a function of arrays.

    Parameters
    ----------
    assignments : pairs of a name and the expression that it is set to, in order
    variables : Brian 2's variables, by the names used in the expressions
    names : the variables of the equations
    of_neurons : names of `variables` that neurons have, and "pre" or "post"
    """

    def __init__(
        self,
        assignments: Iterable[tuple[str, str]],
        variables: dict[str, Any],
        names: list[str],
        of_neurons: Mapping[str, str] = MappingProxyType({}),
    ):
        self._assignments = [
            (target, compile(text, "<decay>", "eval")) for target, text in assignments
        ]
        self._variables = variables
        self._of_neurons = of_neurons
        self.names = names
        self._frozen: dict[str, Any] | None = None

    def freeze(self) -> None:
        """Go on with the present values of shared variables, even if they change."""
        self._frozen = self._shared_values()

    def thaw(self) -> None:
        self._frozen = None

    @property
    def changed(self) -> bool:
        """Whether shared variables have other values than when the function was frozen."""
        if self._frozen is None:
            return False
        now = self._shared_values()
        return not all(np.array_equal(self._frozen[name], now[name]) for name in now)

    def _shared_values(self) -> dict[str, Any]:
        return {name: _plain(variable) for name, variable in self._variables.items()}

    def __call__(
        self,
        values: dict[str, np.ndarray],
        since: np.ndarray,
        until: Any,
        neurons: Mapping[str, np.ndarray] = MappingProxyType({}),
    ) -> dict[str, np.ndarray]:
        """The values of all variables at times `until`, from their values at `since`.

        `neurons` has the neuron of each value, by its side.
        """
        known = dict(self._shared_values() if self._frozen is None else self._frozen)
        for name, side in self._of_neurons.items():
            known[name] = known[name][neurons[side]]
        known.update(values, lastupdate=since, t=until)
        for target, expression in self._assignments:
            known[target] = eval(expression, {"__builtins__": {}}, known)
        return {name: known[name] for name in self.names}


def is_decay(factors: DecayFunction) -> bool:
    """Whether all factors by which clock-driven variables are multiplied are those of a decay."""
    return all(0 < factor <= 1 for factor in factors({}, np.zeros(0), 0.0).values())


def _plain(variable: Any) -> Any:
    if isinstance(variable, Function):
        return variable.pyfunc
    value = variable.get_value()
    if not variable.scalar:
        return value.copy()
    return value.item() if getattr(value, "size", 0) == 1 else value


@dataclass
class LiftedVariable:
    """A synaptic variable in the form in which the loop keeps it.

    Attributes
    ----------
    variable : the synaptic variable
    side : "pre" or "post" if it is the same for all synapses of such a neuron, else "synapse"
    values : one value for each neuron of that side, or for each synapse, up to date
    base : for a neuron, the same as it was after its own last event; else None
    scale : a number common to all that `values` must be multiplied with, or None.
        A trace that only decays changes by a factor that is the same everywhere, so only
        this number has to be kept up to date.
    clocked : whether it decays in each time step, not at events
    """

    variable: ArrayVariable
    side: str
    values: ArrayVariable
    base: ArrayVariable | None
    scale: ArrayVariable | None
    clocked: bool = False


class LiftedTraces:
    """The lifted variables of one Synapses object.

    When somebody asks for one of the synaptic variables, or before the network is prepared
    anew, all of them are written out to the synapses, as Brian 2 would show them: each as it
    was at the last event of its synapse.

    Parameters
    ----------
    synapses : Synapses
    sides : side of each variable
    factors : by what each variable is multiplied between events, for those that have a scale;
        all of side "synapse" must be among them
    decay : what happens to the event-driven variables between events
    clocked : the factor by which each clock-driven variable is multiplied in a time step
    clocks : of the pathways
    device : NumbaDevice
    """

    def __init__(
        self,
        synapses: Synapses,
        sides: dict[str, str],
        factors: dict[str, str],
        decay: DecayFunction,
        clocked: DecayFunction,
        clocks: list[Any],
        device: Any,
    ):
        self.synapses = synapses
        self.device = device
        self._decay = decay
        self.factors = factors
        self._clocked = clocked
        self._times = [clock.variables["t"] for clock in clocks]
        self._since = 0.0
        #: When all values were brought up to date last, and since when `scale` counts.
        self.last_update = self.new_variable("_last_decay", 1, scalar=True)
        self.epoch = self.new_variable("_epoch", 1, scalar=True)
        #: The time of each neuron's last event; -inf if there was none since `compress`.
        self.event_times = {
            side: self.per_neuron(f"_{side}_event_time", side) for side in ("pre", "post")
        }
        self.variables = {
            name: self._lift(name, side, name in factors, name in clocked.names)
            for name, side in sides.items()
        }
        self.event_driven = [n for n, lifted in self.variables.items() if not lifted.clocked]
        self.resident = False
        #: What is streamed with these traces.
        self.streams: list[Any] = []

    def _lift(self, name: str, side: str, has_factor: bool, clocked: bool) -> LiftedVariable:
        variable = self.synapses.variables[name]
        scale = None
        if has_factor or clocked:
            scale = self.new_variable(f"_{name}_scale", 1, scalar=True)
        if side == "synapse":
            # The synapses' own array serves: while the loop runs nobody else looks at it.
            return LiftedVariable(variable, side, variable, None, scale)
        return LiftedVariable(
            variable,
            side,
            self.per_neuron(f"_{name}_now", side),
            self.per_neuron(f"_{name}_base", side),
            scale,
            clocked,
        )

    def per_neuron(self, name: str, side: str) -> ArrayVariable:
        """A new array of one value for each neuron of a side."""
        group = self.synapses.source if side == "pre" else self.synapses.target
        return self.new_variable(name, int(group.stop))

    def new_variable(self, name: str, size: int, scalar: bool = False) -> ArrayVariable:
        """A new array of zeros; scalar ones have one element and need no index."""
        variable = ArrayVariable(
            name, self.synapses, size, self.device, dtype=np.float64, scalar=scalar
        )
        self.device.add_array(variable)
        variable.get_value()[:] = 0
        return variable

    def neurons(self, side: str) -> np.ndarray:
        """The neuron of each synapse."""
        return self.synapses.variables[f"_synaptic_{side}"].get_value()

    def _neurons(self, of: Any = slice(None)) -> dict[str, np.ndarray]:
        """The same for both sides, of some synapses."""
        return {side: self.neurons(side)[of] for side in ("pre", "post")}

    @property
    def _last_event(self) -> np.ndarray:
        return self.device.raw_value(self.synapses.variables["lastupdate"])

    @property
    def now(self) -> float:
        """The earliest time at which an event may come.

        From the pathways' clocks, because others may say the same time with another rounding.
        """
        return min(float(time.get_value().item()) for time in self._times)

    def compress(self) -> set[str]:
        """Take the present values from the synapses.

        Returns the variables for which that is impossible, because their values are not
        the same, up to rounding, at all synapses of a neuron; if any, nothing has changed.
        """
        if self.resident:
            return set()
        t = self.now
        current = {name: lifted.variable.get_value() for name, lifted in self.variables.items()}
        if self.event_driven:
            stored = {name: current[name] for name in self.event_driven}
            current |= self._decay(stored, self._last_event, t, self._neurons())
        per_neuron = {
            name: self._per_neuron_values(lifted, current[name])
            for name, lifted in self.variables.items()
            if lifted.base is not None
        }
        unequal = {name for name, values in per_neuron.items() if values is None}
        if unequal:
            return unequal
        for name, lifted in self.variables.items():
            if lifted.base is None:
                # What is far below a number of ordinary size would be infinite at its last event.
                kept = np.abs(current[name]) > SMALLEST
                lifted.variable.get_value()[:] = np.where(kept, current[name], 0)
            else:
                lifted.values.get_value()[:] = per_neuron[name]
                lifted.base.get_value()[:] = per_neuron[name]
            if lifted.scale is not None:
                lifted.scale.get_value()[:] = 1
        for times in self.event_times.values():
            times.get_value()[:] = -np.inf
        self._since = t
        self.last_update.get_value()[:] = t
        self.epoch.get_value()[:] = t
        for stream in self.streams:
            stream.restart(t)
        return set()

    def _per_neuron_values(
        self, lifted: LiftedVariable, per_synapse: np.ndarray
    ) -> np.ndarray | None:
        neurons = self.neurons(lifted.side)
        values = np.zeros(lifted.values.size)
        values[neurons] = per_synapse
        rounding = 1e-12 if lifted.variable.dtype == np.float64 else 1e-6
        tolerance = 0.1 * rounding * np.abs(values).max(initial=0.0)
        equal = np.allclose(values[neurons], per_synapse, rtol=rounding, atol=tolerance)
        return values if equal else None

    def take_over(self) -> None:
        """From now on the lifted values count."""
        self.resident = True
        for variable in self._synaptic_variables():
            keep(variable, self)

    def settle(self) -> None:
        """At the end of a run: constants that change from now on count from the next run on."""
        self._decay.freeze()
        for stream in self.streams:
            stream.settle()

    def try_to_take_up(self) -> bool:
        """Go on after code that may have asked for the variables or changed them.

        Returns whether that is possible: their values may now differ among the synapses of a
        neuron.
        """
        if self._decay.changed:
            self.expand()
        self._decay.thaw()
        if not self.resident:
            if self.compress():
                return False
            self.take_over()
        taken_up = [stream.try_to_take_up() for stream in self.streams]
        return all(taken_up) and is_decay(self._clocked)

    def take_up(self) -> None:
        """The same during a run.

        Raises
        ------
        RuntimeError
            If it is not possible.
        """
        if not self.try_to_take_up():
            raise RuntimeError(
                f"during the run, synapses of '{self.synapses.name}' were given values that the "
                f"compiled program does not allow for: {', '.join(sorted(self.variables))} are "
                "kept once per neuron, and streamed weights stay within their bounds; run with "
                "set_device('numba', optimize={'lift_traces': False, 'stream_plasticity': False})"
            )

    def expand(self) -> None:
        """Write the values out to the synapses, whose own values count again."""
        if not self.resident:
            return
        self.resident = False
        for stream in self.streams:
            stream.expand()
        for variable in self._synaptic_variables():
            release(variable)
        if self.event_driven:
            self._expand_event_driven()
        for lifted in self.variables.values():
            if lifted.clocked:
                array = lifted.variable.get_value()
                neurons = self.neurons(lifted.side)[: array.size]
                assert lifted.scale is not None
                array[: neurons.size] = (
                    lifted.values.get_value()[neurons] * lifted.scale.get_value()[0]
                )

    def _expand_event_driven(self) -> None:
        times = {side: times.get_value() for side, times in self.event_times.items()}
        last_event = self._last_event.copy()
        # Synapses that are being created have neurons already, but no values yet.
        # While fewer are being restored, it is the other way round.
        neurons_of = {side: self.neurons(side)[: last_event.size] for side in times}
        last_event = last_event[: min(neurons.size for neurons in neurons_of.values())]
        for side, neurons in neurons_of.items():
            neurons = neurons[: last_event.size]
            np.maximum(last_event, times[side][neurons], out=last_event)
        met = np.flatnonzero(last_event >= self._since)
        for side in ("pre", "post"):
            neurons = neurons_of[side][met]
            base_time = np.maximum(times[side][neurons], self._since)
            base = {
                name: lifted.base.get_value()[neurons]
                for name, lifted in self.variables.items()
                if lifted.side == side and lifted.base is not None and not lifted.clocked
            }
            for name, values in self._decayed(base, base_time, last_event[met], met).items():
                self.variables[name].variable.get_value()[met] = values
        self._last_event[: last_event.size] = last_event
        self._expand_per_synapse()

    def _expand_per_synapse(self) -> None:
        """What is kept per synapse is that of the epoch, but for the common factor."""
        stored = {
            name: lifted.values.get_value()
            for name, lifted in self.variables.items()
            if lifted.side == "synapse"
        }
        epoch = self.epoch.get_value()[0]
        with np.errstate(over="ignore", invalid="ignore"):
            synapses = slice(self._last_event.size)
            values = self._decayed(stored, epoch, self._last_event, synapses)
        for name, array in stored.items():
            # Nothing is left of what decayed since an event long before the epoch.
            array[:] = np.where(array == 0, 0, values[name])

    def _decayed(
        self, values: dict[str, np.ndarray], since: Any, until: np.ndarray, synapses: Any
    ) -> dict[str, np.ndarray]:
        """Those values of some synapses at `until`; they must not depend on other variables."""
        others = {name: np.zeros(until.size) for name in self.event_driven if name not in values}
        decayed = self._decay({**values, **others}, since, until, self._neurons(synapses))
        return {name: decayed[name] for name in values}

    def decays(self, name: str) -> bool:
        """Whether an event-driven variable with a scale gets no larger by itself, as things are."""
        values = {other: np.zeros(1) for other in self.event_driven}
        values[name] = np.ones(1)
        neurons = {side: np.zeros(1, int) for side in ("pre", "post")}
        later = self._decay(values, np.zeros(1), 1e-3, neurons)[name][0]
        return bool(0 <= later <= 1)

    def present(self, name: str) -> np.ndarray:
        """The values of a variable in the form in which they are kept."""
        lifted = self.variables[name]
        values = self.device.raw_value(lifted.values)
        return values if lifted.scale is None else values * lifted.scale.get_value()[0]

    def _synaptic_variables(self) -> list[ArrayVariable]:
        variables = [lifted.variable for lifted in self.variables.values()]
        if self.event_driven:
            variables.append(self.synapses.variables["lastupdate"])
        return variables
