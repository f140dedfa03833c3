"""Groups of inputs whose rates rise and fall together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["correlated_rates"]


def correlated_rates(
    rng: np.random.Generator,
    *,
    n_groups: int,
    group_size: int,
    duration: float,
    mean: float = 15.0,
    variation: float = 0.7,
    correlation_time: float = 0.05,
    frame: float = 0.01,
) -> NDArray[np.float64]:
    """Rates (n_frames, n_groups * group_size) in Hz: one random signal per group, inputs in order.

    Each group's rate is an Ornstein-Uhlenbeck process, independent of the others, cut at zero.
    Spikes drawn from the rates are correlated within a group, over `correlation_time`, and
    independent between groups.

    Args:
        duration: in seconds, at least a frame.
        mean: of the process (Hz), above 0; cutting at zero raises it slightly.
        variation: standard deviation over mean, at least 0.
        correlation_time: time (s) in which the correlation falls to 1/e, above 0.
        frame: length of a frame (s).

    Raises:
        ValueError: for arguments out of range.
    """
    n_frames = round(duration / frame)
    if n_groups < 1 or group_size < 1 or n_frames < 1:
        raise ValueError(
            f"{n_groups = }, {group_size = } and frames = {n_frames} have to be at least 1"
        )
    if not (mean > 0 and variation >= 0 and correlation_time > 0):
        raise ValueError(
            f"{mean = } Hz and {correlation_time = } s have to be above 0, {variation = } at "
            "least 0"
        )
    from scipy.signal import lfilter

    keep = np.exp(-frame / correlation_time)
    noise = rng.normal(size=(n_frames, n_groups))
    # The first value has the spread of all others, so the process starts in its steady state.
    noise[1:] *= np.sqrt(1 - keep**2)
    process = lfilter([1.0], [1.0, -keep], noise, axis=0)
    return np.repeat(np.maximum(mean * (1 + variation * process), 0), group_size, axis=1)
