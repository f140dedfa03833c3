"""Rules of Shervani-Tabar & Rosenbaum on few-shot tasks: given coefficients, and learned ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.credit.few_shot import FewShot, bundled
from experiments.credit.system import Curve, Measurement, System, above, below, between
from spikeplast.credit import meta

__all__ = [
    "COEFFICIENTS",
    "NEW_EPISODES",
    "SYSTEMS",
    "TERMS_OF_RULES",
    "WORTH",
    "accuracy_on_new_episodes",
    "coefficients",
    "judged",
    "learned_rule",
    "new_episodes",
]

Array = NDArray[np.float64]
WORTH = 0.1
"""Accuracy on new tasks that a surviving term is worth at least"""
NEW_EPISODES = 20
"""On which learned rules are judged"""
TERMS_OF_RULES: Mapping[str, tuple[int, ...]] = {
    "backpropagation": (0,),
    "feedback alignment": (0,),
    "F0 + F9 (Oja)": (0, 9),
    "F0 + F2 (eHebb)": (0, 2),
    "F0 + F2 + F9 (bio)": (0, 2, 9),
    "backpropagation + F9": (0, 9),
}
"""Rules that are compared with the full pool"""


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


def new_episodes(
    data: FewShot, n_episodes: int
) -> Iterator[tuple[meta.Episode, list[Array], list[Array]]]:
    """Episodes that no rule was learned on with first weights and feedback, always the same."""
    sample = data.sampler(learned=False)
    for seed in range(n_episodes):
        rng = np.random.default_rng([1, seed])
        yield sample(rng), *meta.start_weights(data.sizes, rng)


def accuracy_on_new_episodes(theta: Array, data: FewShot, n_episodes: int = NEW_EPISODES) -> Array:
    """(n_episodes,) accuracy on new episodes, the same for every rule."""
    episodes = new_episodes(data, n_episodes)
    return np.array([meta.learn_episode(theta, *episode).accuracy for episode in episodes])


def learned_rule(data: FewShot, name: str, **options: Any) -> meta.MetaLearned:
    """A rule of few terms, learned by evolution (its options) as the full pool is."""
    return meta.evolve_rule(
        data.sampler(learned=True), data.sizes,
        active=np.isin(np.arange(10), TERMS_OF_RULES[name]),
        backpropagation=name.startswith("backpropagation"), **options,
    )  # fmt: skip


def judged(theta: Array, data: FewShot, n_episodes: int = NEW_EPISODES) -> Measurement:
    """Accuracy of learned coefficients on new episodes, and what each term is worth.

    Terms are left out one after the other, always that whose loss costs least, as long as this is
    below `WORTH`; a term is worth what it costs when its turn comes, or, if it survives, what it
    would cost the survivors. Leaving out one alone would say nothing about terms that can stand in
    for each other: F5 is F0 times the layer's summed activity.
    """
    accuracy = float(accuracy_on_new_episodes(theta, data, n_episodes).mean())
    found: Measurement = {"accuracy, full pool": accuracy}
    found |= {f"theta_{term}": float(theta[term]) for term in range(10)}
    worth = dict.fromkeys(range(10), 0.0)
    kept = theta.copy()
    while kept.any():
        costs = {}
        for term in map(int, np.flatnonzero(kept)):
            without = np.where(np.arange(10) == term, 0, kept)
            left = accuracy_on_new_episodes(without, data, n_episodes).mean()
            costs[term] = accuracy - float(left)
        worth |= costs
        cheapest = min(costs, key=lambda term: costs[term])
        if costs[cheapest] >= WORTH:
            break
        kept[cheapest] = 0
        accuracy -= costs[cheapest]
    found |= {f"worth of F{term}": value for term, value in worth.items()}
    found["accuracy, its survivors alone"] = accuracy
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
