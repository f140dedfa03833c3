"""Systems that learn with a structure of their own, one file each."""

from spikeplast.credit.systems.balanced import BalancedActivity, BalancedNetwork
from spikeplast.credit.systems.boltzmann import BoltzmannMachine
from spikeplast.credit.systems.delayed_dopamine import DelayedDopamineNetwork
from spikeplast.credit.systems.dendritic_gated import DendriticGatedNetwork
from spikeplast.credit.systems.gated_linear import GatedLinearNetwork
from spikeplast.credit.systems.hsic import BottleneckNetwork
from spikeplast.credit.systems.layer_targets import LayerTargets
from spikeplast.credit.systems.rate_network import RateNetwork

__all__ = [
    "BalancedActivity",
    "BalancedNetwork",
    "BoltzmannMachine",
    "BottleneckNetwork",
    "DelayedDopamineNetwork",
    "DendriticGatedNetwork",
    "GatedLinearNetwork",
    "LayerTargets",
    "RateNetwork",
]
