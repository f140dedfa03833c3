"""Parts of a long experiment, each kept when it is done, so that a stopped run can go on."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.common.output import OutputFolder
from experiments.common.resuming import check_identity, damaged

__all__ = ["KEPT", "Jobs", "mean_and_error"]

_FOLDER = "unfinished"
KEPT = f"{_FOLDER}/*.npz"
"""Pattern of what is kept, in the output folder"""
_IDENTITY = "identity.json"


class Jobs:
    """Results in a folder of their own within the output folder, written whole one by one.

    Each is a dictionary of arrays under the job's name. `identity` is what all of them depend on;
    `resumed` says whether there was something to go on from.

    Raises:
        InputError: if what is to be resumed has another identity, or none that can be read.
    """

    def __init__(self, output: OutputFolder, identity: dict[str, Any], *, resume: bool) -> None:
        self.folder = OutputFolder(output / _FOLDER)
        # As JSON has it, so that what is read again compares equal.
        identity = json.loads(json.dumps(identity, default=str))
        self.resumed = resume and (self.folder / _IDENTITY).exists()
        if self.resumed:
            self._compare(identity)
        else:
            self.remove()
            self.folder = OutputFolder(output / _FOLDER)
            self.folder.json(_IDENTITY, identity)

    def run(self, name: str, work: Callable[[], dict[str, Any]]) -> dict[str, NDArray[Any]]:
        """The result of `work`, or the one that was kept; InputError if that one is damaged."""
        path = self.folder / (hashlib.sha256(name.encode()).hexdigest()[:24] + ".npz")
        if path.exists():
            try:
                with np.load(path, allow_pickle=False) as found:
                    return {key: found[key] for key in found.files}
            except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
                raise damaged(path, error) from None
        result = {key: np.asarray(value) for key, value in work().items()}
        self.folder.arrays(path.name, result, compressed=False)
        return result

    def remove(self) -> None:
        """Remove what was kept, and the folder."""
        # With what a killed process was about to write.
        shutil.rmtree(self.folder.path)

    def _compare(self, identity: dict[str, Any]) -> None:
        path = self.folder / _IDENTITY
        try:
            found = dict(json.loads(path.read_text()))
        except (OSError, ValueError, TypeError) as error:
            raise damaged(path, error) from None
        check_identity(self.folder.path.parent, found, identity)


def mean_and_error(values: NDArray[np.float64]) -> dict[str, float | None]:
    """Mean of (n,) trainings and its standard error, None for a single one."""
    error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else None
    return {"mean": float(values.mean()), "standard_error": None if error is None else float(error)}
