"""Transformations of programs, one file each.

A pass is a function from a program and the device to nothing: it rewrites steps in place,
and only where its precondition holds.  Each can be switched off by name.  It says in
`program.reports` what it did to each object, and for objects of its kind to which it did nothing,
why; what it says of variables it says in `program.notes`.
"""

from collections.abc import Callable
from typing import Any

from ..program import Program
from .compare_timesteps import compare_timesteps
from .dense_projections import dense_projections
from .flush_denormals import flush_denormals
from .lift_traces import lift_traces
from .sample_events import sample_events
from .scan_thresholds import scan_thresholds
from .stream_plasticity import stream_plasticity
from .vector_functions import vector_functions

#: In the order in which they are applied.
PASSES: dict[str, Callable[[Program, Any], None]] = {
    "lift_traces": lift_traces,
    "stream_plasticity": stream_plasticity,
    "dense_projections": dense_projections,
    "compare_timesteps": compare_timesteps,
    "vector_functions": vector_functions,
    "scan_thresholds": scan_thresholds,
    "sample_events": sample_events,
    "flush_denormals": flush_denormals,
}
#: What each pass did not find, if it has nothing to report.
NOTHING = {
    "lift_traces": "no Synapses has traces",
    "stream_plasticity": "no lifted traces go with changes of other variables",
    "dense_projections": "no code runs at synapses of presynaptic spikes",
    "compare_timesteps": "no refractoriness is counted in time steps",
    "vector_functions": "no equations have exponential functions or powers",
    "scan_thresholds": "there is no threshold",
    "sample_events": "no threshold draws random numbers",
    "flush_denormals": "this processor takes no denormal numbers for zero",
}


def enabled_passes(optimize: bool | dict[str, bool]) -> list[str]:
    """The names of the passes that the option `optimize` of `set_device` asks for.

    Raises
    ------
    TypeError
        If `optimize` is neither a bool nor a dict, or has a name that no pass has.
    """
    if isinstance(optimize, bool):
        return list(PASSES) if optimize else []
    if not isinstance(optimize, dict):
        raise TypeError(
            f"optimize={optimize!r} of set_device('numba') must be True, False or a dict "
            f"of passes such as {{'lift_traces': False}}"
        )
    for name in optimize:
        if name in PASSES and not isinstance(optimize[name], bool):
            raise TypeError(
                f"optimize={{'{name}': {optimize[name]!r}}} of set_device('numba') must be True "
                "or False"
            )
        if name not in PASSES:
            raise TypeError(
                f"set_device('numba') knows no pass '{name}'; its passes are {sorted(PASSES)}"
            )
    return [name for name in PASSES if optimize.get(name, True)]


def apply_passes(program: Program, names: list[str], device: Any) -> None:
    for name, apply in PASSES.items():
        if name not in names:
            program.reports.append((name, "", "switched off"))
            continue
        n_notes, n_reports = len(program.notes), len(program.reports)
        apply(program, device)
        program.reports += [
            (name, f"{synapses}.{variable}", where)
            for synapses, variable, where in program.notes[n_notes:]
        ]
        if len(program.reports) == n_reports:
            program.reports.append((name, "", f"nothing to do: {NOTHING[name]}"))
