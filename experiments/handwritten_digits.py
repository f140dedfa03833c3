"""Learn handwritten digits without labels: Diehl & Cook (2015), `models/diehl_cook_2015.py`.

Training sees no label. Afterwards weights and thresholds are frozen, and each excitatory cell is
given the digit to which it responds most, on training images only. Accuracy is measured on the
images held out: the last ones, or the test files of a folder that has them.

    python -m experiments.handwritten_digits --output results/digits
    python -m experiments.handwritten_digits --data mnist.npz --output results/mnist

`--data` takes an npz file as Keras has it for MNIST (`x_train`, `y_train`, `x_test`, `y_test`), or
one with `x` and `y`, or a folder with MNIST's four original files.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from brian2 import ms, mV
from numpy.typing import NDArray

from experiments._digits_figures import draw_figures, record_presentation
from experiments._digits_speed import compare_with_cython
from experiments._digits_stages import (
    CHECKPOINT,
    Progress,
    Stage,
    load_checkpoint,
    run_stages,
)
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
from experiments.common.output import OutputFolder, fingerprint, package_versions
from experiments.common.resuming import (
    OVERWRITE,
    check_folder,
    identity_of,
    nothing_to_resume,
)
from models.diehl_cook_2015 import DiehlCookNetwork, DiehlCookParameters
from models.diehl_cook_2015_parameters import METHODS, RULES
from spikeplast import analysis
from spikeplast.neurons import AdaptiveThresholdLIF
from spikeplast.stimuli import digits

PROG = "handwritten_digits"
SETS = ("ours", "authors")
MNIST_MEAN_LEVEL = 33.3
"""Mean grey level of MNIST's training images"""
W_TOTAL_FACTOR = 2.0
"""Drive of a cell by smaller images, relative to that by MNIST's"""


@dataclass(frozen=True)
class Configuration:
    """The command line's options."""

    data: Path | None = option(
        None,
        "npz file with x (n, height, width) uint8 and y (n,), or with x_train, y_train, x_test and "
        "y_test; or folder of MNIST's idx files; "
        "default: scikit-learn's bundled 8x8 digits",
        metavar="PATH",
    )
    output: Path = option(Path("results/handwritten_digits"), "output folder", metavar="DIR")
    seed: int = option(1, "seed of every random number", metavar="N", minimum=0, maximum=2**32 - 1)
    n_excitatory: int = option(100, "excitatory cells", metavar="N", minimum=1)
    parameters: str = option(
        "ours", "parameters chosen for 100 cells, or those of the authors' code", choices=SETS
    )
    rule: str = option(
        "triplet", "which of the paper's four rules; triplet is its code's", choices=tuple(RULES)
    )
    method: str = option(
        "euler", "the authors' forward Euler; exponential_euler for over 400 cells", choices=METHODS
    )
    epochs: int = option(1, "passes over the training images", metavar="N", minimum=1)
    train: int | None = option(
        None, "training images; default all that are not held out", metavar="N", minimum=1
    )
    label: int | None = option(
        None,
        "training images to label the cells with; default the last 10,000",
        metavar="N",
        minimum=1,
    )
    test: int | None = option(
        None,
        "images held out; default 10,000, of fewer than 50,000 a fifth",
        metavar="N",
        minimum=1,
    )
    quick: bool = option(False, "the same on 200 images for training, 100 held out, one epoch")
    resume: bool = option(False, "go on with an interrupted run in the output folder")
    overwrite: bool = option(False, OVERWRITE)
    device: str = option("numba", "what runs the network", choices=DEVICES)
    compare_cython: int = option(
        0,
        "afterwards time so many images here and on Brian 2's Cython target",
        metavar="N",
        minimum=0,
    )


def parameters_for(
    images: digits.DigitImages,
    n_excitatory: int,
    parameter_set: str = "ours",
    rule: str = "triplet",
) -> DiehlCookParameters:
    """The chosen set for images of MNIST's size, else the same scaled to smaller images.

    `rule` is one of `models.diehl_cook_2015_parameters.RULES`.

    Smaller images have fewer inputs: their intensity is raised so that an image brings as many
    input spikes as MNIST's do on average, up to a rate of 500 Hz for white; then weights are
    raised instead. Sets of smaller images are also smaller sets, so weights learn twice as fast
    and thresholds are kept longer. These and `W_TOTAL_FACTOR` were chosen on a part of the bundled
    training images, with the triplet rule (`python -m scripts.digit_parameters`).

    Raises:
        ValueError: for another rule than the triplet rule with the authors' parameters.
    """
    ours = parameter_set == "ours"
    if not ours and rule != "triplet":
        raise ValueError(
            f"rule {rule}: the authors' code has parameters of the triplet rule only; take ours"
        )
    make = DiehlCookParameters.hundred_cells if ours else DiehlCookParameters
    changes: dict[str, Any] = {"rule": RULES[rule]} if ours else {}
    if images.shape == (28, 28):
        return make(n_excitatory=n_excitatory, **changes)
    if ours:
        changes["rule"] = replace(RULES[rule], A_plus=2 * RULES[rule].A_plus)
        changes["excitatory"] = AdaptiveThresholdLIF(theta_plus=0.1 * mV, tau_theta=1e7 * ms)
    n_inputs = images.shape[0] * images.shape[1]
    wanted = 784 * MNIST_MEAN_LEVEL / (n_inputs * float(images.x.mean()))
    scale = min(wanted, 500 / (255 * 0.125 * 2.0))
    return make(
        n_excitatory=n_excitatory,
        start_intensity=2.0 * scale,
        intensity_step=1.0 * scale,
        w_total=W_TOTAL_FACTOR * 78.0 * n_inputs / 784 * wanted / scale,
        **changes,
    )


def load_data(configuration: Configuration) -> tuple[digits.DigitImages, digits.DigitImages]:
    """Training and held-out images, as many as the configuration asks for.

    Raises:
        InputError: for data that cannot be read, or that has too few images.
    """
    path = configuration.data
    with as_input_errors():
        if path is None:
            images = digits.bundled_digits()
        elif path.is_dir():
            images = digits.load_idx_folder(path)
        else:
            images = digits.load_npz(path)
        n = len(images.x)
        n_held_out = images.n_test or (10_000 if n >= 50_000 else max(1, n // 5))
        if images.n_test is None and configuration.test is not None:
            n_held_out = configuration.test
        train, test = digits.split(images, n_held_out)
    n_train = configuration.train or (200 if configuration.quick else len(train.x))
    n_test = configuration.test or (100 if configuration.quick else len(test.x))
    for name, wanted, available in (
        ("train", configuration.train or 1, len(train.x)),
        ("test", configuration.test or 1, len(test.x)),
        ("label", configuration.label or 1, min(n_train, len(train.x))),
    ):
        if wanted > available:
            raise InputError(f"--{name} {wanted}: {images.source} has {available} such images")
    return (
        digits.DigitImages(train.x[:n_train], train.y[:n_train], images.source),
        digits.DigitImages(test.x[:n_test], test.y[:n_test], images.source),
    )


def make_stages(
    configuration: Configuration, train: digits.DigitImages, test: digits.DigitImages
) -> list[Stage]:
    """Training, labelling and test; training takes the images in their order, as the paper."""
    n = len(train.x)
    epochs = configuration.epochs
    n_label = min(n, configuration.label or 10_000)
    return [
        Stage("train", train.flat(), np.tile(np.arange(n), epochs), learning=True),
        Stage("label", train.flat(), np.arange(n - n_label, n), learning=False),
        Stage("test", test.flat(), np.arange(len(test.x)), learning=False),
    ]


def evaluate(
    progress: Progress, stages: list[Stage], train: digits.DigitImages, test: digits.DigitImages
) -> dict[str, Any]:
    """Every number about what was learned; arrays are lists, so that it can be JSON."""
    n_classes = int(max(train.y.max(), test.y.max())) + 1
    label_y = train.y[stages[1].order]
    cells = analysis.assign_labels(progress.responses["label"], label_y, n_classes)
    predicted = analysis.predict_labels(progress.responses["test"], cells, n_classes)
    seen = analysis.predict_labels(progress.responses["label"], cells, n_classes)
    clusters = analysis.best_cells(progress.responses["test"])
    k = min(progress.state.w.shape[1], len(train.x))
    weights = analysis.weight_statistics(progress.state.w)
    n_images, accuracies = accuracy_over_training(
        progress.responses["train"], train.y[stages[0].order], n_classes
    )
    return {
        "accuracy": analysis.accuracy(predicted, test.y),
        "accuracy_on_labelling_images": analysis.accuracy(seen, label_y),
        "chance": float(np.bincount(test.y).max() / len(test.y)),
        "n_classes": n_classes,
        "clustering": asdict(analysis.clustering_scores(clusters, test.y)),
        "kmeans_at_the_same_k": {"k": k}
        | asdict(analysis.kmeans_scores(train.flat(), test.flat(), test.y, k)),
        "confusion_matrix": analysis.confusion_matrix(predicted, test.y, n_classes).tolist(),
        "cells_per_class": np.bincount(cells[cells >= 0], minlength=n_classes).tolist(),
        "cells_without_class": int(np.sum(cells < 0)),
        "cell_labels": cells.tolist(),
        "accuracy_over_training": {"images": n_images, "accuracy": accuracies},
        "weights": asdict(weights),
        "theta_mV": {
            "mean": float(progress.state.theta.mean() * 1e3),
            "std": float(progress.state.theta.std() * 1e3),
        },
        "spikes_per_image": {
            name: float(counts.sum(axis=1).mean()) for name, counts in progress.responses.items()
        },
    }


def accuracy_over_training(
    responses: NDArray[Any], labels: NDArray[np.int64], n_classes: int
) -> tuple[list[int], list[float]]:
    """Accuracy in each twentieth of the training, cells labelled on the twentieth before.

    Returns:
        images seen at the end of each part from the second on, and the accuracy in it.
    """
    n_parts = min(20, len(labels) // 50)
    parts = np.array_split(np.arange(len(labels)), max(n_parts, 1))
    seen, values = [], []
    for before, now in pairwise(parts):
        cells = analysis.assign_labels(responses[before], labels[before], n_classes)
        guess = analysis.predict_labels(responses[now], cells, n_classes)
        seen.append(int(now[-1]) + 1)
        values.append(analysis.accuracy(guess, labels[now]))
    return seen, values


def run(configuration: Configuration) -> int:
    """Run the experiment; returns the exit status."""
    from tqdm import tqdm

    check_folder(configuration, CHECKPOINT)
    train, test = load_data(configuration)
    stages = make_stages(configuration, train, test)
    if len(train.x) < configuration.n_excitatory:
        print(
            f"{PROG}: note: {len(train.x)} training images for {configuration.n_excitatory} "
            "excitatory cells; most cells will keep their random weights",
            file=sys.stderr,
        )
    with as_input_errors():
        parameters = parameters_for(
            train, configuration.n_excitatory, configuration.parameters, configuration.rule
        )
    parameters = replace(parameters, method=configuration.method)
    use_device(configuration.device)
    output = OutputFolder(configuration.output)
    identity = identity_of(configuration, "data", "compare_cython") | {
        "data": fingerprint(train.x, train.y, test.x, test.y)
    }

    slice_length = int(np.clip(len(train.x) // 10, 4, 1000))
    progress = load_checkpoint(output, identity) if configuration.resume else None
    network = DiehlCookNetwork(parameters, train.flat().shape[1], slice_length, configuration.seed)
    if configuration.resume and progress is None:
        nothing_to_resume(PROG, output.path)
    elif progress is None:
        # Of a run that is to be overwritten; its place is taken half a minute from now.
        output.remove(CHECKPOINT)
    progress = progress or Progress(network.state())
    lengths = [len(stage.order) for stage in stages]
    done = sum(lengths[: progress.stage]) + progress.position
    # disable=None shows the bar on a terminal only.
    with tqdm(total=sum(lengths), initial=done, unit="image", smoothing=0.1, disable=None) as bar:
        run_stages(network, stages, progress, configuration.seed, output, identity, bar)

    results = {
        "configuration": to_json(configuration),
        "seed": configuration.seed,
        "versions": package_versions(),
        "data": {
            "source": train.source,
            "fingerprint": identity["data"],
            "image_shape": list(train.shape),
            "training_images": len(train.x),
            "epochs": lengths[0] // len(train.x),
            "labelling_images": lengths[1],
            "held_out_images": lengths[2],
        },
        "parameters": {name: str(value) for name, value in asdict(parameters).items()},
        "results": evaluate(progress, stages, train, test),
        "speed": {
            "device": configuration.device,
            "seconds": progress.seconds,
            "cpu_seconds": progress.cpu_seconds,
            "presentations": progress.presentations,
            "images_per_second": {
                stage.name: len(stage.order) / progress.seconds[stage.name] for stage in stages
            },
        },
    }
    activity = record_presentation(parameters, test, progress, configuration.seed)
    output.arrays(
        "weights.npz",
        {
            "w": progress.state.w,
            "theta": progress.state.theta,
            "cell_labels": np.array(results["results"]["cell_labels"]),
            "image_shape": np.array(train.shape),
        },
    )
    draw_figures(output, results["results"], progress, activity, train.shape)
    output.json("results.json", results)
    output.remove(CHECKPOINT)
    if configuration.compare_cython:
        # Last, because it needs a C++ compiler, which may be missing.
        results["speed"]["comparison"] = compare_with_cython(
            parameters, train.flat(), progress.state, configuration
        )
        output.json("results.json", results)
    print(summary(results, output))
    return 0


def summary(results: dict[str, Any], output: OutputFolder) -> str:
    """The figures that matter, in a few lines."""
    r, data, speed = results["results"], results["data"], results["speed"]
    found, kmeans = r["clustering"], r["kmeans_at_the_same_k"]
    lines = [
        f"accuracy on {data['held_out_images']} held-out images: {r['accuracy']:.3f} "
        f"(chance {r['chance']:.3f})",
        f"clusters of the network:  purity {found['purity']:.3f}, NMI {found['nmi']:.3f}, "
        f"ARI {found['ari']:.3f}",
        f"KMeans with k = {kmeans['k']}:       purity {kmeans['purity']:.3f}, "
        f"NMI {kmeans['nmi']:.3f}, ARI {kmeans['ari']:.3f}",
        f"training: {speed['images_per_second']['train']:.1f} images/s on {speed['device']} "
        f"(compilation included), {sum(speed['seconds'].values()):.0f} s for all stages",
    ]
    if "comparison" in speed:
        ratio = speed["comparison"]
        lines.append(
            f"Cython target: {ratio['ratio_per_image']:.1f} times slower per image "
            f"({ratio['images']} images)"
        )
    return "\n".join([*lines, f"results and figures in {output.path}"])


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; returns the exit status: 0, 2 for bad input, 130 if interrupted."""
    return exit_status(PROG, lambda: run(parse(Configuration, argv, PROG, str(__doc__))), RESUME)


if __name__ == "__main__":
    sys.exit(main())
