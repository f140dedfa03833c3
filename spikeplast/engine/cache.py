"""Generated sources and their object code on disk, named by all that they depend on."""

import atexit
import hashlib
import os
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import brian2
import numpy as np

from . import native

#: Bytes that the folder may hold before the loops used longest ago are removed.
LARGEST = 500_000_000

_loops: dict[str, "CompiledLoop"] = {}
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
        for file in source.parent.glob(f"{source.stem}.*"):
            file.unlink(missing_ok=True)


def _bound_size(folder: Path) -> None:
    """Remove what was used longest ago, and what killed processes left."""
    sizes: dict[str, int] = {}
    used: dict[str, float] = {}
    for file in folder.glob("*"):
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


def _code_files() -> list[Path]:
    """What object code is made with, and called with: other object code is of no use with it."""
    engine = Path(__file__).parent
    kernels = sorted((engine / "kernels").glob("*.py"))
    return [*kernels, engine / "native.py", engine / "random_state.py"]


def source_path(source: str) -> Path:
    """Where `source` is kept: its name depends on all that its compiled form depends on."""
    digest = hashlib.sha256()
    for part in (
        source,
        *(file.read_text(encoding="utf-8") for file in _code_files()),
        brian2.__version__,
        version("numba"),
        version("llvmlite"),
        np.__version__,
        sys.version,
    ):
        digest.update(part.encode())
    return cache_dir() / f"loop_{digest.hexdigest()[:24]}.py"


def load(source: str, concurrent: bool = False) -> "CompiledLoop":
    """The function `run_steps` of a generated source; see `native.load`."""
    path = source_path(source)
    key = str(path)
    if key not in _loops:
        if not path.exists() or path.read_text(encoding="utf-8") != source:
            _write(path, source.encode())
        _loops[key] = CompiledLoop(path, source, concurrent)
    return _loops[key]


def runs_in_python() -> bool:
    """Whether the user's settings say that nothing is to be compiled."""
    return os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")


class CompiledLoop:
    """The function of a source file, with an object file for each set of argument types."""

    def __init__(self, path: Path, source: str, concurrent: bool):
        self._path, self._source, self._concurrent = path, source, concurrent
        self._functions: dict[str, Callable[[int], int]] = {}

    def bind(self, arguments: Sequence[Any]) -> Callable[[int, int], int]:
        """A function of `n_steps` and `resume`, for these values of all other arguments.

        It is compiled if neither this process nor the cache folder has it for their types.
        """
        if runs_in_python():
            plain = self._names()["run_steps"]
            return lambda n_steps, resume: plain(n_steps, resume, *arguments)
        values = [0, 0, *arguments]
        kinds = " ".join(map(native.kind, values))
        if kinds not in self._functions:
            self._functions[kinds] = self._load_or_build(kinds, values)
        return native.BoundFunction(self._functions[kinds], values)

    def _load_or_build(self, kinds: str, values: Sequence[Any]) -> Callable[[int], int]:
        digest = hashlib.sha256(f"{kinds}\n{native.machine()}".encode()).hexdigest()[:16]
        file = self._path.with_suffix(f".{digest}.o")
        try:
            function = native.load(file.read_bytes(), self._concurrent)
            # What was used longest ago goes first.
            os.utime(file)
            return function
        except (FileNotFoundError, native.NotUsable):
            names = self._names()
            code = native.build(names["run_steps"], values, names.get("FLUSHES_DENORMALS", False))
            _write(file, code)
            return native.load(code, self._concurrent)

    def _names(self) -> dict[str, Any]:
        """What the source defines."""
        names: dict[str, Any] = {"__name__": f"spikeplast_{self._path.stem}"}
        exec(compile(self._source, str(self._path), "exec"), names)
        return names


def _write(path: Path, content: bytes) -> None:
    _bound_size(path.parent)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
