"""Neuron models: one file each, as Brian 2 equations and parameters."""

from spikeplast.neurons.adaptive_threshold_lif import AdaptiveThresholdLIF
from spikeplast.neurons.conductance_lif import ConductanceLIF
from spikeplast.neurons.current_lif import CurrentLIF
from spikeplast.neurons.model import NeuronModel

__all__ = ["AdaptiveThresholdLIF", "ConductanceLIF", "CurrentLIF", "NeuronModel"]
