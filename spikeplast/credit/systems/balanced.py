"""The balanced network of binary units, and its mean field for a finite number of inputs.

van Vreeswijk & Sompolinsky, Science 274:1724 (1996), Neural Comput. 10:1321 (1998). Excitatory and
inhibitory units have K inputs from each population on average, with weights J/sqrt(K) and
thresholds of order 1; what sqrt(K) inputs add to each side must cancel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import fsolve
from scipy.special import erfc

__all__ = ["BalancedActivity", "BalancedNetwork"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class BalancedActivity:
    """What a simulation found."""

    rates: tuple[float, float]
    """Mean activity m_E, m_I, 0 to 1"""
    excitation: float
    """Mean input of an excitatory cell from outside and from excitatory cells"""
    inhibition: float
    """Mean input of an excitatory cell from inhibitory ones, below 0"""
    static_std: float
    """Standard deviation across excitatory cells of the input's mean over time"""
    temporal_std: float
    """Root mean variance of an excitatory cell's input over time"""
    excess_kurtosis: float
    """Of the excitatory cells' input over all cells and times"""


@dataclass(frozen=True)
class BalancedNetwork:
    """Parameters; the defaults fulfil the balance condition E/I > J_E/J_I > 1.

    Raises:
        ValueError: for parameters without a balanced state, K not from 1 to N, or m0 outside 0..1.
    """

    K: int = 400
    """Mean number of inputs from each population"""
    m0: float = 0.2
    """Activity of the external input"""
    N: int = 2000
    """Cells of each population"""
    E: float = 1.0
    I: float = 0.8  # noqa: E741  (the papers' name)
    """Strength of the external input to excitatory and inhibitory cells"""
    J_E: float = 2.0
    J_I: float = 1.8
    """Strength of inhibition on excitatory and inhibitory cells; that of excitation is 1"""
    thresholds: tuple[float, float] = (1.0, 0.7)

    def __post_init__(self) -> None:
        if not 1 <= self.K <= self.N:
            raise ValueError(f"K = {self.K} must be from 1 to N = {self.N}")
        if not 0 <= self.m0 <= 1:
            raise ValueError(f"m0 = {self.m0} must be from 0 to 1")
        if not self.E / self.I > self.J_E / self.J_I > 1:
            raise ValueError(f"E/I = {self.E / self.I:.3g}, J_E/J_I = {self.J_E / self.J_I:.3g}: "
                             "balance needs E/I > J_E/J_I > 1")  # fmt: skip

    def rates_of_infinite_K(self) -> tuple[float, float]:
        """m_E, m_I at which both populations' mean input of order sqrt(K) is 0."""
        matrix = np.array([[1.0, -self.J_E], [1.0, -self.J_I]])
        m = np.linalg.solve(matrix, -self.m0 * np.array([self.E, self.I]))
        return float(m[0]), float(m[1])

    def mean_inputs(self, m_E: float, m_I: float) -> Array:
        """u_E, u_I = sqrt(K)(external + m_E - J m_I)."""
        J, outside = np.array([self.J_E, self.J_I]), self.m0 * np.array([self.E, self.I])
        return np.sqrt(self.K) * (outside + m_E - J * m_I)

    def rates_of_finite_K(self) -> tuple[float, float]:
        """m_a = H((threshold_a - u_a)/sqrt(alpha_a)), alpha_a = m_E + J_a^2 m_I, solved for m."""
        J, thresholds = np.array([self.J_E, self.J_I]), np.array(self.thresholds)

        def gap(m: Array) -> Array:
            m = np.clip(m, 1e-6, 1)
            alpha = m[0] + J**2 * m[1]
            z = (thresholds - self.mean_inputs(m[0], m[1])) / np.sqrt(alpha)
            return m - erfc(z / np.sqrt(2)) / 2

        solution, _, status, message = fsolve(gap, self.rates_of_infinite_K(), full_output=True)
        if status != 1:
            raise ArithmeticError(f"no balanced state found for {self}: {message}")
        return float(solution[0]), float(solution[1])

    def simulate(
        self, sweeps: int = 40, warm_up: int = 15, random_state: int = 0
    ) -> BalancedActivity:
        """Update all cells one by one in random order, `warm_up` + `sweeps` times.

        Args:
            sweeps: that are averaged over, 2 or more.
            warm_up: that come before.
            random_state: seed of connections, start and order.
        """
        if sweeps < 2 or warm_up < 0:
            raise ValueError(f"sweeps = {sweeps} must be 2 or more, warm_up = {warm_up} at least 0")
        rng = np.random.default_rng(random_state)
        N = self.N
        # columns[j] is what cell j adds to all cells' inputs, excitatory ones first.
        columns = np.empty((2 * N, 2 * N), dtype=np.float32)
        root = np.sqrt(self.K)
        for presynaptic, (on_E, on_I) in enumerate(((1.0, 1.0), (-self.J_E, -self.J_I))):
            rows = slice(presynaptic * N, (presynaptic + 1) * N)
            linked = rng.random((N, 2 * N), dtype=np.float32) < self.K / N
            columns[rows, :N] = linked[:, :N] * np.float32(on_E / root)
            columns[rows, N:] = linked[:, N:] * np.float32(on_I / root)
        outside = np.repeat(root * self.m0 * np.array([self.E, self.I]), N)
        thresholds = np.repeat(self.thresholds, N)
        active = rng.random(2 * N) < self.m0
        recurrent = columns[active].sum(axis=0, dtype=float)
        rates, inputs, inhibition = np.zeros(2), [], []
        for sweep in range(warm_up + sweeps):
            order = rng.integers(2 * N, size=2 * N).tolist()
            for i in order:
                wanted = outside[i] + recurrent[i] > thresholds[i]
                if wanted != active[i]:
                    active[i] = wanted
                    if wanted:
                        recurrent += columns[i]
                    else:
                        recurrent -= columns[i]
            if sweep >= warm_up:
                rates += [active[:N].mean(), active[N:].mean()]
                inputs.append(outside[:N] + recurrent[:N])
                inhibition.append(active[N:].astype(np.float32) @ columns[N:, :N])
        total, inhibitory = np.array(inputs), float(np.mean(inhibition))
        deviations = (total - total.mean()) / total.std()
        m_E, m_I = rates / sweeps
        return BalancedActivity(
            rates=(float(m_E), float(m_I)),
            excitation=float(total.mean()) - inhibitory,
            inhibition=inhibitory,
            static_std=float(total.mean(axis=0).std()),
            temporal_std=float(np.sqrt(total.var(axis=0).mean())),
            excess_kurtosis=float(np.mean(deviations**4) - 3),
        )
