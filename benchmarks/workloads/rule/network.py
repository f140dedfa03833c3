"""Poisson inputs on cells that fire at rates of their own, all to all, under any spiking rule.

The synapses transmit, but what they act on does not reach the cells' voltage: so all rules, on all
targets, see spikes at the same rates whatever they do to the weights. Each cell is driven above its
threshold by a constant, and has what rules need besides: a voltage, a refractory period, a rate
`rho` for R-max and a `value` for TD-STDP.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from brian2 import (
    Clock,
    Network,
    NeuronGroup,
    SpikeMonitor,
    get_unit,
    have_same_dimensions,
    ms,
    mV,
    second,
    volt,
)

from benchmarks.workload import BrianNetwork, SpikeList, Workload, input_group
from spikeplast import plasticity
from spikeplast.plasticity import ClockDrivenRule, PlasticityRule, RateRule

INPUT_RATE = 10.0
"""Hz"""
V_REST, V_T, V_RESET = -65 * mV, -50 * mV, -60 * mV
LOWEST_DRIVE, HIGHEST_DRIVE = -49.9e-3, -49e-3
"""volt; cells fire at about 20 to 30 Hz"""

CELLS = """
dv/dt = (drive - v)/(15*ms) : volt (unless refractory)
dg/dt = -g/(5*ms) : 1
drive : volt
"""

#: Classes by name, as the library exports them; first the one that does nothing.
SPIKING_RULES: dict[str, type[PlasticityRule]] = {
    name: item
    for name in sorted(plasticity.__all__, key=lambda name: (name != "Fixed", name.lower()))
    if inspect.isclass(item := getattr(plasticity, name))
    and issubclass(item, PlasticityRule)
    and not issubclass(item, RateRule)
    and not inspect.isabstract(item)
}


class Draw(NamedTuple):
    """`drive`, volt, shape (n_neurons,); `w`, shape (n_inputs, n_neurons)."""

    drive: np.ndarray
    w: np.ndarray


@dataclass(frozen=True)
class FeedForwardRule(Workload):
    """`n_inputs` Poisson inputs at 10 Hz on `n_neurons` cells, default parameters of `rule`."""

    rule: str = "PairSTDP"
    n_inputs: int = 500
    n_neurons: int = 100

    title: ClassVar[str] = "feed-forward, all to all, one rule of the library"
    seconds: ClassVar[float] = 1.0
    loops: ClassVar[dict[str, Any]] = {}
    slow: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.rule not in SPIKING_RULES:
            raise ValueError(f"rule must be one of {', '.join(SPIKING_RULES)}, not {self.rule}")

    @property
    def populations(self) -> dict[str, range]:
        return {"post": range(self.n_neurons)}

    @property
    def w_max(self) -> float:
        return 1.0

    @property
    def dt(self) -> float:
        return 1e-4

    def updates(self, post_rate: float) -> float:
        """Spikes times synapses per biological second: how often a weight is looked at."""
        return self.n_inputs * self.n_neurons * (INPUT_RATE + post_rate)

    def draw(self, seed: int) -> Draw:
        random = np.random.default_rng(seed)
        return Draw(
            random.uniform(LOWEST_DRIVE, HIGHEST_DRIVE, self.n_neurons),
            random.uniform(0.2, 0.8, (self.n_inputs, self.n_neurons)),
        )

    def build(self, drawn: Draw, given: SpikeList | None = None) -> BrianNetwork:
        rule = SPIKING_RULES[self.rule]()
        clock = Clock(self.dt * second, name="clock")
        inputs = input_group(self.n_inputs, INPUT_RATE, clock, given, name="inputs")
        cells = NeuronGroup(
            self.n_neurons,
            CELLS + _needs(rule),
            threshold="v > V_T",
            reset="v = V_RESET",
            refractory=2 * ms,
            method="exact",
            namespace={"V_T": V_T, "V_RESET": V_RESET},
            clock=clock,
            name="cells",
        )
        cells.v = V_REST
        cells.drive = drawn.drive * volt
        synapses = rule.synapses(inputs, cells, acts_on="g", clock=clock, name="synapses")
        synapses.connect()
        synapses.w = drawn.w.ravel()
        monitor = SpikeMonitor(cells, name="spikes")
        return BrianNetwork(Network(inputs, cells, synapses, monitor), synapses, monitor)


def _needs(rule: PlasticityRule) -> str:
    """Equations of what the rule needs and `CELLS` has not, and of what the rule supplies."""
    if not isinstance(rule, ClockDrivenRule):
        return ""
    lacking = {name: unit for name, unit in rule.needs.items() if name not in ("v", "lastspike")}
    lines = [
        f"{name} : {1 if have_same_dimensions(unit, 1) else repr(get_unit(unit.dim))}"
        for name, unit in lacking.items()
    ]
    return "\n".join([*lines, rule.target_equations])
