"""Verify the pair and triplet rules against closed forms and published fits.

    python -m experiments.verification.stdp [--output DIR] [--document FILE] [--device NAME]

Ends with exit status 1 if a number is outside its tolerance.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.common.command_line import exit_status, option, parse
from experiments.common.devices import DEVICES, use_device
from experiments.common.output import OutputFolder, package_versions
from experiments.verification import pair_window, triplet_figures, triplet_fits
from experiments.verification.report import check_document, write_section

PROG = "verification.stdp"
COMMAND = "python -m experiments.verification.stdp"
BEGIN = f"<!-- begin: {COMMAND} -->"
END = f"<!-- end: {COMMAND} -->"


@dataclass(frozen=True)
class Configuration:
    """The command line's options."""

    output: Path = option(Path("results/verification_stdp"), "output folder", metavar="DIR")
    document: Path | None = option(
        None,
        "Markdown file whose section is replaced; figures go to 'figures' beside it",
        metavar="FILE",
    )
    device: str = option("numba", "what runs the networks", choices=DEVICES)


def run(configuration: Configuration) -> int:
    """Run the verification; 0 if everything is within its tolerance, else 1."""
    output = OutputFolder(configuration.output)
    document = configuration.document
    check_document(document, BEGIN)
    use_device(configuration.device)
    progress = sys.stderr.isatty()
    window = pair_window.measure(progress=progress)
    fits = triplet_fits.measure(progress=progress)
    figures = {
        "pair_window": (pair_window.figure(window), "Pair STDP against its closed form."),
        "frequency": (triplet_figures.frequency_figure(fits), "Dependence on frequency."),
        "patterns": (triplet_figures.pattern_figure(fits), "Pairs, triplets and quadruplets."),
        "errors": (triplet_figures.error_figure(fits), "Fit errors."),
    }
    problems = pair_window.failures(window) + triplet_fits.failures(fits)
    report = _report(window, fits, problems)
    results = {
        "command": COMMAND,
        "device": configuration.device,
        "versions": package_versions(),
        "pair_window": window,
        "triplet_fits": fits,
        "failures": problems,
    }
    for name, (figure, _) in figures.items():
        output.figure(f"{name}.png", figure)
    output.text("stdp.md", report)
    output.json("results.json", results)
    if document:
        folder = OutputFolder(document.parent / "figures")
        links = []
        for name, (figure, caption) in figures.items():
            folder.figure(f"stdp_{name}.png", figure)
            links.append(f"![{caption}](figures/stdp_{name}.png)\n")
        write_section(document, BEGIN, END, report + "\n" + "\n".join(links))
    print(report)
    print(f"Figures and numbers are in {output.path}.")
    for problem in problems:
        print(f"FAILED: {problem}", file=sys.stderr)
    return 1 if problems else 0


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; the exit status is 0, 1 for a number out of tolerance, or 2 for bad input."""
    description = "Verify the pair and triplet STDP rules."
    return exit_status(PROG, lambda: run(parse(Configuration, argv, PROG, description)))


def _report(window: dict[str, Any], fits: dict[str, Any], problems: list[str]) -> str:
    verdict = "; ".join(problems) if problems else "everything is within its tolerance"
    return f"""\
## Pair and triplet STDP

Printed by `{COMMAND}`
(`--document docs/verification.md` replaces it there): simulations of `Synapses` made by the rules.
Verdict: {verdict}.

### Pair STDP against its closed form

{pair_window.markdown(window)}

### Triplet STDP against the measurements it was fitted to

E is the mean squared deviation from the measured changes, in units of their standard errors
(Pfister & Gerstner 2006). "Re-computed" is an independent computation from the same published
tables; E has to agree with it within {triplet_fits.TOLERANCE:.0%}. For the pair rule, which
cannot fit either data set, the amplitudes are the best ones with the same time constants. Printed
errors with a star are quoted from memory.

{triplet_fits.markdown(fits)}
"""


if __name__ == "__main__":
    sys.exit(main())
