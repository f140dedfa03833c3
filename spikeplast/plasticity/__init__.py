"""Plasticity rules: one file each, as Brian 2 equations and parameters."""

from spikeplast.plasticity.bounds import (
    Bounds,
    HardBounds,
    NoBounds,
    PowerLawBounds,
    SoftBounds,
)
from spikeplast.plasticity.clock_driven import ClockDrivenRule, Regularly
from spikeplast.plasticity.clopath import Clopath
from spikeplast.plasticity.convallis import Convallis
from spikeplast.plasticity.diehl_cook_stdp import DiehlCookSTDP
from spikeplast.plasticity.dopamine import DopamineSTDP
from spikeplast.plasticity.normalisation import normalise_incoming
from spikeplast.plasticity.pair_stdp import PairSTDP
from spikeplast.plasticity.r_max import RMax
from spikeplast.plasticity.reward import RewardRule
from spikeplast.plasticity.reward_stdp import RewardSTDP
from spikeplast.plasticity.rule import PlasticityRule, SpikeEffect
from spikeplast.plasticity.td_stdp import TDSTDP
from spikeplast.plasticity.triplet_stdp import TripletSTDP
from spikeplast.plasticity.vogels import Vogels
from spikeplast.plasticity.weights import set_weights

__all__ = [
    "TDSTDP",
    "Bounds",
    "ClockDrivenRule",
    "Clopath",
    "Convallis",
    "DiehlCookSTDP",
    "DopamineSTDP",
    "HardBounds",
    "NoBounds",
    "PairSTDP",
    "PlasticityRule",
    "PowerLawBounds",
    "RMax",
    "Regularly",
    "RewardRule",
    "RewardSTDP",
    "SoftBounds",
    "SpikeEffect",
    "TripletSTDP",
    "Vogels",
    "normalise_incoming",
    "set_weights",
]
