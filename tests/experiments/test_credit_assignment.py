"""The credit assignment table: its judgement, its command line, and a few of its systems."""

import json
from math import inf, nan
from pathlib import Path

import pytest

from experiments import credit_assignment
from experiments.credit import table
from experiments.credit.system import System, above, below, near

FAST = "differential_hebbian,index_folding,boltzmann,fa_ex"


def command(tmp_path, *options):
    return credit_assignment.main(["--device", "numpy", "--output", str(tmp_path), *options])


def test_criteria_judge():
    runs = [{"x": 1.0}, {"x": 3.0}]
    assert above("x", 2).right(runs) and not above("x", 2.1).right(runs)
    assert below("x", 3, statistic="largest").right(runs)
    assert not below("x", 2.9, statistic="largest").right(runs)
    assert not below("x", inf).right([{"x": nan}])
    assert above("x", 2).standard_error(runs) == pytest.approx(1)
    system = System("a", "A", "B 1999", "task", lambda seed, quick: {}, (near("x", 1, 0.5),))
    assert table.failures([system], {"a": runs}, False) == ["A: x: 2, expected 0.5 to 1.5"]
    text = table.page([system], {"a": runs}, False)
    assert "| x |  | 0.5 to 1.5 | 2 ± 1 | **not reached** |" in text


def test_the_quick_variant_of_the_fastest_systems(tmp_path, capsys):
    assert command(tmp_path, "--quick", "--only", FAST) == 0
    results = json.loads((tmp_path / "results.json").read_text())
    assert results["failures"] == [] and set(results["results"]) == set(FAST.split(","))
    assert "FA_Ex-100 %" in (tmp_path / "table.md").read_text()
    capsys.readouterr()


def test_an_interrupted_run_goes_on(tmp_path, monkeypatch, capsys):
    measured = []

    def measure(seed, quick):
        if seed == 2 and len(measured) < 3:
            measured.append("stop")
            raise KeyboardInterrupt
        measured.append(seed)
        return {"x": float(seed)}

    system = System("a", "A", "B 1999", "task", measure, (above("x", 0.9),), seeds=3)
    monkeypatch.setattr(table, "SYSTEMS", (system,))
    assert command(tmp_path, "--only", "a") == 130
    assert command(tmp_path, "--only", "a", "--resume") == 0
    assert measured == [0, 1, "stop", 2]
    assert "go" in capsys.readouterr().err
    assert command(tmp_path, "--only", "a", "--resume") == 0
    assert measured == [0, 1, "stop", 2]
    assert command(tmp_path, "--only", "a", "--resume", "--quick") == 2
    (tmp_path / "measurements.json").write_text("{")
    assert command(tmp_path, "--only", "a", "--resume") == 2
    assert "is damaged" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--only", "hopfeld"], "--only hopfeld: no such system; there are fa_ex"),
        (["--quick", "--document", "a.md"], "--document holds the full table only"),
        (["--data", "nowhere.npz"], "nowhere.npz: no such file"),
    ],
)
def test_bad_input(tmp_path, capsys, options, message):
    assert command(tmp_path, *options) == 2
    assert message in capsys.readouterr().err


def test_the_document_has_every_system():
    text = Path("docs/results/credit_assignment.md").read_text()
    for system in table.SYSTEMS:
        assert f"### {system.title}\n" in text
        for criterion in system.criteria:
            name = criterion.quantity.replace("|", "\\|")
            assert name in text and criterion.demand in text


@pytest.mark.slow
def test_all_quick_variants(tmp_path, capsys):
    assert command(tmp_path, "--quick") == 0
    capsys.readouterr()
