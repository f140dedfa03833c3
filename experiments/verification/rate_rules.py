"""Verify Hebb, Oja, Sanger and BCM for rate units: growth, eigenvectors, fixed points.

python -m experiments.verification.rate_rules [--output DIR] [--document FILE] [--quick]
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from brian2 import Network, NeuronGroup, StateMonitor, TimedArray, defaultclock, ms, second
from matplotlib.figure import Figure
from numpy.typing import NDArray

from experiments.verification.section import Row, Section, at_least, close
from spikeplast.plasticity import BCM, Hebb, Oja, RateRule, Sanger

INPUTS, OUTPUTS, PATTERNS = 8, 3, 5
#: Eigenvalues of the inputs' correlation matrix.
EIGENVALUES = np.array([4.0, 2.5, 1.5, 0.8, 0.5, 0.4, 0.3, 0.2])


def measure(*, quick: bool = False, progress: bool = False) -> dict[str, Any]:
    """Each rule on samples of one time step (1 ms); `quick` is the same."""
    rng = np.random.default_rng(3)
    axes, _ = np.linalg.qr(rng.normal(size=(INPUTS, INPUTS)))
    usual_dt = defaultclock.dt
    defaultclock.dt = 1 * ms
    try:
        n = 40_000
        # Sums of squares are exact, so that the eigenvectors of the samples are the axes.
        samples = rng.normal(size=(n, INPUTS))
        samples, _ = np.linalg.qr(samples)
        samples = samples * np.sqrt(n * EIGENVALUES) @ axes.T
        start = rng.normal(size=(INPUTS, OUTPUTS)) / 10
        oja = _learn(Oja(eta=1 / second), samples, start[:, :1])
        # Sanger needs the small eigenvalues to be told apart.
        sanger = _learn(Sanger(eta=1 / second), samples, start)
        hebb = _learn(Hebb(eta=0.1 / second), samples, start[:, :1] / 100)
        patterns = np.eye(PATTERNS)[rng.integers(PATTERNS, size=n)]
        bcm = _learn(BCM(eta=0.5 / second, tau_theta=0.1 * second), patterns,
                     rng.uniform(0.5, 1.5, (PATTERNS, 1)))  # fmt: skip
    finally:
        defaultclock.dt = usual_dt
    growth = np.log(np.abs(axes[:, 0] @ hebb["final"][:, 0] / (axes[:, 0] @ start[:, 0] / 100)))
    return {
        "time": oja["time"],
        "length": {"Oja": oja["length"], "Sanger": sanger["length"]},
        "alignment": {name: _alignment(run["history"], axes) for name, run in
                      (("Oja", oja), ("Sanger", sanger))},
        "hebb_growth": float(growth),
        "hebb_expected": float(0.1 * EIGENVALUES[0] * n * 1e-3),
        "hebb_alignment": float(_alignment(hebb["history"], axes)[0, -1]),
        "bcm": bcm["history"][:, 0],
        "bcm_late": bcm["history"][:, 0, -200:].mean(axis=-1),
    }  # fmt: skip


def _learn(rule: RateRule, samples: NDArray, start: NDArray) -> dict[str, Any]:
    stimulus = TimedArray(samples, dt=defaultclock.dt, name="stimulus")
    source = NeuronGroup(
        samples.shape[1],
        "x : 1\nexplained : 1",
        namespace={"stimulus": stimulus},
    )
    source.run_regularly("x = stimulus(t, i)")
    target = NeuronGroup(start.shape[1], "y : 1\n" + rule.target_equations)
    synapses = rule.synapses(source, target, acts_on="y")
    synapses.connect()
    synapses.w = start.ravel()
    monitor = StateMonitor(synapses, "w", record=True, dt=20 * ms)
    network = Network(source, target, synapses, monitor)
    network.run(len(samples) * defaultclock.dt, namespace={})
    history = np.array(monitor.w).reshape(*start.shape, -1)
    return {
        "time": np.array(monitor.t / second),
        "history": history,
        "length": np.linalg.norm(history, axis=0),
        "final": np.array(synapses.w[:]).reshape(start.shape),
    }


def _alignment(history: NDArray, axes: NDArray) -> NDArray:
    """|cosine| of each unit's weights with its own eigenvector, over time."""
    units = history.shape[1]
    overlap = np.abs(np.einsum("iu,iut->ut", axes[:, :units], history))
    return overlap / np.linalg.norm(history, axis=0)


def rows(result: dict[str, Any]) -> list[Row]:
    """Lengths and directions, means over the last fifth."""
    late = slice(-len(result["time"]) // 5, None)
    found = []
    for name, length in result["length"].items():
        for unit in range(len(length)):
            found += [
                close(f"{name}: length of w, unit {unit + 1}", "theory", 1,
                      float(length[unit, late].mean()), tolerance=0.03),
                at_least(f"{name}: cosine with eigenvector {unit + 1}", "theory", 0.99,
                         float(result["alignment"][name][unit, late].mean()), digits=4),
            ]  # fmt: skip
    responses = np.sort(result["bcm_late"])[::-1]
    return [
        *found,
        close("Hebb: growth of log w along the first eigenvector", "closed form",
              result["hebb_expected"], result["hebb_growth"],
              tolerance=0.05 * result["hebb_expected"]),
        at_least("Hebb: cosine with eigenvector 1", "theory", 0.99, result["hebb_alignment"],
                 digits=4),
        close(f"BCM: response to the winning one of {PATTERNS} patterns", "theory: n y_0",
              PATTERNS, float(responses[0]), tolerance=0.1 * PATTERNS),
        close("BCM: largest response to another pattern", "theory", 0, float(responses[1]),
              tolerance=0.05),
    ]  # fmt: skip


def figures(result: dict[str, Any]) -> dict[str, tuple[Figure, str]]:
    """Directions, lengths, and BCM's selectivity."""
    fig = Figure(figsize=(12, 3.8), layout="constrained")
    direction, length, selective = fig.subplots(1, 3)
    for name, style in (("Oja", "--"), ("Sanger", "-")):
        for unit, (a, b) in enumerate(
            zip(result["alignment"][name], result["length"][name], strict=True)
        ):
            label = f"{name}, unit {unit + 1}"
            direction.plot(result["time"], a, style, color=f"C{unit}", label=label)
            length.plot(result["time"], b, style, color=f"C{unit}", label=label)
    direction.set(xlabel="time (s)", ylabel="|cosine| with its eigenvector")
    direction.legend(fontsize=8)
    length.set(xlabel="time (s)", ylabel="length of the weights")
    for pattern, response in enumerate(result["bcm"]):
        selective.plot(result["time"], response, label=f"pattern {pattern + 1}")
    selective.axhline(PATTERNS, color="C3", linestyle="--", label="$n\\,y_0$")
    selective.set(xlabel="time (s)", ylabel="response of the BCM unit")
    selective.legend(fontsize=8)
    return {"learning": (fig, "Rate units: Oja, Sanger and BCM.")}


SECTION = Section(
    name="rate_rules",
    title="Rules for rate units",
    introduction=f"""
Samples of one time step each (1 ms, 40 s). Oja, Sanger, Hebb: {INPUTS} inputs with the eigenvalues
{", ".join(f"{v:g}" for v in EIGENVALUES)}; means over the last fifth. BCM: {PATTERNS} orthogonal
patterns in random order.
""",
    measure=measure,
    rows=rows,
    figures=figures,
)
main = SECTION.main

if __name__ == "__main__":
    sys.exit(main())
