"""Learn the coefficients of ten plasticity terms, and see which survive.

Shervani-Tabar & Rosenbaum (2023): a deep network learns few-shot tasks sample by sample with fixed
random feedback; the coefficients of its rule, the same for all synapses, are learned over tasks,
with an L1 penalty. By an evolution strategy, and by the gradient through the unrolled tasks if JAX
is there (`pip install 'spikeplast[meta]'`).

    python -m experiments.meta_learning
    python -m experiments.meta_learning --optimiser evolution --seeds 3
    python -m experiments.meta_learning --data omniglot.npz

`--data` takes an npz file with `x` (n, height, width) and `y` (n,) such as Omniglot's characters;
their images are halved in size until they have at most 200 pixels.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.common.command_line import (
    RESUME,
    InputError,
    as_input_errors,
    exit_status,
    option,
    parse,
    to_json,
)
from experiments.common.output import OutputFolder, document_folders, package_versions
from experiments.common.resuming import check_identity, damaged, identity_of
from experiments.credit.few_shot import FewShot, bundled, from_file
from experiments.credit.meta_page import (
    DOCUMENT,
    SETTINGS,
    SETTINGS_ELSEWHERE,
    SHARES,
    Learning,
    figure,
    survivors,
    table,
    verdict,
)
from experiments.credit.meta_rules import (
    NEW_EPISODES,
    TERMS_OF_RULES,
    WORTH,
    judged,
    learned_rule,
    new_episodes,
)
from spikeplast.credit import meta

PROG = "meta_learning"
COMMAND = "python -m experiments.meta_learning"
MEASUREMENTS = "measurements.json"
Array = NDArray[np.float64]
OPTIMISERS = ("both", "evolution", "gradient")
CANDIDATES = 24
"""In each generation of the full pool's evolution"""
COMPARED_EPISODES = 40
"""New tasks on which rules are compared"""


@dataclass(frozen=True)
class Configuration:
    """The command line's options."""

    output: Path = option(Path("results/meta_learning"), "output folder", metavar="DIR")
    document: Path | None = option(None, "Markdown file to write the table to", metavar="FILE")
    data: Path | None = option(
        None, "npz file with x (n, height, width) and y (n,); default: scikit-learn's digits",
        metavar="FILE",
    )  # fmt: skip
    optimiser: str = option("both", "how coefficients are learned", choices=OPTIMISERS)
    seeds: int = option(3, "runs of each optimiser", metavar="N", minimum=1)
    generations: int = option(120, "of the evolution strategy", metavar="N", minimum=1)
    episodes: int = option(240, "of the gradient", metavar="N", minimum=1)
    penalty: float = option(2.0, "lambda of the L1 penalty", metavar="X", minimum=0)
    resume: bool = option(False, "go on with an interrupted run in the output folder")


def command_line(configuration: Configuration) -> str:
    """The command that does the same, with the data's name only."""
    words = [COMMAND]
    for item in fields(configuration):
        value = getattr(configuration, item.name)
        if item.name not in ("output", "document", "resume") and value != item.default:
            words += [f"--{item.name}", value.name if isinstance(value, Path) else str(value)]
    return " ".join(words)


def optimisers(configuration: Configuration) -> tuple[str, ...]:
    """Names of those to run; without JAX "both" is evolution alone.

    Raises:
        InputError: if the gradient is asked for and JAX is not there.
    """
    chosen = ("evolution", "gradient") if configuration.optimiser == "both" else (
        configuration.optimiser,
    )  # fmt: skip
    if "gradient" in chosen:
        try:
            import spikeplast.credit.meta.gradient  # noqa: F401
        except ImportError as error:
            if configuration.optimiser == "gradient":
                raise InputError(str(error)) from None
            print(f"{PROG}: note: {error}", file=sys.stderr)
            return ("evolution",)
    return chosen


def learned(
    name: str,
    data: FewShot,
    configuration: Configuration,
    seed: int,
    progress: Callable[[int], None],
) -> meta.MetaLearned:
    """Meta-learn by one optimiser."""
    options = {
        "penalty": configuration.penalty,
        "start": data.start,
        "random_state": seed,
        "progress": progress,
    }
    sample = data.sampler(learned=True)
    if name == "evolution":
        return meta.evolve_rule(
            sample, data.sizes, generations=configuration.generations, candidates=CANDIDATES,
            **options,
        )  # fmt: skip
    return meta.descend_rule(sample, data.sizes, episodes=configuration.episodes, **options)


def measure(
    data: FewShot, names: Sequence[str], configuration: Configuration, output: OutputFolder
) -> dict[str, Any]:
    """All runs of all optimisers, and rules of few terms, each kept as soon as it is done."""
    from tqdm import tqdm

    without = ("output", "document", "resume", "optimiser", "seeds")
    identity = identity_of(configuration, *without)
    kept = load_measurements(output, identity) if configuration.resume else {}
    lengths = {"evolution": configuration.generations, "gradient": configuration.episodes}
    half = -(-configuration.generations // 2)
    pools = [(name, seed, lengths[name]) for name in names for seed in range(configuration.seeds)]
    for name, seed, length in [*pools, *((name, 0, half) for name in TERMS_OF_RULES)]:
        key = f"{name} {seed}"
        if key in kept:
            continue
        begin = time.process_time()
        # disable=None shows the bar on a terminal only.
        with tqdm(total=length, desc=key, disable=None) as bar:
            progress = lambda _, bar=bar: bar.update()  # noqa: E731
            if name in lengths:
                result = learned(name, data, configuration, seed, progress)
            else:
                result = learned_rule(
                    data, name, generations=half, penalty=configuration.penalty, progress=progress
                )
        kept[key] = {
            "coefficients": result.coefficients.tolist(),
            "history": result.history.tolist(),
            "accuracy": result.accuracy.tolist(),
            "judged": judged(result.coefficients, data) if name in lengths else {},
            "seconds": time.process_time() - begin,
        }
        output.text(MEASUREMENTS, json.dumps({"identity": identity, "runs": kept}))
    return kept


def load_measurements(output: OutputFolder, identity: dict[str, Any]) -> dict[str, Any]:
    """What an earlier run has left.

    Raises:
        InputError: for a damaged file, or one of another configuration.
    """
    path = output / MEASUREMENTS
    if not path.exists():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        found, runs = content["identity"], dict(content["runs"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged(path, error) from None
    check_identity(output.path, found, identity)
    return runs


def curves(data: FewShot, rules: dict[str, Array], n_episodes: int) -> dict[str, Learning]:
    """For each rule, over new tasks: accuracy on the queries after so many of a task's samples and
    its standard error, and mean degrees to backpropagation by hidden layer in a task's second half.
    """
    found = {}
    # Those after the episodes by which terms were judged.
    tasks = list(new_episodes(data, NEW_EPISODES + n_episodes))[NEW_EPISODES:]
    for name, theta in rules.items():
        accuracy, angles = np.zeros((n_episodes, len(SHARES))), []
        for row, (episode, weights, feedback) in zip(accuracy, tasks, strict=True):
            for k, share in enumerate(SHARES):
                n = round(share * len(episode.x))
                part = replace(episode, x=episode.x[:n], target=episode.target[:n])
                outcome = meta.learn_episode(
                    theta, part, weights, feedback,
                    backpropagation=name.startswith("backpropagation"), with_angles=True,
                )  # fmt: skip
                row[k] = outcome.accuracy
            if not np.isnan(outcome.angles).any():
                angles.append(outcome.angles)
        error = accuracy.std(axis=0, ddof=1) / np.sqrt(n_episodes)
        found[name] = {
            "coefficients": theta.tolist(),
            "accuracy": accuracy.mean(axis=0).tolist(),
            "standard error": error.tolist(),
            "angles": np.mean(angles, axis=0).tolist() if angles else [],
        }
    return found


def run(configuration: Configuration) -> int:
    """Meta-learn, judge, write; returns the exit status."""
    with as_input_errors():
        data = bundled() if configuration.data is None else from_file(configuration.data)
    names = optimisers(configuration)
    output = OutputFolder(configuration.output)
    document = configuration.document
    folders = document_folders(document)
    runs = measure(data, names, configuration, output)
    rules = {name: np.array(runs[f"{name} 0"]["coefficients"]) for name in TERMS_OF_RULES}
    rules |= {f"full pool, {n}": np.array(runs[f"{n} 0"]["coefficients"]) for n in names}
    learning = curves(data, rules, COMPARED_EPISODES)
    seeds = configuration.seeds
    text = table(runs, names, seeds, learning)
    kept = {name: survivors(runs, name, seeds) for name in names}
    output.json(
        "results.json",
        {
            "configuration": to_json(configuration),
            "versions": package_versions(),
            "runs": runs,
            "learning_curves": learning,
            "survivors": kept,
        },
    )
    output.text("table.md", text)
    output.figure("meta_learning.png", figure(runs, names, learning, data.n_samples))
    if document and folders:
        pages, pictures = folders
        picture = f"{document.stem}.png"
        pictures.figure(picture, figure(runs, names, learning, data.n_samples))
        used = [f"{name} {seed}" for name in names for seed in range(seeds)]
        used += [f"{name} 0" for name in TERMS_OF_RULES]
        pages.text(
            document.name,
            DOCUMENT.format(
                title=f": {configuration.data.stem}" if configuration.data else "",
                command=command_line(configuration),
                minutes=sum(runs[key]["seconds"] for key in used) / 60,
                task=data.task,
                penalty=configuration.penalty,
                seeds=seeds,
                verdict=verdict(kept),
                table=text,
                figure=picture,
                n_judged=NEW_EPISODES,
                worth=WORTH,
                n_learned=COMPARED_EPISODES,
                settings=SETTINGS_ELSEWHERE if configuration.data else SETTINGS.format(worth=WORTH),
            ),
        )
    print(text)
    print(verdict(kept))
    print(f"Results and figure in {output.path}.")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; returns 0, 2 for bad input, 130 if interrupted."""
    return exit_status(PROG, lambda: run(parse(Configuration, argv, PROG, str(__doc__))), RESUME)


if __name__ == "__main__":
    sys.exit(main())
