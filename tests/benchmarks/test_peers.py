"""Other simulators as targets; what needs them is skipped where they are not installed."""

import pytest

from benchmarks.__main__ import main
from benchmarks.measure import Spec
from benchmarks.peers import PACKAGES, is_installed
from benchmarks.session import measure_in_child
from benchmarks.workloads import WORKLOADS


@pytest.mark.slow
@pytest.mark.parametrize("target", PACKAGES)
@pytest.mark.parametrize(
    ("workload", "settings"),
    [("coba", {"n_neurons": 1000}), ("triplet", {"n_inputs": 2000, "n_neurons": 50})],
)
def test_rates_and_weights_are_near_the_engines(workload, settings, target, tmp_path):
    if not is_installed(target):
        pytest.skip(f"{PACKAGES[target]} is not installed")
    found, expected = (
        # In processes of their own: NEST and ANNarchy do not go together in one.
        measure_in_child(Spec(workload, name, 2.0, settings), str(tmp_path))
        for name in (target, "numba")
    )
    for name, value in expected.items():
        if name.startswith("rate_"):
            # The cells of `triplet` share their input, so rates of 0.1 s scatter by 3.2 Hz around
            # 18 Hz: three standard errors of the difference of two means over 2 s are 17 %.
            assert found[name] == pytest.approx(value, rel=0.17)
    assert found["mean_weight"] == pytest.approx(expected["mean_weight"], rel=0.03)


def test_a_target_that_is_not_installed_is_named(monkeypatch, capsys):
    monkeypatch.setitem(PACKAGES, "nest", "no_such_package")
    with pytest.raises(SystemExit):
        main(["coba", "--targets", "nest"])
    assert "package no_such_package is not installed" in capsys.readouterr().err
    assert "nest" not in WORKLOADS["coba"].default_targets()
