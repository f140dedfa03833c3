"""A cell's summed input as a static and a fluctuating part, both Gaussian for many inputs.

sum_j w g_j(t) with Poisson spikes at rates r_j and g decaying with tau: cells differ by the sum of
their inputs' rates (static), and each fluctuates around its own mean (shot noise, Campbell's
theorem).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["InputMoments", "expected_moments", "simulated_moments"]


@dataclass(frozen=True)
class InputMoments:
    """Moments of a cell's summed input."""

    mean: float
    static_std: float
    """Across cells, of the mean over time"""
    temporal_std: float
    """Over time"""
    excess_kurtosis: float = 0.0
    """Of the fluctuations"""


def _check(
    n_inputs: int, rate: float, rate_std: float, tau: float, dt: float, duration: float
) -> None:
    if n_inputs < 1 or not (rate > 0 and rate_std > 0 and 0 < dt <= tau <= duration):
        raise ValueError(
            f"n_inputs = {n_inputs}, rate = {rate}, rate_std = {rate_std}, tau = {tau}, dt = {dt}, "
            f"duration = {duration} must be above 0, dt at most tau, tau at most duration"
        )


def expected_moments(
    n_inputs: int, rate: float, rate_std: float, tau: float, dt: float, duration: float
) -> InputMoments:
    """Theory for weights of 1/sqrt(n_inputs).

    Args:
        n_inputs: of each cell, with rates drawn independently.
        rate, rate_std: mean and standard deviation of the rates (Hz).
        tau: decay of g (s).
        dt: time step (s), in which a spike counts from its own step on, which makes sums larger
            by (dt/tau)/(1 - exp(-dt/tau)).
        duration: over which the mean is taken (s): a short one adds to the static part.

    Raises:
        ValueError: for values out of range.
    """
    _check(n_inputs, rate, rate_std, tau, dt, duration)
    decay = np.exp(-dt / tau)
    per_spike = dt / (1 - decay)
    variance = rate * dt / (1 - decay**2)
    # The variance of a mean over a time much longer than tau.
    finite = rate * per_spike**2 / duration
    return InputMoments(
        mean=float(np.sqrt(n_inputs) * rate * per_spike),
        static_std=float(np.sqrt((rate_std * per_spike) ** 2 + finite)),
        temporal_std=float(np.sqrt(variance)),
    )


def simulated_moments(
    n_inputs: int,
    rate: float,
    rate_std: float,
    tau: float,
    dt: float,
    duration: float,
    *,
    n_cells: int = 200,
    random_state: int = 0,
) -> InputMoments:
    """The same by simulation of `n_cells` cells; rates are Gamma-distributed."""
    _check(n_inputs, rate, rate_std, tau, dt, duration)
    rng = np.random.default_rng(random_state)
    scale = rate_std**2 / rate
    totals = rng.gamma(rate / scale, scale, (n_cells, n_inputs)).sum(axis=1)
    decay = np.exp(-dt / tau)
    g = totals * dt / (1 - decay)
    n_steps = round(duration / dt)
    values = np.empty((n_steps, n_cells))
    for k in range(n_steps):
        # The sum of independent Poisson trains is one, of the summed rate.
        g = g * decay + rng.poisson(totals * dt)
        values[k] = g
    values /= np.sqrt(n_inputs)
    deviations = values - values.mean(axis=0)
    variance = float(np.mean(deviations**2))
    return InputMoments(
        mean=float(values.mean()),
        static_std=float(values.mean(axis=0).std()),
        temporal_std=float(np.sqrt(variance)),
        excess_kurtosis=float(np.mean(deviations**4) / variance**2 - 3),
    )
