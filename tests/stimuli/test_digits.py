"""Loading labelled images, and every way in which a file can be wrong."""

import gzip
import struct

import numpy as np
import pytest

from spikeplast.stimuli.digits import bundled_digits, load_idx_folder, load_npz, split

X = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)
Y = np.array([2, 0, 1])


def idx_bytes(array):
    header = struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.astype(np.uint8).tobytes()


def write_idx(folder, prefix="train", x=X, y=Y):
    (folder / f"{prefix}-images-idx3-ubyte").write_bytes(idx_bytes(x))
    (folder / f"{prefix}-labels-idx1-ubyte").write_bytes(idx_bytes(y))


def test_bundled_digits_are_grey_levels_in_the_order_of_scikit_learn():
    images = bundled_digits()
    assert images.x.shape == (1797, 8, 8)
    assert images.x.dtype == np.uint8
    assert (images.x.min(), images.x.max()) == (0, 255)
    assert images.y[:10].tolist() == list(range(10))


def test_npz_round_trip(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", x=X, y=Y)
    images = load_npz(tmp_path / "a.npz")
    assert np.array_equal(images.x, X)
    assert np.array_equal(images.y, Y)
    assert images.flat().shape == (3, 20)
    assert images.shape == (4, 5)


def test_npz_as_keras_has_it(tmp_path):
    np.savez(tmp_path / "a.npz", x_train=X, y_train=Y, x_test=X[:2] + 100, y_test=Y[:2])
    images = load_npz(tmp_path / "a.npz")
    assert images.n_test == 2
    assert np.array_equal(images.x, np.concatenate([X, X[:2] + 100]))
    assert np.array_equal(images.y, np.concatenate([Y, Y[:2]]))


@pytest.mark.parametrize("compressed", [False, True])
def test_idx_folder_puts_the_test_files_last(tmp_path, compressed):
    write_idx(tmp_path)
    write_idx(tmp_path, "t10k", x=X[:2] + 100, y=Y[:2])
    if compressed:
        for path in list(tmp_path.iterdir()):
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes()))
            path.unlink()
    images = load_idx_folder(tmp_path)
    assert images.n_test == 2
    assert np.array_equal(images.x, np.concatenate([X, X[:2] + 100]))
    assert np.array_equal(images.y, [2, 0, 1, 2, 0])


def test_idx_folder_without_test_files_has_training_images_only(tmp_path):
    write_idx(tmp_path)
    assert load_idx_folder(tmp_path).n_test is None


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": X}, "no array 'y'"),
        ({"x": X.reshape(3, 20), "y": Y}, r"shape \(3, 20\)"),
        ({"x": X.astype(float), "y": Y}, "type float64"),
        ({"x": np.full((3, 4, 5), np.nan), "y": Y}, "NaN"),
        ({"x": X[:0], "y": Y[:0]}, "empty"),
        ({"x": X, "y": Y[:2]}, "one label each"),
        ({"x": X, "y": Y - 1}, "label -1"),
        ({"x": X, "y": Y + 0.5}, "whole numbers"),
        ({"x": X * 0, "y": Y}, "silent"),
        ({"x": np.array([None, {}], dtype=object), "y": Y}, "Python objects"),
    ],
)
def test_wrong_arrays_are_named_in_one_line(tmp_path, arrays, message):
    path = tmp_path / "a.npz"
    np.savez(path, **arrays)
    with pytest.raises(ValueError, match=message) as caught:
        load_npz(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 no zip", b"\x93NUMPY"])
def test_what_is_no_npz_is_refused(tmp_path, content):
    path = tmp_path / "a.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.npz: "):
        load_npz(path)


def test_npy_is_told_from_npz(tmp_path):
    np.save(tmp_path / "a.npy", X)
    with pytest.raises(ValueError, match="not an npz"):
        load_npz(tmp_path / "a.npy")


def test_npz_cut_short_is_refused(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, x=X, y=Y)
    content = path.read_bytes()
    for length in (len(content) // 3, len(content) - 10):
        path.write_bytes(content[:length])
        with pytest.raises(ValueError, match=r"a\.npz: "):
            load_npz(path)


def test_npz_with_a_flipped_byte_in_the_pixels_is_refused(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, x=X, y=Y)
    content = bytearray(path.read_bytes())
    content[content.find(X.tobytes()) + 7] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(ValueError, match="damaged"):
        load_npz(path)


def test_missing_files_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.npz"):
        load_npz(tmp_path / "none.npz")
    with pytest.raises(FileNotFoundError, match="train-images-idx3-ubyte"):
        load_idx_folder(tmp_path)
    with pytest.raises(FileNotFoundError, match="no such folder"):
        load_idx_folder(tmp_path / "none")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"garbage that is longer than a header", "not an idx"),
        (idx_bytes(X)[:-1], "cut short"),
        (idx_bytes(X) + b"1", "damaged"),
        (idx_bytes(X.reshape(3, 20)), "2 dimensions"),
        (b"\0\0\x0d\x03" + idx_bytes(X)[4:], "0x0d"),
    ],
)
def test_damaged_idx_files_are_refused(tmp_path, content, message):
    write_idx(tmp_path)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        load_idx_folder(tmp_path)


def test_split_holds_out_the_last_images():
    train, test = split(bundled_digits(), 300)
    assert len(train.x) == 1497
    assert np.array_equal(test.x, bundled_digits().x[-300:])
    for n in (0, 1797, -1):
        with pytest.raises(ValueError, match=f"hold out {n}"):
            split(bundled_digits(), n)
