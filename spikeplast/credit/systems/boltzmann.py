"""A visible Boltzmann machine, learned by the exact gradient of the likelihood.

P(s) ~ exp(sum_i b_i s_i + sum_{i<j} w_ij s_i s_j), s_i = -1 or 1; with few units all states can be
summed, and theta <- theta + eta d log P(data)/d theta is
dw_ij = eta(<s_i s_j>_data - <s_i s_j>_model), db_i = eta(<s_i>_data - <s_i>_model).
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["BoltzmannMachine"]

Array = NDArray[np.float64]
LARGEST = 16


class BoltzmannMachine:
    """All units visible; weights and biases start at 0.

    Attributes:
        states: (2^n, n) of -1 and 1, in the order of all distributions here.
        weights: (n, n) symmetric, with a diagonal of 0.
        biases: (n,).

    Raises:
        ValueError: for fewer than 1 or more than 16 units (2^n states are summed).
    """

    def __init__(self, n_units: int) -> None:
        if not 1 <= n_units <= LARGEST:
            raise ValueError(f"{n_units} units; give 1 to {LARGEST}, since 2^n states are summed")
        self.states = np.array(list(itertools.product([-1.0, 1.0], repeat=n_units)))
        self.weights = np.zeros((n_units, n_units))
        self.biases = np.zeros(n_units)

    def distribution(self) -> Array:
        """Probability of each state, (2^n,)."""
        # Each pair stands in the symmetric matrix twice.
        pairs = 0.5 * np.sum((self.states @ self.weights) * self.states, axis=1)
        log_p = pairs + self.states @ self.biases
        p = np.exp(log_p - log_p.max())
        return p / p.sum()

    def gradient(self, data: ArrayLike) -> tuple[Array, Array]:
        """Derivative of the mean log-likelihood by weights (each pair once) and biases."""
        difference = self._checked(data) - self.distribution()
        by_weights = (self.states.T * difference) @ self.states
        np.fill_diagonal(by_weights, 0)
        return by_weights, difference @ self.states

    def learn(self, data: ArrayLike, steps: int = 100, rate: float = 0.1) -> None:
        """Climb the likelihood of a distribution over the states, (2^n,), `steps` times.

        Raises:
            ValueError: for what is no distribution, or values out of range.
        """
        if steps < 0 or not rate > 0:
            raise ValueError(f"steps = {steps} must be at least 0, rate = {rate} above 0")
        for _ in range(steps):
            by_weights, by_biases = self.gradient(data)
            self.weights += rate * by_weights
            self.biases += rate * by_biases

    def divergence(self, data: ArrayLike) -> float:
        """Kullback-Leibler divergence of the model from the data (nats)."""
        p, q = self._checked(data), self.distribution()
        there = p > 0
        return float(np.sum(p[there] * np.log(p[there] / q[there])))

    def _checked(self, data: ArrayLike) -> Array:
        p = np.asarray(data, dtype=float)
        if p.shape != (len(self.states),) or not np.all(p >= 0) or abs(p.sum() - 1) > 1e-9:
            raise ValueError(f"data of shape {p.shape} must be {len(self.states)} probabilities "
                             "that sum to 1, one for each state")  # fmt: skip
        return p
