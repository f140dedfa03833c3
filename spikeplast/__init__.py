"""Brian 2 networks with synaptic plasticity, compiled into one Numba loop."""

from . import engine as engine

__version__ = "0.1.0"
