"""How long each part of a network took, for its user to read."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from brian2.core.magic import magic_network
from brian2.core.network import Network

from .program import OutsideStep
from .stop_watch import StopWatch, does
from .table import laid_out

_ATTRIBUTE = "_spikeplast_profile"


@dataclass(frozen=True)
class Part:
    """One object of a network, or one of the things that it does.

    Attributes
    ----------
    object : its name
    does : such as "state update", "threshold" or "on_pre"
    runs_in : "the loop" or "Python"
    calls : how many time steps had it run
    seconds : wall time of all calls
    """

    object: str
    does: str
    runs_in: str
    calls: int
    seconds: float


@dataclass(frozen=True)
class Profile:
    """A table; `str()` lays it out, with what took longest first.

    Attributes
    ----------
    parts : list of Part, in the order in which they run in a time step
    duration : biological time of the run in seconds
    elapsed : wall time of the run in seconds, without its preparation
    reading : wall time in seconds that reading the clock took
    """

    parts: list[Part]
    duration: float
    elapsed: float
    reading: float

    @property
    def seconds(self) -> float:
        """Wall time of all parts."""
        return sum(part.seconds for part in self.parts)

    def __str__(self) -> str:
        total = self.seconds or 1.0
        rows = [
            (
                part.object,
                part.does,
                part.runs_in,
                f"{part.seconds:.3g}",
                f"{100 * part.seconds / total:.1f} %",
                str(part.calls),
                f"{1e6 * part.seconds / part.calls:.3f}" if part.calls else "",
            )
            for part in sorted(self.parts, key=lambda part: -part.seconds)
        ]
        header = ("object", "does", "runs in", "seconds", "share", "calls", "us each")
        return (
            f"{self.elapsed:.3g} s for {self.duration:g} s of biological time: "
            f"{self.seconds:.3g} s in the parts below, {self.reading:.3g} s for reading the clock, "
            "and the rest between stretches of the loop\n\n" + laid_out(header, rows, numbers=4)
        )

    __repr__ = __str__


def profile(network: Network | None = None) -> Profile:
    """Say how long each part of a network took in its last run with `profile=True`.

    The times are taken inside of the compiled loop, and do not change its results.  Reading the
    clock takes some 30 ns for each part and time step, which are not in the times.

    Parameters
    ----------
    network : Network, optional
        By default the network of `brian2.run()`.

    Raises
    ------
    TypeError
        If `network` is something else.
    RuntimeError
        If there was no such run on the device `numba`.
    """
    net = magic_network if network is None else network
    if not isinstance(net, Network):
        raise TypeError(f"profile() describes a Network, not {net!r}; without one, that of run()")
    found = vars(net).get(_ATTRIBUTE)
    if found is None:
        raise RuntimeError(
            "the network has not run with profile=True on the device 'numba'; "
            "call run(..., profile=True) or set_device('numba', profile=True) before"
        )
    return found


def check_profile(profile: Any, of: str) -> None:
    """Raises TypeError if the option `profile` of a run or of `set_device` is no bool."""
    if not isinstance(profile, bool | np.bool_):
        raise TypeError(
            f"profile={profile!r} of {of} must be True or False: whether the time that each part "
            "takes is measured"
        )


def keep_profile(
    net: Network, watch: StopWatch | None, duration: float, elapsed: float
) -> dict[str, float] | None:
    """Note a run's times at the network; returns the seconds of each object, by name.

    Parameters
    ----------
    watch : of the run, None if it was not timed: what was noted before goes
    duration : float, biological time in seconds
    elapsed : float, wall time in seconds
    """
    if watch is None:
        vars(net).pop(_ATTRIBUTE, None)
        return None
    parts = [
        Part(
            step.obj.name,
            does(step),
            "Python" if isinstance(step, OutsideStep) else "the loop",
            int(calls),
            seconds,
        )
        for step, calls, seconds in zip(watch.steps, watch.calls, watch.seconds(), strict=False)
    ]
    of_objects: dict[str, float] = {}
    for part in parts:
        if part.calls:
            of_objects[part.object] = of_objects.get(part.object, 0.0) + part.seconds
    inside = sum(part.calls for part in parts if part.runs_in != "Python") + int(watch.calls[-1])
    reading = inside * watch.seconds_per_reading
    vars(net)[_ATTRIBUTE] = Profile(parts, duration, elapsed, reading)
    return of_objects
