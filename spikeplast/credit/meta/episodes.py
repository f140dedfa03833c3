"""Few-shot tasks: a few classes of a labelled set, some samples to learn from, some to be asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikeplast.credit.losses import one_hot

__all__ = ["Episode", "episode_sampler"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Episode:
    """A task; targets are one-hot."""

    x: Array
    """(n, n_features) in the order in which they are learned"""
    target: Array
    """(n, n_classes)"""
    query: Array
    """(m, n_features)"""
    query_target: Array
    """(m, n_classes)"""


def episode_sampler(
    x: ArrayLike,
    labels: ArrayLike,
    *,
    n_classes: int = 5,
    n_train: int = 50,
    n_query: int = 10,
    n_passes: int = 1,
    relabel: bool = False,
) -> Callable[[np.random.Generator], Episode]:
    """A function that draws an episode: its classes, its samples, and their order.

    Args:
        x: (n, n_features).
        labels: (n,) integers from 0 on.
        n_classes: in an episode.
        n_train, n_query: samples of each class to learn from, and to be asked.
        n_passes: how often the samples to learn from are gone through, each time in a new order.
        relabel: whether an episode's classes are numbered anew, so that there are n_classes
            outputs; else each keeps its label, and there are as many outputs as labels.

    Raises:
        ValueError: if fewer classes than n_classes have n_train + n_query samples.
    """
    samples, y = np.asarray(x, dtype=float), np.asarray(labels)
    total = int(y.max()) + 1
    one_hot(y, total)
    members = [np.flatnonzero(y == k) for k in range(total)]
    large = [k for k in range(total) if len(members[k]) >= n_train + n_query]
    if min(n_classes, n_train, n_query, n_passes) < 1 or len(large) < n_classes:
        raise ValueError(
            f"{len(large)} classes have {n_train} + {n_query} samples, but an episode needs "
            f"{n_classes}; give smaller n_classes, n_train or n_query (all 1 or more)"
        )

    def sample(rng: np.random.Generator) -> Episode:
        chosen = rng.choice(large, n_classes, replace=False)
        numbers = np.arange(total)
        if relabel:
            numbers[chosen] = np.arange(n_classes)
        n_outputs = n_classes if relabel else total
        rows = [rng.permutation(members[k])[: n_train + n_query] for k in chosen]
        once = np.concatenate([r[:n_train] for r in rows])
        train = np.concatenate([rng.permutation(once) for _ in range(n_passes)])
        query = np.concatenate([r[n_train:] for r in rows])
        return Episode(
            samples[train],
            one_hot(numbers[y[train]], n_outputs),
            samples[query],
            one_hot(numbers[y[query]], n_outputs),
        )

    return sample
