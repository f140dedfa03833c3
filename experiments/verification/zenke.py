"""Verify orchestrated plasticity: a recurrent network keeps its rate, and does not without it.

python -m experiments.verification.zenke [--output DIR] [--document FILE] [--quick]
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from brian2 import (
    Hz,
    Network,
    PoissonGroup,
    StateMonitor,
    Synapses,
    defaultclock,
    ms,
    second,
    seed,
)
from matplotlib.figure import Figure
from tqdm import tqdm

from experiments.verification.section import Row, Section, at_least, at_most, within
from spikeplast.neurons import ConductanceLIF
from spikeplast.plasticity import Vogels, Zenke

EXCITATORY, INHIBITORY, INPUTS, W_MAX = 400, 100, 100, 5.0
#: In how many windows of a run rates are counted; in the first ones weights and inhibition settle.
WINDOWS, SETTLING = 10, 2
RULES = {"orchestrated": Zenke(), "no heterosynaptic term": Zenke(beta=0)}


def measure(*, quick: bool = False, progress: bool = False) -> dict[str, Any]:
    """3 seeds of 1000 s, and of 100 s without the heterosynaptic term (quick: 1 of 60 and 5 s)."""
    durations = dict(zip(RULES, (60, 5) if quick else (1000, 100), strict=True))
    seeds = [1] if quick else [1, 2, 3]
    bar = tqdm(total=len(seeds) * len(RULES), disable=not progress)
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in RULES}
    for name, duration in durations.items():
        for number in seeds:
            runs[name].append(run(RULES[name], number, duration))
            bar.update()
    return {"runs": runs}


def run(rule: Zenke, number: int, duration: float) -> dict[str, Any]:
    """Rates in `WINDOWS` windows, and the weights, of a network with the seed `number`."""
    usual_dt = defaultclock.dt
    defaultclock.dt = 0.2 * ms
    try:
        seed(number)
        cells = ConductanceLIF().group(
            EXCITATORY + INHIBITORY,
            extra_equations=f"{rule.target_equations}\nfired : 1",
            reset="v = v_reset\nfired += 1",
            name="cells*",
        )
        cells.v = "v_rest + rand()*8*mV"
        excitatory, inhibitory = cells[:EXCITATORY], cells[EXCITATORY:]
        inputs = PoissonGroup(INPUTS, 10 * Hz, name="inputs*")
        plastic = []
        # Names, so that the next network has its objects in the same order, and the same loop.
        for source, p, name in ((excitatory, 0.1, "recurrent*"), (inputs, 0.2, "from_inputs*")):
            made = rule.synapses(
                source, excitatory, acts_on="g_e", gain=0.5, w_max=W_MAX, name=name
            )
            made.connect(p=p)
            made.w = 0.5
            plastic.append(made)
        to_inhibitory = Synapses(
            excitatory, inhibitory, on_pre="g_e_post += 0.4", name="to_inhibitory*"
        )
        to_inhibitory.connect(p=0.1)
        balance = Vogels(rho_0=4 * Hz).synapses(
            inhibitory, excitatory, acts_on="g_i", w_max=10, name="balance*"
        )
        balance.connect(p=0.1)
        balance.w = 0.5
        counts = StateMonitor(cells, "fired", record=True, dt=duration / WINDOWS * second)
        network = Network(cells, inputs, plastic, to_inhibitory, balance, counts)
        network.run(duration * second, namespace={})
    finally:
        defaultclock.dt = usual_dt
    total = np.array([*counts.fired.T, cells.fired[:]])[:, :EXCITATORY].mean(axis=1)
    weights = np.concatenate([made.w[:] for made in plastic])
    return {
        "time": (np.arange(WINDOWS) + 1) * duration / WINDOWS,
        "rates": np.diff(total) * WINDOWS / duration,
        "at_maximum": float(np.mean(weights >= W_MAX)),
        "histogram": np.histogram(weights, np.linspace(0, W_MAX, 51))[0],
    }


def rows(result: dict[str, Any]) -> list[Row]:
    """Rates and weights with all terms, and what becomes of them without one."""
    whole, control = result["runs"].values()
    settled = [row["rates"][SETTLING:] for row in whole]
    last = [float(np.mean([row["rates"][-1] for row in rows_])) for rows_ in (whole, control)]
    ours = "limit ours"
    return [
        at_most(f"rate of excitatory cells, highest over lowest of the last {WINDOWS - SETTLING} "
                f"of {WINDOWS} windows, worst seed", f"paper: stable for 1,000 s; {ours}", 1.25,
                max(float(rates.max() / rates.min()) for rates in settled)),
        within("rate of excitatory cells at the end, mean of the seeds", ours, 1, 10, last[0],
               unit=" Hz"),
        at_most("share of weights at their maximum, worst seed", ours, 0,
                max(row["at_maximum"] for row in whole)),
        at_least("no heterosynaptic term: rate at the end, over that with it", ours, 2,
                 last[1] / last[0]),
        at_least("no heterosynaptic term: share of weights at their maximum, lowest seed", ours,
                 0.05, min(row["at_maximum"] for row in control)),
    ]  # fmt: skip


def figures(result: dict[str, Any]) -> dict[str, tuple[Figure, str]]:
    """Rates over time, and weights at the end, with and without the heterosynaptic term."""
    fig = Figure(figsize=(10, 3.8), layout="constrained")
    rates, weights = fig.subplots(1, 2)
    for number, (name, runs) in enumerate(result["runs"].items()):
        for k, row in enumerate(runs):
            label = name if k == 0 else None
            rates.plot(row["time"], row["rates"], color=f"C{number}", label=label)
            edges = np.linspace(0, W_MAX, len(row["histogram"]) + 1)
            weights.stairs(row["histogram"], edges, color=f"C{number}", label=label)
    rates.set(xlabel="time (s)", ylabel="rate of excitatory cells (Hz)", ylim=(0, None))
    rates.legend()
    weights.set(xlabel="plastic weights at the end", ylabel="number of synapses", yscale="log")
    weights.legend()
    return {"stability": (fig, "Orchestrated plasticity keeps rates and weights where they are.")}


SECTION = Section(
    name="zenke",
    title="Zenke: orchestrated plasticity",
    introduction=f"""
A recurrent network at a tenth of the paper's size: {EXCITATORY} excitatory and {INHIBITORY}
inhibitory cells (`ConductanceLIF`), {INPUTS} Poisson inputs at 10 Hz, 1000 s, steps of 0.2 ms.
`Zenke()`, with its default parameters, changes all excitatory weights onto excitatory cells;
consolidated weights start at 0. Cells, connections and inhibitory plasticity (`Vogels` for 4 Hz
instead of the paper's global secretion) are ours, and there is neither short-term plasticity nor a
stimulus with structure: what is shown is that the rule's terms keep rates and weights in place, and
that they run away without the heterosynaptic one (100 s), not the paper's cell assemblies.
""",
    measure=measure,
    rows=rows,
    figures=figures,
)
main = SECTION.main

if __name__ == "__main__":
    sys.exit(main())
