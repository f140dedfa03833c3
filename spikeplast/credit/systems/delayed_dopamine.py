"""FA_Ex with an error that comes late, and an eligibility trace that waits for it.

Konishi, Igarashi & Miura (2023), Front. Neurosci. 17:1160899: dW_ij = -eta x_j theta(I_i) b e, with
e one signed scalar for all cells. Here e arrives some trials after the activity that it is about,
and each synapse keeps an eligibility that decays from trial to trial.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikeplast.credit.learner import Diverged

__all__ = ["DelayedDopamineNetwork"]

Array = NDArray[np.float64]


class DelayedDopamineNetwork:
    """One hidden layer of rectified units and one linear output, trained trial by trial.

    Args:
        n_inputs, n_hidden: 1 or more.
        rate: learning rate, above 0.
        strength: b, above 0.
        delay: trials between activity and its error, 0 or more.
        decay: of the eligibility from trial to trial, 0 (none) to below 1.
        scale: weights and biases start uniform within ±scale.
        random_state: seed of the weights.

    Raises:
        ValueError: for values out of range.
    """

    def __init__(
        self,
        n_inputs: int,
        n_hidden: int = 20,
        *,
        rate: float = 0.005,
        strength: float = 0.3,
        delay: int = 0,
        decay: float = 0.0,
        scale: float = 0.01,
        random_state: int = 0,
    ) -> None:
        if n_inputs < 1 or n_hidden < 1 or delay < 0:
            raise ValueError(f"n_inputs = {n_inputs}, n_hidden = {n_hidden} must be 1 or more, "
                             f"delay = {delay} at least 0")  # fmt: skip
        if not (rate > 0 and strength > 0 and 0 <= decay < 1 and scale >= 0):
            raise ValueError(f"rate = {rate}, strength = {strength} must be above 0, decay = "
                             f"{decay} from 0 to below 1, scale = {scale} at least 0")  # fmt: skip
        rng = np.random.default_rng(random_state)
        self.n_inputs = n_inputs
        # The last column is the bias, for an input of 1.
        self.hidden = rng.uniform(-scale, scale, (n_hidden, n_inputs + 1))
        self.readout = rng.uniform(-scale, scale, n_hidden + 1)
        self.rate, self.strength, self.decay = rate, strength, decay
        self._hidden_trace = np.zeros_like(self.hidden)
        self._readout_trace = np.zeros_like(self.readout)
        self._late_errors: deque[float] = deque([0.0] * delay)

    def trial(self, x: ArrayLike, target: float) -> float:
        """One trial with input (n_inputs,); returns its error, which arrives `delay` trials on.

        Raises:
            ValueError: for an input of another shape, or values that are not finite.
            credit.Diverged: if the output is no longer finite.
        """
        if np.shape(x) != (self.n_inputs,):
            raise ValueError(f"input {np.shape(x)} must be ({self.n_inputs},)")
        inputs = np.append(np.asarray(x, dtype=float), 1.0)
        if not (np.isfinite(inputs).all() and np.isfinite(target)):
            raise ValueError("input and target must be finite; leave the trial out")
        # What overflows is reported below.
        with np.errstate(over="ignore", invalid="ignore"):
            y = np.maximum(self.hidden @ inputs, 0)
            signal = np.append(y, 1.0)
            error = float(self.readout @ signal - target)
        if not np.isfinite(error):
            raise Diverged("the output is no longer finite; give a smaller rate")
        self._late_errors.append(error)
        dopamine = self._late_errors.popleft()
        self._hidden_trace = self.decay * self._hidden_trace + np.outer(y > 0, inputs)
        self._readout_trace = self.decay * self._readout_trace + signal
        self.hidden -= self.rate * self.strength * dopamine * self._hidden_trace
        self.readout -= self.rate * dopamine * self._readout_trace
        return error

    def output(self, x: ArrayLike) -> Array:
        """(n,) outputs for inputs (n, n_inputs)."""
        inputs = np.asarray(x, dtype=float)
        y = np.maximum(inputs @ self.hidden[:, :-1].T + self.hidden[:, -1], 0)
        return y @ self.readout[:-1] + self.readout[-1]
