"""How well groups found without labels agree with the labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["ClusteringScores", "best_cells", "clustering_scores", "kmeans_scores", "purity"]


@dataclass(frozen=True)
class ClusteringScores:
    """Agreement of a clustering with labels."""

    purity: float
    """Share of images in the majority class of their cluster, 0 to 1"""
    nmi: float
    """Normalised mutual information (arithmetic mean), 0 to 1"""
    ari: float
    """Adjusted Rand index, 0 for chance, 1 for identity"""
    n_clusters: int
    """Clusters that hold at least one image"""


def purity(clusters: ArrayLike, labels: ArrayLike) -> float:
    """Share of images that belong to the majority class of their cluster.

    It rises with the number of clusters (it is 1 if each image has its own), so compare it only
    at the same number.

    Args:
        clusters, labels: (n_images,) integers.
    """
    from sklearn.metrics.cluster import contingency_matrix

    table = contingency_matrix(*_checked(labels, clusters))
    return float(table.max(axis=0).sum() / table.sum())


def clustering_scores(clusters: ArrayLike, labels: ArrayLike) -> ClusteringScores:
    """Purity, NMI and ARI of a clustering (scikit-learn's definitions).

    Args:
        clusters, labels: (n_images,) integers.
    """
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    truth, found = _checked(labels, clusters)
    return ClusteringScores(
        purity=purity(found, truth),
        nmi=float(normalized_mutual_info_score(truth, found)),
        ari=float(adjusted_rand_score(truth, found)),
        n_clusters=len(np.unique(found)),
    )


def best_cells(responses: ArrayLike) -> NDArray[np.int64]:
    """The cell that responded most to each image, as the image's cluster.

    Ties go to the lowest cell; an image without a response gets -1, a cluster of its own.

    Args:
        responses: (n_images, n_cells) spike counts or rates.
    """
    counts = np.asarray(responses)
    if counts.ndim != 2 or counts.size == 0:
        raise ValueError(f"responses {counts.shape} must be (n_images, n_cells) and not empty")
    return np.where(counts.max(axis=1) > 0, counts.argmax(axis=1), -1).astype(np.int64)


def kmeans_scores(
    train: ArrayLike, test: ArrayLike, labels: ArrayLike, k: int, random_seed: int = 0
) -> ClusteringScores:
    """Scores of KMeans, fitted to training vectors, on test vectors: the baseline at the same k.

    Args:
        train: (n_train, n_features), at least k of them.
        test: (n_test, n_features).
        labels: (n_test,) integers.
    """
    from sklearn.cluster import KMeans

    points = np.asarray(train, dtype=float)
    if not 1 <= k <= len(points):
        raise ValueError(f"k = {k} clusters of {len(points)} training images; use 1 to all of them")
    model = KMeans(k, n_init=1, random_state=random_seed).fit(points)
    return clustering_scores(model.predict(np.asarray(test, dtype=float)), labels)


def _checked(labels: ArrayLike, clusters: ArrayLike) -> tuple[NDArray, NDArray]:
    truth, found = np.asarray(labels), np.asarray(clusters)
    if truth.ndim != 1 or truth.shape != found.shape or truth.size == 0:
        raise ValueError(
            f"clusters {found.shape} and labels {truth.shape} must be of one length, not empty"
        )
    return truth, found
