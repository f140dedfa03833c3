"""Train a speech network pass by pass, then watch it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from experiments._speech_data import Inputs
from models.yger_harris_2013 import Response, SpeechNetwork, SpeechParameters, SpeechState, Train

__all__ = ["Condition", "Trained", "bin_counts", "train", "watch"]

TRAINING, WATCHING, SCALING = 0, 1_000_000, 2_000_000
"""Repetitions of an utterance, from which its spikes are drawn: never the same for two purposes"""


@dataclass(frozen=True)
class Condition:
    """A rule with all that goes with it."""

    name: str
    parameters: SpeechParameters
    normalisation: str = "contrast"
    learns: bool = True
    """If not, first weights are scaled so that the cells fire at the rule's target rate"""


@dataclass(frozen=True)
class Trained:
    """A network after its training."""

    network: SpeechNetwork
    state: SpeechState
    weights: NDArray[np.float64]
    """(n_passes + 1, n_channels, n_cells): at first, and after each pass"""
    rates: NDArray[np.float64]
    """(n_passes,) mean rate of the cells in each pass (Hz), pauses included"""


def train(
    condition: Condition,
    inputs: Inputs,
    rows: NDArray[np.int64],
    n_passes: int,
) -> Trained:
    """Present the utterances `n_passes` times, each time in another order."""
    random_seed = inputs.random_seed
    network = SpeechNetwork(condition.parameters, random_seed)
    state = network.state()
    rng = np.random.default_rng([random_seed, len(rows)])
    if not condition.learns:
        some = inputs.train(rng.permutation(rows)[:80], SCALING)
        state = _scaled_to_rate(network, state, some)
        return Trained(network, state, network.weights(state)[None], np.zeros(0))
    weights, fired = [network.weights(state)], []
    for number in range(n_passes):
        spoken = inputs.train(rng.permutation(rows), TRAINING + number)
        response = network.present(spoken, state, learning=True)
        state = network.state()
        weights.append(network.weights(state))
        fired.append(_rate(response, spoken, network))
    return Trained(network, state, np.array(weights), np.array(fired))


def watch(
    trained: Trained, inputs: Inputs, rows: NDArray[np.int64], n_bins: int = 1
) -> tuple[NDArray[np.int64], float]:
    """Spikes of each cell in equal parts of each utterance, and the mean rate, weights frozen.

    Returns:
        (n_rows, n_bins, n_cells) counts, and the rate in Hz, pauses included.
    """
    spoken = inputs.train(rows, WATCHING)
    response = trained.network.present(spoken, trained.state, learning=False)
    counts = bin_counts(response, spoken, trained.network.parameters.n_cells, n_bins)
    return counts, _rate(response, spoken, trained.network)


def bin_counts(response: Response, spoken: Train, n_cells: int, n_bins: int) -> NDArray[np.int64]:
    """(n_utterances, n_bins, n_cells) spikes in equal parts of each utterance.

    The last part takes in half of the pause, so that late spikes count.
    """
    shape = (len(spoken.onsets), n_bins, n_cells)
    late = response.times + 1e-9
    which = np.searchsorted(spoken.onsets, late, side="right") - 1
    length = (spoken.ends - spoken.onsets)[which]
    part = ((late - spoken.onsets[which]) / length * n_bins).astype(int)
    following = np.append(spoken.onsets[1:], spoken.duration)
    limit = spoken.ends[which] + (following - spoken.ends)[which] / 2
    inside = late < limit
    flat = np.ravel_multi_index(
        (which[inside], np.minimum(part, n_bins - 1)[inside], response.cells[inside]), shape
    )
    return np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape)


def _rate(response: Response, spoken: Train, network: SpeechNetwork) -> float:
    return len(response.times) / (network.parameters.n_cells * spoken.duration)


def _scaled_to_rate(network: SpeechNetwork, state: SpeechState, spoken: Train) -> SpeechState:
    """All weights times the factor at which the cells fire at the target rate, by bisection."""
    target = float(network.parameters.rule.r0)
    low, high = 0.0, network.parameters.w_max / float(state.w.max())
    for _ in range(8):
        middle = (low + high) / 2
        tried = replace(state, w=state.w * middle)
        rate = _rate(network.present(spoken, tried, learning=False), spoken, network)
        low, high = (middle, high) if rate < target else (low, middle)
    return replace(state, w=state.w * (low + high) / 2)
