"""Spoken digits from folders: names, selections, and everything that can be wrong."""

import numpy as np
import pytest
from scipy.io import wavfile

from spikeplast.stimuli.spoken_digits import load_folder, load_fsdd

RNG = np.random.default_rng(1)


def record(folder, *names, rate=8000):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        wavfile.write(path, rate, (3000 * RNG.normal(size=400)).astype(np.int16))


def test_layout_of_the_free_spoken_digit_dataset(tmp_path):
    record(tmp_path / "recordings", "7_theo_12.wav", "7_theo_2.wav", "0_jackson_0.wav")
    (tmp_path / "recordings" / "README.md").write_text("no sound")
    for folder in (tmp_path, tmp_path / "recordings"):
        digits = load_fsdd(folder)
        assert [u.name for u in digits.utterances] == ["0_jackson_0", "7_theo_2", "7_theo_12"]
    assert digits.digits.tolist() == [0, 7, 7]
    assert digits.speakers.tolist() == ["jackson", "theo", "theo"]
    assert digits.indices.tolist() == [0, 2, 12]
    assert digits.utterances[0].rate == 8000
    assert digits.utterances[0].audio.shape == (400,)
    assert digits.skipped == ()


def test_other_patterns(tmp_path):
    record(tmp_path, "man/ae/1a.wav", "man/ae/zb.wav", "man/ae/oa.wav", "man/ae/1z4a.wav")
    digits = load_folder(tmp_path, "*/{speaker}/{digit}{index}.wav")
    assert [(u.digit, u.speaker, u.index) for u in digits.utterances] == [
        (0, "ae", 1),
        (1, "ae", 0),
        (10, "ae", 0),
    ]
    record(tmp_path / "words", "seven_anna_x.wav", "seven_anna_y.wav", "zero_bo_x.wav")
    digits = load_folder(tmp_path / "words", "{digit}_{speaker}_*.wav")
    assert [u.name for u in digits.utterances] == ["7_anna_0", "7_anna_1", "0_bo_0"]


def test_selection_names_what_is_missing(tmp_path):
    record(tmp_path, *[f"{d}_{s}_{k}.wav" for d in (4, 5) for s in ("a", "b") for k in range(3)])
    digits = load_fsdd(tmp_path)
    chosen = digits.of(digits=[5], speakers=["b"], indices=lambda k: k > 0)
    assert [u.name for u in chosen.utterances] == ["5_b_1", "5_b_2"]
    with pytest.raises(ValueError, match="no recording of speaker george; there are a, b"):
        digits.of(speakers=["a", "george"])
    with pytest.raises(ValueError, match="no recording of digit 9; there are 4, 5"):
        digits.of(digits=[9])
    with pytest.raises(ValueError, match="no recording meets all"):
        digits.of(indices=lambda k: k > 9)


def test_bad_files_end_it_or_are_skipped(tmp_path):
    record(tmp_path, "4_a_0.wav", "4_a_1.wav")
    (tmp_path / "5_a_0.wav").write_bytes(b"no wav")
    wavfile.write(tmp_path / "5_a_1.wav", 8000, np.zeros(400, np.int16))
    with pytest.raises(ValueError, match=r"5_a_0\.wav: not a wav file"):
        load_fsdd(tmp_path)
    digits = load_fsdd(tmp_path, skip_bad=True)
    assert len(digits) == 2
    assert len(digits.skipped) == 2
    assert "5_a_1.wav: the recording is silent" in digits.skipped[1]
    for name in ("4_a_0.wav", "4_a_1.wav"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(ValueError, match="none of its 4 recordings can be used"):
        load_fsdd(tmp_path, skip_bad=True)


def test_wrong_folders_and_patterns(tmp_path):
    with pytest.raises(FileNotFoundError, match="no such folder"):
        load_fsdd(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="no spoken digit in it"):
        load_fsdd(tmp_path)
    record(tmp_path, "hello.wav")
    with pytest.raises(ValueError, match=r"1 files \(such as hello\.wav\)"):
        load_fsdd(tmp_path)
    for pattern, message in [
        ("{digit}.wav", r"needs \{speaker\} once"),
        ("{digit}_{speaker}_{digit}.wav", r"needs \{digit\} once"),
        ("{digit}_{speaker}_{take}.wav", r"holds \{take\}"),
        ("{digit}_{speaker}_{index}{index}.wav", "twice"),
    ]:
        with pytest.raises(ValueError, match=message):
            load_folder(tmp_path, pattern)


def test_two_files_of_one_name_are_refused(tmp_path):
    record(tmp_path, "a/4_x_1.wav", "b/4_x_1.wav")
    with pytest.raises(ValueError, match="both digit 4 of x with index 1"):
        load_folder(tmp_path, "*/{digit}_{speaker}_{index}.wav")
