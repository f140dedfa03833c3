"""Selectivity by hand, and decoders on data whose best accuracy is known."""

import numpy as np
import pytest

from spikeplast.analysis import (
    auc,
    d_prime,
    decode,
    decode_unseen_groups,
    selectivity_index,
    sparseness,
)

RNG = np.random.default_rng(1)


def test_selectivity_by_hand():
    # Of six pairs: 3 > 1, 3 > 2, 2 > 1, 2 = 2, 2 > 1, 2 = 2.
    assert auc([3, 2, 2], [1, 2]) == pytest.approx((4 + 2 / 2) / 6)
    assert auc([1, 2], [3, 2, 2]) == pytest.approx(1 / 6)
    assert d_prime([3, 5], [0, 2]) == pytest.approx(3)
    assert d_prime([1, 1], [0, 0]) == np.inf
    assert d_prime([0, 0], [0, 0]) == 0
    assert selectivity_index([3, 3], [1, 1, 1]) == pytest.approx(0.5)
    assert selectivity_index([0, 0], [0]) == 0
    with pytest.raises(ValueError, match="negative"):
        selectivity_index([-1], [1])
    with pytest.raises(ValueError, match="not empty"):
        auc([], [1])


def test_auc_of_two_gaussians():
    from scipy.stats import norm

    a, b = RNG.normal(1, 1, 20000), RNG.normal(0, 1, 20000)
    assert auc(a, b) == pytest.approx(norm.cdf(1 / np.sqrt(2)), abs=0.01)
    assert d_prime(a, b) == pytest.approx(1, abs=0.03)


def test_sparseness_at_its_limits():
    responses = np.array([[5.0, 2, 0], [0, 2, 0], [0, 2, 0], [0, 2, 0]])
    assert sparseness(responses)[:2] == pytest.approx([1 - 1 / 4, 0])
    assert np.isnan(sparseness(responses)[2])
    assert sparseness(responses, axis=1)[1] == pytest.approx(1 - 1 / 3)


def test_decoder_reaches_the_best_possible_accuracy():
    from scipy.stats import norm

    labels = np.repeat([0, 1], 1500)
    # Distance 2 between the classes along one of ten features of different scales.
    points = RNG.normal(size=(3000, 10))
    points[:, 3] += 2 * labels
    points *= np.logspace(-3, 3, 10)
    odd = np.arange(3000) % 2 == 1
    found = decode(points[odd], labels[odd], points[~odd], labels[~odd])
    assert found.accuracy == pytest.approx(norm.cdf(1), abs=0.03)
    assert found.predicted.shape == (1500,)


def test_groups_are_never_on_both_sides():
    # The label is told by a feature that each group has its own way round; within a group it is
    # easy, for an unseen group it is a guess.
    groups = np.repeat(np.arange(6), 40)
    labels = np.tile([0, 1], 120)
    signs = np.eye(6)[groups] * (2 * labels - 1)[:, None]
    points = signs + 0.1 * RNG.normal(size=signs.shape)
    half = np.arange(240) % 4 < 2
    assert decode(points[half], labels[half], points[~half], labels[~half]).accuracy == 1
    found = decode_unseen_groups(points, labels, groups)
    assert found.accuracy == pytest.approx(0.5, abs=0.12)
    shared = points + 2.0 * (2 * labels - 1)[:, None]
    assert decode_unseen_groups(shared, labels, groups).accuracy == 1


def test_splits_need_classes_and_groups():
    x, y = RNG.normal(size=(20, 3)), np.arange(20) % 2
    with pytest.raises(ValueError, match="two classes"):
        decode(x, np.zeros(20, int), x, y)
    with pytest.raises(ValueError, match="three groups"):
        decode_unseen_groups(x, y, y)
    with pytest.raises(ValueError, match="at least two groups"):
        decode(x, y, x, y, train_groups=np.zeros(20))
    with pytest.raises(ValueError, match="do not fit"):
        decode(x, y[:5], x, y)
    rare = np.where(np.arange(20) == 3, 2, y)
    with pytest.raises(ValueError, match="class 2 has a single training row"):
        decode(x, rare, x, rare)
    with pytest.raises(ValueError, match="a split of the cross-validation with a single class"):
        decode(x, y, x, y, train_groups=y)
    with pytest.raises(ValueError, match="n_splits = 1"):
        decode(x, y, x, y, n_splits=1)


def test_responses_that_never_vary_differ_exactly_or_not_at_all():
    # Means and variances of 0.1 have rounding errors.
    assert d_prime(np.full(7, 0.1), np.full(10, 0.1)) == 0
    assert d_prime(np.full(7, 0.1), np.full(10, 0.3)) == -np.inf
