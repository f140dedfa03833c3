"""Brian 2 networks with synaptic plasticity, compiled into one Numba loop."""

from . import engine as engine
from .engine.explain import explain as explain

__version__ = "0.1.0"
