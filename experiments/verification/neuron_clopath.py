"""Clopath's neuron: the ten weights of her frequency protocol, with the rule in NumPy."""

from typing import Any

import numpy as np
from brian2 import Network, StateMonitor, TimedArray, defaultclock, ms, mV, pA
from matplotlib.figure import Figure
from numpy.typing import NDArray

from experiments.verification.section import Row, close
from spikeplast.neurons import ClopathEIF

TITLE = "Clopath's exponential integrate-and-fire neuron"
CAPTION = "Clopath's neuron: a spike with its clamp and what follows it; weights after pairing."
FREQUENCIES = (0.1, 10.0, 20.0, 40.0, 50.0)
PUBLISHED = {10: (100.0, 102.9, 115.7, 146.3, 165.0), -10: (71.7, 59.6, 60.5, 117.8, 173.6)}
WITH_80_PA = 143.7


def measure(*, quick: bool = False) -> dict[str, Any]:
    """Weights in % of the first; `quick` leaves out 0.1 Hz and repeats one train in thought."""
    frequencies = FREQUENCIES[1:] if quick else FREQUENCIES
    cases = [(rho, lag) for lag in PUBLISHED for rho in frequencies]
    models = {"code": ClopathEIF(inputs=None)}
    if not quick:
        models["80.5 pA"] = ClopathEIF.brette_gerstner_b(inputs=None)
    usual_dt = defaultclock.dt
    defaultclock.dt = 1 * ms
    try:
        weights = {
            name: dict(zip(cases, _weights(model, cases, quick), strict=True))
            for name, model in models.items()
        }
        trace = voltages(models["code"], 1e6 * np.eye(1, 60, 10))
    finally:
        defaultclock.dt = usual_dt
    return {
        "frequencies_Hz": frequencies,
        "weights": {
            name: {lag: [found[rho, lag] for rho in frequencies] for lag in PUBLISHED}
            for name, found in weights.items()
        },
        "trace_mV": trace[0],
    }


def _trains(rho: float, lag: int) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
    """One presentation of five pairs at a step of 1 ms, and how often it is repeated.

    At negative lags the published trains have a sixth postsynaptic spike, and the printed weights
    include it.
    """
    period = round(1000 / rho)
    length = 5 * period + abs(lag) + 1
    pre, post = np.zeros(max(length, 10_000)), np.zeros(max(length, 10_000))
    pre[abs(lag) : length - 1 : period] = 1
    post[abs(lag) + lag : length : period] = 1
    return pre, post, 10 if rho == 0.1 else 15


def _weights(model: ClopathEIF, cases: list[tuple[float, int]], quick: bool) -> list[float]:
    trains = [_trains(*case) for case in cases]
    repeats = [1 if quick else n for *_, n in trains]
    length = max(len(pre) * n for (pre, _, _), n in zip(trains, repeats, strict=True))
    pre, post = np.zeros((2, len(cases), length))
    for row, ((x, y, _), n) in enumerate(zip(trains, repeats, strict=True)):
        pre[row, : len(x) * n] = np.tile(x, n)
        post[row, : len(y) * n] = np.tile(y, n)
    changes = clopath_changes(voltages(model, 1e6 * post), pre)
    scale = [full / n for (*_, full), n in zip(trains, repeats, strict=True)]
    return [float(100 * (1 + change * k / 0.5)) for change, k in zip(changes, scale, strict=True)]


def voltages(model: ClopathEIF, current: NDArray[np.float64]) -> NDArray[np.float64]:
    """Voltage in mV at the end of each step of 1 ms, for a `current` in pA of the same shape."""
    cells = model.group(len(current))
    stimulus = TimedArray(current.T * pA, dt=1 * ms)
    drive = cells.run_regularly("I_ext = stimulus(t, i)", dt=1 * ms)
    states = StateMonitor(cells, "v", record=True, when="end")
    network = Network(cells, drive, states)
    network.run(current.shape[1] * ms, namespace={"stimulus": stimulus})
    return np.array(states.v / mV)


def clopath_changes(v: NDArray[np.float64], pre: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum of weight changes per row, visual cortex set, order of the authors' program.

    `v` in mV and `pre` (0 or 1), both of the shape (rows, steps of 1 ms). The low-passed voltages
    are those of three steps before.
    """
    A_LTD, A_LTP, theta_minus, theta_plus = 14e-5, 8e-5, -70.6, -45.3
    tau_minus, tau_plus, tau_x = 10.0, 7.0, 15.0
    minus, plus, x_bar = (np.full(len(v), value) for value in (-70.6, -70.6, 0.0))
    late = [(minus, plus)] * 4
    total = np.zeros(len(v))
    for u, x in zip(v.T, pre.T, strict=True):
        late = [*late[1:], (minus, plus)]
        minus_late, plus_late = late[0]
        total -= A_LTD * x * np.maximum(minus_late - theta_minus, 0)
        drive = np.maximum(u - theta_plus, 0)
        total += A_LTP * drive * x_bar * np.maximum(plus_late - theta_minus, 0)
        minus = minus + (u - minus) / tau_minus
        plus = plus + (u - plus) / tau_plus
        x_bar = x_bar + (x - x_bar) / tau_x
    return total


def rows(result: dict[str, Any]) -> list[Row]:
    """The ten weights, and the one that another b changes."""
    out = []
    for lag, published in PUBLISHED.items():
        by_frequency = dict(zip(FREQUENCIES, published, strict=True))
        for rho, weight in zip(
            result["frequencies_Hz"], result["weights"]["code"][lag], strict=True
        ):
            out.append(
                close(
                    f"weight after pairs at {lag:+d} ms, {rho:g} Hz",
                    "Clopath et al. 2010, authors' code",
                    by_frequency[rho],
                    weight,
                    tolerance=1,
                    unit=" %",
                )
            )
    if "80.5 pA" in result["weights"]:
        out.append(
            close(
                "weight after pairs at +10 ms, 50 Hz, with b = 80.5 pA",
                "authors' code with that b",
                WITH_80_PA,
                result["weights"]["80.5 pA"][10][-1],
                tolerance=1,
                unit=" %",
            )
        )
    return out


def figure(result: dict[str, Any]) -> Figure:
    """A spike, and the weights over frequency."""
    fig = Figure(figsize=(10, 4), layout="constrained")
    spike, weights = fig.subplots(1, 2)
    spike.plot(result["trace_mV"], ".-")
    spike.set(title="a forced spike, step of 1 ms", xlabel="t (ms)", ylabel="v (mV)")
    for colour, (lag, published) in enumerate(PUBLISHED.items()):
        weights.plot(FREQUENCIES, published, "x", color=f"C{colour}", label=f"{lag:+d} ms, printed")
        weights.plot(
            result["frequencies_Hz"],
            result["weights"]["code"][lag],
            "o-",
            mfc="none",
            color=f"C{colour}",
            label=f"{lag:+d} ms, ours",
        )
    weights.set(title="pairing", xlabel="frequency of pairs (Hz)", ylabel="weight (%)")
    weights.legend(fontsize=8)
    return fig
