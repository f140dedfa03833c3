"""Verify the neuron models against closed forms, other integrators and published numbers.

    python -m experiments.verification.neurons
        [--output DIR] [--document FILE] [--device NAME] [--quick]

Ends with exit status 1 if a number is outside its tolerance.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from experiments.common.command_line import InputError, exit_status, option, parse
from experiments.common.devices import DEVICES, use_device
from experiments.common.output import OutputFolder, package_versions
from experiments.verification import (
    neuron_clopath,
    neuron_gif,
    neuron_glif,
    neuron_hh,
    neuron_lif,
    neuron_patterns,
)
from experiments.verification.report import (
    check_document,
    failures,
    table,
    write_section,
)

PROG = "verification.neurons"
COMMAND = "python -m experiments.verification.neurons"
BEGIN = f"<!-- begin: {COMMAND} -->"
END = f"<!-- end: {COMMAND} -->"
# Each has measure(quick), rows(result), figure(result), TITLE and CAPTION.
PARTS: dict[str, Any] = {
    "lif": neuron_lif,
    "glif": neuron_glif,
    "patterns": neuron_patterns,
    "clopath": neuron_clopath,
    "hh": neuron_hh,
    "gif": neuron_gif,
}


@dataclass(frozen=True)
class Configuration:
    """The command line's options."""

    output: Path = option(Path("results/verification_neurons"), "output folder", metavar="DIR")
    document: Path | None = option(
        None,
        "Markdown file whose section is replaced; figures go to 'figures' beside it",
        metavar="FILE",
    )
    device: str = option("numba", "what runs the networks", choices=DEVICES)
    quick: bool = option(False, "fewer seeds and less time; not for --document")


def run(configuration: Configuration) -> int:
    """Run the verification; 0 if everything is within its tolerance, else 1."""
    if configuration.quick and configuration.document:
        raise InputError("--quick is not for --document; leave one of them out")
    output = OutputFolder(configuration.output)
    check_document(configuration.document, BEGIN)
    use_device(configuration.device)
    parts = tqdm(PARTS.items(), desc="neurons", disable=not sys.stderr.isatty())
    results = {name: part.measure(quick=configuration.quick) for name, part in parts}
    rows = {name: PARTS[name].rows(result) for name, result in results.items()}
    problems = failures(row for part in rows.values() for row in part)
    sections = {name: f"### {PARTS[name].TITLE}\n\n{table(part)}\n" for name, part in rows.items()}
    figures = {name: PARTS[name].figure(result) for name, result in results.items()}
    for name, figure in figures.items():
        output.figure(f"{name}.png", figure)
    report = _head(problems) + "\n".join(sections.values())
    output.text("neurons.md", report)
    output.json(
        "results.json",
        {
            "command": COMMAND,
            "quick": configuration.quick,
            "device": configuration.device,
            "versions": package_versions(),
            "parts": results,
            "failures": problems,
        },
    )
    if configuration.document:
        _document(configuration.document, _head(problems), sections, figures)
    print(report)
    print(f"Figures and numbers are in {output.path}.")
    for problem in problems:
        print(f"FAILED: {problem}", file=sys.stderr)
    return 1 if problems else 0


def _document(document: Path, head: str, sections: dict[str, str], figures: dict[str, Any]) -> None:
    folder = OutputFolder(document.parent / "figures")
    text = head
    for name, section in sections.items():
        folder.figure(f"neurons_{name}.png", figures[name])
        text += f"{section}\n![{PARTS[name].CAPTION}](figures/neurons_{name}.png)\n\n"
    write_section(document, BEGIN, END, text.rstrip() + "\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; the exit status is 0, 1 for a number out of tolerance, or 2 for bad input."""
    description = "Verify the neuron models."
    return exit_status(PROG, lambda: run(parse(Configuration, argv, PROG, description)))


def _head(problems: list[str]) -> str:
    verdict = "; ".join(problems) if problems else "everything is within its tolerance"
    return f"""\
## Neuron models

Printed by `{COMMAND}`
(`--document docs/verification.md` replaces it there): simulations of groups made by the models.
Verdict: {verdict}.

"""


if __name__ == "__main__":
    sys.exit(main())
