"""Generated sources on disk, named by their content, so that Numba's disk cache works."""

import hashlib
import importlib.util
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import brian2
import numba
import numpy as np

from . import kernels

_functions: dict[str, Callable[..., int]] = {}


def cache_dir() -> Path:
    """The folder of generated sources and compiled loops.

    `SPIKEPLAST_CACHE_DIR` if it is set, else `spikeplast` in the user's cache folder.
    """
    chosen = os.environ.get("SPIKEPLAST_CACHE_DIR")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "~/AppData/Local")
    elif sys.platform == "darwin":
        base = "~/Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    return Path(base).expanduser() / "spikeplast"


def _kernel_files() -> list[Path]:
    return sorted(Path(kernels.__file__).parent.glob("*.py"))


def source_path(source: str) -> Path:
    """Where `source` is kept: its name depends on all that its compiled form depends on."""
    digest = hashlib.sha256()
    for part in (
        source,
        *(file.read_text(encoding="utf-8") for file in _kernel_files()),
        brian2.__version__,
        numba.__version__,
        np.__version__,
        sys.version,
    ):
        digest.update(part.encode())
    return cache_dir() / f"loop_{digest.hexdigest()[:24]}.py"


def load(source: str) -> Callable[..., int]:
    """The function `run_steps` of a generated source, compiled when it is first called."""
    path = source_path(source)
    key = str(path)
    if key not in _functions:
        _write(path, source)
        _functions[key] = _import(path).run_steps
    return _functions[key]


def _write(path: Path, source: str) -> None:
    # Rewriting a file would make Numba forget what it has compiled from it.
    if path.exists() and path.read_text(encoding="utf-8") == source:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(source)
        os.replace(name, path)
    except OSError as error:
        raise OSError(
            f"cannot write the generated loop to {path.parent}: {error.strerror}; "
            "set SPIKEPLAST_CACHE_DIR to a folder that can be written"
        ) from error


def _import(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(f"spikeplast_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Numba finds the module of a function that it loads from its cache by name.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
