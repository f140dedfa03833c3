"""Verify the pair and triplet rules against closed forms and published fits.

    python -m experiments.verification.stdp [--output DIR] [--document FILE] [--device NAME]

Ends with exit code 1 if a number is outside its tolerance.
"""

import argparse
import io
import json
import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import Any

import brian2
import numpy as np
from brian2 import prefs, set_device
from matplotlib.figure import Figure

import spikeplast
from experiments.verification import pair_window, triplet_figures, triplet_fits

COMMAND = "python -m experiments.verification.stdp"
BEGIN = f"<!-- begin: {COMMAND} -->"
END = f"<!-- end: {COMMAND} -->"


def main(arguments: list[str] | None = None) -> int:
    """Run the verification; 0 if everything is within its tolerance, else 1."""
    options = _parser().parse_args(arguments)
    set_device(options.device)
    if options.device == "runtime":
        # Networks this small take longer to compile than to run.
        prefs.codegen.target = "numpy"
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
        "device": options.device,
        "versions": _versions(),
        "pair_window": window,
        "triplet_fits": fits,
        "failures": problems,
    }
    output = options.output
    output.mkdir(parents=True, exist_ok=True)
    _write(output / "results.json", json.dumps(results, indent=1, default=_as_list) + "\n")
    _write(output / "stdp.md", report)
    images = {name: _png(figure) for name, (figure, _) in figures.items()}
    for name, image in images.items():
        _write(output / f"{name}.png", image)
    if options.document:
        folder = options.document.parent / "figures"
        folder.mkdir(parents=True, exist_ok=True)
        links = []
        for name, (_, caption) in figures.items():
            _write(folder / f"stdp_{name}.png", images[name])
            links.append(f"![{caption}](figures/stdp_{name}.png)\n")
        _write_section(options.document, report + "\n" + "\n".join(links))
    print(report)
    print(f"Figures and numbers are in {output}.")
    for problem in problems:
        print(f"FAILED: {problem}", file=sys.stderr)
    return 1 if problems else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=COMMAND, description="Verify the pair and triplet STDP rules."
    )
    parser.add_argument(
        "--output", type=Path, default=Path("results/verification_stdp"), help="folder to write"
    )
    parser.add_argument(
        "--document",
        type=Path,
        help="Markdown file whose section is replaced; figures go to 'figures' beside it",
    )
    parser.add_argument("--device", default="runtime", help="Brian 2 device (default: runtime)")
    return parser


def _report(window: dict[str, Any], fits: dict[str, Any], problems: list[str]) -> str:
    verdict = "; ".join(problems) if problems else "everything is within its tolerance"
    return f"""\
## Pair and triplet STDP

Printed by `{COMMAND}`, and written here with
`--document docs/verification.md`: simulations of `Synapses` made by the rules.
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


def _versions() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        "brian2": brian2.__version__,
        "numpy": np.__version__,
        "spikeplast": spikeplast.__version__,
    }


def _as_list(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def _write_section(path: Path, section: str) -> None:
    text = path.read_text(encoding="utf-8") if path.exists() else "# Verification\n"
    block = f"{BEGIN}\n\n{section}\n{END}\n"
    if BEGIN in text and END in text:
        before, rest = text.split(BEGIN, 1)
        text = before + block + rest.split(END, 1)[1].removeprefix("\n")
    else:
        text = f"{text.rstrip()}\n\n{block}"
    _write(path, text)


def _png(figure: Figure) -> bytes:
    image = io.BytesIO()
    # No software version in the file, so that the same figure gives the same bytes.
    figure.savefig(image, format="png", dpi=120, metadata={"Software": None})
    return image.getvalue()


def _write(path: Path, content: str | bytes) -> None:
    data = content.encode("utf-8") if isinstance(content, str) else content
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(temporary).chmod(0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


if __name__ == "__main__":
    sys.exit(main())
