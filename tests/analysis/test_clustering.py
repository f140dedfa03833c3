"""Clustering scores at their fixed points, and the KMeans baseline."""

import numpy as np
import pytest

from spikeplast.analysis import best_cells, clustering_scores, kmeans_scores, purity


def test_purity_by_hand():
    # Clusters {0, 0, 1} and {1, 2}: majorities 2 and 1 of 5.
    assert purity([0, 0, 0, 1, 1], [0, 0, 1, 1, 2]) == pytest.approx(3 / 5)


def test_renamed_classes_score_one():
    labels = np.repeat([0, 1, 2], 5)
    scores = clustering_scores((labels + 1) % 3, labels)
    assert (scores.purity, scores.nmi, scores.ari) == pytest.approx((1, 1, 1))
    assert scores.n_clusters == 3


def test_one_cluster_says_nothing_of_the_labels():
    scores = clustering_scores(np.zeros(30, int), np.repeat([0, 1, 2], 10))
    assert (scores.purity, scores.nmi, scores.ari) == pytest.approx((1 / 3, 0, 0))


def test_random_clusters_have_ari_near_zero():
    rng = np.random.default_rng(1)
    scores = clustering_scores(rng.integers(0, 10, 5000), rng.integers(0, 10, 5000))
    assert abs(scores.ari) < 0.005


def test_best_cell_is_the_cluster_and_silence_one_of_its_own():
    assert best_cells([[0, 3, 1], [0, 0, 0], [2, 2, 0]]).tolist() == [1, -1, 0]


def test_kmeans_finds_separate_blobs_in_images_not_fitted():
    rng = np.random.default_rng(2)
    labels = np.repeat([0, 1, 2], 50)
    train, test = (10 * labels[:, None] + rng.normal(size=(150, 4)) for _ in range(2))
    scores = kmeans_scores(train, test, labels, k=3)
    assert (scores.purity, scores.ari) == pytest.approx((1, 1))


def test_wrong_input_is_refused():
    with pytest.raises(ValueError, match="one length"):
        purity([0, 1], [0])
    with pytest.raises(ValueError, match="k = 4"):
        kmeans_scores(np.zeros((3, 2)), np.zeros((1, 2)), [0], k=4)
