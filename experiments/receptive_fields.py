"""Receptive fields that grow from natural images, after Brito & Gerstner 2016.

    python -m experiments.receptive_fields --output results/receptive_fields
    python -m experiments.receptive_fields --data PHOTOGRAPHS --part spiking
    python -m experiments.receptive_fields --stimuli speech --data FSDD

Parts. `rate`: rate units with every nonlinearity of the paper and its negative, participation
ratios beside the authors'. `whitening`: three of them after each way of whitening. `objectives`:
five candidate filters under five nonlinearities. `spiking`: spiking cells with current synapses
and triplet STDP (`models/brito_gerstner_2016.py`), controls at the same rate, conductance synapses,
GIF cells. `ica`: FastICA on the same patches.

`--data` takes a folder of images or an npz file of grey ones (`--stimuli speech`: the folder of the
Free Spoken Digit Dataset). Without it: scikit-learn's two photographs, or digits spoken by eSpeak
NG (the extra `speech`).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments import _fields_figures as figures
from experiments._fields_data import (
    SIZE,
    STIMULI,
    WHITENINGS,
    Pictures,
    load_pictures,
    white_patches,
)
from experiments._fields_measures import GOALS, measured
from experiments._fields_rate import FEW, candidates, ica, nonlinearities, objectives
from experiments._fields_spiking import conditions, spiking
from experiments.common.command_line import RESUME, InputError, exit_status, option, parse, to_json
from experiments.common.devices import DEVICES, use_device
from experiments.common.jobs import KEPT, Jobs
from experiments.common.output import OutputFolder, fingerprint, package_versions
from experiments.common.resuming import (
    OVERWRITE,
    check_folder,
    identity_of,
    nothing_to_resume,
)
from experiments.verification.nonlinear_hebbian import AUTHORS

PROG = "receptive_fields"
PARTS = ("rate", "whitening", "objectives", "spiking", "ica")


@dataclass(frozen=True)
class Configuration:
    """The command line's options."""

    stimuli: str = option("photographs", "what is seen", choices=STIMULI)
    data: Path | None = option(
        None,
        "folder of images or npz file; for speech, folder of recordings; default: bundled ones",
        metavar="PATH",
    )
    output: Path = option(Path("results/receptive_fields"), "output folder", metavar="DIR")
    part: str = option(
        "all", f"what to run: all, or some of {', '.join(PARTS)}, with commas", metavar="PARTS"
    )
    whitening: str = option(
        "contrast",
        "zca: pixels decorrelated; frequency: filter f exp(-(f/f0)^4); contrast: zca with a floor, "
        "local contrast, zca",
        choices=WHITENINGS,
    )
    reduction: int = option(
        2, "squared pixels of a photograph that become one", metavar="N", minimum=1, maximum=16
    )
    rotations: int = option(
        12, "photographs are turned by so many even steps of 90 degrees", metavar="N", minimum=1
    )
    seed: int = option(1, "first seed; every random number follows", metavar="N", minimum=0)
    seeds: int = option(1, "spiking trainings of each kind", metavar="N", minimum=1)
    cells: int = option(48, "spiking cells", metavar="N", minimum=1)
    arbor: int = option(
        5,
        "radius in pixels of what a spiking cell sees; 0: the whole patch",
        metavar="N",
        minimum=0,
    )
    duration: int = option(2000, "time of spiking learning (s)", metavar="S", minimum=8)
    patches: int = option(20_000, "different patches", metavar="N", minimum=300)
    samples: int = option(300_000, "patches that rate units see", metavar="N", minimum=1)
    components: int = option(
        100, "components of FastICA", metavar="N", minimum=1, maximum=SIZE**2 - 1
    )
    skip_bad: bool = option(False, "leave out files that cannot be used, and count them")
    quick: bool = option(False, "the same with 8 cells, 40 s, 1,000 patches, few nonlinearities")
    resume: bool = option(False, "go on with an interrupted run in the output folder")
    overwrite: bool = option(False, OVERWRITE)
    device: str = option("numba", "what runs the networks", choices=DEVICES)

    @property
    def parts(self) -> tuple[str, ...]:
        """Parts to run; InputError for one that there is not."""
        given = [part.strip() for part in self.part.split(",")]
        unknown = [part for part in given if part not in ("all", *PARTS)]
        if unknown:
            raise InputError(
                f"--part '{unknown[0]}' is unknown; give all, or some of {', '.join(PARTS)}"
            )
        return PARTS if "all" in given else tuple(part for part in PARTS if part in given)


@dataclass(frozen=True)
class Size:
    """How much to run."""

    cells: int
    duration: float
    patches: int
    samples: int
    components: int
    nonlinearities: list[tuple[str, int]]

    @classmethod
    def of(cls, given: Configuration) -> Size:
        """As given, or small."""
        if given.quick:
            few = [(name, 1) for name in FEW]
            return cls(min(given.cells, 8), 40.0, 2000, 5000, 10, few)
        return cls(
            given.cells,
            float(given.duration),
            given.patches,
            given.samples,
            given.components,
            list(AUTHORS),
        )


def run(configuration: Configuration) -> int:
    """Run the experiment; returns the exit status."""
    from tqdm import tqdm

    check_folder(configuration, KEPT)
    size = Size.of(configuration)
    total = _n_jobs(configuration, size)
    pictures = load_pictures(
        configuration.stimuli,
        configuration.data,
        reduction=configuration.reduction,
        rotations=configuration.rotations,
        skip_bad=configuration.skip_bad,
    )
    for line in pictures.skipped:
        print(f"{PROG}: warning: skipped {line}", file=sys.stderr)
    use_device(configuration.device)
    output = OutputFolder(configuration.output)
    # A training is the same whatever else is run, and however many seeds there are.
    identity = identity_of(configuration, "data", "part", "seeds")
    identity["data"] = fingerprint(*pictures.images)
    jobs = Jobs(output, identity, resume=configuration.resume)
    if configuration.resume and not jobs.resumed:
        nothing_to_resume(PROG, output.path)
    begin = time.monotonic()
    # disable=None shows the bar on a terminal only.
    with tqdm(total=total, unit="training", disable=None) as bar:
        found = _run_parts(configuration, size, pictures, jobs, bar.update)
    results = {
        "configuration": to_json(configuration),
        "versions": package_versions(),
        "data": {
            "source": pictures.source,
            "fingerprint": identity["data"],
            "pictures": len(pictures),
            "skipped": list(pictures.skipped),
        },
        "goals": GOALS,
        "results": found,
        # Of this command: if it went on with an earlier one, not of all trainings.
        "seconds": time.monotonic() - begin,
        "resumed": jobs.resumed,
    }
    _write(output, results, configuration.seed)
    text = summary(results)
    output.text("summary.txt", text + "\n")
    jobs.remove()
    print(f"{text}\nresults and figures in {output.path}")
    if pictures.skipped:
        print(f"{PROG}: {len(pictures.skipped)} files were skipped as bad", file=sys.stderr)
    return 0


def _run_parts(
    given: Configuration,
    size: Size,
    pictures: Pictures,
    jobs: Jobs,
    done: Callable[[], Any],
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    shared = (size.patches, size.samples, given.seed, jobs, done)
    if "rate" in given.parts:
        found["rate"] = nonlinearities(pictures, size.nonlinearities, given.whitening, *shared)
    if "whitening" in given.parts:
        few = [(name, 1) for name in FEW]
        for way in WHITENINGS:
            made = nonlinearities(pictures, few, way, *shared)
            items = {f"{way}: {name}": item for name, item in made.items()}
            found["whitening"] = found.get("whitening", {}) | items
    if {"objectives", "ica"} & set(given.parts):
        patches = white_patches(pictures, size.patches, given.seed, whitening=given.whitening)
    if "objectives" in given.parts:
        found["objectives"] = objectives(patches, given.seed)
        done()
    if "spiking" in given.parts:
        found["spiking"] = spiking(
            pictures,
            conditions(size.cells, given.arbor or None),
            given.whitening,
            size.patches,
            size.duration,
            range(given.seed, given.seed + given.seeds),
            jobs,
            done,
        )
    if "ica" in given.parts:
        made = jobs.run("ica", lambda: {"filters": ica(patches, size.components, given.seed)})
        item = measured(made["filters"], patches) | {"fields": made["filters"]}
        found["ica"] = {"FastICA": item}
        done()
    return found


def _n_jobs(given: Configuration, size: Size) -> int:
    counts = {
        "rate": len(size.nonlinearities),
        "whitening": len(FEW) * len(WHITENINGS),
        "objectives": 1,
        "spiking": len(conditions(1, None)) * given.seeds,
        "ica": 1,
    }
    return sum(counts[part] for part in given.parts)


def _write(output: OutputFolder, results: dict[str, Any], seed: int) -> None:
    """Figures, fields and results; arrays go to an npz file, numbers to results.json."""
    found = results["results"]
    if "objectives" in found:
        output.figure("objectives.png", figures.objectives(found["objectives"], candidates(seed)))
    for part, columns, per_field in (("rate", 5, 3), ("whitening", 3, 3)):
        if part in found:
            figure = figures.mosaics(found[part], columns=columns, per_field=per_field)
            output.figure(f"{part}.png", figure)
    beside = {**found.get("spiking", {}), **found.get("ica", {})}
    if beside:
        figure = figures.mosaics(beside, columns=min(4, len(beside)), per_field=8)
        output.figure("fields.png", figure)
        output.figure("measures.png", figures.scatter(beside))
    arrays = {}
    for part, items in found.items():
        if part == "objectives":
            continue
        for name, item in items.items():
            arrays[f"{part}|{name}"] = item.pop("fields")
            for key, values in item.pop("by_cell").items():
                arrays[f"{part}|{name}|{key}"] = values
    if arrays:
        output.arrays("fields.npz", arrays)
    output.json("results.json", results)


def summary(results: dict[str, Any]) -> str:
    """The figures that matter, in a few lines."""
    found = results["results"]
    lines = []
    for part in ("rate", "whitening", "spiking", "ica"):
        if part in found:
            lines.append(
                f"{part:34s} pass   oriented  PR     spectral  spread  compact  near to 0 or 90"
            )
            lines += [_line(name, item) for name, item in found[part].items()]
    if "objectives" in found:
        lines.append("objectives: the best candidate, how far the Gabor is above the others")
        for name, item in found["objectives"].items():
            lines.append(f"  {name:24s} {item['best']:28s} {item['lead']:+.1f} standard errors")
    resumed = " after it was resumed" if results["resumed"] else ""
    lines.append(f"{results['seconds']:.0f} s{resumed}")
    return "\n".join(lines)


def _line(name: str, item: dict[str, Any]) -> str:
    cells = [
        f"{item['oriented_and_localised']:.2f}  ",
        f"{item['oriented']:.2f}     ",
        _number(item["participation_ratio"], 3),
        _number(item["spectral_participation_ratio"], 3) + "   ",
        _number(item["spread"], 2) + "   ",
        f"{item['compact']:.2f}    ",
    ]
    bunched = item["cardinal"]
    if bunched is not None:
        low, high = bunched["interval"]
        cells.append(f"{bunched['share']:.2f} ({low:.2f} to {high:.2f})")
    if item.get("rate"):
        cells.append(f" {item['rate']['mean']:.2f} Hz")
    return f"  {name:32s} {' '.join(cells)}"


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; returns the exit status: 0, 2 for bad input, 130 if interrupted."""
    return exit_status(PROG, lambda: run(parse(Configuration, argv, PROG, str(__doc__))), RESUME)


if __name__ == "__main__":
    sys.exit(main())
