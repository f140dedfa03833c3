"""Reading labels from cells that learned without any: Diehl & Cook's scheme."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["accuracy", "assign_labels", "confusion_matrix", "mean_responses", "predict_labels"]

UNASSIGNED = -1
"""Label of a cell that responded to no image."""


def mean_responses(responses: ArrayLike, labels: ArrayLike, n_classes: int) -> NDArray[np.float64]:
    """Each cell's mean response to each class, shape (n_classes, n_cells).

    Args:
        responses: (n_images, n_cells) spike counts or rates, finite and not negative.
        labels: (n_images,) integers in [0, n_classes).

    A class without an image has mean 0.
    """
    counts, classes = _checked(responses, labels, n_classes)
    totals = np.zeros((n_classes, counts.shape[1]))
    np.add.at(totals, classes, counts)
    n_images = np.bincount(classes, minlength=n_classes)
    return totals / np.maximum(n_images, 1)[:, None]


def assign_labels(responses: ArrayLike, labels: ArrayLike, n_classes: int) -> NDArray[np.int64]:
    """Give each cell the class of its highest mean response (Diehl & Cook 2015, section 2.6).

    The section number is from memory. Ties go to the lowest class; a cell that never responded
    gets `UNASSIGNED` (-1), where the authors' code gives it class 0.

    Args:
        responses: (n_images, n_cells) spike counts or rates on training images.
        labels: (n_images,) integers in [0, n_classes).

    Returns:
        (n_cells,) integers in [-1, n_classes).
    """
    means = mean_responses(responses, labels, n_classes)
    return np.where(means.max(axis=0) > 0, means.argmax(axis=0), UNASSIGNED).astype(np.int64)


def predict_labels(
    responses: ArrayLike, assignments: ArrayLike, n_classes: int
) -> NDArray[np.int64]:
    """Predict for each image the class whose cells responded most, on average over these cells.

    Args:
        responses: (n_images, n_cells) spike counts or rates.
        assignments: (n_cells,) from `assign_labels`.

    Returns:
        (n_images,) integers; an image to which no assigned cell responds gets `UNASSIGNED`, so it
        counts as an error. Ties go to the lowest class.
    """
    counts = np.asarray(responses, dtype=float)
    cells = np.asarray(assignments)
    if counts.ndim != 2 or cells.shape != counts.shape[1:]:
        raise ValueError(
            f"responses {counts.shape} and assignments {cells.shape} do not fit; "
            "expected (n_images, n_cells) and (n_cells,)"
        )
    if not np.all(np.isfinite(counts)):
        raise ValueError("responses hold NaN or infinity")
    members = (cells[:, None] == np.arange(n_classes)).astype(float)
    means = counts @ members / np.maximum(members.sum(axis=0), 1)
    return np.where(means.max(axis=1) > 0, means.argmax(axis=1), UNASSIGNED).astype(np.int64)


def accuracy(predicted: ArrayLike, labels: ArrayLike) -> float:
    """Share of correct predictions, 0 to 1."""
    guess, truth = np.asarray(predicted), np.asarray(labels)
    if guess.shape != truth.shape or guess.size == 0:
        raise ValueError(
            f"predictions {guess.shape} and labels {truth.shape} must agree and not be empty"
        )
    return float(np.mean(guess == truth))


def confusion_matrix(predicted: ArrayLike, labels: ArrayLike, n_classes: int) -> NDArray[np.int64]:
    """Counts of images by true class (rows) and predicted class (columns).

    The last column, index `n_classes`, counts images without a prediction (`UNASSIGNED`, -1).

    Raises:
        ValueError: for predictions and labels of different lengths, or out of range.
    """
    guess, truth = np.asarray(predicted), np.asarray(labels)
    accuracy(guess, truth)
    for name, values, least in (("labels", truth, 0), ("predictions", guess, UNASSIGNED)):
        if not np.issubdtype(values.dtype, np.integer) or not (
            least <= values.min() and values.max() < n_classes
        ):
            raise ValueError(f"{name} must be integers from {least} to {n_classes - 1}")
    matrix = np.zeros((n_classes, n_classes + 1), dtype=np.int64)
    np.add.at(matrix, (truth, np.where(guess == UNASSIGNED, n_classes, guess)), 1)
    return matrix


def _checked(
    responses: ArrayLike, labels: ArrayLike, n_classes: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    counts = np.asarray(responses, dtype=float)
    classes = np.asarray(labels)
    if counts.ndim != 2 or len(counts) == 0 or classes.shape != counts.shape[:1]:
        raise ValueError(
            f"responses {counts.shape} and labels {classes.shape} do not fit; "
            "expected (n_images, n_cells) and (n_images,)"
        )
    if not np.all(np.isfinite(counts)) or counts.min(initial=0) < 0:
        raise ValueError("responses hold negative values, NaN or infinity")
    if not np.issubdtype(classes.dtype, np.integer) or not np.all(
        (classes >= 0) & (classes < n_classes)
    ):
        raise ValueError(f"labels must be integers from 0 to {n_classes - 1}")
    return counts, classes.astype(np.int64)
