"""Meta-learn the coefficients of a rule by the gradient through the unrolled inner loop, with JAX.

JAX is the extra `meta`: `pip install 'spikeplast[meta]'`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikeplast.credit.meta.episodes import Episode
from spikeplast.credit.meta.evolution import START, MetaLearned
from spikeplast.credit.meta.inner_loop import BETA, checked_coefficients, start_weights
from spikeplast.credit.meta.term_sizes import term_sizes

try:
    import jax
    import jax.numpy as jnp
except ImportError as error:
    raise ImportError(
        "meta-learning by gradient needs JAX: pip install 'spikeplast[meta]'; "
        "credit.meta.evolve_rule works without it"
    ) from error

__all__ = ["descend_rule", "query_loss"]

Array = NDArray[np.float64]
LONGEST = 100.0
"""Gradient, by coefficients times sizes, that is not made shorter; several times the usual, since
shortening gives the penalty more weight"""
FLATTEST = 0.05
"""Share of the steepest coefficient's gradient that every coefficient is taken to have at least"""
RETREAT = 0.9
"""Factor of the coefficients after an episode that diverged"""


def query_loss(theta: Any, episode: Any, weights: Any, feedback: Any) -> tuple[Any, Any]:
    """Cross-entropy on the queries after learning an episode, and accuracy, as JAX values.

    Args:
        theta: (10,) coefficients of F0 to F9.
        episode: (x, target, query, query_target) arrays.
        weights, feedback: sequences of matrices, as from `start_weights`.
    """
    x, target, query, query_target = episode

    def step(W: Any, sample: Any) -> tuple[Any, None]:
        return _learned(theta, W, feedback, *sample), None

    learned, _ = jax.lax.scan(step, tuple(weights), (x, target))
    h = query
    for w in learned[:-1]:
        h = _softplus(h @ w.T)
    log_p = jax.nn.log_softmax(h @ learned[-1].T)
    loss = -jnp.mean(jnp.sum(query_target * log_p, axis=1))
    right = jnp.argmax(log_p, axis=1) == jnp.argmax(query_target, axis=1)
    return loss, jnp.mean(right)


def _softplus(h: Any) -> Any:
    return jax.nn.softplus(BETA * h) / BETA


def _learned(theta: Any, W: Any, B: Any, x: Any, target: Any) -> Any:
    y = [x]
    for w in W[:-1]:
        y.append(_softplus(w @ y[-1]))
    y.append(jax.nn.softmax(W[-1] @ y[-1]))
    e = [y[-1] - target]
    for layer in range(len(W) - 1, -1, -1):
        e.insert(0, (B[layer] @ e[0]) * -jnp.expm1(-BETA * y[layer]))
    changed = []
    for layer, w in enumerate(W):
        pre, post, d, error = y[layer], y[layer + 1], e[layer], e[layer + 1]
        post_error, error_pre = post @ (w @ d), error @ (w @ pre)
        u = -(theta[0] + theta[5] * jnp.sum(post) + theta[7] * post_error) * pre - theta[2] * d
        v = -(theta[1] + theta[6] * post_error + theta[8] * error_pre) * d
        v = v + theta[9] * (pre - post @ w)
        change = jnp.outer(error, u) + jnp.outer(post, v) - theta[4] * d - theta[3] * w
        changed.append(w + change)
    return tuple(changed)


def descend_rule(
    sample: Callable[[np.random.Generator], Episode],
    sizes: Sequence[int],
    *,
    penalty: float = 0.0,
    episodes: int = 600,
    rate: float = 3e-3,
    active: ArrayLike | None = None,
    start: ArrayLike = START,
    random_state: int = 0,
    progress: Callable[[int], None] | None = None,
) -> MetaLearned:
    """Coefficients of F0 to F9 that learn new episodes best with fixed random feedback.

    By proximal gradient descent with Adam's steps on coefficients times the size of their terms,
    the penalty's step as long as the gradient's; steps become shorter linearly, down to 0 at the
    end. An episode that ends with more than twice the loss of a guess, or without a gradient, has
    diverged: the coefficients then shrink by a tenth, and momentum is forgotten.

    Args:
        sample: draws an episode; all episodes must have one shape.
        sizes: units of each layer; the first and last must fit the episodes.
        penalty: lambda of the L1 penalty on the coefficients times the size of their terms, at
            least 0.
        episodes: 1 or more, one for each step.
        rate: length of the first steps in the direction of a steady gradient, above 0.
        active: (10,) booleans; the other coefficients stay as they are.
        start: (10,) first coefficients.
        random_state: seed of episodes and weights.
        progress: called with the number of each episode that is done.

    Raises:
        ValueError: for values out of range.
    """
    if not (penalty >= 0 and rate > 0 and episodes >= 1):
        raise ValueError(f"penalty = {penalty} must be at least 0, rate = {rate} above 0, "
                         f"episodes = {episodes} at least 1")  # fmt: skip
    theta = checked_coefficients(start).copy()
    used = np.ones(len(theta), bool) if active is None else np.asarray(active, bool)
    if used.shape != theta.shape or not used.any():
        raise ValueError(f"active must be {len(theta)} booleans, one of them true")
    slope = jax.jit(jax.value_and_grad(query_loss, has_aux=True))
    scale = term_sizes(sample, sizes, random_state)
    rng = np.random.default_rng(random_state)
    first, second, steps = np.zeros_like(theta), np.zeros_like(theta), 0
    history, losses, accuracies = [], [], []
    for k in range(episodes):
        episode = sample(rng)
        weights, feedback = start_weights(sizes, rng)
        arrays = (episode.x, episode.target, episode.query, episode.query_target)
        (loss, accuracy), gradient = slope(theta, arrays, tuple(weights), tuple(feedback))
        by_scaled = np.asarray(gradient, dtype=float) / scale * used
        learned = float(loss) < 2 * np.log(sizes[-1])
        if np.isfinite(by_scaled).all() and learned:
            steps += 1
            by_scaled = by_scaled / max(1.0, float(np.linalg.norm(by_scaled)) / LONGEST)
            first = 0.9 * first + 0.1 * by_scaled
            second = 0.99 * second + 0.01 * by_scaled**2
            steepness = np.sqrt(second / (1 - 0.99**steps))
            at_least = FLATTEST * steepness.max() + 1e-8
            step = rate * (1 - k / episodes) / np.maximum(steepness, at_least)
            moved = theta - step * first / (1 - 0.9**steps) / scale
            # The penalty's own step ends at 0 (proximal gradient), so terms can vanish.
            shrunk = np.maximum(np.abs(moved) - step * penalty / scale, 0) * np.sign(moved)
            theta = np.where(used, shrunk, theta)
        else:
            theta = np.where(used, RETREAT * theta, theta)
            first = np.zeros_like(first)
        history.append(theta)
        losses.append(float(loss))
        accuracies.append(float(accuracy))
        if progress is not None:
            progress(k + 1)
    return MetaLearned(theta, np.array(history), np.array(losses), np.array(accuracies))
