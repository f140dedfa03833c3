"""Setting weights and delays with their range checked."""

from typing import Any

import numpy as np
from brian2 import Quantity, Synapses, have_same_dimensions, second
from numpy.typing import ArrayLike


def set_weights(synapses: Synapses, w: ArrayLike) -> None:
    """Set the weights of connected `synapses` to `w`, within the bounds they were made with.

    `w` is one number, or an array with one number per synapse in Brian 2's order
    (`synapses.i`, `synapses.j`). Raises ValueError for a wrong length, a value that is not finite,
    or one outside [w_min, w_max]; the weights are then unchanged. Brian 2 expressions as text
    (`synapses.w = "rand()"`) are set directly and are not checked.
    """
    values = np.asarray(w, dtype=float)
    if values.ndim > 1 or (values.ndim == 1 and len(values) != len(synapses)):
        raise ValueError(
            f"{synapses.name}: w has the shape {values.shape}; expected one number, or "
            f"{len(synapses)}, one per synapse"
        )
    namespace: dict[str, Any] = synapses.namespace
    low, high = namespace.get("w_min", -np.inf), namespace.get("w_max", np.inf)
    wrong = np.flatnonzero(~(np.isfinite(values) & (values >= low) & (values <= high)))
    if len(wrong):
        raise ValueError(
            f"{synapses.name}: w has {len(wrong)} values that are not finite or outside "
            f"[{low:g}, {high:g}], the first {values.flat[wrong[0]]:g} at index {wrong[0]}"
        )
    synapses.w = values


def set_delays(synapses: Synapses, delays: Quantity) -> None:
    """Set the delays of connected `synapses`, for whatever a rule does at a presynaptic spike.

    `delays` is one time, or an array with one per synapse in Brian 2's order. Some rules act at a
    presynaptic spike twice, before and after the postsynaptic spikes of the same time step; Brian
    2's own `synapses.delay` delays the first only. The synapses must not have been made with a
    `delay`. Raises TypeError for another unit, and ValueError for a wrong length, a value that is
    not finite, or one below 0.
    """
    if not have_same_dimensions(delays, second):
        raise TypeError(f"{synapses.name}: delays = {delays} are of the wrong unit; expected times")
    values = np.asarray(delays / second, dtype=float)
    if values.ndim > 1 or (values.ndim == 1 and len(values) != len(synapses)):
        raise ValueError(
            f"{synapses.name}: delays have the shape {values.shape}; expected one time, or "
            f"{len(synapses)}, one per synapse"
        )
    wrong = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
    if len(wrong):
        raise ValueError(
            f"{synapses.name}: delays have {len(wrong)} values that are not finite or below 0, the "
            f"first {values.flat[wrong[0]]:g} s at index {wrong[0]}"
        )
    for pathway in synapses._pathways:
        if pathway.prepost == "pre":
            pathway.delay = values * second
