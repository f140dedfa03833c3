"""Neuron models: one file per family, as Brian 2 equations and parameters."""

from spikeplast.neurons.adaptive_threshold_lif import AdaptiveThresholdLIF
from spikeplast.neurons.conductance_lif import NMDALIF, ConductanceLIF
from spikeplast.neurons.current_lif import CurrentLIF
from spikeplast.neurons.glif import GLIF
from spikeplast.neurons.inputs import ConductanceInput, CurrentInput, NMDAInput
from spikeplast.neurons.model import NeuronModel

__all__ = [
    "GLIF",
    "NMDALIF",
    "AdaptiveThresholdLIF",
    "ConductanceInput",
    "ConductanceLIF",
    "CurrentInput",
    "CurrentLIF",
    "NMDAInput",
    "NeuronModel",
]
