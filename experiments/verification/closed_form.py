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

    `dt = t_post - t_pre`; time constants in seconds. The change is `A_plus` times the first sum
    minus `A_minus` times the second. Which pairs count, where "last" includes the same time for a
    presynaptic spike only:

    - all-to-all: all
    - nearest: for each postsynaptic spike the last presynaptic one, and the reverse
    - presynaptic-centred: for each presynaptic spike the last postsynaptic one and the next
    - reduced-symmetric: spikes that are each other's neighbours
    """
    lags = protocol.post[None, :] - protocol.pre[:, None]
    causal = lags > -_SAME_TIME
    up = np.where(causal, np.exp(-np.abs(lags) / tau_plus), 0.0)
    down = np.where(causal, 0.0, np.exp(-np.abs(lags) / tau_minus))
    if pairing == "all-to-all":
        return float(up.sum()), float(down.sum())
    # The nearest spike of the other side is the one that has decayed least.
    for_each_post, for_each_pre = _largest(up, axis=0), _largest(up, axis=1)
    before_each_pre, after_each_post = _largest(down, axis=1), _largest(down, axis=0)
    chosen_up, chosen_down = {
        "nearest": (for_each_post, before_each_pre),
        "presynaptic-centred": (for_each_pre, before_each_pre),
        "reduced-symmetric": (for_each_post & for_each_pre, before_each_pre & after_each_post),
    }[pairing]
    return float(up[chosen_up].sum()), float(down[chosen_down].sum())


def _largest(terms: NDArray[np.float64], axis: int) -> NDArray[np.bool_]:
    return terms == terms.max(axis=axis, keepdims=True)


def poisson_drift(
    nu_pre: float, nu_post: float, *, tau_plus: float, tau_minus: float, pairing: str, dt: float
) -> tuple[float, float]:
    """Expected `pair_sums` per second for independent Poisson trains of these rates (Hz).

    For time steps `dt` (s), in each of which a neuron may fire once and in which a lag of 0
    potentiates. Where a pair counts only if certain neurons have not fired in between, the trace
    has the mean `nu / (nu + 1/tau)` in the limit of short steps, `nu` being their rates together:
    presynaptic-centred pairing is the formula of Izhikevich & Desai 2003.
    """
    silent = {
        "all-to-all": (1.0, 1.0),
        "nearest": (1 - nu_pre * dt, 1 - nu_post * dt),
        "presynaptic-centred": (1 - nu_post * dt, 1 - nu_post * dt),
        "reduced-symmetric": ((1 - nu_pre * dt) * (1 - nu_post * dt),) * 2,
    }[pairing]
    q_plus, q_minus = np.exp(-dt / tau_plus), np.exp(-dt / tau_minus)
    both = nu_pre * nu_post * dt
    return (
        float(both / (1 - silent[0] * q_plus)),
        float(both * q_minus / (1 - silent[1] * q_minus)),
    )
