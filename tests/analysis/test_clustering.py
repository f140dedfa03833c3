"""Clustering scores at their fixed points, and the KMeans baseline."""

import numpy as np
import pytest

from spikeplast.analysis import (
    best_cells,
    chance_levels,
    clustering_scores,
    confidence_intervals,
    kmeans_clusters,
    kmeans_scores,
    mixture_clusters,
    purity,
)


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


def test_chance_and_intervals_hold_what_they_should():
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 4, 400)
    # Three of four items in the right cluster, the others anywhere.
    clusters = np.where(rng.random(400) < 0.75, labels, rng.integers(0, 4, 400))
    scores = clustering_scores(clusters, labels)
    chance = chance_levels(clusters, labels, n_shuffles=40)
    assert abs(chance.ari[0]) < 0.005
    assert 0.25 < chance.purity[0] < chance.purity[1] < 0.4
    random = clustering_scores(rng.integers(0, 4, 400), labels)
    assert random.nmi < 2 * chance.nmi[1]
    interval = confidence_intervals(clusters, labels, n_draws=200)
    for name, (low, high) in vars(interval).items():
        assert low < getattr(scores, name) < high
    # Binomial standard error of the purity, 0.81 +- 0.02, twice on either side.
    assert interval.purity[1] - interval.purity[0] == pytest.approx(4 * 0.0195, rel=0.3)
    # Ten copies of forty items say no more than the forty.
    tens = np.repeat(np.arange(40), 10)
    copied = confidence_intervals(clusters[:40][tens], labels[:40][tens], groups=tens, n_draws=200)
    assert copied.purity[1] - copied.purity[0] > 2 * (interval.purity[1] - interval.purity[0])


def test_mixtures_find_what_means_do_not():
    rng = np.random.default_rng(4)
    labels = np.repeat([0, 1], 300)
    # Same centre, different widths in two directions.
    widths = np.array([[10, 0.5], [0.5, 10]])[labels]
    points = widths * rng.normal(size=(600, 2))
    assert clustering_scores(mixture_clusters(points, 2), labels).ari > 0.7
    assert clustering_scores(kmeans_clusters(points, 2), labels).ari < 0.4
    blobs = points + 100 * labels[:, None]
    assert clustering_scores(kmeans_clusters(blobs, 2), labels).ari == 1
    with pytest.raises(ValueError, match="k = 700"):
        kmeans_clusters(points, 700)


def test_intervals_end_at_the_highest_score_and_need_two_groups():
    clusters = np.repeat([0, 1], 20)
    labels = np.where(np.arange(40) == 19, 1, clusters)
    interval = confidence_intervals(clusters, labels, n_draws=100)
    for low, high in vars(interval).values():
        assert low < high <= 1
    with pytest.raises(ValueError, match="at least two"):
        confidence_intervals(clusters, labels, groups=np.zeros(40))
    with pytest.raises(ValueError, match="finite"):
        best_cells([[np.nan, 1.0]])
