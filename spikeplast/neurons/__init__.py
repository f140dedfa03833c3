"""Neuron models: one file per family, as Brian 2 equations and parameters."""

from spikeplast.neurons.adaptive_threshold_lif import AdaptiveThresholdLIF
from spikeplast.neurons.adex import AdEx
from spikeplast.neurons.clopath_eif import ClopathEIF
from spikeplast.neurons.conductance_lif import NMDALIF, ConductanceLIF
from spikeplast.neurons.current_lif import CurrentLIF
from spikeplast.neurons.gif import GIF
from spikeplast.neurons.glif import GLIF
from spikeplast.neurons.hodgkin_huxley import HodgkinHuxley, TraubMilesHH
from spikeplast.neurons.inputs import ConductanceInput, CurrentInput, NMDAInput
from spikeplast.neurons.izhikevich import Izhikevich
from spikeplast.neurons.model import NeuronModel

__all__ = [
    "GIF",
    "GLIF",
    "NMDALIF",
    "AdEx",
    "AdaptiveThresholdLIF",
    "ClopathEIF",
    "ConductanceInput",
    "ConductanceLIF",
    "CurrentInput",
    "CurrentLIF",
    "HodgkinHuxley",
    "Izhikevich",
    "NMDAInput",
    "NeuronModel",
    "TraubMilesHH",
]
