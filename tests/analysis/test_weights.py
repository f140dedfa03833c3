"""Weight statistics against closed forms."""

import numpy as np
import pytest

from spikeplast.analysis import bimodality, effective_rank, weight_course, weight_statistics


def test_equal_weights_are_not_sparse_and_a_single_one_is():
    w = np.zeros((16, 2))
    w[:, 0] = 0.5
    assert weight_statistics(w[:, :1]).sparseness == pytest.approx(0)
    w[3, 1] = 0.7
    assert weight_statistics(w[:, 1:]).sparseness == pytest.approx(1)


def test_shares_at_the_bounds():
    statistics = weight_statistics(np.array([[0.0, 1.0], [0.005, 0.5]]), 0, 1)
    assert statistics.at_lower_bound == 0.5
    assert statistics.at_upper_bound == 0.25
    assert statistics.mean == pytest.approx(1.505 / 4)


@pytest.mark.parametrize("bad", [np.full((2, 2), np.nan), np.zeros((0, 3)), np.zeros(4)])
def test_wrong_weights_are_refused(bad):
    with pytest.raises(ValueError, match="weights h"):
        weight_statistics(bad)


def test_bimodality_of_known_distributions():
    rng = np.random.default_rng(1)
    assert bimodality([0, 0, 1, 1]) == pytest.approx(1)
    assert bimodality(rng.random(100000)) == pytest.approx(5 / 9, abs=0.01)
    assert bimodality(rng.normal(size=100000)) == pytest.approx(1 / 3, abs=0.01)
    with pytest.raises(ValueError, match="not all equal"):
        bimodality(np.ones(5))


def test_effective_rank_counts_directions():
    rng = np.random.default_rng(2)
    assert effective_rank(np.outer(rng.random(6), rng.random(4))) == pytest.approx(1)
    assert effective_rank(np.linalg.qr(rng.normal(size=(6, 4)))[0]) == pytest.approx(4)
    # Singular values 3 and 1: entropy of (3/4, 1/4).
    expected = np.exp(-0.75 * np.log(0.75) - 0.25 * np.log(0.25))
    assert effective_rank(np.diag([3.0, 1.0])) == pytest.approx(expected)
    with pytest.raises(ValueError, match="not all 0"):
        effective_rank(np.zeros((3, 2)))


def test_course_of_weights_that_turn_from_one_vector_to_another():
    start, end = np.eye(8)[:, :2], np.eye(8)[:, 2:4]
    mixed = np.array([(1 - a) * start + a * end for a in (0, 0.5, 1)])
    course = weight_course(mixed)
    # Four of sixteen weights change by a half at each step.
    assert course.drift == pytest.approx([0.125, 0.125])
    assert course.similarity[[0, 2]] == pytest.approx([-1 / 7, 1])
    assert course.similarity[0] < course.similarity[1] < 1
    assert course.effective_rank == pytest.approx([2, 2, 2])
    still = weight_course(np.zeros((2, 4, 3)))
    assert still.drift.tolist() == [0]
    assert np.isnan(still.similarity).all()
    assert np.isnan(still.effective_rank).all()
    with pytest.raises(ValueError, match="n_times, n_inputs, n_cells"):
        weight_course(np.zeros((4, 3)))


def test_a_cell_whose_weights_are_equal_is_not_compared_with_the_end():
    samples = np.random.default_rng(1).random((4, 6, 3))
    samples[:, :, 0] = 0.1
    np.testing.assert_array_equal(
        weight_course(samples).similarity, weight_course(samples[:, :, 1:]).similarity
    )
