"""Verify additive STDP's outcome: bimodal weights, a rate that hardly depends on the input.

python -m experiments.verification.song [--output DIR] [--document FILE] [--quick]
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from brian2 import Hz, Network, PoissonGroup, SpikeMonitor, Synapses, second, seed
from matplotlib.figure import Figure

from experiments.verification.section import Row, Section, at_least, at_most
from spikeplast.neurons import ConductanceLIF
from spikeplast.plasticity import PairSTDP, PlasticityRule

RATES, EXCITATORY, INHIBITORY = (10, 20, 30, 40), 1000, 200
BINS = np.linspace(0, 1, 21)
MUS = (0.0, 0.02, 0.1, 1.0)


def measure(*, quick: bool = False, progress: bool = False) -> dict[str, Any]:
    """Four input rates, additive, 1000 s (quick: 10 and 40 Hz, 100 s); four exponents at 15 Hz."""
    seed(5)
    rates = (RATES[0], RATES[-1]) if quick else RATES
    duration = 100 if quick else 1000
    learned = learn([PairSTDP() for _ in rates], rates, duration)
    found = {"rates": rates, "duration": duration, **learned}
    if not quick:
        rules = [PairSTDP.guetig(mu) for mu in MUS] + [PairSTDP.van_rossum()]
        found["weight_dependence"] = {
            "names": [*(f"mu = {mu:g}" for mu in MUS), "van Rossum"],
            **learn(rules, [15] * len(rules), 500),
        }
    return found


def learn(rules: list[PlasticityRule], rates: Any, duration: float) -> dict[str, Any]:
    """One cell per rule and rate (Hz), each with 1000 + 200 inputs of its own."""
    network, spikes, projections = Network(), [], []
    for rule, rate in zip(rules, rates, strict=True):
        cell = ConductanceLIF.song_miller_abbott().group(1)
        excitation = PoissonGroup(EXCITATORY, rate * Hz)
        inhibition = PoissonGroup(INHIBITORY, 10 * Hz)
        synapses = rule.synapses(excitation, cell, acts_on="g_e", gain=0.015)
        synapses.connect()
        synapses.w = np.linspace(0, 1, EXCITATORY)
        fixed = Synapses(inhibition, cell, on_pre="g_i_post += 0.05")
        fixed.connect()
        spikes.append(SpikeMonitor(cell))
        projections.append(synapses)
        network.add(cell, excitation, inhibition, synapses, fixed, spikes[-1])
    network.run(duration * second, namespace={})
    weights = np.array([s.w[:] for s in projections])
    late = [np.array(m.t[m.t > 0.8 * duration * second] / second) for m in spikes]
    return {
        "histograms": np.array([np.histogram(w, BINS)[0] for w in weights]),
        "strong": (weights > 0.8).mean(axis=1),
        "middle": ((weights > 0.2) & (weights <= 0.8)).mean(axis=1),
        "weak": (weights <= 0.2).mean(axis=1),
        "rate": np.array([len(t) / (0.2 * duration) for t in late]),
        "cv": np.array([np.std(np.diff(t)) / np.mean(np.diff(t)) for t in late]),
    }


def rows(result: dict[str, Any]) -> list[Row]:
    """Both modes fuller than the middle; output ratio; fewer strong synapses; irregular firing."""
    paper, third = "paper (from memory)", "paper, values by a third party"
    outer = result["strong"] + result["weak"]
    ratio = float(result["rate"].max() / result["rate"].min())
    found = [
        at_most(
            "share of strong synapses, highest over lowest input rate",
            f"{paper}: fewer",
            1,
            float(result["strong"][-1] / result["strong"][0]),
        ),
        at_least("CV of intervals, minimum", f"{paper}: irregular", 0.5, float(result["cv"].min())),
    ]
    if result["duration"] < 1000:
        # Not long enough for the rest.
        return found
    inputs = f"{result['rates'][0]} to {result['rates'][-1]} Hz"
    found += [
        at_least("share of weights in the outer fifths of the range, least bimodal cell",
                 f"{third}: bimodal", 0.6, float(outer.min())),
        at_most(f"highest over lowest output rate, input {inputs}", f"{paper}: nearly constant", 2,
                ratio),
    ]  # fmt: skip
    if "weight_dependence" in result:
        middle = result["weight_dependence"]["middle"]
        found += [
            at_most("additive: share of weights between 0.2 and 0.8 of w_max", "Guetig et al. 2003",
                    0.4, float(middle[0])),
            at_least("multiplicative (mu = 1): the same share", "Guetig et al. 2003", 0.9,
                     float(middle[MUS.index(1.0)])),
        ]  # fmt: skip
    return found


def figures(result: dict[str, Any]) -> dict[str, tuple[Figure, str]]:
    """Histograms and output rates."""
    fig = Figure(figsize=(12, 3.8), layout="constrained")
    weights, output, dependence = fig.subplots(1, 3)
    for rate, counts in zip(result["rates"], result["histograms"], strict=True):
        weights.stairs(counts, BINS, label=f"input {rate} Hz")
    weights.set(xlabel="weight / w_max", ylabel="number of synapses", title="Additive")
    weights.legend(fontsize=8)
    output.plot(result["rates"], result["rate"], "o-")
    output.set(xlabel="rate of each input (Hz)", ylabel="rate of the cell (Hz)", ylim=(0, None),
               title="Additive")  # fmt: skip
    if "weight_dependence" in result:
        found = result["weight_dependence"]
        for name, counts in zip(found["names"], found["histograms"], strict=True):
            dependence.stairs(counts, BINS, label=name)
        dependence.legend(fontsize=8)
    dependence.set(xlabel="weight / w_max", ylabel="number of synapses", title="Input 15 Hz")
    return {"outcome": (fig, "Additive STDP and weight dependence.")}


SECTION = Section(
    name="song",
    title="Outcome of additive STDP, and weight dependence",
    introduction="""
`PairSTDP()` on one cell of Song, Miller & Abbott 2000 with 1000 excitatory and 200 inhibitory
inputs, 1000 s, rates over the last fifth. The cell's constants come from a third party's script;
the outcomes are quoted from memory of the paper, so the limits are ours. Right: the exponents of
Guetig et al. 2003 and van Rossum's rule, 500 s.
""",
    measure=measure,
    rows=rows,
    figures=figures,
)
main = SECTION.main

if __name__ == "__main__":
    sys.exit(main())
