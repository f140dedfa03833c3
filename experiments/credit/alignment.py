"""Feedback in a single linear layer: a linear teacher, the weight mirror, Kunin's primitives."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from experiments.credit.data import task_rng
from experiments.credit.system import Curve, Measurement, System, above, below, between, near
from spikeplast import credit

__all__ = ["SYSTEMS"]

Array = NDArray[np.float64]
LOOKS = (0, 500, 1000, 1500, 2000)
TEACHER_RULES = ("feedback alignment", "backpropagation", "output layer only")


def _linear_teacher(seed: int, quick: bool) -> Measurement:
    """30-20-10 linear network that learns a linear teacher sample by sample."""
    rng = task_rng(seed)
    teacher = rng.uniform(-1, 1, (10, 30))
    probe = rng.normal(size=(200, 30))
    samples = rng.normal(size=(2000, 30))
    found: Measurement = {}
    for name, feedback in (
        ("feedback alignment", credit.FixedRandom(0.5)),
        ("backpropagation", credit.Transpose()),
        ("output layer only", credit.OutputOnly()),
    ):
        network = credit.Network(
            [30, 20, 10], "linear", "squared_error", bias=False, scale=0.01, random_state=seed
        )
        learner = credit.Learner(network, credit.Rule(feedback, {"F0": 0.005}), seed)
        monitor = credit.Monitor(probe, probe @ teacher.T)
        for k, x in enumerate(samples):
            if k < 20 or k % 500 == 0:
                monitor.record(network, learner.feedback, k)
            learner.step(x[None], (teacher @ x)[None])
        monitor.record(network, learner.feedback, len(samples))
        # Loss is half the summed squared error.
        scale = 0.5 * np.mean(np.sum((probe @ teacher.T) ** 2, axis=1))
        for sample in LOOKS:
            error = monitor.loss[monitor.steps.index(sample)] / scale
            found[f"normalised error at sample {sample}, {name}"] = error
        if name == "feedback alignment":
            angles = [a[0] for a in monitor.error_angles]
            found["angle, first 20 samples (deg)"] = float(np.mean(angles[:20]))
            found["angle, sample 2000 (deg)"] = float(angles[-1])
    return found


def _mirror_run(
    primitives: Mapping[str, float],
    W: Array,
    std: Array,
    rng: np.random.Generator,
    *,
    rate: float,
    batch: int,
    steps: int,
) -> tuple[Array, Array]:
    """Last feedback matrix and its mean over the second half."""
    n_post, n_pre = W.shape
    B = rng.normal(0, 1 / np.sqrt(n_pre), (n_pre, n_post))
    mean = np.zeros_like(B)
    for k in range(steps):
        x = std * rng.standard_normal((batch, n_pre))
        B = B + rate * credit.feedback_change(primitives, B, W, x, x @ W.T)
        if k >= steps // 2:
            mean += B
    return B, mean / (steps - steps // 2)


def _weight_mirror(seed: int, quick: bool) -> Measurement:
    """50 -> 30 linear layer; B goes to (eta sigma^2/eps) W^T, here sigma^2 W^T."""
    rng = np.random.default_rng(seed)
    W = rng.normal(0, np.sqrt(1 / 50), (30, 50))
    primitives = {"amp": 1.0, "decay": 0.5}
    steps = 3000 if quick else 20_000
    found: Measurement = {}
    for sigma in (1.0, 0.5):
        last, mean = _mirror_run(
            primitives, W, np.full(50, sigma), rng, rate=0.01, batch=1, steps=steps
        )
        gain = float(np.sum(mean * W.T) / np.sum(W**2))
        found[f"gain over sigma^2, sigma {sigma:g}"] = gain / sigma**2
        found[f"angle of the mean feedback, sigma {sigma:g} (deg)"] = credit.angle(mean, W.T)
        found[f"angle at one time, sigma {sigma:g} (deg)"] = credit.angle(last, W.T)
    variances = np.linspace(0.1, 3, 50)
    _, mean = _mirror_run(primitives, W, np.sqrt(variances), rng, rate=0.01, batch=1, steps=steps)
    found["coloured input: angle to W^T (deg)"] = credit.angle(mean, W.T)
    found["coloured input: angle to S W^T (deg)"] = credit.angle(mean, variances[:, None] * W.T)
    return found


def _primitives(seed: int, quick: bool) -> Measurement:
    """40 -> 30 linear layer, white and coloured input; angle of B to W^T for each combination."""
    rng = np.random.default_rng(seed)
    W = rng.normal(0, np.sqrt(1 / 40), (30, 40))
    steps = 4000 if quick else 20_000
    rules = {
        "symmetric alignment": {"decay": 0.5, "self": 1.0},
        "activation alignment": {"sparse": 0.5, "amp": 1.0},
        "weight mirror": {"decay": 0.5, "amp": 1.0},
        "information alignment": {"amp": 1.0, "null": 0.2, "decay": 0.1},
    }
    found: Measurement = {}
    for colour, std in (("white", np.ones(40)), ("coloured", np.sqrt(np.linspace(0.05, 3, 40)))):
        for name, primitives in rules.items():
            last, _ = _mirror_run(primitives, W, std, rng, rate=0.01, batch=10, steps=steps)
            found[f"{name}, {colour} (deg)"] = credit.angle(last, W.T)
            if name in ("symmetric alignment", "activation alignment"):
                size = float(np.linalg.norm(last) / np.linalg.norm(W))
                found[f"|B|/|W|, {name}, {colour}"] = size
    return found


SYSTEMS = (
    System(
        "feedback_alignment_linear", "Feedback alignment, linear teacher", "Lillicrap et al. 2016",
        "30-20-10 linear network, random linear teacher, online", _linear_teacher,
        (below("normalised error at sample 500, feedback alignment", 0.01, "0.002"),
         between("angle, first 20 samples (deg)", 65, 90, "77 deg"),
         between("angle, sample 2000 (deg)", 15, 35, "26 deg"),
         below("normalised error at sample 500, backpropagation", 0.15, "0.071"),
         above("normalised error at sample 500, output layer only", 0.9, "0.997", control=True)),
        seeds=10, quick_seeds=2,
        curves=tuple(
            Curve(name, "normalised error at sample {x}, " + name, LOOKS) for name in TEACHER_RULES
        ),
        axes=("samples learned", "normalised error"),
    ),
    System(
        "weight_mirror", "Weight mirror", "Akrout et al. 2019",
        "50 to 30 linear layer, noise of standard deviation sigma", _weight_mirror,
        (near("gain over sigma^2, sigma 1", 1, 0.01, "within 1 %"),
         near("gain over sigma^2, sigma 0.5", 1, 0.01, "within 1 %"),
         below("angle of the mean feedback, sigma 1 (deg)", 5, "4.0 deg"),
         below("angle of the mean feedback, sigma 0.5 (deg)", 5, "3.7 deg"),
         between("coloured input: angle to W^T (deg)", 24, 34, "29 deg", control=True),
         below("coloured input: angle to S W^T (deg)", 5, "3.4 deg")),
        quick_criteria=(
            near("gain over sigma^2, sigma 1", 1, 0.03),
            below("angle of the mean feedback, sigma 1 (deg)", 12),
            between("coloured input: angle to W^T (deg)", 24, 36, control=True),
        ),
    ),
    System(
        "alignment_primitives", "Primitives of feedback learning", "Kunin et al. 2020",
        "40 to 30 linear layer, rate 0.01, 20,000 batches of 10", _primitives,
        (below("symmetric alignment, coloured (deg)", 1, "0.0 deg", statistic="largest"),
         below("activation alignment, coloured (deg)", 1, "0.0 deg", statistic="largest"),
         near("|B|/|W|, symmetric alignment, coloured", 1, 0.01, "1.00"),
         near("|B|/|W|, activation alignment, coloured", 1, 0.01, "1.00"),
         below("symmetric alignment, white (deg)", 1, "0.0 deg", statistic="largest"),
         below("activation alignment, white (deg)", 1, "0.0 deg", statistic="largest"),
         between("weight mirror, white (deg)", 5, 12, "8.2 deg"),
         between("information alignment, white (deg)", 20, 36, "28.8 deg"),
         between("weight mirror, coloured (deg)", 24, 34, "29.2 deg", control=True),
         between("information alignment, coloured (deg)", 32, 45, "38.8 deg", control=True)),
        quick_criteria=(
            below("symmetric alignment, coloured (deg)", 1),
            below("activation alignment, white (deg)", 1),
            between("weight mirror, coloured (deg)", 24, 34, control=True),
        ),
    ),
)  # fmt: skip
