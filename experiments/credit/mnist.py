"""Feedback rules on MNIST, if the user has it, beside the published figures."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from experiments.common.command_line import as_input_errors
from experiments.common.output import fingerprint
from experiments.credit.system import Measurement, System, above, below
from spikeplast import credit
from spikeplast.stimuli import digits

__all__ = ["systems"]

Array = NDArray[np.float64]
Images = tuple[Array, NDArray[np.int64], Array, NDArray[np.int64]]
"""Training images (n, pixels) from 0 to 1 and labels (n,) from 0; the same of the test"""
HIDDEN, BATCH, EPOCHS = 500, 128, 20
RATES = (0.1, 0.3, 1.0)
CHOICE_EPOCHS = 5
RULES: dict[str, tuple[Callable[[float], credit.Rule], float, str]] = {
    "backpropagation": (lambda rate: credit.named_rule("backpropagation", rate), 0.97, "98.5 %"),
    "feedback alignment": (
        lambda rate: credit.named_rule("feedback_alignment", rate), 0.96,
        "97.8 % (Lillicrap: 97.9 %)"),
    "direct feedback alignment": (
        lambda rate: credit.named_rule("direct_feedback_alignment", rate), 0.96,
        "about 97.7 % (7 hidden layers of 240, Nøkland 2016)"),
    "weight mirror": (
        lambda rate: credit.Rule(credit.weight_mirror(0.01, noise_samples=128), {"F0": rate}),
        0.97, "98.49 %"),
    "Kolen-Pollack": (
        lambda rate: credit.named_rule("kolen_pollack", rate, decay=5e-4), 0.97, "98.45 %"),
}  # fmt: skip
CONTROL = "output layer only"


@cache
def _load(path: Path) -> Images:
    images = digits.load_npz(path)
    n_test = images.n_test or max(1, len(images.x) // 6)
    train, test = digits.split(images, n_test)
    # Outputs stand for the labels that there are.
    labels = np.unique(images.y)
    if len(labels) < 2:
        raise ValueError(f"{path}: all images have the label {labels[0]}; give two labels or more")
    y, y_test = (np.searchsorted(labels, part.y) for part in (train, test))
    return train.flat() / 255, y, test.flat() / 255, y_test


def systems(path: Path) -> tuple[System, ...]:
    """The systems that train on the images of a file.

    Raises:
        InputError: for a file that cannot be read.
    """
    with as_input_errors():
        arrays = _load(path)
    x, *_ = arrays

    def measure(seed: int, quick: bool) -> Measurement:
        return _measure(path, seed, quick)

    return (
        System(
            "mnist", f"Feedback rules on images of {path.name}", "Akrout et al. 2019",
            f"{len(x):,} images, {x.shape[1]}-{HIDDEN}-{_n_classes(arrays)} sigmoid, "
            f"batch {BATCH}, {EPOCHS} epochs (published: 400)",
            measure,
            (
                *(above(f"test accuracy, {name}", low, published)
                  for name, (_, low, published) in RULES.items()),
                below("angle to backpropagation, weight mirror (deg)", 15, "3.2 deg"),
                below("angle to backpropagation, Kolen-Pollack (deg)", 15, "3.1 deg"),
                below("angle to backpropagation, feedback alignment (deg)", 60, "34.9 deg"),
                below(f"test accuracy, {CONTROL}", 0.93, control=True),
            ),
            quick_seeds=1, quick_criteria=(),
            note="The published runs are twenty times longer, so the bands are below them. Each "
            f"rule has that rate of {', '.join(f'{r:g}' for r in RATES)} at which accuracy is "
            f"highest on the last sixth of the training images after {CHOICE_EPOCHS} epochs on "
            "the others.",
            data=fingerprint(*arrays),
        ),
    )  # fmt: skip


def _n_classes(arrays: Images) -> int:
    return 1 + max(int(arrays[1].max()), int(arrays[3].max()))


def _trained(
    rule: credit.Rule, x: Array, target: Array, epochs: int, seed: int
) -> tuple[credit.Network, credit.Learner]:
    sizes = [x.shape[1], HIDDEN, target.shape[1]]
    network = credit.Network(sizes, "sigmoid", random_state=seed)
    learner = credit.Learner(network, rule, seed)
    learner.fit(x, target, epochs=epochs, batch_size=BATCH)
    return network, learner


def _best_rate(make: Callable[[float], credit.Rule], x: Array, target: Array, seed: int) -> float:
    n = len(x) * 5 // 6

    def accuracy(rate: float) -> float:
        network, _ = _trained(make(rate), x[:n], target[:n], CHOICE_EPOCHS, seed)
        right = network.output(x[n:]).argmax(axis=1) == target[n:].argmax(axis=1)
        return float(right.mean())

    return max(RATES, key=accuracy)


def _measure(path: Path, seed: int, quick: bool) -> Measurement:
    x, y, x_test, y_test = arrays = _load(path)
    n_classes = _n_classes(arrays)
    target, target_test = credit.one_hot(y, n_classes), credit.one_hot(y_test, n_classes)
    found: Measurement = {}
    rules = {name: make for name, (make, _, _) in RULES.items()}
    rules[CONTROL] = lambda rate: credit.named_rule("output_only", rate)
    for name, make in rules.items():
        rate = RATES[-1] if quick else _best_rate(make, x, target, seed)
        network, learner = _trained(make(rate), x, target, 1 if quick else EPOCHS, seed)
        monitor = credit.Monitor(x_test, target_test)
        monitor.record(network, learner.feedback, learner.steps)
        found[f"test accuracy, {name}"] = monitor.accuracy[0]
        found[f"rate, {name}"] = rate
        if name != CONTROL:
            found[f"angle to backpropagation, {name} (deg)"] = float(monitor.error_angles[0][0])
    return found
