"""The minimal triplet rule as a nonlinear Hebbian rule: what it does over rate and current."""

from typing import Any

import numpy as np
from brian2 import Hz, Network, PoissonGroup, SpikeMonitor, Synapses, defaultclock, ms, nA, second
from brian2 import seed as set_seed
from matplotlib.figure import Figure
from numpy.typing import NDArray

from experiments.verification.section import Row, close, within
from spikeplast.neurons import GIF
from spikeplast.plasticity import NoBounds, TripletSTDP

RULE = TripletSTDP.visual_cortex("all-to-all", "minimal")
NU_PRE, INPUTS, COPIES = 20.0, 40, 8
RATES = np.arange(4, 45, 4.0)
#: Around the threshold of the cell and up to where it fires at some 40 Hz (nA).
CURRENTS = np.linspace(0.0, 0.6, 25)


def measure(*, quick: bool = False, progress: bool = False) -> dict[str, Any]:
    """Drift per presynaptic spike over postsynaptic rate, of Poisson trains and of GIF cells.

    200 s (`quick`: 20 s), Poisson inputs at 20 Hz that do not drive the cells.
    """
    set_seed(6)
    usual_dt = defaultclock.dt
    defaultclock.dt = 0.2 * ms
    duration = 20 if quick else 200
    try:
        inputs = PoissonGroup(INPUTS, NU_PRE * Hz)
        trains = PoissonGroup(len(RATES) * COPIES, np.repeat(RATES, COPIES) * Hz)
        cells = GIF(inputs=None).group(len(CURRENTS) * COPIES)
        cells.I_ext = np.repeat(CURRENTS, COPIES) * nA
        onto_trains, onto_cells = (_projection(inputs, group) for group in (trains, cells))
        spikes = SpikeMonitor(cells, record=False)
        network = Network(inputs, trains, cells, onto_trains, onto_cells, spikes)
        network.run(duration * second, namespace={})
    finally:
        defaultclock.dt = usual_dt
    arrived = NU_PRE * duration
    return {
        "rates_Hz": RATES,
        "poisson": _by_condition(onto_trains.w[:] / arrived, len(RATES)),
        "currents_nA": CURRENTS,
        "gif_rates_Hz": np.array(spikes.count).reshape(-1, COPIES).mean(axis=1) / duration,
        "gif": _by_condition(onto_cells.w[:] / arrived, len(CURRENTS)),
    }


def _projection(inputs: PoissonGroup, group: Any) -> Synapses:
    synapses = RULE.synapses(inputs, group, acts_on=None, bounds=NoBounds())
    synapses.connect()
    return synapses


def _by_condition(changes: NDArray, conditions: int) -> NDArray:
    return changes.reshape(INPUTS, conditions, COPIES).mean(axis=(0, 2))


def drift(y: NDArray, *, regular: bool = False) -> NDArray:
    """Change per presynaptic spike at the rate `y` (Hz), of a Poisson or a regular train."""
    tau_plus, tau_minus, tau_y = (float(t) for t in (RULE.tau_plus, RULE.tau_minus, RULE.tau_y))
    slow = 1 / np.expm1(1 / (y * tau_y)) if regular else y * tau_y
    return y * (RULE.A3_plus * tau_plus * slow - RULE.A2_minus * tau_minus)


def zero_of_fit(y: NDArray, h: NDArray) -> float:
    """b of the best `c (y^2 - b y)`."""
    (c, minus_cb), *_ = np.linalg.lstsq(np.stack([y**2, y], axis=1), h, rcond=None)
    return float(-minus_cb / c)


def rectifier(current: NDArray, rate: NDArray) -> tuple[float, float]:
    """a (Hz/nA) and theta (nA) of the best `a [I - theta]_+` for rates of at least 2 Hz."""
    a, offset = np.polyfit(current[rate >= 2], rate[rate >= 2], 1)
    return float(a), float(-offset / a)


def rows(result: dict[str, Any]) -> list[Row]:
    """Where depression turns into potentiation, in rate and in current."""
    y, current = result["gif_rates_Hz"], result["currents_nA"]
    limits = [zero_of_fit(RATES, drift(RATES, regular=regular)) for regular in (False, True)]
    b = zero_of_fit(y, result["gif"])
    above = np.flatnonzero(result["gif"] > 0)[0]
    before, after = result["gif"][above - 1], result["gif"][above]
    crossing = current[above - 1] + (current[above] - current[above - 1]) * before / (
        before - after
    )
    return [
        close("triplet rule: rate at which it turns to potentiation, Poisson trains",
              "mean field", float(f"{limits[0]:.4g}"),
              zero_of_fit(RATES, result["poisson"]), tolerance=0.05 * limits[0], unit=" Hz"),
        within("the same, spikes of GIF cells (the paper prints 22.1 Hz)",
               "closed forms: Poisson to regular trains", *(float(f"{v:.4g}") for v in limits), b,
               unit=" Hz"),
        close("the same over the input current of GIF cells", "where their rate is that one",
              float(f"{np.interp(b, y, current):.4g}"), float(crossing), tolerance=0.005,
              unit=" nA"),
    ]  # fmt: skip


def figure(result: dict[str, Any]) -> Figure:
    """Drift over rate, f-I curve, and the effective nonlinearity."""
    fig = Figure(figsize=(12, 3.8), layout="constrained")
    plasticity, activation, effective = fig.subplots(1, 3)
    rates = np.linspace(0.5, RATES[-1], 200)
    plasticity.plot(rates, drift(rates), label="Poisson, mean field")
    plasticity.plot(rates, drift(rates, regular=True), label="regular, closed form")
    plasticity.plot(RATES, result["poisson"], "o", color="C0", label="Poisson, simulated")
    y, current = result["gif_rates_Hz"], result["currents_nA"]
    plasticity.plot(y, result["gif"], "kx", label="GIF, simulated")
    plasticity.axhline(0, color="0.8", zorder=0)
    plasticity.set(xlabel="postsynaptic rate y (Hz)", ylabel="h(y), change per presynaptic spike")
    plasticity.legend(fontsize=8)
    a, theta = rectifier(current, y)
    activation.plot(current, y, "kx", label="GIF, simulated")
    activation.plot(
        current, a * np.clip(current - theta, 0, None), label=f"{a:.0f} [I - {theta:.2f}]$_+$"
    )
    activation.set(xlabel="input current I (nA)", ylabel="g(I), rate (Hz)")
    activation.legend(fontsize=8)
    effective.plot(current, result["gif"], "kx", label="GIF, simulated")
    c = np.linalg.lstsq(np.stack([y**2, y], axis=1), result["gif"], rcond=None)[0]
    fitted = a * np.clip(current - theta, 0, None)
    effective.plot(current, c[0] * fitted**2 + c[1] * fitted, label="h(g(I)) of the two fits")
    effective.axhline(0, color="0.8", zorder=0)
    effective.set(xlabel="input current I (nA)", ylabel="f(I) = h(g(I))")
    effective.legend(fontsize=8)
    return fig
