"""Targets take turns; figures are summed up, and the machine is described."""

from benchmarks.interleaved import interleave, machine, summarise


def test_targets_take_turns():
    called = []

    def measure(target):
        called.append(target)
        return {"call": len(called)}

    results = interleave(["a", "b"], 3, measure)
    assert called == ["a", "b", "a", "b", "a", "b"]
    assert results["b"] == [{"call": 2}, {"call": 4}, {"call": 6}]


def test_summary_is_median_and_extremes():
    assert summarise([3.0, 1.0, 10.0]) == {
        "median": 3.0,
        "min": 1.0,
        "max": 10.0,
        "values": [3.0, 1.0, 10.0],
    }


def test_machine_names_the_versions_that_matter():
    described = machine()
    assert described["cores"] >= 1
    assert all(described["versions"].values())
    assert {"brian2", "numba", "numpy"} <= described["versions"].keys()
