"""The figures of the pages of rules and models: `python -m documentation.figures [NAME ...]`.

Each script of `docs/rules` and `docs/neurons` (or those of the classes named) is run in a folder of
its own with one style, and the figure that it saves is put beside it.
"""

import os
import runpy
import sys
import tempfile
from collections.abc import Sequence
from contextlib import chdir
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
from brian2 import defaultclock, ms, prefs, start_scope

from documentation.catalogue import PAGES, scripts
from experiments.common.command_line import OneLineParser
from experiments.common.output import write_whole

STYLE: dict[str, Any] = {
    "figure.figsize": (5, 3),
    "figure.constrained_layout.use": True,
    "savefig.dpi": 120,
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
}
#: Bytes that a figure may have.
LARGEST = 60_000


def run_script(script: Path, folder: Path) -> None:
    """Run a script in `folder`, on the present device and in the style of the site."""
    start_scope()
    defaultclock.dt = 0.1 * ms
    matplotlib.use("Agg")
    with chdir(folder), matplotlib.rc_context(STYLE):
        runpy.run_path(str(script), run_name="__main__")
        plt.close("all")


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; 1 if a figure has grown too large."""
    pages = [script for script in scripts() if script.parent.name in PAGES]
    parser = OneLineParser(prog="python -m documentation.figures", description=__doc__)
    parser.add_argument("names", nargs="*", help="classes (default: all)", metavar="NAME")
    names = parser.parse_args(arguments).names
    unknown = sorted(set(names) - {script.stem for script in pages})
    if unknown:
        parser.error(f"there is no script {', '.join(unknown)}.py")
    # Each script is run once: compiling it would take far longer.
    prefs.codegen.target = "numpy"
    too_large = False
    for script in pages:
        if names and script.stem not in names:
            continue
        with tempfile.TemporaryDirectory() as folder:
            run_script(script, Path(folder))
            figure = Path(folder, f"{script.stem}.png").read_bytes()
        print(f"{os.path.relpath(script.with_suffix('.png'))}: {len(figure):,} bytes")
        too_large |= len(figure) > LARGEST
        write_whole(script.with_suffix(".png"), lambda file, png=figure: file.write(png))
    if too_large:
        print(f"figures: more than {LARGEST:,} bytes; draw less", file=sys.stderr)
    return int(too_large)


if __name__ == "__main__":
    sys.exit(main())
