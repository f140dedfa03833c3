"""Verify the neuron models against closed forms, other integrators and published numbers.

python -m experiments.verification.neurons [--output DIR] [--document FILE] [--quick]
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

from matplotlib.figure import Figure
from tqdm import tqdm

from experiments.verification import (
    neuron_clopath,
    neuron_gif,
    neuron_glif,
    neuron_hh,
    neuron_lif,
    neuron_patterns,
)
from experiments.verification.section import Row, Section

# Each has measure(quick), rows(result), figure(result), TITLE and CAPTION.
PARTS: dict[str, Any] = {
    "lif": neuron_lif,
    "glif": neuron_glif,
    "patterns": neuron_patterns,
    "clopath": neuron_clopath,
    "hh": neuron_hh,
    "gif": neuron_gif,
}


def measure(*, quick: bool = False, progress: bool = False) -> dict[str, Any]:
    """Numbers of each family; `quick`: fewer seeds and less time."""
    parts = tqdm(PARTS.items(), desc="neurons", disable=not progress)
    return {name: part.measure(quick=quick) for name, part in parts}


def rows(result: dict[str, Any]) -> list[Row]:
    """Those of each family, under its title."""
    return [
        replace(row, part=PARTS[name].TITLE)
        for name, found in result.items()
        for row in PARTS[name].rows(found)
    ]


def figures(result: dict[str, Any]) -> dict[str, tuple[Figure, str]]:
    """One of each family."""
    return {
        name: (PARTS[name].figure(found), PARTS[name].CAPTION) for name, found in result.items()
    }


SECTION = Section(
    name="neurons",
    title="Neuron models",
    introduction="Simulations of groups made by the models.",
    measure=measure,
    rows=rows,
    figures=figures,
)
main = SECTION.main

if __name__ == "__main__":
    sys.exit(main())
