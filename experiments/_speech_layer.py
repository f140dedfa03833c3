"""A layer and ten words: clusters of utterances by the layer's response, beside k-means on input.

Clusters are found on training utterances and scored on held-out ones, for the layer and for the
baselines alike. What is read of the layer is chosen on training utterances.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments._speech_conditions import layer_conditions
from experiments._speech_data import N_CHANNELS, Inputs, Utterances
from experiments._speech_runs import WATCHING, Condition, bin_counts, train, watch
from experiments.common.jobs import Jobs, mean_and_error
from models.yger_harris_2013 import Response
from spikeplast.analysis import clustering_scores, decode, mean_responses, sparseness
from spikeplast.stimuli.spike_encoding import InputRates

__all__ = ["KS", "READ_OUTS", "SEARCHED", "VARIANTS", "input_counts", "layer", "search"]

KS = (10, 20, 50)
BINS = 8
"""Parts of an utterance in which spikes are kept; read-outs join them"""
READ_OUTS = {"count": 1, "2 bins": 2, "4 bins": 4, "8 bins": 8}
STRENGTHS = (0.01, 0.1, 1.0)
"""Of the decoder's regularisation"""
SEARCHED = ("Convallis", "untrained")
VARIANTS: tuple[dict[str, Any], ...] = (
    {"n_cells": 50, "connection": 0.3, "w_lateral": 0.2},
    {"n_cells": 50, "connection": 0.1, "w_lateral": 0.2},
    {"n_cells": 50, "connection": 0.2, "w_lateral": 0.2},
    {"n_cells": 50, "connection": 0.5, "w_lateral": 0.2},
    {"n_cells": 50, "connection": 0.3, "w_lateral": 0.0},
    {"n_cells": 50, "connection": 0.3, "w_lateral": 0.4},
    {"n_cells": 100, "connection": 0.2, "w_lateral": 0.1},
    {"n_cells": 200, "connection": 0.1, "w_lateral": 0.05},
    {"n_cells": 200, "connection": 0.2, "w_lateral": 0.0},
)
"""Sizes and connections of the layer that `search` tries"""


def layer(
    data: Utterances,
    n_passes: int,
    seeds: Sequence[int],
    jobs: Jobs,
    done: Callable[[], Any],
    names: Sequence[str] | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """Conditions (all unless named) with every seed, each read-out and k, and the baselines.

    `changes` go to the `SpeechParameters` of all conditions.
    """
    rows = data.rows(~data.held_out), data.rows(data.held_out)
    found: dict[str, Any] = {"conditions": {}, "baselines": baselines(data, rows, seeds, jobs)}
    done()
    for condition in layer_conditions(**changes):
        if names is not None and condition.name not in names:
            continue
        runs = []
        for seed in seeds:
            arguments = (condition, data, rows, n_passes, seed)
            name = f"layer {condition.name} {seed} {sorted(changes.items())}"
            runs.append(jobs.run(name, lambda given=arguments: learn_layer(*given)))
            done()
        found["conditions"][condition.name] = _summary(runs)
    return found


def search(
    data: Utterances,
    n_passes: int,
    seeds: Sequence[int],
    jobs: Jobs,
    done: Callable[[], Any],
) -> dict[str, Any]:
    """Each of `VARIANTS` for Convallis and untrained weights, by name of the variant."""
    return {
        " ".join(f"{key}={value}" for key, value in changes.items()): layer(
            data, n_passes, seeds, jobs, done, SEARCHED, **changes
        )
        for changes in VARIANTS
    }


def learn_layer(
    condition: Condition,
    data: Utterances,
    rows: tuple[NDArray[np.int64], NDArray[np.int64]],
    n_passes: int,
    seed: int,
) -> dict[str, Any]:
    """Train a layer; scores of its read-outs, as arrays."""
    rates = InputRates.fit([data.cochleograms[row] for row in rows[0]], condition.normalisation)
    inputs = Inputs(data, rates, seed)
    trained = train(condition, inputs, rows[0], n_passes)
    counts, rate = [], np.nan
    for part in rows:
        binned, rate = watch(trained, inputs, part, BINS)
        counts.append(binned)
    labels = [data.digits[part] for part in rows]
    result: dict[str, Any] = {"rate": rate, "weights": trained.weights[-1]}
    means = mean_responses(counts[0].sum(axis=1), labels[0], int(data.digits.max()) + 1)
    result["sparseness"] = np.nan_to_num(sparseness(means)).mean()
    preferred = means.argmax(axis=0)[means.max(axis=0) > 0]
    result["preferred"] = np.bincount(preferred, minlength=len(means))
    for name, n_bins in READ_OUTS.items():
        vectors = [_vectors(part, n_bins) for part in counts]
        result |= _scores(name, vectors, labels, seed)
    return result


def baselines(
    data: Utterances,
    rows: tuple[NDArray[np.int64], NDArray[np.int64]],
    seeds: Sequence[int],
    jobs: Jobs,
) -> dict[str, Any]:
    """The same without a network: cochleograms, their time mean, and the network's own input."""
    labels = [data.digits[part] for part in rows]
    features = data.features()
    frames = features.reshape(len(features), 24, -1)

    def compute() -> dict[str, Any]:
        rates = InputRates.fit([data.cochleograms[row] for row in rows[0]])
        result: dict[str, Any] = {}
        for seed in seeds:
            inputs = Inputs(data, rates, seed)
            sets = {
                "cochleogram, 24 frames": [features[part] for part in rows],
                "time mean of the cochleogram": [frames[part].mean(axis=1) for part in rows],
                "input spikes, count": input_counts(inputs, rows, 1),
                "input spikes, 4 bins": input_counts(inputs, rows, 4),
            }
            for name, vectors in sets.items():
                result |= {
                    f"{seed} {key}": v for key, v in _scores(name, vectors, labels, seed).items()
                }
        return result

    flat = jobs.run("layer baselines", compute)
    runs = [
        {key.removeprefix(f"{seed} "): v for key, v in flat.items() if key.startswith(f"{seed} ")}
        for seed in seeds
    ]
    return _summary(runs)


def _vectors(counts: NDArray[np.int64], n_bins: int) -> NDArray[np.float64]:
    """Square roots of counts in `n_bins` parts, of unit length: (n, n_bins * n_cells)."""
    n, _, n_cells = counts.shape
    joined = counts.reshape(n, n_bins, -1, n_cells).sum(axis=2).reshape(n, -1)
    roots = np.sqrt(joined)
    return roots / np.maximum(np.linalg.norm(roots, axis=1, keepdims=True), 1e-12)


def input_counts(
    inputs: Inputs, rows: Sequence[NDArray[np.int64]], n_bins: int
) -> list[NDArray[np.float64]]:
    """The same read-out of the spikes that a network gets."""
    vectors = []
    for part in rows:
        spoken = inputs.train(part, WATCHING)
        spikes = Response(spoken.channels, spoken.times)
        vectors.append(_vectors(bin_counts(spikes, spoken, N_CHANNELS, n_bins), n_bins))
    return vectors


def _scores(
    name: str, vectors: list[NDArray[np.float64]], labels: list[NDArray[np.int64]], seed: int
) -> dict[str, Any]:
    """Clusters fitted to the first set, scored on both; and a linear decoder."""
    from sklearn.cluster import KMeans

    result: dict[str, Any] = {}
    for k in KS:
        if k > len(vectors[0]):
            continue
        model = KMeans(k, n_init=3, random_state=seed).fit(vectors[0])
        for part, x, y in zip(("train", "held_out"), vectors, labels, strict=True):
            for score, value in asdict(clustering_scores(model.predict(x), y)).items():
                if score != "n_clusters":
                    result[f"{name}|{k}|{part}|{score}"] = value
    decoded = decode(vectors[0], labels[0], vectors[1], labels[1], strengths=STRENGTHS, n_splits=3)
    result[f"{name}|decoder|held_out|accuracy"] = decoded.accuracy
    return result


def _summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Means and standard errors over seeds of everything that is one number."""
    result: dict[str, Any] = {}
    for key in runs[0]:
        values = np.array([run[key] for run in runs], dtype=float)
        if values.ndim > 1:
            continue
        *path, last = key.split("|")
        place = result
        for part in path:
            place = place.setdefault(part, {})
        place[last] = mean_and_error(values)
    return result
