"""An output folder whose files are either whole or not there."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import machine, python_version
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from experiments.common.command_line import InputError

__all__ = ["OutputFolder", "document_folders", "fingerprint", "package_versions", "write_whole"]


class OutputFolder:
    """Writes to a temporary file in the folder, then renames it: no half-written output.

    Raises:
        InputError: if the folder cannot be made or written to.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=path):
                pass
        except OSError as error:
            raise InputError(
                f"cannot write to the output folder {path} ({error.strerror}); give another"
            ) from None

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    def json(self, name: str, content: Any) -> None:
        """Write JSON, arrays as lists; NaN and infinity are refused with ValueError."""
        self.text(name, json.dumps(content, indent=2, allow_nan=False, default=_as_list) + "\n")

    def arrays(self, name: str, arrays: dict[str, Any], compressed: bool = True) -> None:
        """Write an npz file of plain arrays."""
        save = np.savez_compressed if compressed else np.savez
        self._write(name, lambda file: save(file, **arrays))

    def figure(self, name: str, figure: Any) -> None:
        """Write a PNG and close the figure."""
        import matplotlib.pyplot as plt

        # No software version in the file, so that the same figure gives the same bytes.
        options: dict[str, Any] = {"format": "png", "dpi": 150, "metadata": {"Software": None}}
        self._write(name, lambda file: figure.savefig(file, **options))
        plt.close(figure)

    def remove(self, name: str) -> None:
        """Remove a file if it is there."""
        (self.path / name).unlink(missing_ok=True)

    def text(self, name: str, content: str) -> None:
        """Write text as UTF-8."""
        self._write(name, lambda file: file.write(content.encode()))

    def _write(self, name: str, write: Callable[[IO[bytes]], Any]) -> None:
        write_whole(self.path / name, write)


def document_folders(document: Path | None) -> tuple[OutputFolder, OutputFolder] | None:
    """The folders of a page of docs/results and of its figures; None without a page.

    Raises:
        InputError: before anything is measured, if they cannot be written to.
    """
    if document is None:
        return None
    page = document.resolve().parent
    return OutputFolder(page), OutputFolder(page.parent / "figures")


def write_whole(path: Path, write: Callable[[IO[bytes]], Any]) -> None:
    """Let `write` fill a temporary file beside `path`, then rename it: the file is whole or not."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
        # mkstemp makes files private; results are for everybody, as the umask says.
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def fingerprint(*arrays: NDArray[Any]) -> str:
    """Short hash of the data, so that a run is not resumed on other data."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(str((array.shape, array.dtype.str)).encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()[:16]


def _as_list(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def package_versions() -> dict[str, str]:
    """Versions of Python and of the packages that bear on the numbers."""
    versions = {"python": python_version(), "machine": machine()}
    for name in ("spikeplast", "brian2", "numba", "numpy", "scipy", "scikit-learn", "matplotlib"):
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "not installed"
    if versions["spikeplast"] == "not installed":
        import spikeplast

        versions["spikeplast"] = spikeplast.__version__
    return versions
