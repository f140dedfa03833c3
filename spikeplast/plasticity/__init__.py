"""Plasticity rules: one file each, as Brian 2 equations and parameters."""

from spikeplast.plasticity.bcm import BCM
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
from spikeplast.plasticity.diehl_cook_targets import (
    DiehlCookExponential,
    DiehlCookPowerLaw,
    DiehlCookPreAndPost,
)
from spikeplast.plasticity.dopamine import DopamineSTDP
from spikeplast.plasticity.hebb import Hebb
from spikeplast.plasticity.nonlinear_hebbian import NonlinearHebbian
from spikeplast.plasticity.normalisation import normalise_incoming
from spikeplast.plasticity.oja import Oja
from spikeplast.plasticity.pair_stdp import PairSTDP
from spikeplast.plasticity.r_max import RMax
from spikeplast.plasticity.rate_rule import RateRule
from spikeplast.plasticity.reward import RewardRule
from spikeplast.plasticity.reward_stdp import RewardSTDP
from spikeplast.plasticity.rule import PlasticityRule, SpikeEffect
from spikeplast.plasticity.sanger import Sanger
from spikeplast.plasticity.scaling import scale_to_rate
from spikeplast.plasticity.short_term import Fixed, TsodyksMarkram
from spikeplast.plasticity.sliding_triplet import SlidingTripletSTDP
from spikeplast.plasticity.td_stdp import TDSTDP
from spikeplast.plasticity.triplet_stdp import TripletSTDP
from spikeplast.plasticity.vogels import Vogels
from spikeplast.plasticity.weights import set_delays, set_weights
from spikeplast.plasticity.zenke import Zenke

__all__ = [
    "BCM",
    "TDSTDP",
    "Bounds",
    "ClockDrivenRule",
    "Clopath",
    "Convallis",
    "DiehlCookExponential",
    "DiehlCookPowerLaw",
    "DiehlCookPreAndPost",
    "DiehlCookSTDP",
    "DopamineSTDP",
    "Fixed",
    "HardBounds",
    "Hebb",
    "NoBounds",
    "NonlinearHebbian",
    "Oja",
    "PairSTDP",
    "PlasticityRule",
    "PowerLawBounds",
    "RMax",
    "RateRule",
    "Regularly",
    "RewardRule",
    "RewardSTDP",
    "Sanger",
    "SlidingTripletSTDP",
    "SoftBounds",
    "SpikeEffect",
    "TripletSTDP",
    "TsodyksMarkram",
    "Vogels",
    "Zenke",
    "normalise_incoming",
    "scale_to_rate",
    "set_delays",
    "set_weights",
]
