"""The meta-learning command: what it writes, how it goes on, and what it says of bad input."""

import json
from functools import partial

import numpy as np
import pytest

from experiments import meta_learning
from experiments.credit import few_shot, meta_page, meta_rules


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
    for module in (meta_learning, meta_page):
        monkeypatch.setattr(module, "SHARES", (0.5, 1.0))
    monkeypatch.setattr(meta_learning, "judged", partial(meta_rules.judged, n_episodes=2))
    monkeypatch.setattr(meta_learning, "NEW_EPISODES", 2)
    monkeypatch.setattr(meta_learning, "COMPARED_EPISODES", 3)
    monkeypatch.setattr(few_shot, "SHOWN", 6)
    document = tmp_path / "docs" / "results" / "page.md"
    document.parent.mkdir(parents=True)
    options = ["--data", images, "--generations", 1, "--seeds", 1, "--output", tmp_path / "out"]
    assert command(*options) == 0
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    run = results["runs"]["evolution 0"]
    assert len(run["coefficients"]) == 10 and len(run["history"]) == 1
    few = {name.removesuffix(" 0"): r["coefficients"] for name, r in results["runs"].items()}
    for name, terms in meta_rules.TERMS_OF_RULES.items():
        assert tuple(np.flatnonzero(few[name])) == terms
    pool = results["learning_curves"]["full pool, evolution"]
    assert len(pool["accuracy"]) == len(pool["standard error"]) == 2 and len(pool["angles"]) == 4
    assert np.allclose(results["learning_curves"]["backpropagation"]["angles"], 0, atol=1e-4)
    assert (tmp_path / "out" / "meta_learning.png").exists()
    assert command(*options, "--resume", "--document", document) == 0
    again = json.loads((tmp_path / "out" / "results.json").read_text())
    assert again["runs"] == results["runs"]
    text = document.read_text()
    assert "| F9 |" in text and "tested on other classes" in text and str(tmp_path) not in text
    assert "--data images.npz --optimiser evolution --seeds 1 --generations 1`" in text
    assert (tmp_path / "docs" / "figures" / "page.png").exists()
    assert command(*options, "--resume", "--penalty", 1) == 2
    assert "had penalty = " in capsys.readouterr().err


def test_images_of_a_file_are_as_bright_as_the_digits_and_shown_as_often(images):
    data, digits = few_shot.from_file(images), few_shot.bundled()
    bright, as_bright = (
        np.mean(np.concatenate([x for x, _ in d.pools]) ** 2) for d in (data, digits)
    )
    assert bright == pytest.approx(as_bright, rel=0.02)
    assert data.n_samples >= digits.n_samples > 5 * data.n_train * (data.n_passes - 1)


def test_terms_that_stand_in_for_each_other_are_left_out_one_by_one(monkeypatch):
    def accuracy(theta, data, n_episodes):
        used = theta != 0
        by_error = 0.5 if used[0] else 0.48 if used[5] else 0.0
        return np.array([0.2 + by_error + 0.2 * used[9] + 0.01 * used[5]])

    monkeypatch.setattr(meta_rules, "accuracy_on_new_episodes", accuracy)
    theta = meta_rules.coefficients(F0=1, F4=1, F5=1, F9=1)
    found = meta_rules.judged(theta, few_shot.bundled())
    worth = [found[f"worth of F{k}"] for k in range(10)]
    assert worth == pytest.approx([0.5, 0, 0, 0, 0, 0.01, 0, 0, 0, 0.2])
    assert found["accuracy, full pool"] == pytest.approx(0.91)
    assert found["accuracy, its survivors alone"] == pytest.approx(0.9)


def test_a_term_survives_if_it_does_in_most_runs():
    def run(**worth):
        return {"judged": {f"worth of F{k}": worth.get(f"F{k}", 0.0) for k in range(10)}}

    runs = {
        "evolution 0": run(F0=0.3, F2=0.11, F5=0.9, F9=0.09),
        "evolution 1": run(F0=0.2, F2=0.02, F9=0.09),
        "evolution 2": run(F0=0.2, F2=0.12, F9=0.09),
    }
    assert meta_page.survivors(runs, "evolution", 3) == ["F0", "F2"]
    said = meta_page.verdict({"evolution": ["F0", "F2"], "gradient": ["F0"]})
    assert (
        said == "Evolution: F0, F2 survive; gradient: F0 survives. The two optimisers do not agree."
    )


IMAGES = np.ones((40, 4, 4), np.uint8)
LABELS = np.repeat(np.arange(10), 4)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": IMAGES}, "no array 'y' (found: x)"),
        ({"images": IMAGES, "y": LABELS}, "no array 'x' (found: images, y)"),
        ({"x": IMAGES[0], "y": LABELS}, "x has shape (4, 4); expected (n, height, width)"),
        ({"x": IMAGES, "y": LABELS[1:]}, "y has shape (39,); expected (40,)"),
        ({"x": np.full((40, 4, 4), np.nan), "y": LABELS}, "holds NaN or infinity"),
        ({"x": IMAGES, "y": LABELS / 2}, "give whole numbers as labels"),
        ({"x": IMAGES, "y": LABELS // 2}, "5 classes, 8 images in the smallest"),
        ({"x": IMAGES[1:], "y": LABELS[1:]}, "10 classes, 3 images in the smallest"),
    ],
)
def test_bad_files(tmp_path, capsys, arrays, message):
    np.savez(tmp_path / "few.npz", **arrays)
    assert command("--data", tmp_path / "few.npz", "--output", tmp_path / "out") == 2
    said = capsys.readouterr().err
    assert message in said and "few.npz" in said and said.count("\n") == 1
