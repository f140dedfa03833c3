"""A neuron's causal effect on reward, from what happens just above and just below threshold.

Lansdell & Kording, Neural spiking for causal inference and learning, PLoS Comput. Biol.
19(4):e1011005 (2023). Whether a drive close to threshold crosses it is as good as random, so the
jump of the mean reward there is the effect of the spike, whatever else drives the neurons together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["DriveSamples", "discontinuity_effect", "drives", "naive_effect", "threshold_for"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class DriveSamples:
    """Windows of leaky integrators driven by noise."""

    largest: Array
    """(n, n_units) largest drive in the window, without reset, in standard deviations"""
    common: Array
    """(n,) mean over the window of the noise that all units share, standard deviation 1"""


def drives(
    n_windows: int,
    n_units: int = 2,
    correlation: float = 0.6,
    *,
    tau: float = 0.02,
    window: float = 0.05,
    dt: float = 0.001,
    random_state: int = 0,
) -> DriveSamples:
    """Leaky integrators (tau, s) of white noise, part of it common, in windows of their own.

    Args:
        n_windows, n_units: 1 or more.
        correlation: of two units' drives, 0 to 1.
        tau, window, dt: seconds.

    Raises:
        ValueError: for values out of range.
    """
    if n_windows < 1 or n_units < 1 or not 0 <= correlation <= 1:
        raise ValueError(f"n_windows = {n_windows}, n_units = {n_units} must be 1 or more, "
                         f"correlation = {correlation} from 0 to 1")  # fmt: skip
    if not 0 < dt <= min(tau, window):
        raise ValueError(f"dt = {dt} s must be above 0 and at most tau and the window")
    rng = np.random.default_rng(random_state)
    decay = np.exp(-dt / tau)
    kick = np.sqrt(1 - decay**2)
    parts = rng.standard_normal((n_windows, n_units + 1))
    weights = np.sqrt([correlation, 1 - correlation])
    largest = np.full((n_windows, n_units), -np.inf)
    shared = np.zeros(n_windows)
    n_steps = round(window / dt)
    for _ in range(n_steps):
        parts = decay * parts + kick * rng.standard_normal(parts.shape)
        largest = np.maximum(largest, weights[0] * parts[:, :1] + weights[1] * parts[:, 1:])
        shared += parts[:, 0]
    return DriveSamples(largest, shared / shared.std())


def threshold_for(largest: ArrayLike, probability: float) -> float:
    """The threshold that a share `probability` of the drives crosses."""
    return float(np.quantile(np.asarray(largest), 1 - probability))


def discontinuity_effect(
    drive: ArrayLike, reward: ArrayLike, threshold: float, band: float
) -> float:
    """Jump of the mean reward at the threshold: straight lines fitted on both sides.

    Args:
        drive: (n,) largest drive of one unit in each window.
        reward: (n,).
        threshold: of the spike.
        band: half-width around the threshold that is looked at, above 0.

    Raises:
        ValueError: for shapes that do not fit, or fewer than three windows on a side.
    """
    z, r = _checked(drive, reward)
    if not band > 0:
        raise ValueError(f"band = {band} must be above 0")
    limits = []
    for side in (z >= threshold, z < threshold):
        near = side & (np.abs(z - threshold) < band)
        if near.sum() < 3:
            raise ValueError(
                f"{near.sum()} windows within {band} on a side of the threshold; "
                "three are needed for a line: widen the band or give more windows"
            )
        limits.append(np.polyfit(z[near] - threshold, r[near], 1)[1])
    return float(limits[0] - limits[1])


def naive_effect(drive: ArrayLike, reward: ArrayLike, threshold: float) -> float:
    """Mean reward with a spike less that without, which counts what else drives both."""
    z, r = _checked(drive, reward)
    spiked = z >= threshold
    if spiked.all() or not spiked.any():
        raise ValueError("the unit spikes in all windows or in none, so they cannot be compared")
    return float(r[spiked].mean() - r[~spiked].mean())


def _checked(drive: ArrayLike, reward: ArrayLike) -> tuple[Array, Array]:
    z, r = np.asarray(drive, dtype=float), np.asarray(reward, dtype=float)
    if z.ndim != 1 or z.shape != r.shape:
        raise ValueError(f"drive {z.shape} and reward {r.shape} must be of one length")
    if not (np.isfinite(z).all() and np.isfinite(r).all()):
        raise ValueError("drive or reward has values that are not finite; leave these windows out")
    return z, r
