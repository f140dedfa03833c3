"""The inner loop of meta-learning: one pass over an episode, sample by sample, without biases.

The same as a `credit.Learner` with the terms F0 to F9, softplus units and fixed random feedback;
`episode_loop` has the steps, compiled by Numba, since meta-learning takes thousands of episodes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikeplast.credit.losses import softmax
from spikeplast.credit.meta.episodes import Episode
from spikeplast.credit.network import glorot

__all__ = ["BETA", "N_TERMS", "Outcome", "checked_coefficients", "learn_episode", "start_weights"]

Array = NDArray[np.float64]
N_TERMS = 10
BETA = 10.0
"""Of the softplus units"""
WORST_LOSS = 20.0
"""What a diverged episode counts as"""


@dataclass(frozen=True)
class Outcome:
    """What an episode has led to."""

    loss: float
    """Cross-entropy on the queries; 20 if the weights diverged"""
    accuracy: float
    """On the queries, 0 to 1"""
    angles: Array
    """(n_hidden,) degrees between teaching signals and backpropagation's, mean over the second
    half of the samples; nan if they were not asked for"""


def checked_coefficients(theta: ArrayLike) -> Array:
    """(10,) finite coefficients of F0 to F9, else ValueError."""
    values = np.asarray(theta, dtype=float)
    if values.shape != (N_TERMS,) or not np.isfinite(values).all():
        raise ValueError(f"coefficients of shape {values.shape} must be {N_TERMS} finite numbers, "
                         "for F0 to F9")  # fmt: skip
    return values


def start_weights(
    sizes: Sequence[int], rng: np.random.Generator
) -> tuple[list[Array], list[Array]]:
    """Forward weights (n_{l+1}, n_l) and feedback weights (n_l, n_{l+1}), Glorot uniform."""
    shapes = list(zip(sizes[1:], sizes[:-1], strict=True))
    return [glorot(rng, s) for s in shapes], [glorot(rng, s[::-1]) for s in shapes]


def _softplus(h: Array) -> Array:
    # log1p of exp is half as fast as needed by logaddexp.
    return np.maximum(h, 0) + np.log1p(np.exp(-BETA * np.abs(h))) / BETA


def learn_episode(
    theta: ArrayLike,
    episode: Episode,
    weights: Sequence[Array],
    feedback: Sequence[Array],
    *,
    backpropagation: bool = False,
    with_angles: bool = False,
) -> Outcome:
    """Learn an episode from given weights and answer its queries.

    Args:
        theta: (10,) coefficients of F0 to F9.
        episode: what to learn.
        weights, feedback: from `start_weights`; not changed.
        backpropagation: teaching signals by the weights' transpose instead of `feedback`.
        with_angles: whether to compare teaching signals with backpropagation's.

    Raises:
        ValueError: for coefficients or an episode that do not fit.
    """
    c = checked_coefficients(theta)
    W = weights
    if episode.x.shape[1] != W[0].shape[1] or episode.target.shape[1] != W[-1].shape[0]:
        raise ValueError(
            f"an episode of {episode.x.shape[1]} features and {episode.target.shape[1]} classes "
            f"does not fit a network of {W[0].shape[1]} inputs and {W[-1].shape[0]} outputs"
        )
    if episode.x.min() < 0:
        raise ValueError(f"inputs down to {episode.x.min():.4g}: softplus units' teaching signals "
                         "are for activity of at least 0; shift the inputs")  # fmt: skip
    # Without these terms the inputs' teaching signal is not needed.
    lowest = 0 if np.any(c[[1, 2, 4, 6, 7, 8]]) else 1
    sizes = np.array([W[0].shape[1], *(w.shape[0] for w in W)])
    begin = np.concatenate([[0], np.cumsum([w.size for w in W])])
    flat = np.concatenate([w.ravel() for w in W])
    back = np.concatenate([b.ravel() for b in feedback])
    x, target = np.ascontiguousarray(episode.x), np.ascontiguousarray(episode.target)
    angles = np.zeros(len(W) - 1 if with_angles else 0)
    # Here, since Numba takes a while to import.
    from spikeplast.credit.meta.episode_loop import learn_samples

    learn_samples(c, flat, back, sizes, begin, x, target, lowest, backpropagation, angles)
    angles /= len(x) - len(x) // 2
    unknown = np.full(len(W) - 1, np.nan)
    if not np.isfinite(flat).all():
        return Outcome(WORST_LOSS, 0.0, unknown)
    learned = [
        part.reshape(w.shape) for part, w in zip(np.split(flat, begin[1:-1]), W, strict=True)
    ]
    query = episode.query
    with np.errstate(all="ignore"):
        for w in learned[:-1]:
            query = _softplus(query @ w.T)
        output = softmax(query @ learned[-1].T)
    right = output.argmax(axis=1) == episode.query_target.argmax(axis=1)
    p = np.sum(output * episode.query_target, axis=1)
    loss = float(-np.mean(np.log(np.maximum(p, 1e-300))))
    return Outcome(
        loss=min(loss, WORST_LOSS) if np.isfinite(loss) else WORST_LOSS,
        accuracy=float(right.mean()) if np.isfinite(loss) else 0.0,
        angles=angles if with_angles else unknown,
    )
