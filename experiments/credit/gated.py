"""Networks whose units all predict the target, with weights that the input picks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from experiments.credit.data import digits_split, task_rng
from experiments.credit.system import Curve, Measurement, System, above, below, near
from spikeplast import credit
from spikeplast.credit.systems import DendriticGatedNetwork, GatedLinearNetwork, LayerTargets

__all__ = ["SYSTEMS"]

Array = NDArray[np.float64]


def _layer_targets(seed: int, quick: bool) -> Measurement:
    rng = task_rng(seed)

    def samples(n: int) -> tuple[Array, Array]:
        x = rng.uniform(-2, 2, (n, 2))
        return x, np.sin(2 * x[:, 0]) * np.cos(1.5 * x[:, 1]) + 0.5 * x[:, 0]

    x, y = samples(8000 if quick else 40_000)
    x_test, y_test = samples(2000)
    found: Measurement = {}
    for name, n_half_spaces, rate in (("gated", 3, 0.1), ("one bank", 0, 0.005)):
        network = LayerTargets(
            2, (20,) * 5, n_half_spaces, rate=rate, spread=0.3, random_state=seed
        )
        network.learn(x, y)
        errors = [
            float(np.mean((p - y_test[:, None]) ** 2) / y_test.var())
            for p in network.predict(x_test)
        ]
        for layer, error in enumerate(errors, 1):
            found[f"{name}: normalised error of layer {layer}"] = error
        found[f"{name}: error of layer 5 over that of layer 1"] = errors[-1] / errors[0]
    return found


def _standardised(train: Array, *others: Array) -> list[Array]:
    # As the released code: pixels without variance stay as they are.
    mean, spread = train.mean(axis=0), train.std(axis=0) + 1e-6
    spread = np.where(spread < 1e-3, 1.0, spread)
    return [(x - mean) / spread for x in (train, *others)]


def _quadrants(seed: int, quick: bool) -> tuple[Array, NDArray[np.int64]]:
    """Points of the plane and whether their coordinates have the same sign; 2,000 for the test."""
    x = task_rng(seed).normal(size=(4000 if quick else 8000, 2))
    return x, (x[:, 0] * x[:, 1] > 0).astype(np.int64)


def _gln_xor(seed: int, quick: bool) -> Measurement:
    x, y = _quadrants(seed, quick)
    n = len(x) - 2000
    found: Measurement = {}
    for name, layers, contexts in (("gated (30, 1)", (30, 1), 4), ("ungated (30, 1)", (30, 1), 0)):
        network = GatedLinearNetwork(2, 2, layers, contexts, rate=0.02, random_state=seed)
        network.learn(x[:n], y[:n])
        found[f"XOR accuracy, {name}"] = float(np.mean(network.predict(x[n:]) == y[n:]))
    return found


def _gln_digits(seed: int, quick: bool) -> Measurement:
    x, y, x_test, y_test = digits_split(seed)
    x, x_test = _standardised(x, x_test)
    order = task_rng(seed).permutation(len(x))
    network = GatedLinearNetwork(64, 10, (20, 1), 4, rate=0.03, random_state=seed)
    network.learn(x[order], y[order])
    return {"digits accuracy after one pass": float(np.mean(network.predict(x_test) == y_test))}


def _gln(seed: int, quick: bool) -> Measurement:
    return _gln_xor(seed, quick) | _gln_digits(seed, quick)


OPPONENTS_RATES = (0.002, 0.005, 0.01, 0.02, 0.05)
"""At which backpropagation is tried: the higher, the more it learns of a task and forgets"""
Classifier = tuple[Callable[[Array, NDArray], None], Callable[[Array], NDArray]]


def _perceptron(hidden: Sequence[int], n_classes: int, rate: float, seed: int) -> Classifier:
    network = credit.Network([64, *hidden, n_classes], "relu", random_state=seed)
    learner = credit.Learner(network, credit.named_rule("backpropagation", rate), seed)

    def learn(x: Array, y: NDArray) -> None:
        learner.fit(x, credit.one_hot(y, n_classes), epochs=1, batch_size=4)

    return learn, lambda x: network.output(x).argmax(axis=1)


def _gln_forgetting(seed: int, quick: bool) -> Measurement:
    def gln(contexts: int) -> Classifier:
        network = GatedLinearNetwork(64, 10, (50, 25, 1), contexts, rate=0.01, random_state=seed)
        return network.learn, network.predict

    learners = {
        "gated": [gln(6)],
        "ungated": [gln(0)],
        "backpropagation": [_perceptron((200, 100), 10, rate, seed) for rate in OPPONENTS_RATES],
    }
    return _forgetting(seed, learners, lambda digits: digits)


def _dendritic_forgetting(seed: int, quick: bool) -> Measurement:
    def dendritic(gated: bool) -> Classifier:
        network = DendriticGatedNetwork(64, (100, 10, 1), 20 if gated else 1, rate=3e-3,
                                        gated=gated, random_state=seed)  # fmt: skip
        return network.learn, network.predict

    learners = {
        "gated": [dendritic(True)],
        "ungated": [dendritic(False)],
        "backpropagation": [_perceptron((100, 10), 2, rate, seed) for rate in OPPONENTS_RATES],
    }
    return _forgetting(seed, learners, lambda digits: digits % 2)


def _forgetting(
    seed: int,
    learners: Mapping[str, Sequence[Classifier]],
    question: Callable[[NDArray[np.int64]], NDArray[np.int64]],
) -> Measurement:
    """Digits under one permutation of the pixels after another, two passes each.

    Of several learners of one name the one that keeps most counts.
    """
    x, y, x_test, y_test = digits_split(seed)
    x, x_test = _standardised(x, x_test)
    y, y_test = question(y), question(y_test)

    def six_tasks(learn: Callable, predict: Callable) -> tuple[list[float], list[float]]:
        rng = task_rng(seed)
        tasks = [rng.permutation(64) for _ in range(6)]
        learned = []
        for task in tasks:
            for _ in range(2):
                order = rng.permutation(len(x))
                learn(x[order][:, task], y[order])
            learned.append(float(np.mean(predict(x_test[:, task]) == y_test)))
        return [float(np.mean(predict(x_test[:, task]) == y_test)) for task in tasks], learned

    found: Measurement = {}
    for name, several in learners.items():
        kept, learned = max((six_tasks(*one) for one in several), key=lambda run: sum(run[0]))
        found |= {
            f"{name}: just learned": float(np.mean(learned)),
            f"{name}: after all six, mean": float(np.mean(kept)),
            f"{name}: after all six, first task": kept[0],
        }
        found |= {f"{name}: after all six, task {k}": value for k, value in enumerate(kept, 1)}
    for other in ("backpropagation", "ungated"):
        found[f"gated less {other}, after all six"] = (
            found["gated: after all six, mean"] - found[f"{other}: after all six, mean"]
        )
    return found


@cache
def _breast_cancer() -> tuple[Array, NDArray[np.int64]]:
    x, y = load_breast_cancer(return_X_y=True)
    return x, y.astype(np.int64)


def _dendritic(seed: int, quick: bool) -> Measurement:
    x, y = _breast_cancer()
    x, x_test, y, y_test = train_test_split(x, y, test_size=0.2, random_state=seed)
    scaler = StandardScaler().fit(x)
    x, x_test = scaler.transform(x), scaler.transform(x_test)
    rng = task_rng(seed)
    network = DendriticGatedNetwork(30, (100, 10, 1), 20, rate=3e-3, random_state=seed)
    for _ in range(3):
        order = rng.permutation(len(x))
        network.learn(x[order], y[order])
    found = {"breast cancer accuracy": float(np.mean(network.predict(x_test) == y_test))}
    return found | _dendritic_xor(seed, quick)


def _dendritic_xor(seed: int, quick: bool) -> Measurement:
    x, y = _quadrants(seed, quick)
    n = len(x) - 2000
    found: Measurement = {}
    for name, branches in (("gated", 10), ("ungated", 1)):
        network = DendriticGatedNetwork(
            2, (30, 1), branches, rate=0.01, gated=name == "gated", random_state=seed
        )
        network.learn(x[:n], y[:n])
        found[f"XOR accuracy, {name}"] = float(np.mean(network.predict(x[n:]) == y[n:]))
    return found


def _depth(values: Sequence[float], name: str) -> tuple:
    return tuple(
        near(
            f"{name}: normalised error of layer {layer}",
            value,
            0.03 if layer == 1 else 0.02,
            f"{value:.2f}",
        )
        for layer, value in enumerate(values, 1)
    )


BY_TASK = tuple(
    Curve(name, name + ": after all six, task {x}", (1, 2, 3, 4, 5, 6))
    for name in ("gated", "ungated", "backpropagation")
)
BY_TASK_AXES = ("task, in the order of learning", "accuracy after all six")
OPPONENT = (
    "Backpropagation is taken at the rate, of five from 0.002 to 0.05, at which it is best after "
    "all six."
)
SYSTEMS = (
    System(
        "layer_targets", "Targets for each layer, banks of weights", "from the project's notes",
        "2-d regression, 5 layers of 20, 3 half-spaces per unit, 40,000 samples", _layer_targets,
        (*_depth((0.23, 0.09, 0.06, 0.05, 0.05), "gated"),
         below("gated: error of layer 5 over that of layer 1", 0.4, "0.2: depth helps"),
         near("one bank: normalised error of layer 5", 0.39, 0.03, "0.39", control=True),
         near("one bank: error of layer 5 over that of layer 1", 1, 0.08,
              "0.95: depth does not help", control=True)),
        curves=tuple(
            Curve(name, name + ": normalised error of layer {x}", (1, 2, 3, 4, 5))
            for name in ("gated", "one bank")
        ),
        axes=("layer", "normalised error"),
        quick_criteria=(
            below("gated: error of layer 5 over that of layer 1", 0.4),
            near("one bank: error of layer 5 over that of layer 1", 1, 0.1, control=True),
        ),
    ),
    System(
        "gated_linear", "Gated linear network", "Veness et al. 2017, 2021",
        "XOR of quadrants, 6,000 samples; digits, one pass, 20-1, 4 half-spaces", _gln,
        (above("XOR accuracy, gated (30, 1)", 0.97, "0.98"),
         below("XOR accuracy, ungated (30, 1)", 0.65, "0.43 to 0.60", control=True),
         above("digits accuracy after one pass", 0.945, "0.955 ± 0.004")),
        quick_criteria=(
            above("XOR accuracy, gated (30, 1)", 0.93),
            below("XOR accuracy, ungated (30, 1)", 0.65, control=True),
            above("digits accuracy after one pass", 0.93),
        ),
    ),
    System(
        "gated_linear_forgetting", "Gated linear network, six tasks in sequence",
        "Veness et al. 2021",
        "digits with permuted pixels, two passes each; 50-25-1, 6 half-spaces, beside a network "
        "64-200-100-10 by backpropagation", _gln_forgetting,
        (above("gated: after all six, mean", 0.78, "0.830"),
         above("gated less backpropagation, after all six", 0.1, "0.19"),
         below("backpropagation: after all six, mean", 0.75, "0.640", control=True),
         below("ungated: after all six, mean", 0.6, "0.408", control=True)),
        note=OPPONENT,
        quick_seeds=0, quick_criteria=(), curves=BY_TASK, axes=BY_TASK_AXES,
    ),
    System(
        "dendritic_gated", "Dendritic gated network", "Sezener et al. 2021",
        "breast cancer data, 80/20, 100-10-1, 20 branches, 3 epochs; XOR of quadrants, 6,000 "
        "samples, 30-1, 10 branches", _dendritic,
        (above("breast cancer accuracy", 0.94, "0.968 ± 0.011"),
         above("XOR accuracy, gated", 0.95, "as the gated linear network"),
         below("XOR accuracy, ungated", 0.65, "guessing: 0.5", control=True)),
        quick_criteria=(above("breast cancer accuracy", 0.92),
                        above("XOR accuracy, gated", 0.9),
                        below("XOR accuracy, ungated", 0.65, control=True)),
    ),
    System(
        "dendritic_gated_forgetting", "Dendritic gated network, six tasks in sequence",
        "Sezener et al. 2021",
        "even or odd, digits with permuted pixels, two passes each; 100-10-1, 20 branches, beside "
        "a network 64-100-10-2 by backpropagation", _dendritic_forgetting,
        (above("gated less backpropagation, after all six", 0, "forgets less"),
         above("gated less ungated, after all six", 0, "forgets less", control=True)),
        note=OPPONENT,
        quick_seeds=0, quick_criteria=(), curves=BY_TASK, axes=BY_TASK_AXES,
    ),
)  # fmt: skip
