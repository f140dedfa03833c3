"""Brian 2 networks with synaptic plasticity, compiled into one Numba loop."""

__version__ = "0.1.0"
