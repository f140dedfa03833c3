"""The credit assignment table: its judgement, its command line, and a few of its systems."""

import json
from math import inf, nan
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from experiments import credit_assignment
from experiments.common.output import OutputFolder
from experiments.credit import mnist, table
from experiments.credit.data import digits_split, task_rng
from experiments.credit.system import Curve, System, above, below, near
from experiments.credit.system_figure import system_figure
from spikeplast import credit

SLOWER = {"alignment_primitives", "dendritic_gated", "feedback_alignment_linear", "gated_linear",
          "hodgkin_huxley", "kolen_pollack", "layer_targets", "oja", "subspace_sanger",
          "weight_mirror_deep"}  # fmt: skip
"""Take about a second or more"""


def command(tmp_path, *options):
    return credit_assignment.main(["--device", "numpy", "--output", str(tmp_path), *options])


def test_a_task_and_its_network_draw_different_numbers_from_one_seed():
    teacher = task_rng(3).uniform(-1, 1, (10, 30))
    network = credit.Network([30, 20, 10], bias=False, scale=0.01, random_state=3)
    assert abs(np.corrcoef(teacher.ravel(), network.weights[0][:10].ravel())[0, 1]) < 0.2


def test_criteria_judge():
    runs = [{"x": 1.0}, {"x": 3.0}]
    assert above("x", 2).right(runs) and not above("x", 2.1).right(runs)
    assert below("x", 3, statistic="largest").right(runs)
    assert not below("x", 2.9, statistic="largest").right(runs)
    assert not below("x", inf).right([{"x": nan}])
    assert above("x", 2).reached(runs) == "2 ± 1"
    assert above("x", 2, statistic="smallest").reached(runs) == "1 (1 to 3)"
    assert above("x", 2).reached(runs[:1]) == "1"
    system = System("a", "A", "B 1999", "task", lambda seed, quick: {}, (near("x", 1, 0.5),))
    assert table.failures([system], {"a": runs}, False) == ["A: x: 2, expected 0.5 to 1.5"]
    text = table.page([system], {"a": runs}, False, "figures")
    assert "| x |  | 0.5 to 1.5 | 2 ± 1 | **not reached** |" in text
    assert "![A: every seed](figures/a.png)" in text


def test_a_figure_has_all_criteria_and_curves():
    runs = [{"x": 1.0, "at 1": 0.0, "at 2.5": 2.0}, {"x": 3.0, "at 1": 0.0, "at 2.5": 4.0}]
    criteria = (near("x", 1, 0.5), below("x", inf, control=True))
    curves = (Curve("growth", "at {x:g}", (1, 2, 2.5)),)
    system = System("a", "A", "B 1999", "task", lambda seed, quick: {}, criteria, curves=curves,
                    axes=("n", "size"))  # fmt: skip
    assert system.curves[0].points(runs) == {1: [0.0, 0.0], 2.5: [2.0, 4.0]}
    figure = system_figure(system, runs, False)
    *strips, lines = figure.axes
    assert [ax.get_ylabel() for ax in strips] == ["x", "x (control)"]
    assert list(strips[0].lines[0].get_xdata()) == [1, 3]
    assert list(lines.lines[0].get_ydata()) == [0, 3] and lines.get_xlabel() == "n"
    # what only the curve has is not in the table
    assert "at 2.5" not in table.page([system], {"a": runs}, False, "figures")


def without_figures(monkeypatch):
    # Thirty figures take longer than most systems.
    monkeypatch.setattr(credit_assignment, "system_figure", lambda *_: Figure())


def quick_names():
    return {system.name for system in table.SYSTEMS if system.quick_seeds}


def test_the_quick_variant_of_the_fast_systems(tmp_path, monkeypatch, capsys):
    without_figures(monkeypatch)
    names = quick_names() - SLOWER
    assert command(tmp_path, "--quick", "--only", ",".join(names)) == 0
    results = json.loads((tmp_path / "results.json").read_text())
    assert results["failures"] == [] and set(results["results"]) == names
    assert "FA_Ex-100 %" in (tmp_path / "table.md").read_text()
    assert {path.stem for path in (tmp_path / "credit").iterdir()} == names
    capsys.readouterr()


@pytest.mark.slow
def test_the_quick_variant_of_every_system(tmp_path, monkeypatch, capsys):
    without_figures(monkeypatch)
    assert command(tmp_path, "--quick") == 0
    results = json.loads((tmp_path / "results.json").read_text())
    assert results["failures"] == [] and set(results["results"]) == quick_names()
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
    assert command(tmp_path, "--only", "a", "--resume", "--seeds", "2") == 1
    assert "2 seeds" in (tmp_path / "table.md").read_text()
    assert command(tmp_path, "--only", "a", "--resume", "--quick") == 2
    (tmp_path / "measurements.json").write_text("{")
    assert command(tmp_path, "--only", "a", "--resume") == 2
    assert "is damaged" in capsys.readouterr().err
    (tmp_path / "measurements.json").write_text('{"quick": false, "systems": {"a": 3}}')
    assert command(tmp_path, "--only", "a", "--resume") == 2
    assert "is damaged" in capsys.readouterr().err
    (tmp_path / "measurements.json").unlink()
    assert command(tmp_path, "--only", "a,a", "--resume") == 0
    assert "nothing to resume" in capsys.readouterr().err
    assert measured == [0, 1, "stop", 2, 0, 1, 2]


def test_a_run_stopped_while_it_writes_and_numbers_that_are_none(tmp_path, monkeypatch, capsys):
    system = System("a", "A", "B 1999", "task", lambda seed, quick: {"x": nan}, (above("x", 0),))
    monkeypatch.setattr(table, "SYSTEMS", (system,))
    with monkeypatch.context() as patch:
        patch.setattr(OutputFolder, "figure", raising(KeyboardInterrupt))
        assert command(tmp_path, "--only", "a") == 130
    assert "--resume goes on" in capsys.readouterr().err
    assert command(tmp_path, "--only", "a", "--resume") == 1
    assert json.loads((tmp_path / "results.json").read_text())["results"]["a"][0] == {"x": None}
    assert "NOT REACHED: A: x: nan" in capsys.readouterr().err


def raising(kind):
    def function(*_):
        raise kind

    return function


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


def test_a_rate_is_chosen_on_training_images(monkeypatch):
    x, y = digits_split(0)[:2]
    asked = []

    def make(rate):
        asked.append(rate)
        return credit.named_rule("backpropagation", rate)

    monkeypatch.setattr(mnist, "RATES", (1e-4, 1.0, 1e-3))
    assert mnist._best_rate(make, x, credit.one_hot(y, 10), 0) == 1.0
    assert asked == [1e-4, 1.0, 1e-3]


def test_rules_on_images_of_a_file(tmp_path, capsys):
    x, y = digits_split(0)[:2]
    path = tmp_path / "images.npz"
    np.savez(path, x=(255 * x).astype(np.uint8).reshape(-1, 8, 8), y=y)
    assert command(tmp_path, "--data", str(path), "--quick") == 0
    results = json.loads((tmp_path / "results.json").read_text())
    (found,) = results["results"]["mnist"]
    assert all(0 <= found[f"test accuracy, {name}"] <= 1 for name in mnist.RULES)
    assert found["angle to backpropagation, backpropagation (deg)"] < 1e-3
    assert results["learning_curves"] is None
    # Other images under the same name are measured, whatever an earlier run has left.
    (system,) = mnist.systems(path)
    np.savez(path, x=(255 * x[::-1]).astype(np.uint8).reshape(-1, 8, 8), y=y)
    mnist._load.cache_clear()
    (changed,) = mnist.systems(path)
    assert "64-500-10 " in changed.task
    np.savez(path, x=np.ones((4, 8, 8), np.uint8), y=np.full(4, 7))
    mnist._load.cache_clear()
    assert command(tmp_path, "--data", str(path), "--quick") == 2
    assert "all images have the label 7" in capsys.readouterr().err
    np.savez(path, x=np.ones((12, 8, 8), np.uint8), y=np.arange(12) % 2 * 10**9)
    mnist._load.cache_clear()
    assert "64-500-2 " in mnist.systems(path)[0].task
    assert credit_assignment.fingerprint(changed) != credit_assignment.fingerprint(system)
    capsys.readouterr()
