"""Wav files of every kind give the same sound; unfit recordings are refused in one line."""

import wave

import numpy as np
import pytest
from scipy.io import wavfile

from spikeplast.stimuli.sound import Sound, check_audio, read_wav, resampled

RATE = 8000
TONE = 0.5 * np.sin(2 * np.pi * 440 * np.arange(800) / RATE)


def write_pcm(path, samples, width, channels=1):
    """PCM of `width` bytes by Python's own `wave`, which can write 24 bits."""
    scale = 2 ** (8 * width - 1) - 1
    whole = np.rint(samples * scale).astype(np.int64) + (128 if width == 1 else 0)
    little = np.asarray(whole, "<i8").reshape(-1, 1).view(np.uint8)[:, :width]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(RATE)
        file.writeframes(little.tobytes())


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_whole_numbers_of_any_width(tmp_path, width):
    write_pcm(tmp_path / "a.wav", TONE, width)
    sound = read_wav(tmp_path / "a.wav")
    assert sound.rate == RATE
    np.testing.assert_allclose(sound.audio, TONE, atol=1 / (2 ** (8 * width - 1) - 1))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_floats(tmp_path, dtype):
    wavfile.write(tmp_path / "a.wav", RATE, TONE.astype(dtype))
    np.testing.assert_array_equal(read_wav(tmp_path / "a.wav").audio, TONE.astype(dtype))


def test_channels_are_averaged(tmp_path):
    both = np.column_stack([TONE, np.zeros_like(TONE)])
    write_pcm(tmp_path / "a.wav", both, 2, channels=2)
    np.testing.assert_allclose(read_wav(tmp_path / "a.wav").audio, TONE / 2, atol=1e-4)


def test_resampling_keeps_a_tone_below_the_new_limit():
    t = np.arange(44100) / 44100
    low, high = np.sin(2 * np.pi * 1000 * t), np.sin(2 * np.pi * 6000 * t)
    sound = resampled(Sound(low + high, 44100), 8000)
    assert (sound.rate, len(sound.audio)) == (8000, 8000)
    expected = np.sin(2 * np.pi * 1000 * np.arange(8000) / 8000)
    np.testing.assert_allclose(sound.audio[200:-200], expected[200:-200], atol=0.02)


def test_files_that_are_no_wav_or_cut_short(tmp_path):
    path = tmp_path / "a.wav"
    write_pcm(path, TONE, 2)
    whole = path.read_bytes()
    with pytest.raises(FileNotFoundError, match=r"b\.wav: no such file"):
        read_wav(tmp_path / "b.wav")
    for content, message in [
        (b"", "not a wav file"),
        (b"fLaC not a wav at all", "not a wav file"),
        (whole[:30], "not a wav file"),
        (whole[:-200], "shorter than its header announces"),
    ]:
        path.write_bytes(content)
        with pytest.raises(ValueError, match=message) as caught:
            read_wav(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)


def test_damaged_headers_never_raise_anything_else(tmp_path):
    path = tmp_path / "a.wav"
    write_pcm(path, TONE[:400], 2)
    whole = path.read_bytes()
    rng = np.random.default_rng(1)
    refused = 0
    for _ in range(300):
        content = bytearray(whole)
        for at in rng.integers(44, size=2):
            content[at] = rng.integers(256)
        path.write_bytes(bytes(content))
        try:
            read_wav(path)
        except ValueError as error:
            refused += 1
            assert str(path) in str(error)
    assert refused > 200


@pytest.mark.parametrize(
    ("audio", "message"),
    [
        (np.zeros(800), "silent"),
        (np.full(800, 0.3), "silent"),
        (np.ones(1), "1 samples at 8000/s"),
        (np.zeros(0), "0 samples"),
        (np.r_[TONE, np.nan], "1 samples are NaN"),
        (np.r_[TONE, np.inf], "NaN or infinite"),
        (np.clip(4 * TONE, -1, 1), "clipped, 6"),
    ],
)
def test_unfit_sound_is_refused(tmp_path, audio, message):
    wavfile.write(tmp_path / "a.wav", RATE, audio)
    with pytest.raises(ValueError, match=message) as caught:
        read_wav(tmp_path / "a.wav")
    assert "a.wav" in str(caught.value)


def test_clipping_is_found_in_whole_numbers_too(tmp_path):
    for width in (1, 2, 3):
        write_pcm(tmp_path / "a.wav", np.clip(4 * TONE, -1, 1), width)
        with pytest.raises(ValueError, match="clipped"):
            read_wav(tmp_path / "a.wav")
    check_audio(TONE / np.abs(TONE).max(), RATE, "a peak at full scale is no clipping")
