"""Generated sources on disk, named by their content, so that Numba's disk cache works."""

import atexit
import hashlib
import importlib.util
import os
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import brian2
import numba
import numpy as np

from . import kernels

#: Bytes that the folder may hold before the loops used longest ago are removed.
LARGEST = 500_000_000

_functions: dict[str, Callable[..., int]] = {}
#: The folder that stands for one that cannot be used.
_instead: dict[Path, Path] = {}


def cache_dir() -> Path:
    """The folder of generated sources and compiled loops.

    `SPIKEPLAST_CACHE_DIR` if it is set, else `spikeplast` in the user's cache folder; if that
    cannot be written, or others may write to it, a private temporary folder, with a warning.
    """
    wanted = _wanted_dir()
    if wanted in _instead:
        return _instead[wanted]
    problem = _problem_with(wanted)
    if problem is None:
        return wanted
    _instead[wanted] = Path(tempfile.mkdtemp(prefix="spikeplast_"))
    atexit.register(shutil.rmtree, _instead[wanted], ignore_errors=True)
    warnings.warn(
        f"{problem}; compiled loops go to a temporary folder and are compiled anew next time. "
        "Set SPIKEPLAST_CACHE_DIR to a folder that only you can write to",
        stacklevel=2,
    )
    return _instead[wanted]


def _wanted_dir() -> Path:
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


def _problem_with(folder: Path) -> str | None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder):
            pass
        status = folder.stat()
    except OSError as error:
        return f"cannot write to the cache folder {folder} ({error.strerror})"
    # Whoever writes there could have us run code.
    if os.name == "posix" and (status.st_uid != os.getuid() or status.st_mode & 0o022):
        return f"others may write to the cache folder {folder}"
    return None


def clear_cache() -> None:
    """Remove all generated sources and compiled loops from the cache folder.

    Loops that this process has loaded stay in its memory.
    """
    _remove(cache_dir().glob("loop_*.py"))


def _remove(sources: Any) -> None:
    for source in sources:
        for file in (source, *source.parent.glob(f"__pycache__/{source.stem}.*")):
            file.unlink(missing_ok=True)


def _bound_size(folder: Path) -> None:
    """Remove what was used longest ago, and what killed processes left."""
    files = [*folder.glob("*"), *folder.glob("__pycache__/*")]
    sizes: dict[str, int] = {}
    used: dict[str, float] = {}
    for file in files:
        try:
            status = file.stat()
        except FileNotFoundError:
            # Another process was faster.
            continue
        if file.suffix == ".tmp" and time.time() - status.st_mtime > 3600:
            file.unlink(missing_ok=True)
        stem = file.name.split(".")[0]
        sizes[stem] = sizes.get(stem, 0) + status.st_size
        used[stem] = max(used.get(stem, 0.0), status.st_mtime)
    total = sum(sizes.values())
    for stem in sorted(sizes, key=lambda stem: used[stem]):
        if total <= LARGEST:
            break
        if stem.startswith("loop_"):
            _remove([folder / f"{stem}.py"])
            total -= sizes[stem]


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
        _functions[key] = _Loaded(path)
    return _functions[key]


class _Loaded:
    """A compiled function that is compiled anew if its file in the cache is damaged."""

    def __init__(self, path: Path):
        self._path = path
        self._checked = False
        self.function = _import(path).run_steps

    def __call__(self, *arguments: Any) -> int:
        if self._checked:
            return self.function(*arguments)
        try:
            result = self.function(*arguments)
        except Exception:
            # The loop itself raises nothing: this came from reading or compiling it.
            compiled = list(self._path.parent.glob(f"__pycache__/{self._path.stem}.*.nb?"))
            if not compiled or self.function.stats.cache_misses:
                raise
            for file in compiled:
                file.unlink(missing_ok=True)
            self.function = _import(self._path).run_steps
            result = self.function(*arguments)
        self._checked = True
        return result


def _write(path: Path, source: str) -> None:
    # Rewriting a file would make Numba forget what it has compiled from it.
    if path.exists() and path.read_text(encoding="utf-8") == source:
        # The source's own time is what some versions of Numba recognise it by.
        for index in path.parent.glob(f"__pycache__/{path.stem}.*.nbi"):
            os.utime(index)
        return
    _bound_size(path.parent)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(source)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _import(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(f"spikeplast_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Numba finds the module of a function that it loads from its cache by name.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
