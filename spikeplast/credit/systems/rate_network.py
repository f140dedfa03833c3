"""A random network of rate units, silent or chaotic depending on its gain.

dV/dt = phi(W V) - V with W_ij of standard deviation g/sqrt(N); phi = tanh. The state V = 0 is
stable for g < 1 and chaos sets in for g > 1 (Sompolinsky, Crisanti & Sommers, Phys. Rev. Lett.
61:259, 1988).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["RateNetwork"]

Array = NDArray[np.float64]


class RateNetwork:
    """Units V with dV/dt = phi(W V) - V, time in units of their time constant.

    Args:
        n_units: 1 or more.
        gain: g, at least 0.
        phi: elementwise.
        random_state: seed of W and of the start, which is standard normal.

    Raises:
        ValueError: for values out of range.
    """

    def __init__(
        self,
        n_units: int = 400,
        gain: float = 1.5,
        phi: Callable[[Array], Array] = np.tanh,
        random_state: int = 0,
    ) -> None:
        if n_units < 1 or not gain >= 0:
            raise ValueError(f"n_units = {n_units} must be 1 or more, gain = {gain} at least 0")
        rng = np.random.default_rng(random_state)
        self.weights = gain * rng.normal(size=(n_units, n_units)) / np.sqrt(n_units)
        self.phi = phi
        self.V = rng.normal(size=n_units)

    def run(
        self,
        duration: float,
        dt: float = 0.1,
        plasticity: Callable[[Array, Array], Array] | None = None,
    ) -> Array:
        """Integrate by Euler's method; returns V at each step, (n_steps, n_units).

        Args:
            duration: above 0.
            dt: above 0 and at most 1.
            plasticity: dW/dt = f(V_i, V_j) of postsynaptic V (n, 1) and presynaptic V (1, n), or
                None for fixed weights.

        Raises:
            ValueError: for values out of range.
        """
        if not (duration > 0 and 0 < dt <= 1):
            raise ValueError(f"duration = {duration} must be above 0, dt = {dt} from 0 to 1")
        history = np.empty((round(duration / dt), len(self.V)))
        for k in range(len(history)):
            if plasticity is not None:
                self.weights += dt * plasticity(self.V[:, None], self.V[None, :])
            self.V = self.V + dt * (self.phi(self.weights @ self.V) - self.V)
            history[k] = self.V
        return history
