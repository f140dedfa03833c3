"""What a linear read-out makes of responses, with nobody on both sides of a split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Decoding", "decode", "decode_unseen_groups"]

STRENGTHS = (1e-3, 1e-2, 1e-1, 1.0, 10.0)
"""Candidates for C unless others are given"""


@dataclass(frozen=True)
class Decoding:
    """Predictions of a linear decoder on data that it was not fitted to."""

    accuracy: float
    predicted: NDArray[np.int64]
    """(n_test,)"""
    strength: float
    """C that was chosen on the training data (the geometric mean over splits)"""


def decode(
    train: ArrayLike,
    train_labels: ArrayLike,
    test: ArrayLike,
    test_labels: ArrayLike,
    *,
    train_groups: ArrayLike | None = None,
    strengths: Sequence[float] = STRENGTHS,
    n_splits: int = 4,
    random_seed: int = 0,
) -> Decoding:
    """Logistic regression on standardised responses; C by cross-validation on training data alone.

    Args:
        train, test: (n, n_features) responses.
        train_labels, test_labels: (n,) integers.
        train_groups: (n_train,) for example speakers: the splits that choose C then put nobody on
            both sides. None splits by class only.
        strengths: candidates for C, the inverse strength of the regularisation.
        n_splits: of the cross-validation, at least 2; fewer if there are fewer groups, or rows of
            the rarest class.

    Raises:
        ValueError: for shapes that do not fit, a single class, a class of a single row, fewer than
            two groups, or groups that leave a split with one class.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV, GroupKFold, StratifiedKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x, y = _checked(train, train_labels)
    x_test, y_test = _checked(test, test_labels)
    if x.shape[1] != x_test.shape[1] or len(np.unique(y)) < 2:
        raise ValueError(
            f"training {x.shape} and test {x_test.shape} must have the same features, and the "
            "training labels two classes"
        )
    if n_splits < 2:
        raise ValueError(f"n_splits = {n_splits} is below 2")
    if train_groups is None:
        names, counts = np.unique(y, return_counts=True)
        smallest = int(counts.min())
        if smallest < 2:
            raise ValueError(
                f"class {names[counts.argmin()]} has a single training row; to choose C by "
                "cross-validation each needs two"
            )
        splits = StratifiedKFold(min(n_splits, smallest), shuffle=True, random_state=random_seed)
        groups = None
    else:
        groups = np.asarray(train_groups)
        n_groups = len(np.unique(groups))
        if groups.shape != y.shape or n_groups < 2:
            raise ValueError(
                f"train_groups {groups.shape} must name a group for each of {len(y)} rows, and at "
                "least two groups"
            )
        splits = GroupKFold(min(n_splits, n_groups))
        if any(len(np.unique(y[part])) < 2 for part, _ in splits.split(x, y, groups)):
            raise ValueError(
                "train_groups leave a split of the cross-validation with a single class; each "
                "group needs several classes"
            )
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    search = GridSearchCV(model, {"logisticregression__C": list(strengths)}, cv=splits)
    search.fit(x, y, groups=groups)
    predicted = search.predict(x_test).astype(np.int64)
    return Decoding(
        accuracy=float(np.mean(predicted == y_test)),
        predicted=predicted,
        strength=float(search.best_params_["logisticregression__C"]),
    )


def decode_unseen_groups(
    responses: ArrayLike, labels: ArrayLike, groups: ArrayLike, *, n_splits: int = 4
) -> Decoding:
    """Each group (speaker) predicted by a decoder that was fitted to all the others.

    C is chosen anew for each group, on the others alone. Needs three groups: two to choose C on.
    """
    x, y = _checked(responses, labels)
    members = np.asarray(groups)
    names = np.unique(members)
    if members.shape != y.shape or len(names) < 3:
        raise ValueError(
            f"groups {members.shape} must name a group for each of {len(y)} rows, and at least "
            "three groups"
        )
    predicted = np.zeros(len(y), dtype=np.int64)
    strengths = []
    for name in names:
        out = members == name
        found = decode(
            x[~out], y[~out], x[out], y[out], train_groups=members[~out], n_splits=n_splits
        )
        predicted[out] = found.predicted
        strengths.append(found.strength)
    return Decoding(
        float(np.mean(predicted == y)), predicted, float(np.exp(np.mean(np.log(strengths))))
    )


def _checked(responses: ArrayLike, labels: ArrayLike) -> tuple[NDArray, NDArray]:
    x, y = np.asarray(responses, dtype=float), np.asarray(labels)
    if x.ndim != 2 or y.shape != x.shape[:1] or x.size == 0 or not np.all(np.isfinite(x)):
        raise ValueError(
            f"responses {x.shape} and labels {y.shape} do not fit; expected finite "
            "(n, n_features) and (n,)"
        )
    return x, y
