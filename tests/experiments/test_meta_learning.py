"""The meta-learning command: what it writes, how it goes on, and what it says of bad input."""

import json

import numpy as np
import pytest

from experiments import meta_learning


@pytest.fixture
def images(tmp_path):
    rng = np.random.default_rng(0)
    y = np.repeat(np.arange(10), 8)
    x = np.clip(40 * rng.normal(size=(80, 6, 6)) + 200 * rng.random((10, 6, 6))[y], 0, 255)
    np.savez(tmp_path / "images.npz", x=x.astype(np.uint8), y=y)
    return tmp_path / "images.npz"


def command(*options):
    return meta_learning.main(["--optimiser", "evolution", *map(str, options)])


def test_a_short_run_writes_page_and_figure_and_goes_on(tmp_path, images, monkeypatch, capsys):
    monkeypatch.setattr(meta_learning, "SHARES", (0.5, 1.0))
    document = tmp_path / "docs" / "results" / "page.md"
    document.parent.mkdir(parents=True)
    options = ["--data", images, "--generations", 1, "--seeds", 1, "--output", tmp_path / "out"]
    assert command(*options) == 0
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    (run,) = results["runs"].values()
    assert len(run["coefficients"]) == 10 and len(run["history"]) == 1
    pool = results["learning_curves"]["full pool, evolution"]
    assert len(pool["accuracy"]) == len(meta_learning.SHARES) and len(pool["angles"]) == 4
    assert np.allclose(results["learning_curves"]["backpropagation"]["angles"], 0, atol=1e-4)
    assert (tmp_path / "out" / "meta_learning.png").exists()
    assert command(*options, "--resume", "--document", document) == 0
    again = json.loads((tmp_path / "out" / "results.json").read_text())
    assert again["runs"] == results["runs"]
    text = document.read_text()
    assert "| F9 |" in text and "tested on other classes" in text
    assert (tmp_path / "docs" / "figures" / "page.png").exists()
    assert command(*options, "--resume", "--penalty", 1) == 2
    assert "had penalty = " in capsys.readouterr().err


def test_survivors_are_worth_something_in_the_mean():
    def run(**worth):
        lost = {f"accuracy lost without F{k}": worth.get(f"F{k}", 0.0) for k in range(10)}
        return {"judged": lost}

    runs = {"evolution 0": run(F0=0.3, F2=0.09, F5=0.04), "evolution 1": run(F0=0.2, F2=0.02)}
    assert meta_learning.survivors(runs, "evolution", 2) == ["F0", "F2"]


def test_too_few_images(tmp_path, capsys):
    np.savez(tmp_path / "few.npz", x=np.ones((6, 4, 4), np.uint8), y=np.arange(6))
    assert command("--data", tmp_path / "few.npz", "--output", tmp_path) == 2
    assert "few-shot tasks need 10 classes of 4 images" in capsys.readouterr().err
