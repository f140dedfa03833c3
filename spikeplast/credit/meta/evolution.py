"""Meta-learn the coefficients of a rule by an evolution strategy, without derivatives.

Separable natural evolution strategy: Schaul, Glasmachers & Schmidhuber (2011), High dimensions and
heavy tails for natural evolution strategies, GECCO. Every coefficient has a mean and a width; in
each generation all candidates learn the same episodes, and ranks move both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikeplast.credit.meta.episodes import Episode
from spikeplast.credit.meta.inner_loop import (
    N_TERMS,
    checked_coefficients,
    learn_episode,
    start_weights,
)
from spikeplast.credit.meta.term_sizes import term_sizes

__all__ = ["START", "MetaLearned", "evolve_rule"]

Array = NDArray[np.float64]
START = np.array([1e-3] + [0.0] * (N_TERMS - 1))
"""The paper's start: a weak pseudo-gradient and nothing else"""


@dataclass(frozen=True)
class MetaLearned:
    """The course of meta-learning."""

    coefficients: Array
    """(10,) at the end"""
    history: Array
    """(n, 10) coefficients after each generation or episode"""
    loss: Array
    """(n,) cross-entropy on the queries, without the penalty"""
    accuracy: Array
    """(n,) on the queries"""


def evolve_rule(
    sample: Callable[[np.random.Generator], Episode],
    sizes: Sequence[int],
    *,
    penalty: float = 0.0,
    generations: int = 100,
    candidates: int = 16,
    width: float = 0.01,
    active: ArrayLike | None = None,
    start: ArrayLike = START,
    backpropagation: bool = False,
    random_state: int = 0,
    progress: Callable[[int], None] | None = None,
) -> MetaLearned:
    """Coefficients of F0 to F9 that learn new episodes best, by default with random feedback.

    Args:
        sample: draws an episode.
        sizes: units of each layer; the first and last must fit the episodes.
        penalty: lambda of the L1 penalty on the coefficients times the size of their terms, at
            least 0.
        generations: 1 or more.
        candidates: in each generation, an even number of 4 or more: each has a mirror image.
        width: first standard deviation of the coefficients times the size of their terms, above 0.
        active: (10,) booleans; the other coefficients stay as they are.
        start: (10,) first coefficients.
        backpropagation: teaching signals by the weights' transpose instead of fixed random weights.
        random_state: seed of candidates, episodes and weights.
        progress: called with the number of each generation that is done.

    Raises:
        ValueError: for values out of range.
    """
    if not (penalty >= 0 and width > 0):
        raise ValueError(f"penalty = {penalty} must be at least 0, width = {width} above 0")
    if generations < 1 or candidates < 4 or candidates % 2:
        raise ValueError(f"generations = {generations} must be 1 or more, candidates = "
                         f"{candidates} an even number of 4 or more")  # fmt: skip
    mean = checked_coefficients(start).copy()
    used = np.ones(N_TERMS, bool) if active is None else np.asarray(active, bool)
    if used.shape != (N_TERMS,) or not used.any():
        raise ValueError(f"active must be {N_TERMS} booleans, one of them true")
    rng = np.random.default_rng(random_state)
    scale = term_sizes(sample, sizes, random_state)
    widths = np.where(used, width / scale, 0.0)
    dimensions = int(used.sum())
    utilities = _utilities(candidates)
    width_rate = (3 + np.log(dimensions)) / (5 * np.sqrt(dimensions))
    history, losses, accuracies = [], [], []
    for generation in range(generations):
        episode = sample(rng)
        weights, feedback = start_weights(sizes, rng)
        half = rng.standard_normal((candidates // 2, N_TERMS)) * used
        steps = np.concatenate([half, -half])
        outcomes = [
            learn_episode(
                mean + widths * step, episode, weights, feedback, backpropagation=backpropagation
            )
            for step in steps
        ]
        costs = [
            outcome.loss + penalty * np.abs(scale * (mean + widths * step)).sum()
            for outcome, step in zip(outcomes, steps, strict=True)
        ]
        ranked = steps[np.argsort(costs)]
        mean = mean + widths * (utilities @ ranked)
        widths = widths * np.exp(0.5 * width_rate * (utilities @ (ranked**2 - 1)))
        history.append(mean)
        losses.append(float(np.mean([o.loss for o in outcomes])))
        accuracies.append(float(np.mean([o.accuracy for o in outcomes])))
        if progress is not None:
            progress(generation + 1)
    return MetaLearned(mean, np.array(history), np.array(losses), np.array(accuracies))


def _utilities(n: int) -> Array:
    # The better half counts, the best most; they sum to 0.
    raw = np.maximum(0, np.log(n / 2 + 1) - np.log(np.arange(1, n + 1)))
    return raw / raw.sum() - 1 / n
