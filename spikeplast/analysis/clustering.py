"""How well groups found without labels agree with the labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "ChanceLevels",
    "ClusteringScores",
    "ConfidenceIntervals",
    "best_cells",
    "chance_levels",
    "clustering_scores",
    "confidence_intervals",
    "kmeans_clusters",
    "kmeans_scores",
    "mixture_clusters",
    "purity",
]


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


@dataclass(frozen=True)
class ChanceLevels:
    """Scores of the same clusters with the labels in random order: mean and 95th percentile."""

    purity: tuple[float, float]
    nmi: tuple[float, float]
    ari: tuple[float, float]


@dataclass(frozen=True)
class ConfidenceIntervals:
    """Lower and upper limits of scores, from the bootstrap."""

    purity: tuple[float, float]
    nmi: tuple[float, float]
    ari: tuple[float, float]


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
    if counts.ndim != 2 or counts.size == 0 or not np.all(np.isfinite(counts)):
        raise ValueError(
            f"responses {counts.shape} must be (n_images, n_cells), finite and not empty"
        )
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


def kmeans_clusters(points: ArrayLike, k: int, *, random_seed: int = 0) -> NDArray[np.int64]:
    """KMeans, the best of ten starts: the cluster of each point, 0 to k - 1.

    Args:
        points: (n, n_features), at least k of them.
    """
    from sklearn.cluster import KMeans

    model = KMeans(k, n_init=10, random_state=random_seed)
    return model.fit_predict(_points(points, k)).astype(np.int64)


def mixture_clusters(
    points: ArrayLike, k: int, *, covariance: str = "diag", random_seed: int = 0
) -> NDArray[np.int64]:
    """Gaussian mixture, the best of three starts: the likeliest component of each point.

    Args:
        points: (n, n_features), at least k of them.
        covariance: scikit-learn's `covariance_type`: "diag", "spherical", "tied" or "full".
    """
    from sklearn.mixture import GaussianMixture

    model = GaussianMixture(
        k, covariance_type=covariance, n_init=3, reg_covar=1e-4, random_state=random_seed
    )
    return model.fit_predict(_points(points, k)).astype(np.int64)


def chance_levels(
    clusters: ArrayLike, labels: ArrayLike, *, n_shuffles: int = 200, random_seed: int = 0
) -> ChanceLevels:
    """What clusters of the same sizes score if they have nothing to do with the labels.

    Purity and NMI of chance rise with the number of clusters; those of ARI are 0 on average.

    Args:
        clusters, labels: (n,) integers.
        n_shuffles: random orders of the labels, at least 20.
    """
    truth, found = _checked(labels, clusters)
    if n_shuffles < 20:
        raise ValueError(f"n_shuffles = {n_shuffles} is below 20, too few for a percentile")
    rng = np.random.default_rng(random_seed)
    draws = [clustering_scores(found, rng.permutation(truth)) for _ in range(n_shuffles)]
    return ChanceLevels(
        **{
            name: (float(np.mean(values)), float(np.quantile(values, 0.95)))
            for name, values in _by_score(draws).items()
        }
    )


def confidence_intervals(
    clusters: ArrayLike,
    labels: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    level: float = 0.95,
    n_draws: int = 500,
    random_seed: int = 0,
) -> ConfidenceIntervals:
    """Bootstrap intervals (basic method) of the scores of a clustering, which stays as it is.

    They cover which utterances or images were sampled, not how the clusters were found. A copied
    item agrees with itself, so resampled scores lie slightly above the original; the basic method
    (reflected quantiles) corrects for that; limits that it puts above 1 are 1.

    Args:
        clusters, labels: (n,) integers.
        groups: (n,) for example speakers; whole groups are drawn, not single items.
        level: share of the intervals that hold the true score, between 0 and 1.
        n_draws: samples of the bootstrap, at least 20.

    Raises:
        ValueError: for arguments out of range or of other lengths, or fewer than two groups (or
            items), from which nothing can be drawn anew.
    """
    truth, found = _checked(labels, clusters)
    if not 0 < level < 1 or n_draws < 20:
        raise ValueError(f"level = {level} must lie between 0 and 1, n_draws = {n_draws} from 20")
    members = np.arange(len(truth)) if groups is None else np.asarray(groups)
    if members.shape != truth.shape:
        raise ValueError(f"groups {members.shape} must name one for each of {len(truth)} items")
    _, which = np.unique(members, return_inverse=True)
    rows = np.split(np.argsort(which, kind="stable"), np.cumsum(np.bincount(which))[:-1])
    if len(rows) < 2:
        raise ValueError("a single group or item has no interval; give at least two")
    rng = np.random.default_rng(random_seed)
    draws = []
    for _ in range(n_draws):
        taken = np.concatenate([rows[g] for g in rng.integers(len(rows), size=len(rows))])
        draws.append(clustering_scores(found[taken], truth[taken]))
    here = clustering_scores(found, truth)
    tails = (1 + level) / 2, (1 - level) / 2
    limits = {}
    for name, values in _by_score(draws).items():
        low, high = (2 * getattr(here, name) - float(np.quantile(values, tail)) for tail in tails)
        limits[name] = (min(low, 1.0), min(high, 1.0))
    return ConfidenceIntervals(**limits)


def _by_score(draws: list[ClusteringScores]) -> dict[str, list[float]]:
    return {name: [getattr(d, name) for d in draws] for name in ("purity", "nmi", "ari")}


def _points(points: ArrayLike, k: int) -> NDArray[np.float64]:
    values = np.asarray(points, dtype=float)
    if values.ndim != 2 or not np.all(np.isfinite(values)) or not 1 <= k <= len(values):
        raise ValueError(
            f"points {values.shape} must be finite (n, n_features), and k = {k} from 1 to n"
        )
    return values


def _checked(labels: ArrayLike, clusters: ArrayLike) -> tuple[NDArray, NDArray]:
    truth, found = np.asarray(labels), np.asarray(clusters)
    if truth.ndim != 1 or truth.shape != found.shape or truth.size == 0:
        raise ValueError(
            f"clusters {found.shape} and labels {truth.shape} must be of one length, not empty"
        )
    return truth, found
