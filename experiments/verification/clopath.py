"""Verify the voltage-based rule of Clopath et al. 2010 against the authors' code.

python -m experiments.verification.clopath [--output DIR] [--document FILE] [--quick]
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from brian2 import (
    Network,
    SpikeGeneratorGroup,
    defaultclock,
    ms,
    mV,
)
from matplotlib.figure import Figure
from numpy.typing import NDArray

from experiments.verification.clopath_neuron import clamped_cells, driven_cells
from experiments.verification.section import Row, Section, close
from spikeplast.plasticity import Clopath

FREQUENCIES = (0.1, 10, 20, 40, 50)
LAGS = (+10, -10)
#: What the authors' code gives, in % of the initial weight.
PUBLISHED = {
    +10: (100.0, 102.9, 115.7, 146.3, 165.0),
    -10: (71.7, 59.6, 60.5, 117.8, 173.6),
}
INITIAL, CLAMP_SPIKES = 0.5, 25
CLAMPS = np.round(np.arange(-80, -19.95, 0.1), 1)


def trains(rho: float, lag: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Steps (of 1 ms) of the pre- and postsynaptic spikes, as the authors' VoTri.m has them.

    Five pairs at `rho` (Hz), `lag` ms apart, 15 times every 10 s; at 0.1 Hz 10 times without a
    gap. At a negative lag that code makes a sixth postsynaptic spike after the last pair, and its
    loop starts with the fourth step, which omits the very first one.
    """
    period, shift = round(1000 / rho), abs(lag)
    length = 5 * period + shift + 1
    pre = np.arange(shift + 1, length, period)
    post = np.arange(shift + 1 + lag, length + 1, period)
    repeats, every = (10, length) if rho == 0.1 else (15, 10_000)
    starts = every * np.arange(repeats)[:, None]
    both = [(starts + train).ravel() for train in (pre, post)]
    return both[0], both[1][both[1] >= 4]


def measure(*, quick: bool = False, progress: bool = False) -> dict[str, Any]:
    """Weights after the pairings (% of the initial weight; lags x frequencies), and clamped ones.

    `quick` leaves out 0.1 Hz, which takes 500 s of simulated time (the others take 150 s).
    """
    frequencies = FREQUENCIES[1:] if quick else FREQUENCIES
    usual_dt = defaultclock.dt
    defaultclock.dt = 1 * ms
    try:
        paired = _paired(frequencies)
        clamped = _clamped(CLAMPS)
    finally:
        defaultclock.dt = usual_dt
    return {"frequencies": frequencies, "paired": paired, "clamps": CLAMPS, "clamped": clamped}


def _paired(frequencies: tuple[float, ...]) -> NDArray[np.float64]:
    protocols = [trains(rho, lag) for lag in LAGS for rho in frequencies]
    n = len(protocols)
    sources = []
    # The cell fires in the step after it is kicked.
    for side, early in ((0, 0), (1, 1)):
        steps = [protocol[side] - early for protocol in protocols]
        indices = np.repeat(np.arange(n), [len(item) for item in steps])
        sources.append(SpikeGeneratorGroup(n, indices, np.concatenate(steps) * ms))
    rule = Clopath.visual_cortex()
    cells, kick = driven_cells(n, rule, sources[1])
    synapses = rule.synapses(sources[0], cells, acts_on=None, w_max=3, method="euler")
    synapses.connect(j="i")
    synapses.w = INITIAL
    last = max(train.max() for protocol in protocols for train in protocol)
    Network(*sources, cells, kick, synapses).run((last + 200) * ms, namespace={})
    return 100 * np.array(synapses.w[:]).reshape(len(LAGS), -1) / INITIAL


def _clamped(voltages: NDArray[np.float64]) -> NDArray[np.float64]:
    rule = Clopath.visual_cortex()
    cells = clamped_cells(len(voltages), rule)
    cells.v = voltages * mV
    spikes = SpikeGeneratorGroup(
        1, np.zeros(CLAMP_SPIKES, int), (5 + 50 * np.arange(CLAMP_SPIKES)) * ms
    )
    synapses = rule.synapses(spikes, cells, acts_on=None, w_max=10, method="euler")
    synapses.connect()
    synapses.w = 1
    Network(spikes, cells, synapses).run((50 * CLAMP_SPIKES + 500) * ms, namespace={})
    return 100 * np.array(synapses.w[:])


def rows(result: dict[str, Any]) -> list[Row]:
    """Ten weights (eight if quick), and the clamp curve."""
    source = "authors' code"
    found = [
        close(
            f"weight after pairing, {lag:+d} ms, {rho:g} Hz",
            source,
            PUBLISHED[lag][FREQUENCIES.index(rho)],
            result["paired"][row][column],
            tolerance=1,
            unit=" %",
            digits=4,
        )
        for row, lag in enumerate(LAGS)
        for column, rho in enumerate(result["frequencies"])
    ]
    clamps, weights = result["clamps"], result["clamped"]
    lowest = int(np.argmin(weights))
    rule = Clopath.visual_cortex()
    crossing = float((rule.theta_plus + rule.A_LTD / rule.A_LTP) / mV)
    beyond = (clamps > -47) & (weights > 100)
    at = float(np.interp(-26.5, clamps, weights))
    first = int(np.flatnonzero(beyond)[0])
    crossed = float(np.interp(100, weights[first - 1 : first + 1], clamps[first - 1 : first + 1]))
    return [
        *found,
        close("clamp: lowest weight", source, 91.1, weights[lowest], tolerance=0.1, unit=" %"),
        close("clamp: voltage of it", source, -45.3, clamps[lowest], tolerance=0.1, unit=" mV"),
        close("clamp: crossover", "closed form", crossing, crossed, tolerance=0.02, unit=" mV",
              digits=4),
        close("clamp: weight at -26.5 mV", source, 250, at, tolerance=1, unit=" %", digits=4),
    ]  # fmt: skip


def figures(result: dict[str, Any]) -> dict[str, tuple[Figure, str]]:
    """Weights against frequency and against the clamped voltage."""
    fig = Figure(figsize=(10, 4.2), layout="constrained")
    paired, clamped = fig.subplots(1, 2)
    for number, lag in enumerate(LAGS):
        colour = f"C{number}"
        paired.plot(
            result["frequencies"], result["paired"][number], "-", color=colour,
            label=f"simulated, {lag:+d} ms",
        )  # fmt: skip
        paired.plot(
            FREQUENCIES, PUBLISHED[lag], "o", color=colour, markerfacecolor="none",
            label=f"authors' code, {lag:+d} ms",
        )  # fmt: skip
    paired.set(xlabel="pairing frequency (Hz)", ylabel="weight (% of initial)", title="Pairing")
    clamped.plot(result["clamps"], result["clamped"], color="C2")
    clamped.set(
        xlabel="clamped voltage (mV)",
        ylabel="weight after 25 presynaptic spikes (%)",
        title="Voltage clamp",
        ylim=(80, 260),
    )
    for axes in (paired, clamped):
        axes.axhline(100, color="0.8", zorder=0)
    paired.legend(fontsize=8)
    return {"weights": (fig, "Clopath rule: pairing frequency and voltage clamp.")}


SECTION = Section(
    name="clopath",
    title="Clopath: voltage-based STDP",
    introduction="""
`Clopath.visual_cortex()` on the exponential integrate-and-fire cell of the authors' code (steps of
1 ms, spikes of 2 ms, Euler's method), with the spike trains of that code, in % of the initial
weight. Lines published in the paper's figure 2b lie up to about 2 points above that code. Clamp:
25 presynaptic spikes onto a cell held at one voltage, 100 % is a weight of 1.
""",
    measure=measure,
    rows=rows,
    figures=figures,
)
main = SECTION.main

if __name__ == "__main__":
    sys.exit(main())
