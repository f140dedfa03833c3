"""Ten words and a recurrent, balanced network: is what it learned worth more than what it was?

For each unheard speaker: configurations of each rule are tried on a part of the training
utterances and scored on the rest of these; the best one is trained on all of them with every seed.
A linear decoder is fitted to the rates of the trained network's excitatory cells on training
utterances and scored on utterances that neither has heard: of the same speakers, and of the
unheard one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments._speech_data import Fold, Inputs, Utterances
from experiments._speech_layer import input_counts
from experiments._speech_recurrent_conditions import CONDITIONS, UNTRAINED, drawn_condition
from experiments._speech_recurrent_training import (
    Checkpoint,
    Course,
    RecurrentCondition,
    Watched,
    as_rates,
    first_state,
    train,
    watch,
)
from experiments.common.jobs import Jobs, mean_and_error
from spikeplast.analysis import decode, mean_responses, sparseness
from spikeplast.stimuli.spike_encoding import InputRates

__all__ = ["FEW", "READ_OUTS", "SETS", "inner_split", "n_jobs", "recurrent"]

STRENGTHS = (1e-3, 1e-2, 1e-1, 1.0, 10.0)
"""Of the decoder's regularisation, chosen by cross-validation on training utterances"""
VALIDATION = 1 / 3
"""Share of the training utterances that configurations are scored on"""
FEW, SAMPLES = 50, 4
"""Cells that a decoder of few cells sees, and over how many choices of them it is averaged"""
READ_OUTS = ("all cells", f"{FEW} cells")
SETS = ("held_out", "unseen")
"""Utterances of the speakers trained on, and all of the unheard speaker"""
QUANTILES = (0.0, 0.1, 0.5, 0.9, 1.0)
"""Of the weights, kept of each training"""
SEARCH_SEED = 1_000_000
"""Added to the seed of configurations that are tried: other connections than in any final run"""
_OF_NETWORK = (
    "rate_e",
    "rate_i",
    "interval_cv",
    "silent",
    "sparseness",
    "w_input",
    "w_recurrent",
)


def n_jobs(n_folds: int, n_seeds: int, tried: int) -> int:
    """Trainings, and one for the baselines of each fold."""
    return n_folds * (1 + len(CONDITIONS) * (n_seeds + tried))


def recurrent(
    data: Utterances,
    folds: Sequence[Fold],
    n_cells: int,
    n_epochs: int,
    tried: int,
    seeds: Sequence[int],
    jobs: Jobs,
    done: Callable[[], Any],
) -> dict[str, Any]:
    """Search and trainings of every condition on every fold; numbers by condition."""
    found: dict[str, Any] = {"conditions": {}, "baselines": _baselines(data, folds, seeds, jobs)}
    for _ in folds:
        done()
    runs: dict[str, list[list[dict[str, Any]]]] = {}
    for rule in CONDITIONS:
        searches, runs[rule] = [], []
        for fold in folds:
            key = f"{rule} {'+'.join(fold.unheard)}"
            drawn = [drawn_condition(rule, k, n_cells, seeds[0]) for k in range(tried)]
            rows = inner_split(data, fold.train, seeds[0])
            scores = []
            for number, condition in enumerate(drawn):
                name = f"recurrent search {key} {number}"
                given = (condition, data, rows, n_epochs, seeds[0] + SEARCH_SEED, jobs, name)
                scores.append(jobs.run(name, lambda given=given: _try(*given)))
                done()
            accuracy = [float(score["accuracy"]) for score in scores]
            best = int(np.argmax(accuracy))
            searches.append(
                {
                    "unheard": list(fold.unheard),
                    "validation_accuracy": accuracy,
                    "rate_e": [float(score["rate_e"]) for score in scores],
                    "chosen": best,
                    "parameters": [_text(condition) for condition in drawn],
                }
            )
            finals = []
            for seed in seeds:
                name = f"recurrent {key} {seed}"
                arguments = (drawn[best], data, fold, n_epochs, seed, jobs, name)
                finals.append(jobs.run(name, lambda given=arguments: learn_recurrent(*given)))
                done()
            runs[rule].append(finals)
        found["conditions"][rule] = {"search": searches}
    for rule, by_fold in runs.items():
        found["conditions"][rule] |= _summary(by_fold, runs[UNTRAINED])
    return found


def inner_split(
    data: Utterances, rows: NDArray[np.int64], random_seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Training utterances in a part to train on and one to choose by, even in word and speaker."""
    from sklearn.model_selection import train_test_split

    kinds = [f"{data.digits[row]} {data.speakers[row]}" for row in rows]
    first, second = train_test_split(
        rows, test_size=VALIDATION, stratify=kinds, random_state=random_seed
    )
    return np.sort(first), np.sort(second)


def learn_recurrent(
    condition: RecurrentCondition,
    data: Utterances,
    fold: Fold,
    n_epochs: int,
    seed: int,
    jobs: Jobs,
    name: str,
) -> dict[str, Any]:
    """Train on a fold; accuracies on what was not heard, rates, weights, and the speed."""
    inputs = _inputs(data, condition, fold.train, seed)
    course, watched, checkpoint = _trained(
        condition, inputs, fold.train, (fold.held_out, fold.unseen), n_epochs, jobs, name
    )
    result = _of_network(course, watched)
    sets = (fold.train, fold.held_out, fold.unseen)
    vectors = _parts(as_rates(watched.counts, inputs, np.concatenate(sets)), sets)
    labels = [data.digits[rows] for rows in sets]
    means = mean_responses(watched.counts[: len(fold.train)], labels[0], int(labels[0].max()) + 1)
    result["sparseness"] = np.nan_to_num(sparseness(means)).mean()
    result |= _accuracies(READ_OUTS[0], vectors, labels)
    rng = np.random.default_rng(seed)
    few = [
        rng.choice(condition.parameters.n_excitatory, FEW, replace=False) for _ in range(SAMPLES)
    ]
    samples = [_accuracies(READ_OUTS[1], [v[:, cells] for v in vectors], labels) for cells in few]
    result |= {key: np.mean([sample[key] for sample in samples]) for key in samples[0]}
    checkpoint.remove()
    return result


def _try(
    condition: RecurrentCondition,
    data: Utterances,
    rows: tuple[NDArray[np.int64], NDArray[np.int64]],
    n_epochs: int,
    seed: int,
    jobs: Jobs,
    name: str,
) -> dict[str, Any]:
    """Accuracy on the utterances to choose by."""
    inputs = _inputs(data, condition, rows[0], seed)
    course, watched, checkpoint = _trained(
        condition, inputs, rows[0], rows[1:], n_epochs, jobs, name
    )
    vectors = _parts(as_rates(watched.counts, inputs, np.concatenate(rows)), rows)
    decoded = decode(
        vectors[0],
        data.digits[rows[0]],
        vectors[1],
        data.digits[rows[1]],
        strengths=STRENGTHS,
        n_splits=3,
    )
    checkpoint.remove()
    return _of_network(course, watched) | {"accuracy": decoded.accuracy}


def _inputs(
    data: Utterances, condition: RecurrentCondition, rows: NDArray[np.int64], seed: int
) -> Inputs:
    rates = InputRates.fit([data.cochleograms[row] for row in rows], condition.normalisation)
    return Inputs(data, rates, seed)


def _trained(
    condition: RecurrentCondition,
    inputs: Inputs,
    rows: NDArray[np.int64],
    others: Sequence[NDArray[np.int64]],
    n_epochs: int,
    jobs: Jobs,
    name: str,
) -> tuple[Course, Watched, Checkpoint]:
    """Train (or only scale) on `rows`, then watch these and the others."""
    checkpoint = Checkpoint(jobs.folder, name)
    if condition.learns:
        course = train(condition, inputs, rows, n_epochs, checkpoint)
        # What follows takes a while, too.
        checkpoint.save(course)
    else:
        course = Course(first_state(condition, inputs, rows))
    watched = watch(condition, inputs, course.state, np.concatenate([rows, *others]))
    return course, watched, checkpoint


def _of_network(course: Course, watched: Watched) -> dict[str, Any]:
    state = course.state
    return {
        "rate_e": watched.rate_e,
        "rate_i": watched.rate_i,
        "interval_cv": watched.cv,
        "silent": float(np.mean(watched.counts.sum(axis=0) == 0)),
        "w_input": state.w_input.mean(),
        "w_recurrent": state.w_recurrent.mean(),
        "w_input_quantiles": np.quantile(state.w_input, QUANTILES),
        "w_recurrent_quantiles": np.quantile(state.w_recurrent, QUANTILES),
        "training_rates": np.array(course.rates),
        "biological_seconds": course.biological,
        "cpu_seconds": course.cpu,
    }


def _parts(
    values: NDArray[np.float64], sets: Sequence[NDArray[np.int64]]
) -> list[NDArray[np.float64]]:
    return np.split(values, np.cumsum([len(rows) for rows in sets])[:-1])


def _accuracies(
    name: str, vectors: Sequence[NDArray[np.float64]], labels: Sequence[NDArray[np.int64]]
) -> dict[str, Any]:
    """One decoder, fitted to the first set, on the others."""
    decoded = decode(
        vectors[0],
        labels[0],
        np.concatenate(vectors[1:]),
        np.concatenate(labels[1:]),
        strengths=STRENGTHS,
        n_splits=3,
    )
    predicted = np.split(decoded.predicted, np.cumsum([len(part) for part in labels[1:]])[:-1])
    found = {
        f"{name}|{part}": float(np.mean(guess == truth))
        for part, guess, truth in zip(SETS, predicted, labels[1:], strict=True)
    }
    return found | {f"{name}|strength": decoded.strength}


def _baselines(
    data: Utterances, folds: Sequence[Fold], seeds: Sequence[int], jobs: Jobs
) -> dict[str, Any]:
    """The same decoder without a network."""
    features = data.features()
    frames = features.reshape(len(features), 24, -1)

    def compute(fold: Fold) -> dict[str, Any]:
        sets = (fold.train, fold.held_out, fold.unseen)
        labels = [data.digits[rows] for rows in sets]
        result = _accuracies("cochleogram, 24 frames", [features[rows] for rows in sets], labels)
        means = [frames[rows].mean(axis=1) for rows in sets]
        result |= _accuracies("time mean of the cochleogram", means, labels)
        rates = InputRates.fit([data.cochleograms[row] for row in fold.train])
        inputs = Inputs(data, rates, seeds[0])
        counts = input_counts(inputs, sets, 1)
        return result | _accuracies("input spikes, count", counts, labels)

    names = [f"recurrent baselines {'+'.join(fold.unheard)}" for fold in folds]
    runs = [
        jobs.run(name, lambda fold=fold: compute(fold))
        for name, fold in zip(names, folds, strict=True)
    ]
    return _table([[run] for run in runs])


def _table(runs: Sequence[Sequence[dict[str, Any]]]) -> dict[str, Any]:
    """Accuracies: means over folds, standard errors over seeds."""
    result: dict[str, Any] = {}
    for key in runs[0][0]:
        if "|" not in key:
            continue
        name, part = key.split("|")
        values = np.array([[float(run[key]) for run in row] for row in runs])
        result.setdefault(name, {})[part] = mean_and_error(values.mean(axis=0)) | {
            "by_fold": values.tolist()
        }
    return result


def _summary(
    by_fold: list[list[dict[str, Any]]], untrained: list[list[dict[str, Any]]]
) -> dict[str, Any]:
    """Accuracies; their difference to untrained weights, seed by seed; and of the network."""
    result: dict[str, Any] = {"decoder": _table(by_fold)}
    gains: dict[str, Any] = {}
    for name in READ_OUTS:
        for part in SETS:
            mine, theirs = (
                np.array([[float(run[f"{name}|{part}"]) for run in row] for row in runs])
                for runs in (by_fold, untrained)
            )
            gains.setdefault(name, {})[part] = mean_and_error((mine - theirs).mean(axis=0))
    result["gain_over_untrained"] = gains
    for key in _OF_NETWORK:
        result[key] = mean_and_error(
            np.array([[float(run[key]) for run in row] for row in by_fold]).mean(axis=0)
        )
    for key in ("w_input_quantiles", "w_recurrent_quantiles"):
        result[key] = np.mean([[run[key] for run in row] for row in by_fold], axis=(0, 1)).tolist()
    seconds = [
        sum(float(run[f"{kind}_seconds"]) for row in by_fold for run in row)
        for kind in ("biological", "cpu")
    ]
    result["biological_seconds"], result["cpu_seconds"] = seconds
    result["times_real_time"] = seconds[0] / seconds[1] if seconds[1] > 0 else None
    result["training_rates"] = [[run["training_rates"].tolist() for run in row] for row in by_fold]
    return result


def _text(condition: RecurrentCondition) -> str:
    return re.sub(r"\s+", " ", str(condition.parameters))
