"""Weight statistics against closed forms."""

import numpy as np
import pytest

from spikeplast.analysis import weight_statistics


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
