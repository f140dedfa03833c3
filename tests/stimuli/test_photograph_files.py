"""Photographs from folders and npz files, and what is said of bad ones."""

import numpy as np
import pytest
from PIL import Image

from spikeplast.stimuli.photograph_files import load_photographs

GREY = np.arange(20 * 24, dtype=np.uint8).reshape(20, 24)


def save(path, array):
    Image.fromarray(array).save(path)


def test_a_folder_of_images_becomes_grey(tmp_path):
    save(tmp_path / "b.png", GREY)
    save(tmp_path / "a.png", np.stack([GREY, GREY, GREY // 2], axis=2))
    save(tmp_path / "c.tif", GREY.astype(np.uint16) * 200)
    (tmp_path / "notes.txt").write_text("no image")
    found = load_photographs(tmp_path)
    assert [name.rsplit("/", 1)[1] for name in found.names] == ["a.png", "b.png", "c.tif"]
    np.testing.assert_array_equal(found.images[1], GREY)
    np.testing.assert_allclose(found.images[0], (2.0 * GREY + GREY // 2) / 3)
    np.testing.assert_array_equal(found.images[2], GREY * 200.0)


def test_arrays_of_an_npz_file(tmp_path):
    path = tmp_path / "images.npz"
    stack = np.random.default_rng(1).random((2, 16, 18))
    np.savez(path, one=GREY, several=stack, colour=np.dstack([GREY] * 4))
    found = load_photographs(path)
    assert [image.shape for image in found.images] == [(20, 24), (20, 24), (16, 18), (16, 18)]
    assert found.names[2].endswith("'several'[0]")
    np.testing.assert_array_equal(found.images[3], stack[1])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("cut.jpg", b"\xff\xd8\xff\xe0cut", "cut.jpg: cannot be read as an image"),
        ("small.png", GREY[:8], "small.png: 8 x 24 pixels; expected at least 16 x 16"),
        ("flat.png", GREY * 0, "flat.png: is the same everywhere"),
    ],
)
def test_bad_images_end_it_or_are_counted(tmp_path, name, content, message):
    if isinstance(content, bytes):
        (tmp_path / name).write_bytes(content)
    else:
        save(tmp_path / name, content)
    with pytest.raises(ValueError, match="none of its 1 images can be used"):
        load_photographs(tmp_path, skip_bad=True)
    save(tmp_path / "good.png", GREY)
    with pytest.raises(ValueError, match=message) as error:
        load_photographs(tmp_path)
    assert "\n" not in str(error.value)
    found = load_photographs(tmp_path, skip_bad=True)
    assert len(found) == 1
    assert len(found.skipped) == 1
    assert message in found.skipped[0]


def test_bad_archives(tmp_path):
    path = tmp_path / "images.npz"
    with pytest.raises(FileNotFoundError, match="no such folder or npz file"):
        load_photographs(path)
    path.write_bytes(b"PK cut")
    with pytest.raises(ValueError, match=r"images\.npz: neither a folder nor an npz file"):
        load_photographs(path)
    np.savez(path, a=np.where(GREY == 3, np.nan, GREY))
    with pytest.raises(ValueError, match="'a': has values that are not finite"):
        load_photographs(path)
    np.savez(path, a=np.array(["text"]))
    with pytest.raises(ValueError, match="'a': values of type <U4; expected grey levels"):
        load_photographs(path)
    with pytest.raises(ValueError, match="no image in it"):
        (tmp_path / "empty").mkdir()
        load_photographs(tmp_path / "empty")
