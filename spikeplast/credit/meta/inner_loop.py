"""The inner loop of meta-learning: one pass over an episode, sample by sample, without biases.

The same as a `credit.Learner` with the terms F0 to F9, softplus units and fixed random feedback.
For a single sample all terms but F3 are products of two vectors, so they are added up first:

    dW = e u^T + y v^T - theta_4 1 d^T - theta_3 W,
    u = -(theta_0 + theta_5 1.y + theta_7 y.Wd) x - theta_2 d,
    v = -(theta_1 + theta_6 y.Wd + theta_8 e.Wx) d + theta_9 (x - W^T y)

with x, y pre- and postsynaptic activity and d, e pre- and postsynaptic teaching signals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikeplast.credit.angles import angle
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
    W = [w.copy() for w in weights]
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
    found = []
    with np.errstate(all="ignore"):
        for k, (x, target) in enumerate(zip(episode.x, episode.target, strict=True)):
            y = [x]
            for w in W[:-1]:
                y.append(_softplus(w @ y[-1]))
            h = W[-1] @ y[-1]
            h = np.exp(h - h.max())
            y.append(h / h.sum())
            B = [w.T for w in W] if backpropagation else feedback
            e = _signals(B, y, y[-1] - target, lowest)
            if with_angles and k >= len(episode.x) // 2:
                exact = _signals([w.T for w in W], y, y[-1] - target, 1)
                found.append([angle(a, b) for a, b in zip(e[1:-1], exact[1:-1], strict=True)])
            _update(c, W, y, e)
        query = episode.query
        for w in W[:-1]:
            query = _softplus(query @ w.T)
        output = softmax(query @ W[-1].T)
    right = output.argmax(axis=1) == episode.query_target.argmax(axis=1)
    p = np.sum(output * episode.query_target, axis=1)
    loss = float(-np.mean(np.log(np.maximum(p, 1e-300))))
    diverged = not np.isfinite(output).all()
    return Outcome(
        loss=WORST_LOSS if diverged else min(loss, WORST_LOSS),
        accuracy=0.0 if diverged else float(right.mean()),
        angles=np.mean(found, axis=0) if found else np.full(len(W) - 1, np.nan),
    )


def _signals(B: Sequence[Array], y: list[Array], output_error: Array, lowest: int) -> list[Array]:
    e = [np.empty(0)] * len(B) + [output_error]
    for layer in range(len(B) - 1, lowest - 1, -1):
        e[layer] = (B[layer] @ e[layer + 1]) * -np.expm1(-BETA * y[layer])
    return e


def _update(c: Array, W: list[Array], y: list[Array], e: list[Array]) -> None:
    for layer, w in enumerate(W):
        x, post, d, error = y[layer], y[layer + 1], e[layer], e[layer + 1]
        by_error, by_post = -(c[0] + c[5] * post.sum()), 0.0
        u = 0.0
        if d.size:
            post_error = float(post @ (w @ d)) if c[6] or c[7] else 0.0
            error_pre = float(error @ (w @ x)) if c[8] else 0.0
            by_error -= c[7] * post_error
            by_post = -(c[1] + c[6] * post_error + c[8] * error_pre)
            u = -c[2] * d
        u = by_error * x + u
        v = by_post * d if by_post else np.zeros_like(x)
        if c[9]:
            v = v + c[9] * (x - post @ w)
        change = np.outer(error, u)
        if by_post or c[9]:
            change += np.outer(post, v)
        if c[4] and d.size:
            change -= c[4] * d
        if c[3]:
            change -= c[3] * w
        w += change
