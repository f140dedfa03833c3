"""The weight change of a pair rule, summed over pairs of spikes instead of simulated."""

import numpy as np
from numpy.typing import NDArray

from spikeplast.stimuli.pairing import Protocol

# Far below a time step, far above the rounding of spike times.
_SAME_TIME = 1e-7


def pair_sums(
    protocol: Protocol, *, tau_plus: float, tau_minus: float, pairing: str
) -> tuple[float, float]:
    """Sums of `exp(-dt/tau_plus)` over dt >= 0 and of `exp(dt/tau_minus)` over dt < 0.

    `dt = t_post - t_pre`; time constants in seconds. All-to-all sums over every pair of spikes.
    Nearest takes, for each postsynaptic spike, the last presynaptic one (of the same time or
    earlier), and for each presynaptic spike the last earlier postsynaptic one. The change is
    `A_plus` times the first sum minus `A_minus` times the second.
    """
    lags = protocol.post[None, :] - protocol.pre[:, None]
    causal = lags > -_SAME_TIME
    up = np.where(causal, np.exp(-np.abs(lags) / tau_plus), 0.0)
    down = np.where(causal, 0.0, np.exp(-np.abs(lags) / tau_minus))
    if pairing == "all-to-all":
        return float(up.sum()), float(down.sum())
    # The nearest spike of the other side is the one that has decayed least.
    return _sum_of_maxima(up, axis=0), _sum_of_maxima(down, axis=1)


def _sum_of_maxima(terms: NDArray[np.float64], axis: int) -> float:
    return float(terms.max(axis=axis).sum())
