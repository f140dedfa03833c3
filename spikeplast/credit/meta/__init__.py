"""Meta-learned rules: the coefficients of Shervani-Tabar & Rosenbaum's ten terms, learned.

Shervani-Tabar & Rosenbaum (2023), Meta-learning biologically plausible plasticity rules with random
feedback pathways, Nat. Commun. 14:1805.
"""

import importlib
from typing import Any

from spikeplast.credit.meta.episodes import Episode, episode_sampler
from spikeplast.credit.meta.evolution import MetaLearned, evolve_rule
from spikeplast.credit.meta.inner_loop import Outcome, learn_episode, start_weights

__all__ = [
    "Episode",
    "MetaLearned",
    "Outcome",
    "descend_rule",
    "episode_sampler",
    "evolve_rule",
    "learn_episode",
    "start_weights",
]


def __getattr__(name: str) -> Any:
    # JAX is an extra, and takes a second to import.
    if name == "descend_rule":
        return importlib.import_module("spikeplast.credit.meta.gradient").descend_rule
    raise AttributeError(f"module 'spikeplast.credit.meta' has no attribute '{name}'")
