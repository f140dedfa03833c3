"""Verify the pair and triplet rules against closed forms and published fits.

python -m experiments.verification.stdp [--output DIR] [--document FILE] [--quick]
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

from matplotlib.figure import Figure

from experiments.verification import pair_window, triplet_figures, triplet_fits, weight_dependence
from experiments.verification.section import Row, Section

PARTS: dict[str, Any] = {
    "pair_window": pair_window,
    "weight_dependence": weight_dependence,
    "triplet_fits": triplet_fits,
}


def measure(*, quick: bool = False, progress: bool = False) -> dict[str, Any]:
    """Each part; `quick`: fewer lags, less time, and the triplet rules on visual cortex only."""
    return {name: part.measure(quick=quick, progress=progress) for name, part in PARTS.items()}


def rows(result: dict[str, Any]) -> list[Row]:
    """Those of each part, under its title."""
    return [
        replace(row, part=PARTS[name].TITLE)
        for name, found in result.items()
        for row in PARTS[name].rows(found)
    ]


def figures(result: dict[str, Any]) -> dict[str, tuple[Figure, str]]:
    """Windows, drift, and fits; those of hippocampal data only if they were simulated."""
    fits = result["triplet_fits"]
    found = {
        name: (PARTS[name].figure(result[name]), PARTS[name].CAPTION)
        for name in ("pair_window", "weight_dependence")
    }
    found["frequency"] = (triplet_figures.frequency_figure(fits), "Dependence on frequency.")
    if any(fit["data"] == "hippocampus" for fit in fits["fits"]):
        patterns = triplet_figures.pattern_figure(fits)
        found["patterns"] = (patterns, "Pairs, triplets and quadruplets.")
        found["errors"] = (triplet_figures.error_figure(fits), "Fit errors.")
    return found


SECTION = Section(
    name="stdp",
    title="Pair and triplet STDP",
    introduction=f"""
Window: `PairSTDP.bi_poo`, 60 pairs at every lag, under all schemes of pairing, beside the sum over
pairs of spikes. Independent Poisson trains: mean drift of {weight_dependence.PAIRS} pairs of
neurons, and the mean of the weights in equilibrium under bounds that depend on the weight,
`A_minus tau_minus = {weight_dependence.ALPHA:g} A_plus tau_plus` (alpha, less the decay of one time
step of 0.5 ms, since a lag of 0 potentiates). Triplets: E is the mean
squared deviation from the measured changes, in units of their standard errors (Pfister & Gerstner
2006). "Re-computed" is an independent computation from the same published tables; E has to agree
with it within {triplet_fits.TOLERANCE:.0%}. For the pair rule, which cannot fit either data set,
the amplitudes are the best ones with the same time constants. Printed errors with a star are quoted
from memory.
""",
    measure=measure,
    rows=rows,
    figures=figures,
)
main = SECTION.main

if __name__ == "__main__":
    sys.exit(main())
