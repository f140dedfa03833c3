"""How large the terms of a rule are, so that their coefficients can be searched on one scale."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from spikeplast.credit.activations import softplus
from spikeplast.credit.feedback import FixedRandom
from spikeplast.credit.meta.episodes import Episode
from spikeplast.credit.meta.inner_loop import BETA, N_TERMS, start_weights
from spikeplast.credit.network import Network
from spikeplast.credit.terms import TERMS, Local

__all__ = ["term_sizes"]


def term_sizes(
    sample: Callable[[np.random.Generator], Episode],
    sizes: Sequence[int],
    random_state: int = 0,
    n_samples: int = 20,
) -> NDArray[np.float64]:
    """Norm of F0 to F9 over that of F0, at random weights, or 1: (10,).

    Norms are root mean squares over layers. Some terms are ten times as large as F0 there: a step
    that is small for F0 makes weights diverge by F5. Others are much smaller, but only until
    learning begins, since they grow with powers of activity and teaching signals: they count as 1.

    Args:
        sample: draws an episode.
        sizes: units of each layer.
        random_state: seed of episode and weights.
        n_samples: of the episode that are looked at, one by one.
    """
    rng = np.random.default_rng(random_state)
    episode = sample(rng)
    network = Network(sizes, softplus(BETA), bias=False)
    feedback = FixedRandom()
    network.weights, feedback.matrices = start_weights(sizes, rng)
    squares = np.zeros(N_TERMS)
    for x, target in zip(episode.x[:n_samples], episode.target[:n_samples], strict=True):
        y = network.forward(x[None])
        e = feedback.errors(network, y, y[-1] - target)
        for layer, w in enumerate(network.weights):
            local = Local(w, y[layer], y[layer + 1], e[layer], e[layer + 1])
            squares += [np.sum(TERMS[f"F{k}"](local) ** 2) for k in range(N_TERMS)]
    return np.maximum(1, np.sqrt(squares / squares[0]))
