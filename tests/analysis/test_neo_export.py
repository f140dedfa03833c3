"""Neo and Elephant see the spikes that were recorded."""

import numpy as np
import pytest

from spikeplast.analysis import interval_cv, to_neo


def test_trains_arrive_and_elephant_agrees():
    pytest.importorskip("neo")
    statistics = pytest.importorskip("elephant.statistics")
    rng = np.random.default_rng(1)
    cells, times = rng.integers(0, 3, 900), rng.uniform(0, 20, 900)
    trains = to_neo(cells, times, 4, 20.0).segments[0].spiketrains
    assert [len(train) for train in trains] == np.bincount(cells, minlength=4).tolist()
    np.testing.assert_array_equal(trains[1].magnitude, np.sort(times[cells == 1]))
    theirs = [statistics.cv(statistics.isi(train)) for train in trains[:3]]
    # Elephant divides by n, we by n - 1.
    np.testing.assert_allclose(theirs, interval_cv(cells, times, 4)[:3], rtol=0.01)


def test_spikes_outside_are_refused():
    pytest.importorskip("neo")
    with pytest.raises(ValueError, match="recording of 1 s"):
        to_neo([0], [2.0], 1, 1.0)
    with pytest.raises(ValueError, match="but 1 cells"):
        to_neo([1], [0.5], 1, 1.0)


def test_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "neo", None)
    with pytest.raises(ModuleNotFoundError, match=r"spikeplast\[neo\]"):
        to_neo([0], [0.5], 1, 1.0)
