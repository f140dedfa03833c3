"""Learn spoken digits without labels: Convallis and its rivals, `models/yger_harris_2013.py`.

    python -m experiments.spoken_digits --output results/speech
    python -m experiments.spoken_digits --data FSDD --part single --output results/speech

Parts. `single`: one cell hears two words from some speakers; how well do its spikes tell
them apart when speakers say them that it never heard? Every speaker is the unheard one once.
`robustness`: the same with constants drawn at random, scored on held-out utterances of speakers it
was trained on. `layer`: ten words and 50 cells that inhibit each other; utterances are clustered
by the layer's response, beside k-means on the cochleograms. `search`: the layer in other sizes and
with other connections. `recurrent`: ten words and a balanced network of excitatory and inhibitory
cells; a linear decoder of its rates is scored on utterances that neither has heard.

`--data` takes a folder: the Free Spoken Digit Dataset as published, or other wavs with
`--pattern`. Without it, eSpeak NG speaks (the extra `speech`); synthetic digits are easy.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments import _speech_figures as figures
from experiments._speech_conditions import RULES, layer_conditions, single_conditions
from experiments._speech_data import Fold, Utterances, folds, load_digits, prepare
from experiments._speech_layer import KS, READ_OUTS, SEARCHED, VARIANTS, layer, search
from experiments._speech_recurrent import n_jobs as n_recurrent_jobs
from experiments._speech_recurrent import recurrent
from experiments._speech_recurrent_figures import accuracies
from experiments._speech_recurrent_figures import summary_lines as recurrent_lines
from experiments._speech_single import robustness, single
from experiments.common.command_line import (
    RESUME,
    InputError,
    as_input_errors,
    exit_status,
    option,
    parse,
    to_json,
)
from experiments.common.devices import DEVICES, use_device
from experiments.common.jobs import KEPT, Jobs
from experiments.common.output import OutputFolder, fingerprint, package_versions
from experiments.common.resuming import (
    OVERWRITE,
    check_folder,
    identity_of,
    nothing_to_resume,
)
from spikeplast.stimuli.spoken_digits import WORDS, SpokenDigits

PROG = "spoken_digits"
PARTS = ("single", "robustness", "layer", "search", "recurrent")
GOALS = {
    "Convallis": ("above", 0.95),
    "untrained": ("below", 0.8),
    "rate constraint alone": ("below", 0.8),
    "pair STDP, depression-dominated": ("below", 0.85),
}
"""AUC on unheard speakers that the recorded digits were expected to give"""
_ARRAYS = ("weights_at_the_end", "weights_over_time", "unseen_counts", "unseen_labels")


@dataclass(frozen=True)
class Configuration:
    """The command line's options."""

    data: Path | None = option(
        None,
        "folder of recordings; default: digits spoken by eSpeak NG (the extra 'speech')",
        metavar="DIR",
    )
    pattern: str | None = option(
        None,
        "how files in --data are named, with {digit}, {speaker}, {index} and *; "
        "default {digit}_{speaker}_{index}.wav",
        metavar="TEXT",
    )
    output: Path = option(Path("results/spoken_digits"), "output folder", metavar="DIR")
    part: str = option("all", "what to run; all: single and layer", choices=("all", *PARTS))
    words: str = option("4,5", "the two digits of a single cell", metavar="A,B")
    seed: int = option(1, "first seed; every random number follows", metavar="N", minimum=0)
    seeds: int = option(5, "trainings of each kind, with successive seeds", metavar="N", minimum=1)
    folds: int = option(
        6, "unheard groups of speakers, if there are more speakers", metavar="N", minimum=2
    )
    passes: int = option(20, "passes of a single cell over its words", metavar="N", minimum=1)
    layer_passes: int = option(2, "passes of the layer", metavar="N", minimum=1)
    configurations: int = option(
        30, "random configurations of each rule (robustness)", metavar="N", minimum=1
    )
    cells: int = option(1000, "cells of the recurrent network", metavar="N", minimum=100)
    epochs: int = option(10, "passes of the recurrent network", metavar="N", minimum=1)
    tried: int = option(
        10, "configurations tried for each rule of the recurrent network", metavar="N", minimum=1
    )
    unheard: str | None = option(
        None,
        "the one speaker that the recurrent network never hears; default: each in turn",
        metavar="NAME",
    )
    voices: int = option(12, "synthetic speakers", metavar="N", minimum=2, maximum=52)
    repetitions: int = option(
        20, "synthetic recordings of each digit by each speaker", metavar="N", minimum=2
    )
    skip_bad: bool = option(False, "leave out recordings that cannot be used, and count them")
    quick: bool = option(False, "the same with 2 seeds, 3 passes, 2 folds and few configurations")
    resume: bool = option(False, "go on with an interrupted run in the output folder")
    overwrite: bool = option(False, OVERWRITE)
    device: str = option("numba", "what runs the network", choices=DEVICES)

    @property
    def parts(self) -> tuple[str, ...]:
        """Parts to run."""
        return ("single", "layer") if self.part == "all" else (self.part,)


@dataclass(frozen=True)
class Size:
    """How much to run."""

    seeds: tuple[int, ...]
    passes: int
    layer_passes: int
    n_folds: int
    configurations: int
    cells: int
    epochs: int
    tried: int

    @classmethod
    def of(cls, given: Configuration) -> Size:
        """As given, or small."""
        quick = given.quick
        n_seeds = min(given.seeds, 2) if quick else given.seeds
        return cls(
            seeds=tuple(range(given.seed, given.seed + n_seeds)),
            passes=min(given.passes, 3) if quick else given.passes,
            layer_passes=1 if quick else given.layer_passes,
            n_folds=2 if quick else given.folds,
            configurations=min(given.configurations, 2) if quick else given.configurations,
            cells=min(given.cells, 200) if quick else given.cells,
            epochs=1 if quick else given.epochs,
            tried=min(given.tried, 2) if quick else given.tried,
        )


def parsed_words(text: str) -> tuple[int, int]:
    """Two different digits; InputError for anything else."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 2 or not all(part in map(str, range(10)) for part in parts):
        raise InputError(f"--words {text} is not two digits from 0 to 9; write them as 4,5")
    first, second = map(int, parts)
    if first == second:
        raise InputError(f"--words {text} are the same; give two different digits")
    return first, second


def run(configuration: Configuration) -> int:
    """Run the experiment; returns the exit status."""
    from tqdm import tqdm

    check_folder(configuration, KEPT)
    words = parsed_words(configuration.words)
    size = Size.of(configuration)
    digits = load_digits(
        configuration.data,
        configuration.pattern,
        speakers=configuration.voices,
        repetitions=configuration.repetitions,
        skip_bad=configuration.skip_bad,
    )
    for line in digits.skipped:
        print(f"{PROG}: warning: skipped {line}", file=sys.stderr)
    with as_input_errors():
        spoken = digits.of(digits=words)
    # A single cell hears no other words.
    ten_words = bool({"layer", "search", "recurrent"} & set(configuration.parts))
    data = prepare(digits if ten_words else spoken)
    chosen = {
        "single": folds(data, words, size.n_folds, configuration.seed),
        "recurrent": _recurrent_folds(configuration, data, size.n_folds),
    }
    use_device(configuration.device)
    output = OutputFolder(configuration.output)
    identity = identity_of(configuration, "data", "part") | {"data": _fingerprint(digits)}
    jobs = Jobs(output, identity, resume=configuration.resume)
    if configuration.resume and not jobs.resumed:
        nothing_to_resume(PROG, output.path)
    begin = time.monotonic()
    # disable=None shows the bar on a terminal only.
    with tqdm(total=_n_jobs(configuration, size, chosen), unit="training", disable=None) as bar:
        found = _run_parts(configuration, size, data, chosen, jobs, bar.update)
    results = {
        "configuration": to_json(configuration),
        "seeds": list(size.seeds),
        "versions": package_versions(),
        "data": {
            "source": digits.source,
            "fingerprint": identity["data"],
            "utterances": len(digits),
            "speakers": sorted(set(digits.speakers.tolist())),
            "skipped": list(digits.skipped),
            "held_out": int(data.held_out.sum()),
        },
        "results": found,
        # Of this command: if it went on with an earlier one, not of all trainings.
        "seconds": time.monotonic() - begin,
        "resumed": jobs.resumed,
    }
    _write(output, results, words)
    text = summary(results)
    output.text("summary.txt", text + "\n")
    jobs.remove()
    print(f"{text}\nresults and figures in {output.path}")
    if digits.skipped:
        print(
            f"{PROG}: {len(digits.skipped)} recordings were skipped as bad, {len(digits)} used",
            file=sys.stderr,
        )
    return 0


def _recurrent_folds(configuration: Configuration, data: Utterances, n_folds: int) -> list[Fold]:
    """All folds, or the one of the speaker who is to be unheard."""
    if "recurrent" not in configuration.parts:
        return []
    made = folds(data, sorted(set(data.digits.tolist())), n_folds, configuration.seed)
    name = configuration.unheard
    if name is None:
        return made
    alone = [fold for fold in made if name in fold.unheard]
    if not alone:
        raise InputError(
            f"--unheard {name} is no speaker of {data.source}; there are "
            f"{', '.join(sorted(set(data.speakers.tolist())))}"
        )
    return alone


def _run_parts(
    configuration: Configuration,
    size: Size,
    data: Utterances,
    chosen: dict[str, list[Fold]],
    jobs: Jobs,
    done: Any,
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "single" in configuration.parts:
        found["single"] = single(data, chosen["single"], size.passes, size.seeds, jobs, done)
    if "robustness" in configuration.parts:
        found["robustness"] = robustness(
            data,
            chosen["single"][0],
            size.passes,
            size.seeds[:2],
            size.configurations,
            configuration.seed,
            jobs,
            done,
        )
    if "layer" in configuration.parts:
        found["layer"] = layer(data, size.layer_passes, size.seeds, jobs, done)
    if "search" in configuration.parts:
        found["search"] = search(data, size.layer_passes, size.seeds[:2], jobs, done)
    if "recurrent" in configuration.parts:
        found["recurrent"] = recurrent(
            data,
            chosen["recurrent"],
            size.cells,
            size.epochs,
            size.tried,
            size.seeds,
            jobs,
            done,
        )
    return found


def _n_jobs(configuration: Configuration, size: Size, chosen: dict[str, list[Fold]]) -> int:
    n_seeds = len(size.seeds)
    counts = {
        "single": len(single_conditions()) * len(chosen["single"]) * n_seeds,
        "robustness": len(RULES) * size.configurations * min(n_seeds, 2),
        "layer": 1 + len(layer_conditions()) * n_seeds,
        "search": len(VARIANTS) * (1 + len(SEARCHED) * min(n_seeds, 2)),
        "recurrent": n_recurrent_jobs(len(chosen["recurrent"]), n_seeds, size.tried),
    }
    return sum(counts[part] for part in configuration.parts)


def _fingerprint(digits: SpokenDigits) -> str:
    """Short hash of the recordings, so that a run is not resumed on others."""
    arrays = [u.audio for u in digits.utterances]
    return fingerprint(np.array([u.name for u in digits.utterances]), *arrays)


def _write(output: OutputFolder, results: dict[str, Any], words: tuple[int, int]) -> None:
    """Figures, weights and results; arrays go to npz files, numbers to results.json."""
    found = results["results"]
    if "single" in found:
        arrays = {
            name: {key: item.pop(key) for key in _ARRAYS} for name, item in found["single"].items()
        }
        output.arrays(
            "single.npz",
            {f"{name}|{key}": v for name, item in arrays.items() for key, v in item.items()},
        )
        output.figure("single_auc.png", figures.single_scores(found["single"], GOALS))
        names = (WORDS[words[0]], WORDS[words[1]])
        output.figure("single_responses.png", figures.response_histograms(arrays, names, words))
        output.figure("single_weights.png", figures.weights(arrays))
    if "robustness" in found:
        output.figure("robustness.png", figures.robustness_map(found["robustness"]))
    if "layer" in found:
        output.figure("layer.png", figures.layer_scores(found["layer"]))
    if "recurrent" in found:
        output.figure("recurrent.png", accuracies(found["recurrent"]))
    output.json("results.json", results)


def _pm(item: dict[str, Any]) -> str:
    error = item["standard_error"]
    return f"{item['mean']:.3f}" + ("" if error is None else f" +- {error:.3f}")


def summary(results: dict[str, Any]) -> str:
    """The figures that matter, in a few lines."""
    found = results["results"]
    lines = []
    if "single" in found:
        lines.append(
            f"{'one cell, two words':52s} AUC unheard speakers   AUC held out      SI unheard"
        )
        for name, item in found["single"].items():
            lines.append(
                f"{name:52s} {_pm(item['auc_unseen']):22s} {_pm(item['auc_held_out']):17s} "
                f"{_pm(item['selectivity_unseen'])}"
            )
    if "robustness" in found:
        for name, item in found["robustness"].items():
            lines.append(
                f"{name}: {item['selective']} of {item['configurations']} random configurations "
                f"selective, {item['on_target']} at their rate"
            )
    layers = {"layer": found["layer"]} if "layer" in found else {}
    for title, item in (layers | found.get("search", {})).items():
        lines += _layer_lines(title, item)
    if "recurrent" in found:
        lines += recurrent_lines(found["recurrent"])
    resumed = " after it was resumed" if results["resumed"] else ""
    lines.append(f"{results['seconds']:.0f} s{resumed}")
    return "\n".join(lines)


def _layer_lines(title: str, found: dict[str, Any]) -> list[str]:
    lines = [f"{title}; held-out utterances: NMI/purity of clusters, accuracy of a decoder"]
    rows = [
        (f"{name}, {read_out}", item[read_out])
        for name, item in found["conditions"].items()
        for read_out in READ_OUTS
    ] + [(f"no network: {name}", item) for name, item in found["baselines"].items()]
    for name, item in rows:
        cells = [
            f"k={k} {item[str(k)]['held_out']['nmi']['mean']:.3f}/"
            f"{item[str(k)]['held_out']['purity']['mean']:.3f}"
            for k in KS
            if str(k) in item
        ]
        accuracy = item["decoder"]["held_out"]["accuracy"]["mean"]
        lines.append(f"  {name:45s} {'  '.join(cells)}  {accuracy:.3f}")
    return lines


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; returns the exit status: 0, 2 for bad input, 130 if interrupted."""
    return exit_status(PROG, lambda: run(parse(Configuration, argv, PROG, str(__doc__))), RESUME)


if __name__ == "__main__":
    sys.exit(main())
