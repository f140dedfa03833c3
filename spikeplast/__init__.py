"""Brian 2 networks with synaptic plasticity, compiled into one Numba loop.

Importing spikeplast registers the Brian 2 device `numba`; `set_device("numba")` turns it
on.  The other parts are `neurons`, `plasticity`, `credit`, `checks`, `stimuli`, `analysis` and
`plotting`.
"""

import importlib
from typing import Any

from . import engine as engine
from .citations import cite as cite
from .engine.cache import clear_cache as clear_cache
from .engine.explain import explain as explain
from .engine.profile import profile as profile
from .progress import ProgressBar as ProgressBar

__version__ = "0.1.0"

_PARTS = ("analysis", "checks", "credit", "neurons", "plasticity", "plotting", "stimuli")


def __getattr__(name: str) -> Any:
    # Parts are imported when they are first used, so that the engine alone starts quickly.
    if name in _PARTS:
        return importlib.import_module(f"spikeplast.{name}")
    raise AttributeError(f"module 'spikeplast' has no attribute '{name}'")


def __dir__() -> list[str]:
    return [*globals(), *_PARTS]
