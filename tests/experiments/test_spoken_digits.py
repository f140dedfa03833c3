"""The spoken-digit experiment as a command: output, resumption, bad input; and its parts."""

import json
from dataclasses import fields

import numpy as np
import pytest
from scipy.io import wavfile

from experiments import _speech_single, spoken_digits
from experiments._speech_conditions import RULES, random_condition, single_conditions
from experiments._speech_data import folds, load_digits, prepare
from experiments._speech_layer import _vectors
from experiments._speech_runs import bin_counts
from experiments.common.output import OutputFolder
from models.yger_harris_2013 import Response, in_sequence
from spikeplast.stimuli.spike_encoding import Spikes

FIGURES = {"single_auc.png", "single_responses.png", "single_weights.png"}
FEW = ["--part", "single", "--passes", "2", "--seeds", "1", "--folds", "2"]


def tone(digit, rng):
    """Digit 4 rises and 5 falls, with some noise: 0.2 s at 8 kHz."""
    t = np.arange(1600) / 8000
    pitch = 400 + 8000 * t if digit == 4 else 2000 - 8000 * t
    wave = np.sin(2 * np.pi * np.cumsum(pitch) / 8000) + 0.05 * rng.normal(size=len(t))
    return (8000 * wave).astype(np.int16)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fsdd")
    rng = np.random.default_rng(1)
    for digit in (4, 5):
        for speaker in ("ann", "bob"):
            for index in range(5):
                wavfile.write(folder / f"{digit}_{speaker}_{index}.wav", 8000, tone(digit, rng))
    return folder


@pytest.fixture
def one_condition(monkeypatch):
    """One loop, which is compiled once."""
    chosen = [c for c in single_conditions() if c.name == "Convallis"]
    for module in (_speech_single, spoken_digits):
        monkeypatch.setattr(module, "single_conditions", lambda: chosen)


def run(data, output, *more):
    return spoken_digits.main(["--data", str(data), "--output", str(output), *FEW, *more])


@pytest.mark.slow
def test_interrupted_and_resumed_is_equal_to_uninterrupted(
    recordings, one_condition, tmp_path, monkeypatch, capsys
):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert run(recordings, whole) == 0
    assert {p.name for p in whole.iterdir()} == FIGURES | {
        "results.json",
        "single.npz",
        "summary.txt",
    }
    results = json.loads((whole / "results.json").read_text())
    assert results["data"]["speakers"] == ["ann", "bob"]
    assert results["data"]["held_out"] == 4
    found = results["results"]["single"]["Convallis"]
    assert np.shape(found["auc_unseen"]["by_fold"]) == (2, 1)
    assert found["unheard"] == [["ann"], ["bob"]]
    with np.load(whole / "single.npz") as arrays:
        weights = arrays["Convallis|weights_at_the_end"]
        assert weights.shape == (2, 1, 100)
        assert not np.allclose(weights, arrays["Convallis|weights_over_time"][0])
    assert "AUC unheard speakers" in capsys.readouterr().out

    # The figures are there once.
    monkeypatch.setattr(OutputFolder, "figure", lambda *args: None)
    original, calls = _speech_single.learn_one, []

    def interrupted(*args):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return original(*args)

    with monkeypatch.context() as patch:
        patch.setattr(_speech_single, "learn_one", interrupted)
        assert run(recordings, broken) == 130
    assert [p.name for p in broken.iterdir()] == ["unfinished"]
    assert len(list((broken / "unfinished").glob("*.npz"))) == 1

    assert run(recordings, broken, "--resume", "--seed", "2") == 2
    assert "seed = 1, this one has 2" in capsys.readouterr().err
    assert run(recordings, broken, "--resume") == 0
    again = json.loads((broken / "results.json").read_text())
    assert again["results"] == results["results"]
    assert not (broken / "unfinished").exists()


def test_bad_recordings_end_it_or_are_counted(
    recordings, one_condition, tmp_path, monkeypatch, capsys
):
    for path in recordings.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "5_bob_2.wav").write_bytes(b"RIFF cut")
    assert run(tmp_path, tmp_path / "out") == 2
    error = capsys.readouterr().err
    assert "5_bob_2.wav" in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()
    # What is trained on does not matter here.
    monkeypatch.setattr(spoken_digits, "_run_parts", lambda *args: {})
    assert run(tmp_path, tmp_path / "out", "--skip-bad") == 0
    captured = capsys.readouterr()
    assert "warning: skipped" in captured.err
    assert "1 recordings were skipped as bad, 19 used" in captured.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--words", "4"], "--words 4 is not two digits"),
        (["--words", "4,4"], "the same"),
        (["--words", "4,7"], "no recording of digit 7; there are 4, 5"),
        (["--part", "all of it"], "all of it"),
        (["--folds", "1"], "--folds 1 is too low"),
        (["--pattern", "{digit}.wav"], "needs {speaker} once"),
        (["--pattern", "{speaker}/{digit}.wav"], "no spoken digit in it"),
        (["--part", "recurrent", "--unheard", "zoe"], "--unheard zoe is no speaker of"),
        (["--part", "recurrent", "--cells", "10"], "--cells 10 is too low"),
        (["--data", "nowhere"], "nowhere: no such folder"),
    ],
)
def test_bad_options_end_with_status_2_one_line_and_no_output(
    recordings, tmp_path, capsys, arguments, message
):
    assert run(recordings, tmp_path / "out", *arguments) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_one_speaker_is_not_enough(recordings, tmp_path, capsys):
    for path in recordings.glob("*_ann_*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    assert run(tmp_path, tmp_path / "out") == 2
    assert "1 speakers say 4, 5" in capsys.readouterr().err


def test_help_names_every_option(capsys):
    with pytest.raises(SystemExit):
        spoken_digits.main(["--help"])
    text = capsys.readouterr().out
    for item in fields(spoken_digits.Configuration):
        assert f"--{item.name.replace('_', '-')}" in text


def test_nobody_is_on_both_sides(recordings):
    data = prepare(load_digits(recordings, None, speakers=0, repetitions=0, skip_bad=False))
    for fold in folds(data, (4, 5), 6, 1):
        train, held_out, unseen = (set(getattr(fold, n)) for n in ("train", "held_out", "unseen"))
        assert not train & held_out
        assert not (train | held_out) & unseen
        assert set(data.speakers[list(unseen)]) == set(fold.unheard)
        assert not set(data.speakers[list(train)]) & set(fold.unheard)
        assert (len(train), len(held_out), len(unseen)) == (8, 2, 10)
    assert data.features().shape == (20, 24 * 33)


def test_spikes_are_binned_by_parts_of_their_utterance():
    nothing = Spikes(np.zeros(0, int), np.zeros(0))
    spoken = in_sequence([nothing, nothing], [0.4, 0.2], 0.1)
    # 0.44 is in the first half of the pause and counts with the last part, 0.46 is not.
    times = np.array([0.0, 0.199, 0.2, 0.44, 0.46, 0.5, 0.65])
    counts = bin_counts(Response(np.array([0, 0, 1, 1, 1, 0, 1]), times), spoken, 2, 2)
    assert counts.tolist() == [[[2, 0], [0, 2]], [[1, 0], [0, 1]]]


def test_read_outs_join_bins():
    counts = np.arange(8).reshape(1, 4, 2)
    roots = np.sqrt([0 + 2, 1 + 3, 4 + 6, 5 + 7])
    np.testing.assert_allclose(_vectors(counts, 2)[0], roots / np.linalg.norm(roots))
    assert not _vectors(np.zeros((1, 4, 2), int), 4).any()


def test_random_conditions_are_the_same_for_the_same_seed():
    for rule in RULES:
        a, b = (random_condition(rule, np.random.default_rng(3)) for _ in range(2))
        assert str(a.parameters) == str(b.parameters)
    with pytest.raises(ValueError, match="rule 'none'"):
        random_condition("none", np.random.default_rng(3))
