"""Images of handwritten digits, or any other labelled grey images, from files.

Three sources: scikit-learn's bundled 8x8 digits, an npz file with `x` and `y`, and a folder with
the files in which MNIST was published (idx). Nothing is unpickled.
"""

from __future__ import annotations

import gzip
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["DigitImages", "bundled_digits", "load_idx_folder", "load_npz", "split"]

_IDX_UINT8 = 0x08
# The published names have a dot in one mirror's copies and a hyphen in the other's.
_IDX_NAMES = {
    "train_x": ("train-images-idx3-ubyte", "train-images.idx3-ubyte"),
    "train_y": ("train-labels-idx1-ubyte", "train-labels.idx1-ubyte"),
    "test_x": ("t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte"),
    "test_y": ("t10k-labels-idx1-ubyte", "t10k-labels.idx1-ubyte"),
}


_KERAS = ("x_train", "y_train", "x_test", "y_test")


@dataclass(frozen=True)
class DigitImages:
    """Labelled images; a set with its own test images keeps them as its last `n_test`."""

    x: NDArray[np.uint8]
    """(n, height, width) grey levels, 0 is silent"""
    y: NDArray[np.int64]
    """(n,) labels, at least 0"""
    source: str
    n_test: int | None = None
    """Test images that the source itself sets apart, if it does"""

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.x.shape[1], self.x.shape[2]

    def flat(self) -> NDArray[np.uint8]:
        """(n, height*width) grey levels."""
        return self.x.reshape(len(self.x), -1)


def bundled_digits() -> DigitImages:
    """The 1,797 digits of 8x8 pixels that come with scikit-learn, grey levels 0 to 255.

    Source: Alpaydin, E. and Kaynak, C. (1998), Optical Recognition of Handwritten Digits, UCI
    Machine Learning Repository. The writers of the last images differ from those of the first.
    """
    from sklearn.datasets import load_digits

    digits = load_digits()
    x = np.rint(digits.images * (255 / 16)).astype(np.uint8)
    return DigitImages(x, digits.target.astype(np.int64), "scikit-learn's bundled digits")


def load_npz(path: Path | str) -> DigitImages:
    """Images and labels of an npz file with arrays `x` (n, height, width) uint8 and `y` (n,).

    Or with `x_train`, `y_train`, `x_test` and `y_test`, as Keras has MNIST: then the test images
    come last and `n_test` counts them.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: for a file that is no npz or is damaged, misses `x` or `y`, or holds arrays of
            the wrong shape or type; the message is one line and names the file.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file; give an npz file or a folder of idx files")
    try:
        file = np.load(path, allow_pickle=False)
        if not isinstance(file, np.lib.npyio.NpzFile):
            raise ValueError(f"{path}: not an npz file; save it with numpy.savez(path, x=, y=)")
        with file:
            names = file.files
            keras = set(_KERAS) <= set(names)
            arrays = {name: file[name] for name in (*_KERAS, "x", "y") if name in names}
    except (zipfile.BadZipFile, EOFError, zlib.error, OSError) as error:
        raise ValueError(f"{path}: damaged or cut short ({error}); copy the file again") from None
    except ValueError as error:
        if str(error).startswith(str(path)):
            raise
        with path.open("rb") as content:
            is_zip = content.read(2) == b"PK"
        text = "it holds Python objects" if is_zip else "not an npz file"
        raise ValueError(f"{path}: {text}; save plain arrays with numpy.savez") from None
    if keras:
        train = _checked(arrays["x_train"], arrays["y_train"], str(path))
        return _with_test(train, _checked(arrays["x_test"], arrays["y_test"], str(path)))
    for name in ("x", "y"):
        if name not in arrays:
            raise ValueError(f"{path}: no array '{name}' (found: {', '.join(names) or 'none'})")
    return _checked(arrays["x"], arrays["y"], str(path))


def load_idx_folder(path: Path | str) -> DigitImages:
    """MNIST's four original files (or the two for training), plain or gzipped.

    If the folder holds the test files, they come last and `n_test` counts them.

    Raises:
        FileNotFoundError: if the folder or its training files are missing.
        ValueError: for a file that is damaged, cut short or of the wrong kind.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder}: no such folder")
    x = _read_idx(_find(folder, "train_x"), 3)
    y = _read_idx(_find(folder, "train_y"), 1)
    train = _checked(x, y, str(folder))
    try:
        test_files = _find(folder, "test_x"), _find(folder, "test_y")
    except FileNotFoundError:
        return train
    test = _checked(_read_idx(test_files[0], 3), _read_idx(test_files[1], 1), str(folder))
    return _with_test(train, test)


def _with_test(train: DigitImages, test: DigitImages) -> DigitImages:
    if test.shape != train.shape:
        raise ValueError(
            f"{train.source}: test images are {test.shape}, training images {train.shape}"
        )
    return DigitImages(
        np.concatenate([train.x, test.x]),
        np.concatenate([train.y, test.y]),
        train.source,
        n_test=len(test.x),
    )


def split(images: DigitImages, n_test: int) -> tuple[DigitImages, DigitImages]:
    """The first images for training, the last `n_test` held out.

    Raises:
        ValueError: if that leaves no image on one side.
    """
    n = len(images.x)
    if not 1 <= n_test < n:
        raise ValueError(f"cannot hold out {n_test} of {n} images; hold out 1 to {n - 1}")
    return (
        DigitImages(images.x[:-n_test], images.y[:-n_test], images.source),
        DigitImages(images.x[-n_test:], images.y[-n_test:], images.source),
    )


def _find(folder: Path, kind: str) -> Path:
    for name in _IDX_NAMES[kind]:
        for suffix in ("", ".gz"):
            candidate = folder / (name + suffix)
            if candidate.is_file():
                return candidate
    raise FileNotFoundError(f"{folder}: no file {_IDX_NAMES[kind][0]} (or .gz) in this folder")


def _read_idx(path: Path, n_dimensions: int) -> NDArray[np.uint8]:
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ValueError(f"{path}: damaged or cut short ({error}); copy the file again") from None
    if len(content) < 4 + 4 * n_dimensions or content[:2] != b"\0\0":
        raise ValueError(f"{path}: not an idx file, or empty")
    if content[2] != _IDX_UINT8 or content[3] != n_dimensions:
        raise ValueError(
            f"{path}: idx type {content[2]:#04x} with {content[3]} dimensions; "
            f"expected unsigned bytes (0x08) with {n_dimensions}"
        )
    shape = tuple(int(n) for n in np.frombuffer(content, ">u4", n_dimensions, offset=4))
    expected = 4 + 4 * n_dimensions + int(np.prod(shape, dtype=np.int64))
    if len(content) != expected:
        raise ValueError(
            f"{path}: {len(content)} bytes, but its header announces {expected}; "
            "the file is cut short or damaged, copy it again"
        )
    return np.frombuffer(content, np.uint8, offset=4 + 4 * n_dimensions).reshape(shape)


def _checked(x: NDArray, y: NDArray, source: str) -> DigitImages:
    if x.ndim != 3:
        raise ValueError(f"{source}: x has shape {x.shape}; expected (n, height, width)")
    if x.dtype != np.uint8:
        finite = np.issubdtype(x.dtype, np.floating) and not np.all(np.isfinite(x))
        detail = " and holds NaN or infinity" if finite else ""
        raise ValueError(
            f"{source}: x has type {x.dtype}{detail}; give grey levels 0 to 255 as uint8"
        )
    if x.size == 0:
        raise ValueError(f"{source}: x is empty (shape {x.shape}); give at least one image")
    if y.shape != (len(x),):
        raise ValueError(f"{source}: y has shape {y.shape}; expected ({len(x)},), one label each")
    if not np.issubdtype(y.dtype, np.integer):
        raise ValueError(f"{source}: y has type {y.dtype}; give whole numbers as labels")
    if int(y.min()) < 0:
        raise ValueError(f"{source}: y holds the label {y.min()}; labels start at 0")
    if not x.any():
        raise ValueError(f"{source}: every pixel of x is 0; a network would stay silent")
    return DigitImages(np.ascontiguousarray(x), y.astype(np.int64), source)
