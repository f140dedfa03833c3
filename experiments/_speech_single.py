"""One cell and two words: does it come to answer one of them, also from unheard speakers?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments._speech_conditions import RULES, random_condition, single_conditions
from experiments._speech_data import Fold, Inputs, Utterances
from experiments._speech_runs import Condition, train, watch
from experiments.common.jobs import Jobs, mean_and_error
from spikeplast.analysis import auc, d_prime, selectivity_index
from spikeplast.stimuli.spike_encoding import InputRates

__all__ = ["SELECTIVE", "robustness", "single"]

SELECTIVE = 0.9
"""A configuration counts as selective from this mean AUC on held-out utterances"""
ON_TARGET = (0.6, 2.0)
"""and if its rate is within these multiples of the target"""


def single(
    data: Utterances,
    folds: Sequence[Fold],
    n_passes: int,
    seeds: Sequence[int],
    jobs: Jobs,
    done: Callable[[], Any],
) -> dict[str, Any]:
    """Every condition on every fold with every seed; numbers by condition, fold and seed."""
    found: dict[str, Any] = {}
    for condition in single_conditions():
        runs: list[list[dict[str, Any]]] = []
        for number, fold in enumerate(folds):
            runs.append([])
            for seed in seeds:
                # Bound now: the loop goes on before a job may run.
                arguments = (condition, data, fold, n_passes, seed)
                name = f"single {condition.name} {number} {seed}"
                runs[-1].append(jobs.run(name, lambda given=arguments: learn_one(*given)))
                done()
        found[condition.name] = _by_condition(runs, folds)
    return found


def learn_one(
    condition: Condition, data: Utterances, fold: Fold, n_passes: int, seed: int
) -> dict[str, Any]:
    """Train one cell on a fold; scores, responses and weights."""
    rates = InputRates.fit([data.cochleograms[row] for row in fold.train], condition.normalisation)
    inputs = Inputs(data, rates, seed)
    trained = train(condition, inputs, fold.train, n_passes)
    parts = {"train": fold.train, "held_out": fold.held_out, "unseen": fold.unseen}
    counts, labels = {}, {}
    rate = np.nan
    for part, rows in parts.items():
        binned, fired = watch(trained, inputs, rows)
        counts[part], labels[part] = binned[:, 0, 0], data.digits[rows]
        if part == "held_out":
            rate = fired
    words = np.unique(labels["train"])
    means = [counts["train"][labels["train"] == word].mean() for word in words]
    preferred = words[int(np.argmax(means))]
    result: dict[str, Any] = {"preferred": preferred, "rate": rate}
    result["training_rates"] = trained.rates
    result["weights"] = trained.weights[:, :, 0]
    for part in ("held_out", "unseen"):
        mine = labels[part] == preferred
        pair = counts[part][mine], counts[part][~mine]
        result |= {
            f"auc_{part}": auc(*pair),
            # Infinite for a cell that never varies, which JSON cannot hold.
            f"d_prime_{part}": float(np.clip(d_prime(*pair), -99, 99)),
            f"selectivity_{part}": selectivity_index(*pair),
            f"counts_{part}": counts[part],
            f"labels_{part}": labels[part],
        }
    return result


def robustness(
    data: Utterances,
    fold: Fold,
    n_passes: int,
    seeds: Sequence[int],
    configurations: int,
    random_seed: int,
    jobs: Jobs,
    done: Callable[[], Any],
) -> dict[str, Any]:
    """Random constants for each rule: how often does a cell become selective?

    Scored on held-out utterances of the speakers trained on; unheard speakers are not touched.
    """
    found: dict[str, Any] = {}
    for which, rule in enumerate(RULES):
        rng = np.random.default_rng([random_seed, which])
        drawn = [random_condition(rule, rng) for _ in range(configurations)]
        mean_auc, ratio = [], []
        for number, condition in enumerate(drawn):
            runs = []
            for seed in seeds:
                arguments = (condition, data, fold, n_passes, seed)
                name = f"robustness {rule} {number} {seed}"
                runs.append(jobs.run(name, lambda given=arguments: learn_one(*given)))
                done()
            mean_auc.append(float(np.mean([run["auc_held_out"] for run in runs])))
            rate = np.mean([run["rate"] for run in runs])
            ratio.append(float(rate / float(condition.parameters.rule.r0)))
        low, high = ON_TARGET
        on_target = (np.array(ratio) >= low) & (np.array(ratio) <= high)
        selective = on_target & (np.array(mean_auc) > SELECTIVE)
        found[rule] = {
            "configurations": configurations,
            "on_target": int(on_target.sum()),
            "selective": int(selective.sum()),
            "share_selective": float(selective.mean()),
            "share_selective_of_those_on_target": (
                float(selective.sum() / on_target.sum()) if on_target.any() else None
            ),
            "median_auc_on_target": (
                float(np.median(np.array(mean_auc)[on_target])) if on_target.any() else None
            ),
            "auc": mean_auc,
            "rate_over_target": ratio,
            "parameters": [str(condition.parameters) for condition in drawn],
        }
    return found


def _by_condition(runs: list[list[dict[str, Any]]], folds: Sequence[Fold]) -> dict[str, Any]:
    """Means over folds, with standard errors over seeds."""
    result: dict[str, Any] = {}
    for name in ("auc", "d_prime", "selectivity"):
        for part in ("held_out", "unseen"):
            values = _table(runs, f"{name}_{part}")
            result[f"{name}_{part}"] = mean_and_error(values.mean(axis=0)) | {
                "by_fold": values.tolist()
            }
    result["rate"] = mean_and_error(_table(runs, "rate").mean(axis=0))
    result["preferred"] = _table(runs, "preferred").astype(int).tolist()
    result["unheard"] = [list(fold.unheard) for fold in folds]
    result["weights_at_the_end"] = np.array([[run["weights"][-1] for run in row] for row in runs])
    result["weights_over_time"] = np.array(runs[0][0]["weights"])
    result["unseen_counts"] = np.concatenate([run["counts_unseen"] for row in runs for run in row])
    result["unseen_labels"] = np.concatenate([run["labels_unseen"] for row in runs for run in row])
    return result


def _table(runs: list[list[dict[str, Any]]], key: str) -> NDArray[np.float64]:
    """(n_folds, n_seeds)"""
    return np.array([[float(run[key]) for run in row] for row in runs])
