"""Pair STDP of independent Poisson trains: drift of every scheme, weights of each dependence."""

from typing import Any

import numpy as np
from brian2 import Hz, Network, PoissonGroup, Synapses, defaultclock, ms, second, seed
from matplotlib.figure import Figure

from experiments.verification.closed_form import poisson_drift
from experiments.verification.section import Row, close
from spikeplast.plasticity import NoBounds, PairSTDP
from spikeplast.plasticity.pair_stdp import SCHEMES

TITLE = "Pair STDP of independent Poisson trains"
CAPTION = (
    "Pair STDP: drift of each scheme; weights in equilibrium of each dependence on the weight."
)
PAIRS, NU_PRE, NU_POST = 1000, 20.0, 10.0
MUS = (1.0, 0.5, 0.2)
#: `A_minus tau_minus / (A_plus tau_plus)` of the rules that settle.
ALPHA = 1.3
AMPLITUDE, NU_SETTLE, BINS = 1e-3, 40.0, np.linspace(0, 1, 41)


def measure(*, quick: bool = False, progress: bool = False) -> dict[str, Any]:
    """Drift over 100 s; weights after 600 s, mean of the last half (`quick`: 10 s, no weights)."""
    seed(8)
    usual_dt = defaultclock.dt
    defaultclock.dt = 0.5 * ms
    try:
        found = {"drift": _drift(10 if quick else 100)}
        if not quick:
            found["settled"] = _settled(600)
    finally:
        defaultclock.dt = usual_dt
    return found


def _drift(duration: float) -> dict[str, Any]:
    pre, post = PoissonGroup(PAIRS, NU_PRE * Hz), PoissonGroup(PAIRS, NU_POST * Hz)
    rules = [PairSTDP.bi_poo(pairing, pairs=1) for pairing in SCHEMES]
    projections = [_paired(rule, pre, post, bounds=NoBounds()) for rule in rules]
    Network(pre, post, projections).run(duration * second, namespace={})
    rates = np.array([synapses.w[:] / duration for synapses in projections])
    exact = []
    for rule in rules:
        taus = {"tau_plus": float(rule.tau_plus), "tau_minus": float(rule.tau_minus)}
        up, down = poisson_drift(
            NU_PRE, NU_POST, pairing=rule.pairing, dt=float(defaultclock.dt), **taus
        )
        exact.append(rule.A_plus * up - rule.A_minus * down)
    return {
        "mean": rates.mean(axis=1),
        "error": rates.std(axis=1) / np.sqrt(PAIRS),
        "exact": np.array(exact),
    }


def _settled(duration: float) -> dict[str, Any]:
    amplitudes = {"A_plus": AMPLITUDE, "A_minus": ALPHA * AMPLITUDE}
    rules = {f"Guetig, mu = {mu:g}": PairSTDP.guetig(mu, **amplitudes) for mu in MUS}
    rules["van Rossum"] = PairSTDP.van_rossum(**amplitudes)
    # In time steps: a lag of 0 potentiates, so that depression is less by one step's decay.
    alpha = ALPHA * float(np.exp(-defaultclock.dt / PairSTDP().tau_minus))
    exact = [1 / (1 + alpha ** (1 / mu)) for mu in MUS] + [1 / alpha]
    pre, post = PoissonGroup(PAIRS, NU_SETTLE * Hz), PoissonGroup(PAIRS, NU_SETTLE * Hz)
    projections = [_paired(rule, pre, post, w_max=1) for rule in rules.values()]
    for synapses in projections:
        synapses.w = np.linspace(0, 1, PAIRS)
    network = Network(pre, post, projections)
    network.run(duration / 2 * second, namespace={})
    samples: list[Any] = []
    for _ in range(10):
        network.run(duration / 20 * second, namespace={})
        samples.append([synapses.w[:] for synapses in projections])
    weights = np.array(samples)
    return {
        "names": list(rules),
        "exact": np.array(exact),
        "mean": weights.mean(axis=(0, 2)),
        "histograms": np.array([np.histogram(weights[:, k], BINS)[0] for k in range(len(rules))]),
    }


def _paired(rule: PairSTDP, pre: PoissonGroup, post: PoissonGroup, **kwargs: Any) -> Synapses:
    synapses = rule.synapses(pre, post, acts_on=None, **kwargs)
    synapses.connect(j="i")
    return synapses


def rows(result: dict[str, Any]) -> list[Row]:
    """Drift within three standard errors, mean weight within 0.01 of w_max."""
    drift = result["drift"]
    found = [
        close(
            f"{pairing}: drift at {NU_PRE:g} and {NU_POST:g} Hz (3 s.e.)",
            "Izhikevich & Desai 2003" if pairing == "presynaptic-centred" else "closed form",
            float(f"{exact:.4g}"),
            float(mean),
            tolerance=float(f"{3 * error:.2g}"),
            unit="/s",
            digits=4,
        )
        for pairing, exact, mean, error in zip(
            SCHEMES, drift["exact"], drift["mean"], drift["error"], strict=True
        )
    ]
    if "settled" in result:
        settled = result["settled"]
        found += [
            close(
                f"{name}: mean weight in equilibrium, over w_max",
                "A_plus tau_plus / (A_minus tau_minus)"
                if name == "van Rossum"
                else "Guetig et al. 2003: 1 / (1 + alpha^(1/mu))",
                float(f"{exact:.4g}"),
                float(mean),
                tolerance=0.01,
            )
            for name, exact, mean in zip(
                settled["names"], settled["exact"], settled["mean"], strict=True
            )
        ]
    return found


def figure(result: dict[str, Any]) -> Figure:
    """Drift beside the closed form, and histograms of the weights."""
    fig = Figure(figsize=(11, 3.8), layout="constrained")
    drift, weights = fig.subplots(1, 2)
    positions = np.arange(len(SCHEMES))
    drift.bar(positions, result["drift"]["exact"], color="0.85", label="closed form")
    drift.errorbar(positions, result["drift"]["mean"], 3 * result["drift"]["error"], fmt="ko",
                   capsize=3, label="simulated, 3 s.e.")  # fmt: skip
    drift.axhline(0, color="0.5", linewidth=0.8)
    drift.set_xticks(positions, SCHEMES, fontsize=8)
    drift.set_ylabel("drift of the weight (1/s)")
    drift.legend(fontsize=8)
    if "settled" in result:
        settled = result["settled"]
        for number, (name, counts, exact) in enumerate(
            zip(settled["names"], settled["histograms"], settled["exact"], strict=True)
        ):
            weights.stairs(counts, BINS, color=f"C{number}", label=name)
            weights.axvline(exact, color=f"C{number}", linestyle=":")
        weights.legend(fontsize=8)
    weights.set(xlabel="weight / w_max", ylabel="number", title="dotted: closed form")
    return fig
