"""The COBA and CUBA benchmarks of Brette et al. 2007: self-sustained irregular activity.

Brette, R. et al. (2007). Simulation of networks of spiking neurons: a review of tools and
strategies. Journal of Computational Neuroscience 23:349-398, appendix 2; after Vogels & Abbott
2005, Journal of Neuroscience 25:10786.

4,000 integrate-and-fire cells, four fifths of them excitatory, connected at random with
probability 0.02, without any input. Weights are those of the appendix (PyNN's version of the
benchmarks has others).

Not from the appendix, which stimulates for 50 ms at random: cells start in a state that is drawn
at random instead. Rates were not found in print; the ranges that `experiments/verification` uses
are from an independent simulation of the same networks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from brian2 import (
    Network,
    NeuronGroup,
    Quantity,
    SpikeMonitor,
    Synapses,
    mV,
    nS,
)
from brian2 import seed as set_seed

from spikeplast.neurons import ConductanceLIF, CurrentLIF
from spikeplast.references import bibtex

__all__ = ["BENCHMARKS", "BretteNetwork"]

BENCHMARKS = ("COBA", "CUBA")

_G_LEAK = 10 * nS


@dataclass(frozen=True)
class BretteNetwork:
    """One of the two networks, ready to run; `excitatory` cells come first in `cells`."""

    network: Network
    cells: NeuronGroup
    n_excitatory: int
    spikes: SpikeMonitor

    citation: ClassVar[str] = bibtex("Brette2007", "Vogels2005")

    @classmethod
    def build(cls, benchmark: str, *, seed: int, n: int = 4000) -> BretteNetwork:
        """Build "COBA" (conductances) or "CUBA" (currents) on Brian 2's current device.

        `seed` is for Brian 2's random numbers, which it sets. With fewer than 4,000 cells the
        weights stay, so that the activity is another one.

        Raises:
            ValueError: for another name, or fewer than 5 cells.
        """
        if benchmark not in BENCHMARKS:
            raise ValueError(
                f"BretteNetwork: benchmark = {benchmark!r} is not known; "
                f"choose from {', '.join(BENCHMARKS)}"
            )
        if n < 5:
            raise ValueError(f"BretteNetwork: n = {n} is out of range; expected 5 or more")
        set_seed(seed)
        return _coba(n) if benchmark == "COBA" else _cuba(n)


def _coba(n: int) -> BretteNetwork:
    cells = ConductanceLIF().group(n)
    cells.v = "-65*mV + 5*mV*randn()"
    cells.g_e = "(40*nS + 15*nS*randn()) / (10*nS)"
    cells.g_i = "(200*nS + 120*nS*randn()) / (10*nS)"
    return _connected(cells, 6 * nS / _G_LEAK, 67 * nS / _G_LEAK, ("g_e", "g_i"))


def _cuba(n: int) -> BretteNetwork:
    cells = CurrentLIF.vogels_abbott().group(n)
    cells.v = "-60*mV + 10*mV*rand()"
    # 0.27 and 4.5 nS, times their driving forces at -60 mV.
    return _connected(cells, 0.27 * nS * 60 * mV, 4.5 * nS * 20 * mV, ("I_e", "I_i"))


def _connected(
    cells: NeuronGroup, w_e: Quantity, w_i: Quantity, variables: tuple[str, str]
) -> BretteNetwork:
    n_excitatory = len(cells) * 4 // 5
    network = Network(cells)
    populations = (cells[:n_excitatory], cells[n_excitatory:])
    for source, variable, weight in zip(populations, variables, (w_e, w_i), strict=True):
        synapses = Synapses(
            source, cells, on_pre=f"{variable}_post += weight", namespace={"weight": weight}
        )
        synapses.connect(p=0.02)
        network.add(synapses)
    spikes = SpikeMonitor(cells)
    network.add(spikes)
    return BretteNetwork(network, cells, n_excitatory, spikes)
