"""Photographs from files, as grey images."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Photographs", "load_photographs"]

SUFFIXES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".pgm", ".ppm")


@dataclass(frozen=True)
class Photographs:
    """Grey images, and where they come from."""

    images: tuple[NDArray[np.float64], ...]
    """(height, width) each"""
    names: tuple[str, ...]
    source: str
    skipped: tuple[str, ...] = field(default=())
    """One line for each that was left out because it is bad"""

    def __len__(self) -> int:
        return len(self.images)


def load_photographs(
    path: Path | str, *, smallest: int = 16, skip_bad: bool = False
) -> Photographs:
    """All images of a folder (jpg, png, tif, ...), or all arrays of an npz file, in order of names.

    Colours become their mean. An array is (height, width), (height, width, 3 or 4) (a fourth is
    opacity, left out), or (n, height, width), n images.

    Args:
        smallest: least height and width.
        skip_bad: leave out images that cannot be used, and list them in `skipped`.

    Raises:
        FileNotFoundError: if there is no such folder or file.
        ValueError: for a folder without an image, a damaged npz file, and (unless `skip_bad`) the
            first image that cannot be read, is smaller, the same everywhere, or not finite. One
            line, which names the file (and the array).
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such folder or npz file; give one with photographs")
    found = _folder(path) if path.is_dir() else _archive(path)
    images, names, skipped = [], [], []
    for name, value in found:
        try:
            image = _grey(name, _read(value) if isinstance(value, Path) else value, smallest)
        except ValueError as error:
            if not skip_bad:
                raise
            skipped.append(str(error))
            continue
        images.append(image)
        names.append(name)
    if not images:
        raise ValueError(
            f"{path}: none of its {len(found)} images can be used; the first: {skipped[0]}"
        )
    return Photographs(tuple(images), tuple(names), str(path), tuple(skipped))


def _folder(path: Path) -> list[tuple[str, Any]]:
    files = sorted(p for p in path.iterdir() if p.is_file() and p.suffix.lower() in SUFFIXES)
    if not files:
        raise ValueError(f"{path}: no image in it; give a folder with {', '.join(SUFFIXES)}")
    return [(str(file), file) for file in files]


def _archive(path: Path) -> list[tuple[str, Any]]:
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, AttributeError) as error:
        reason = " ".join(str(error).split())
        raise ValueError(
            f"{path}: neither a folder nor an npz file that can be read ({reason}); save grey "
            "images with numpy.savez"
        ) from None
    found = []
    for name, array in sorted(arrays.items()):
        label = f"{path}: '{name}'"
        if array.ndim == 3 and array.shape[2] not in (3, 4):
            found += [(f"{label}[{number}]", image) for number, image in enumerate(array)]
        else:
            found.append((label, array))
    if not found:
        raise ValueError(f"{path}: no array in it; save grey images with numpy.savez")
    return found


def _read(path: Path) -> NDArray[Any]:
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings(), Image.open(path) as image:
            warnings.simplefilter("ignore")
            # A palette holds no colours until it is resolved; more than 8 bits stay as they are.
            plain = image.mode in ("L", "I", "F", "I;16", "I;16B")
            return np.asarray(image if plain else image.convert("RGB"))
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
    ) as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"{path}: cannot be read as an image ({reason}); remove it") from None


def _grey(name: str, array: NDArray[Any], smallest: int) -> NDArray[np.float64]:
    if array.dtype.kind not in "buif":
        raise ValueError(f"{name}: values of type {array.dtype}; expected grey levels")
    values = np.asarray(array, dtype=float)
    if values.ndim == 3 and values.shape[2] in (3, 4):
        values = values[:, :, :3].mean(axis=2)
    if values.ndim != 2:
        raise ValueError(f"{name}: shape {array.shape}; expected (height, width), grey or coloured")
    if min(values.shape) < smallest:
        raise ValueError(
            f"{name}: {values.shape[0]} x {values.shape[1]} pixels; expected at least {smallest} x "
            f"{smallest}"
        )
    if not np.isfinite(values).all():
        raise ValueError(f"{name}: has values that are not finite (NaN or infinity)")
    if values.std() == 0:
        raise ValueError(f"{name}: is the same everywhere; nothing can be learned from it")
    return values
