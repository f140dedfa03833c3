from dataclasses import dataclass
from typing import Any, ClassVar

from brian2 import *

from spikeplast import ProgressBar, explain
from spikeplast.neurons import ConductanceLIF
from spikeplast.parameters import parameter
from spikeplast.plasticity import PlasticityRule, SpikeEffect


@dataclass(frozen=True)
class PresynapticTarget(PlasticityRule):
    """At a postsynaptic spike, `w += eta (r1 - r_target)`: inputs that were active win.

    Parameters: `eta` (>= 0, in units of w), `r_target` (>= 0), `tau` (> 0 ms).
    """

    eta: float = parameter(0.01, at_least=0)
    r_target: float = parameter(0.4, at_least=0)
    tau: Quantity = parameter(20 * ms, ms, above=0)

    citation: ClassVar[str] = "@misc{mine, author={Me}, title={A rule of my own}, year={2026}}"

    @property
    def traces(self) -> str:
        return "dr1/dt = -r1 / tau : 1 (event-driven)"

    @property
    def pre(self) -> SpikeEffect:
        return SpikeEffect(update="r1 += 1")

    @property
    def post(self) -> SpikeEffect:
        return SpikeEffect(change="eta * (r1 - r_target)")


def learn(duration: Any = 2 * second) -> Any:
    """Weights of 50 inputs at 5 to 50 Hz on one cell, after `duration`."""
    set_device("numba")
    defaultclock.dt = 1 * ms
    inputs = PoissonGroup(50, rates="(5 + i)*Hz")
    cell = ConductanceLIF().group(1)
    synapses = PresynapticTarget().synapses(inputs, cell, acts_on="g_e", gain=0.2)
    synapses.connect()
    synapses.w = 0.5
    network = Network(inputs, cell, synapses)
    network.run(duration, report=ProgressBar())
    print(explain(network))
    return synapses.w[:]


if __name__ == "__main__":
    plt.plot(5 + arange(50), learn(), ".")
    plt.gca().set(xlabel="rate of the input (Hz)", ylabel="w")
    plt.savefig("own_rule.png")
