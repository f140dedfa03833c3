"""Synaptic variables that are kept once per neuron instead of once per synapse.

If the delays of a neuron's synapses differ, "neuron" stands for a neuron and a delay: see `rows`.
"""

from collections.abc import Set
from dataclasses import dataclass
from typing import Any

import numpy as np
from brian2.core.variables import ArrayVariable
from brian2.synapses.synapses import Synapses

from .decay import DecayFunction, is_decay
from .kept import keep, release
from .rows import delay_rows, neuron_rows

#: Below this a decaying trace counts as nothing: denormal numbers are slow.
SMALLEST = 1e-290


@dataclass
class LiftedVariable:
    """A synaptic variable in the form in which the loop keeps it.

    Attributes
    ----------
    variable : the synaptic variable
    rows : the name of the rows in which all synapses have the same value, else "synapse"
    values : one value for each row, or for each synapse, up to date
    base : the same as it was after the row's own last event, for event-driven variables that are
        kept by rows; else None.  For rows of neurons and delays, which are many, it is found
        from what is left of it, unless the variable is read during the run.
    scale : a number common to all that `values` must be multiplied with, or None.
        A trace that only decays changes by a factor that is the same everywhere, so only
        this number has to be kept up to date.
    clocked : whether it changes in each time step, not at events
    """

    variable: ArrayVariable
    rows: str
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
    kept : name of the rows by which each variable is kept, or "synapse"
    factors : by what each variable is multiplied between events, for those that have a scale;
        all that are kept by synapse must be among them
    decay : what happens to the event-driven variables between events
    clocked : the factor by which a clock-driven variable that only decays is multiplied in a time
        step
    stepped : the clock-driven variables that do more
    pathways : list of PathwayStep
    device : NumbaDevice
    read : event-driven variables that others read during the run
    """

    def __init__(
        self,
        synapses: Synapses,
        kept: dict[str, str],
        factors: dict[str, str],
        decay: DecayFunction,
        clocked: DecayFunction,
        stepped: Set[str],
        pathways: list[Any],
        device: Any,
        read: Set[str] = frozenset(),
    ):
        self.synapses = synapses
        self.device = device
        self._decay = decay
        self.factors = factors
        self._clocked = clocked
        self._times = [step.clock.variables["t"] for step in pathways]
        #: By name.
        self.rows = {side: neuron_rows(synapses, side) for side in ("pre", "post")}
        for step in pathways:
            if step.rows and step.rows not in self.rows:
                self.rows[step.rows] = delay_rows(step, self.new_variable)
        #: When the values were taken from the synapses.
        self.since = self.new_variable("_since", 1, scalar=True)
        #: When all values were brought up to date last, and since when `scale` counts.
        self.last_update = self.new_variable("_last_decay", 1, scalar=True)
        self.epoch = self.new_variable("_epoch", 1, scalar=True)
        #: The time of each row's last event; -inf if there was none since `compress`.
        self.event_times = {rows: self.per_row(f"_{rows}_event_time", rows) for rows in self.rows}
        self.variables = {
            name: self._lift(
                name,
                rows,
                name in factors or name in clocked.names,
                name in stepped or name in clocked.names,
                name in read,
            )
            for name, rows in kept.items()
        }
        self.event_driven = [n for n, lifted in self.variables.items() if not lifted.clocked]
        self.resident = False
        #: What is streamed with these traces.
        self.streams: list[Any] = []

    def _lift(
        self, name: str, rows: str, has_factor: bool, clocked: bool, read: bool
    ) -> LiftedVariable:
        variable = self.synapses.variables[name]
        scale = None
        if has_factor:
            scale = self.new_variable(f"_{name}_scale", 1, scalar=True)
        if rows == "synapse":
            # The synapses' own array serves: while the loop runs nobody else looks at it.
            return LiftedVariable(variable, rows, variable, None, scale)
        base = None
        if (read or rows in ("pre", "post")) and not clocked:
            base = self.per_row(f"_{name}_base", rows)
        now = self.per_row(f"_{name}_now", rows)
        return LiftedVariable(variable, rows, now, base, scale, clocked)

    def per_row(self, name: str, rows: str) -> ArrayVariable:
        """A new array of one value for each row."""
        return self.new_variable(name, self.rows[rows].size)

    def new_variable(
        self, name: str, size: int, scalar: bool = False, dtype: Any = np.float64
    ) -> ArrayVariable:
        """A new array of zeros; scalar ones have one element and need no index."""
        variable = ArrayVariable(name, self.synapses, size, self.device, dtype=dtype, scalar=scalar)
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
        per_row = {
            name: self._per_row_values(lifted, current[name])
            for name, lifted in self.variables.items()
            if lifted.rows != "synapse"
        }
        unequal = {name for name, values in per_row.items() if values is None}
        if unequal:
            return unequal
        for name, lifted in self.variables.items():
            now: Any = current[name] if lifted.rows == "synapse" else per_row[name]
            if lifted.base is None:
                # What is far below a number of ordinary size would be infinite at its last event.
                now = np.where(np.abs(now) > SMALLEST, now, 0)
            else:
                lifted.base.get_value()[:] = now
            lifted.values.get_value()[:] = now
            if lifted.scale is not None:
                lifted.scale.get_value()[:] = 1
        for times in self.event_times.values():
            times.get_value()[:] = -np.inf
        self.since.get_value()[:] = t
        self.last_update.get_value()[:] = t
        self.epoch.get_value()[:] = t
        for stream in self.streams:
            stream.restart(t)
        return set()

    def _per_row_values(self, lifted: LiftedVariable, per_synapse: np.ndarray) -> np.ndarray | None:
        rows = self.rows[lifted.rows].of_synapses
        values = np.zeros(lifted.values.size)
        values[rows] = per_synapse
        rounding = 1e-12 if lifted.variable.dtype == np.float64 else 1e-6
        tolerance = 0.1 * rounding * np.abs(values).max(initial=0.0)
        equal = np.allclose(values[rows], per_synapse, rtol=rounding, atol=tolerance)
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
        neuron, or other synapses have the same delay.
        """
        if not all(rows.is_current() for rows in self.rows.values()):
            return False
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
                rows = self.rows[lifted.rows].of_synapses[: array.size]
                array[: rows.size] = self.present(lifted.variable.name)[rows]

    def _expand_event_driven(self) -> None:
        times = {name: times.get_value() for name, times in self.event_times.items()}
        last_event = self._last_event.copy()
        # Synapses that are being created have neurons already, but no values yet.
        # While fewer are being restored, it is the other way round.
        rows_of = {name: self.rows[name].of_synapses[: last_event.size] for name in times}
        last_event = last_event[: min(rows.size for rows in rows_of.values())]
        for name, rows in rows_of.items():
            np.maximum(last_event, times[name][rows[: last_event.size]], out=last_event)
        since = self.since.get_value()[0]
        met = np.flatnonzero(last_event >= since)
        for kept_by in rows_of:
            rows = rows_of[kept_by][met]
            base_time = np.maximum(times[kept_by][rows], since)
            base = {
                name: lifted.base.get_value()[rows]
                for name, lifted in self.variables.items()
                if lifted.rows == kept_by and lifted.base is not None
            }
            for name, values in self._decayed(base, base_time, last_event[met], met).items():
                self.variables[name].variable.get_value()[met] = values
        self._last_event[: last_event.size] = last_event
        self._expand_without_base(met, rows_of)

    def _expand_without_base(self, met: np.ndarray, rows_of: dict[str, np.ndarray]) -> None:
        """What is kept without its decay is that of the epoch, but for the common factor.

        `met` are the synapses that had an event since the values were taken from them.  Of those
        that are kept by synapses the others' values are those of the epoch, too.
        """
        all_of_them = np.arange(min(rows.size for rows in rows_of.values()))
        epoch = self.epoch.get_value()[0]
        for name, lifted in self.variables.items():
            if lifted.base is not None or lifted.clocked:
                continue
            values = lifted.values.get_value()
            if lifted.rows == "synapse":
                changed = all_of_them[: values.size]
                values = values[changed]
            else:
                changed = met
                values = values[rows_of[lifted.rows][met]]
            with np.errstate(over="ignore", invalid="ignore"):
                last_event = self._last_event[changed]
                shown = self._decayed({name: values}, epoch, last_event, changed)[name]
            # Nothing is left of what decayed since an event long before the epoch.
            lifted.variable.get_value()[changed] = np.where(values == 0, 0, shown)

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

    def at(self, name: str, t: float) -> np.ndarray:
        """The values of a variable that has a scale, by row, at time `t`, now or later."""
        lifted = self.variables[name]
        if lifted.clocked:
            return self.present(name)
        values = lifted.values.get_value()
        others = {other: np.zeros(values.size) for other in self.event_driven}
        since = np.full(values.size, self.epoch.get_value()[0])
        neurons = {side: np.zeros(values.size, int) for side in ("pre", "post")}
        with np.errstate(over="ignore", invalid="ignore"):
            decayed = self._decay({**others, name: values}, since, t, neurons)[name]
        return np.where(values == 0, 0, decayed)

    def _synaptic_variables(self) -> list[ArrayVariable]:
        variables = [lifted.variable for lifted in self.variables.values()]
        if self.event_driven:
            variables.append(self.synapses.variables["lastupdate"])
        return variables
