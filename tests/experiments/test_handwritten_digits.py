"""The digit experiment as a command: output, resumption, and bad input."""

import json
from dataclasses import fields, replace

import numpy as np
import pytest

from experiments import handwritten_digits
from models.diehl_cook_2015 import DiehlCookNetwork
from models.diehl_cook_2015_parameters import RULES
from spikeplast.stimuli.digits import DigitImages

FEW = ["--device", "numpy", "--n-excitatory", "6", "--train", "8", "--label", "4", "--test", "3"]
FEW += ["--epochs", "1"]
FIGURES = {
    "accuracy_over_training.png",
    "confusion_matrix.png",
    "presentation.png",
    "weight_histogram.png",
    "weight_traces.png",
    "weights.png",
}


@pytest.fixture
def data(tmp_path):
    """Three bars of four pixels as classes, in 3x4 images."""
    y = np.arange(15) % 3
    x = np.zeros((15, 3, 4), np.uint8)
    x[np.arange(15), y] = 200
    path = tmp_path / "bars.npz"
    np.savez(path, x=x, y=y)
    return path


def run(data, output, *more):
    return handwritten_digits.main(["--data", str(data), "--output", str(output), *FEW, *more])


def comparable(output):
    results = json.loads((output / "results.json").read_text())
    return results["results"], results["speed"]["presentations"], results["data"]


def test_interrupted_and_resumed_is_equal_to_uninterrupted(data, tmp_path, monkeypatch, capsys):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert run(data, whole) == 0
    assert {path.name for path in whole.iterdir()} == FIGURES | {"results.json", "weights.npz"}
    results = json.loads((whole / "results.json").read_text())
    assert results["configuration"]["n_excitatory"] == 6
    assert results["seed"] == 1
    assert "brian2" in results["versions"]
    assert 0 <= results["results"]["accuracy"] <= 1
    assert np.sum(results["results"]["confusion_matrix"]) == 3
    assert "accuracy on 3 held-out images" in capsys.readouterr().out

    original, calls = DiehlCookNetwork.present, []

    def interrupted(self, *args, **kwargs):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return original(self, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(DiehlCookNetwork, "present", interrupted)
        assert run(data, broken) == 130
    assert [path.name for path in broken.iterdir()] == ["checkpoint.npz"]

    assert run(data, broken, "--resume", "--seed", "2") == 2
    assert "seed = 1, this one has 2" in capsys.readouterr().err
    assert run(data, broken, "--resume") == 0
    with np.load(whole / "weights.npz") as a, np.load(broken / "weights.npz") as b:
        assert set(a.files) == set(b.files)
        for name in a.files:
            assert np.array_equal(a[name], b[name]), name
    assert comparable(whole) == comparable(broken)
    assert not (broken / "checkpoint.npz").exists()


def test_fewer_images_than_cells_are_noted(data, tmp_path, capsys):
    assert run(data, tmp_path / "out", "--n-excitatory", "9") == 0
    assert "8 training images for 9 excitatory cells" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "rule"), RULES.items())
def test_a_rule_comes_with_its_constants_and_learns_twice_as_fast_on_small_images(name, rule):
    for side, factor in ((28, 1), (8, 2)):
        images = DigitImages(np.full((2, side, side), 33, np.uint8), np.arange(2), "made up")
        made = handwritten_digits.parameters_for(images, 10, rule=name).rule
        assert made == replace(rule, A_plus=factor * rule.A_plus)


def test_damaged_checkpoint_is_refused(data, tmp_path, capsys):
    output = tmp_path / "out"
    output.mkdir()
    (output / "checkpoint.npz").write_bytes(b"PK\x03\x04 cut")
    assert run(data, output, "--resume") == 2
    assert "checkpoint.npz is damaged" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--colour", "red"], "--colour"),
        (["--train", "many"], "--train"),
        (["--epochs", "0"], "--epochs 0 is too low"),
        (["--seed", "99999999999"], "--seed 99999999999 is too high"),
        (["--n-excitatory", "-3"], "--n-excitatory -3 is too low"),
        (["--device", "abacus"], "abacus"),
        (["--train", "13"], "--train 13"),
        (["--test", "15"], "hold out 15"),
        (["--label", "9"], "--label 9"),
        (["--rule", "quadruplet"], "quadruplet"),
        (["--rule", "power_law", "--parameters", "authors"], "triplet rule only"),
        (["--data", "nowhere.npz"], "nowhere.npz"),
    ],
)
def test_bad_options_end_with_status_2_one_line_and_no_output(
    data, tmp_path, capsys, arguments, message
):
    output = tmp_path / "out"
    assert run(data, output, *arguments) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not output.exists()


@pytest.mark.parametrize("content", [b"", b"no npz at all"])
def test_bad_data_end_with_status_2_and_no_output(tmp_path, capsys, content):
    path, output = tmp_path / "bad.npz", tmp_path / "out"
    path.write_bytes(content)
    assert run(path, output) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not output.exists()


def test_nan_in_pixels_is_named(tmp_path, capsys):
    path = tmp_path / "bad.npz"
    np.savez(path, x=np.full((5, 2, 2), np.nan), y=np.zeros(5, int))
    assert run(path, tmp_path / "out") == 2
    assert "NaN" in capsys.readouterr().err


def test_output_that_is_no_folder_is_refused(data, capsys):
    assert run(data, data / "out") == 2
    assert "cannot write to the output folder" in capsys.readouterr().err


def test_help_names_every_option(capsys):
    with pytest.raises(SystemExit) as caught:
        handwritten_digits.main(["--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    for item in fields(handwritten_digits.Configuration):
        assert f"--{item.name.replace('_', '-')}" in text


def test_no_temporary_file_is_left_when_writing_fails(tmp_path):
    from experiments.common.output import OutputFolder

    output = OutputFolder(tmp_path / "out")
    output.json("a.json", {"a": 1})
    with pytest.raises(ValueError, match="JSON"):
        output.json("a.json", {"a": float("nan")})
    with pytest.raises(RuntimeError, match="disk"):
        output._write("a.json", lambda file: (file.write(b"half"), fail())[0])
    assert [path.name for path in output.path.iterdir()] == ["a.json"]
    assert json.loads((output / "a.json").read_text()) == {"a": 1}


def fail():
    raise RuntimeError("disk full")
