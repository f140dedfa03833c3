"""Rules of Shervani-Tabar & Rosenbaum on few-shot digits: given coefficients, and learned ones."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from experiments.credit.few_shot import FewShot, bundled
from experiments.credit.system import Curve, Measurement, System, above, below, between
from spikeplast.credit import meta

__all__ = ["COEFFICIENTS", "SYSTEMS", "accuracy_on_new_episodes", "coefficients", "judged"]

Array = NDArray[np.float64]
BIOLOGICAL = (0, 2, 9)


def coefficients(**values: float) -> Array:
    """(10,) coefficients of the terms named, as `F0=0.03`."""
    theta = np.zeros(10)
    for name, value in values.items():
        theta[int(name.removeprefix("F"))] = value
    return theta


COEFFICIENTS: Mapping[str, Array] = {
    "backpropagation": coefficients(F0=0.03),
    "feedback alignment": coefficients(F0=0.03),
    "F0 + F9 (Oja)": coefficients(F0=0.056, F9=0.029),
    "F0 + F2 (eHebb)": coefficients(F0=0.043, F2=-0.72),
    "F0 + F2 + F9 (bio)": coefficients(F0=0.018, F2=-0.2, F9=0.019),
    "F0 + F2 with positive F2": coefficients(F0=0.043, F2=0.72),
    "backpropagation + F9": coefficients(F0=0.02, F9=0.003),
}
"""Found by random search on a few episodes"""


def _given(seed: int, quick: bool) -> Measurement:
    """One episode; every rule starts from the same weights."""
    rng = np.random.default_rng(seed)
    data = bundled()
    episode = data.sampler(learned=False)(rng)
    weights, feedback = meta.start_weights(data.sizes, rng)
    found: Measurement = {}
    for name, theta in COEFFICIENTS.items():
        outcome = meta.learn_episode(
            theta, episode, weights, feedback,
            backpropagation=name.startswith("backpropagation"), with_angles=not quick,
        )  # fmt: skip
        found[f"accuracy, {name}"] = outcome.accuracy
        if not quick and not name.startswith("backpropagation") and "positive" not in name:
            for layer, value in enumerate(outcome.angles, 1):
                found[f"angle in hidden layer {layer}, {name} (deg)"] = float(value)
    found["bio less backpropagation"] = (
        found["accuracy, F0 + F2 + F9 (bio)"] - found["accuracy, backpropagation"]
    )
    return found


def accuracy_on_new_episodes(theta: Array, data: FewShot, n_episodes: int = 40) -> Array:
    """(n_episodes,) accuracy on episodes that no rule was learned on, the same for every rule."""
    sample = data.sampler(learned=False)
    accuracies = []
    for seed in range(n_episodes):
        rng = np.random.default_rng(seed)
        episode = sample(rng)
        weights, feedback = meta.start_weights(data.sizes, rng)
        accuracies.append(meta.learn_episode(theta, episode, weights, feedback).accuracy)
    return np.array(accuracies)


def judged(theta: Array, data: FewShot) -> Measurement:
    """Accuracy of learned coefficients on new episodes, and what is lost without each term."""
    whole = accuracy_on_new_episodes(theta, data)
    found: Measurement = {"accuracy, full pool": float(whole.mean())}
    for term in range(10):
        without = theta.copy()
        without[term] = 0
        lost = whole - accuracy_on_new_episodes(without, data)
        found[f"theta_{term}"] = float(theta[term])
        found[f"accuracy lost without F{term}"] = float(lost.mean())
    kept = np.where(np.isin(np.arange(10), BIOLOGICAL), theta, 0)
    found["accuracy, its F0, F2 and F9 alone"] = float(accuracy_on_new_episodes(kept, data).mean())
    return found


LAST = "angle in hidden layer 4, F0 + F2 (eHebb) (deg)"
SYSTEMS = (
    System(
        "meta_given", "Terms F0, F2, F9: pseudo-gradient, eHebb, Oja",
        "Shervani-Tabar & Rosenbaum 2023",
        "5 of 10 digits, 250 samples once, 64-170-130-100-70-10 softplus; one episode a seed",
        _given,
        (between("accuracy, backpropagation", 0.67, 0.87, "0.768 ± 0.032"),
         below("accuracy, feedback alignment", 0.40, "0.288 ± 0.022"),
         above("accuracy, F0 + F9 (Oja)", 0.55, "0.685 ± 0.034"),
         above("accuracy, F0 + F2 (eHebb)", 0.65, "0.788 ± 0.021"),
         above("bio less backpropagation", -0.05, "0.06"),
         below(LAST, 45, "29 deg"),
         below("accuracy, F0 + F2 with positive F2", 0.40, "0.27", control=True)),
        seeds=20, quick_seeds=4,
        quick_criteria=(
            below("accuracy, feedback alignment", 0.45),
            above("accuracy, F0 + F2 (eHebb)", 0.6),
            above("bio less backpropagation", -0.1),
            below("accuracy, F0 + F2 with positive F2", 0.45, control=True),
        ),
        note="Chance is 0.20.",
        curves=tuple(
            Curve(name, "angle in hidden layer {x}, " + name + " (deg)", (1, 2, 3, 4))
            for name in ("feedback alignment", "F0 + F9 (Oja)", "F0 + F2 (eHebb)",
                         "F0 + F2 + F9 (bio)")
        ),
        axes=("hidden layer", "angle to backpropagation (deg)"),
    ),
)  # fmt: skip
