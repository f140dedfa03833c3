"""Verify inhibitory plasticity: drift of independent trains, target rate, co-tuning.

python -m experiments.verification.vogels [--output DIR] [--document FILE] [--quick]
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from brian2 import (
    Hz,
    Network,
    NeuronGroup,
    PoissonGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    linked_var,
    ms,
    second,
    seed,
)
from matplotlib.figure import Figure

from experiments.verification.section import Row, Section, at_least, close
from spikeplast.neurons import ConductanceLIF
from spikeplast.plasticity import NoBounds, Vogels

SIGNALS, EXCITATORY, INHIBITORY = 8, 800, 200
#: The highest stated ratio of the rate to the target: 6.5 Hz instead of 5 Hz, with 20 inputs.
BIAS = 6.5 / 5
DRIFT_RATES = (0.0, 6.25, 12.5)


def measure(*, quick: bool = False, progress: bool = False) -> dict[str, Any]:
    """Drift, and the authors' single cell: 3 seeds of 150 s (quick: 1 of 60 s)."""
    seed(2)
    return {"drift": drift(), **balance(1 if quick else 3, 60 if quick else 150)}


def drift(n: int = 2000, duration: float = 10.0, nu_pre: float = 20.0) -> dict[str, Any]:
    """Mean drift (1/s) of `n` synapses between Poisson trains, with standard errors."""
    rule = Vogels()
    pre = PoissonGroup(n * len(DRIFT_RATES), nu_pre * Hz)
    post = PoissonGroup(n * len(DRIFT_RATES), np.repeat(DRIFT_RATES, n) * Hz)
    synapses = rule.synapses(pre, post, acts_on=None, bounds=NoBounds())
    synapses.connect(j="i")
    Network(pre, post, synapses).run(duration * second, namespace={})
    w = np.array(synapses.w[:]).reshape(len(DRIFT_RATES), n) / duration
    tau, alpha = float(rule.tau / second), float(2 * rule.rho_0 * rule.tau)
    return {
        "rates": DRIFT_RATES,
        "drift": w.mean(axis=1),
        "standard_error": w.std(axis=1, ddof=1) / np.sqrt(n),
        "expected": [rule.eta * nu_pre * (2 * nu * tau - alpha) for nu in DRIFT_RATES],
    }


def balance(seeds: int, duration: float) -> dict[str, Any]:
    """The authors' single cell with 8 signals, each cell with inputs of its own."""
    rule = Vogels()
    signals = NeuronGroup(
        SIGNALS * seeds,
        "noise : 1\nrate = 5*Hz + 500*Hz*clip(noise, 0, inf)/0.03 : Hz",
        name="signals",
    )
    signals.run_regularly("noise = noise*exp(-dt/(50*ms)) + (rand() - 0.5)*(1 - exp(-dt/(50*ms)))")
    cells = ConductanceLIF().group(seeds)
    group = np.arange(EXCITATORY) // (EXCITATORY // SIGNALS)
    group_i = SIGNALS - 1 - np.arange(INHIBITORY) // (INHIBITORY // SIGNALS)
    excitatory = _inputs(signals, group, seeds)
    inhibitory = _inputs(signals, group_i, seeds)
    to_e = Synapses(excitatory, cells, "w : 1", on_pre="g_e_post += 0.014*w")
    to_e.connect(i=np.arange(len(group) * seeds), j=np.arange(len(group) * seeds) // len(group))
    # Signal 5 of 8, counted from 1, is the preferred one.
    tuned = 0.3 + 1.1 / (1 + (group + 1 - 5.0) ** 4)
    to_e.w = np.tile(tuned, seeds) + 0.1 * np.random.default_rng(1).random(len(group) * seeds)
    to_i = rule.synapses(inhibitory, cells, acts_on="g_i", gain=0.035, w_max=100)
    to_i.connect(i=np.arange(len(group_i) * seeds), j=np.arange(len(group_i) * seeds) // INHIBITORY)
    to_i.w = 0.1
    spikes = SpikeMonitor(cells)
    weights = StateMonitor(to_i, "w", record=True, dt=2 * second)
    network = Network(signals, cells, excitatory, inhibitory, to_e, to_i, spikes, weights)
    network.run(duration * second, namespace={})
    times = np.array(spikes.t / second)
    bins = np.arange(0, duration + 1, 2.0)
    order = np.argsort(group_i, kind="stable")
    history = np.array(weights.w).reshape(seeds, INHIBITORY, -1)[:, order]
    final = np.array(to_i.w[:]).reshape(seeds, INHIBITORY)[:, order]
    return {
        "target": float(rule.rho_0 / Hz),
        "time": bins[1:],
        "rates": [np.histogram(times[spikes.i == k], bins)[0] / 2 for k in range(seeds)],
        "late_rates": [np.sum(times[spikes.i == k] > duration / 2) / (duration / 2)
                       for k in range(seeds)],
        "first_rates": [int(np.sum(times[spikes.i == k] < 1)) for k in range(seeds)],
        "excitatory": np.array(to_e.w[:]).reshape(seeds, SIGNALS, -1).mean(axis=(0, 2)),
        "inhibitory": final.reshape(seeds, SIGNALS, -1).mean(axis=2),
        "history_time": np.array(weights.t / second),
        "history": history.reshape(seeds, SIGNALS, INHIBITORY // SIGNALS, -1).mean(axis=(0, 2)),
    }  # fmt: skip


def _inputs(signals: NeuronGroup, group: np.ndarray, seeds: int) -> NeuronGroup:
    made = NeuronGroup(
        len(group) * seeds,
        "rate : Hz (linked)",
        threshold="rand() < rate*dt",
        refractory=5 * ms,
    )
    index = (group + SIGNALS * np.arange(seeds)[:, None]).ravel()
    made.rate = linked_var(signals, "rate", index=index)
    return made


def rows(result: dict[str, Any]) -> list[Row]:
    """Drift within 3 standard errors, rate within the stated bias, correlation of the tunings."""
    found = []
    measured = result["drift"]
    for nu, drift_, error, expected in zip(
        measured["rates"], measured["drift"], measured["standard_error"], measured["expected"],
        strict=True,
    ):  # fmt: skip
        found.append(
            close(f"drift of w, post at {nu:g} Hz (3 s.e.)", "closed form", expected, drift_,
                  tolerance=3 * error, unit="/s")
        )  # fmt: skip
    target = result["target"]
    rate = float(np.mean(result["late_rates"]))
    tuning = np.mean(result["inhibitory"], axis=0)
    return [
        *found,
        close("rate, second half: the target, within the stated bias (either way)",
              "paper; bias: third party, 20 inputs", target, rate,
              tolerance=(BIAS - 1) * target, unit=" Hz"),
        at_least("correlation of inhibitory with excitatory weights over the 8 signals",
                 "paper: co-tuned", 0.9, float(np.corrcoef(tuning, result["excitatory"])[0, 1])),
    ]  # fmt: skip


def figures(result: dict[str, Any]) -> dict[str, tuple[Figure, str]]:
    """Rate, weights of each signal, and the tuning."""
    fig = Figure(figsize=(12, 3.8), layout="constrained")
    rate, weights, tuning = fig.subplots(1, 3)
    for row in result["rates"]:
        rate.plot(result["time"], row, linewidth=0.8)
    rate.axhline(result["target"], color="C3", linestyle="--", label="target")
    rate.set(
        xlabel="time (s)",
        ylabel="rate of the cell (Hz), each seed",
        yscale="symlog",
        ylim=(0, None),
    )
    rate.legend()
    for signal, row in enumerate(result["history"]):
        weights.plot(result["history_time"], row, label=f"{signal + 1}", color=f"C{signal}")
    weights.set(xlabel="time (s)", ylabel="inhibitory weight, mean of a signal")
    weights.legend(title="signal", fontsize=7, ncols=2)
    signals = np.arange(1, SIGNALS + 1)
    tuning.plot(signals, result["excitatory"], "o-", label="excitatory")
    inhibitory = np.asarray(result["inhibitory"])
    spread = inhibitory.std(axis=0, ddof=1) / np.sqrt(len(inhibitory)) if len(inhibitory) > 1 else 0
    tuning.errorbar(signals, inhibitory.mean(axis=0), spread, marker="s", capsize=3,
                    label="inhibitory")  # fmt: skip
    tuning.set(xlabel="signal", ylabel="weight, mean of a signal")
    tuning.legend()
    return {"balance": (fig, "Vogels: inhibition becomes co-tuned with excitation.")}


SECTION = Section(
    name="vogels",
    title="Vogels: inhibitory plasticity",
    introduction="""
Drift: independent Poisson trains against the closed form. Balance: the single cell of the authors'
code with its 800 excitatory and 200 inhibitory inputs in eight groups with a common signal each;
target 6.25 Hz, several cells with inputs of their own, rate over the second half. A bias is known:
with independent inputs a third party found 6.5 Hz instead of 5 Hz with 20 inhibitory inputs, 5.6 Hz
with 100. Here the rate settles below the target, not above: inhibitory inputs share their signal
with excitatory ones, so they are more likely to have just fired when the cell fires, and the extra
potentiation lowers the rate at which it balances depression.
""",
    measure=measure,
    rows=rows,
    figures=figures,
)
main = SECTION.main

if __name__ == "__main__":
    sys.exit(main())
