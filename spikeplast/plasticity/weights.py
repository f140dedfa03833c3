"""Setting weights with their range checked."""

from typing import Any

import numpy as np
from brian2 import Synapses
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
