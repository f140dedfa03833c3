"""A recurrent, balanced network that hears spoken digits, after Yger & Harris 2013.

Yger, P. and Harris, K. D. (2013). The Convallis rule for unsupervised learning in cortical
networks. PLoS Computational Biology 9(10):e1003272.

Inputs fire at the rates of a cochleogram and drive conductance-based excitatory and inhibitory
cells, which are connected at random among themselves. Weights onto excitatory cells from inputs and
from other excitatory cells are plastic, all others fixed. Inhibition follows excitation closely,
so that cells fire irregularly.

Kept from the paper
    A recurrent, cortex-like network of spiking cells with a hundred inputs of a cochleogram; the
    rules, under a rate constraint.
Ours
    Every constant, size and probability: the paper's were not available.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from brian2 import (
    Clock,
    Network,
    NeuronGroup,
    Quantity,
    SpikeGeneratorGroup,
    SpikeMonitor,
    Synapses,
    ms,
    mV,
    second,
)
from numpy.typing import NDArray

from models.yger_harris_2013 import Response, Train
from spikeplast.neurons import ConductanceLIF
from spikeplast.parameters import Parameters, parameter
from spikeplast.plasticity import Convallis

__all__ = ["RecurrentNetwork", "RecurrentParameters", "RecurrentResponse", "RecurrentState"]


def _cell(tau_m: Quantity, refractory: Quantity) -> ConductanceLIF:
    return ConductanceLIF(
        tau_m=tau_m,
        v_rest=-70 * mV,
        v_reset=-60 * mV,
        v_threshold=-50 * mV,
        refractory=refractory,
        E_e=0 * mV,
        E_i=-75 * mV,
        tau_e=5 * ms,
        tau_i=10 * ms,
    )


@dataclass(frozen=True)
class RecurrentParameters(Parameters):
    """Sizes, connections and cells; weights are in units of the leak conductance.

    Each cell hears the given share of the channels, and of each population. First plastic weights
    are uniform between half and one and a half times their mean.
    """

    n_cells: int = 1000
    """Four fifths of them excitatory"""
    n_channels: int = 100
    input_connection: float = parameter(0.2, above=0, at_most=1)
    connection: float = parameter(0.1, above=0, at_most=1)
    w_input: float = parameter(0.12, at_least=0)
    """Mean first weight of inputs onto excitatory cells"""
    w_recurrent: float = parameter(0.03, at_least=0)
    """Mean first weight among excitatory cells"""
    w_max: float = parameter(0.5, above=0)
    """Bound of the plastic weights from inputs"""
    w_max_recurrent: float = parameter(0.25, above=0)
    """Bound of the plastic weights among excitatory cells"""
    w_input_inhibitory: float = parameter(0.12, at_least=0)
    w_e_to_i: float = parameter(0.06, at_least=0)
    w_i_to_e: float = parameter(0.3, at_least=0)
    w_i_to_i: float = parameter(0.3, at_least=0)
    rule: Convallis = field(default_factory=Convallis)
    cell: ConductanceLIF = field(default_factory=lambda: _cell(20 * ms, 3 * ms))
    inhibitory_cell: ConductanceLIF = field(default_factory=lambda: _cell(10 * ms, 2 * ms))
    dt: Quantity = parameter(1 * ms, ms, above=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.n_cells < 10 or self.n_channels < 1:
            raise ValueError(
                f"RecurrentParameters: n_cells = {self.n_cells} has to be at least 10, and "
                f"n_channels = {self.n_channels} at least 1"
            )
        for mean, bound in (("w_input", "w_max"), ("w_recurrent", "w_max_recurrent")):
            if 1.5 * getattr(self, mean) > getattr(self, bound):
                raise ValueError(
                    f"RecurrentParameters: {mean} = {getattr(self, mean):g} gives first weights "
                    f"above {bound} = {getattr(self, bound):g}; raise {bound}"
                )

    @property
    def n_excitatory(self) -> int:
        """Four fifths of all cells."""
        return self.n_cells * 4 // 5


@dataclass(frozen=True)
class RecurrentState:
    """What a network carries from one sequence of utterances to the next; SI without units."""

    w_input: NDArray[np.float64]
    """(n_input_synapses,)"""
    w_recurrent: NDArray[np.float64]
    """(n_recurrent_synapses,)"""
    psi_input: NDArray[np.float64]
    psi_recurrent: NDArray[np.float64]
    """Changes collected since the last update"""
    convallis_rate: NDArray[np.float64]
    convallis_lambda: NDArray[np.float64]
    """(n_excitatory,) each"""

    def scaled(self, factor: float) -> RecurrentState:
        """With all weights times `factor`."""
        return RecurrentState(
            **(
                vars(self)
                | {"w_input": factor * self.w_input, "w_recurrent": factor * self.w_recurrent}
            )
        )


@dataclass(frozen=True)
class RecurrentResponse:
    """Spikes of both populations, in the order of time."""

    excitatory: Response
    inhibitory: Response


class RecurrentNetwork:
    """The network as Brian 2 objects.

    Args:
        parameters: of cells, rule and connections.
        random_seed: of connections, first weights and voltages; nothing else is random here.
        learns: False makes the same network without a rule: faster, for watching a state. Its
            spikes are those of a learning network whose rate of learning is 0.
    """

    def __init__(
        self, parameters: RecurrentParameters, random_seed: int = 0, *, learns: bool = True
    ) -> None:
        self.parameters = p = parameters
        self.learns = learns
        rng = np.random.default_rng(random_seed)
        # One clock: with one of its own for each object the loop compares them at every step.
        self._clock = Clock(p.dt, name="step_clock*")
        self.inputs = SpikeGeneratorGroup(
            p.n_channels, [], [] * second, clock=self._clock, name="speech_inputs*"
        )
        self.excitatory = p.cell.group(
            p.n_excitatory,
            extra_equations=p.rule.target_equations if learns else "",
            clock=self._clock,
            name="excitatory*",
        )
        self.inhibitory = p.inhibitory_cell.group(
            p.n_cells - p.n_excitatory, clock=self._clock, name="inhibitory*"
        )
        for cells, model in ((self.excitatory, p.cell), (self.inhibitory, p.inhibitory_cell)):
            low, high = float(model.v_reset), float(model.v_threshold)
            cells.v_ = rng.uniform(low, high, len(cells))
        e, i = self.excitatory, self.inhibitory
        # Names that do not depend on what else exists: Brian 2 orders what happens in a step by
        # name, and sums of more than two numbers depend on the order.
        self.from_inputs = self._plastic(
            self.inputs, "inputs_to_e*", p.input_connection, p.w_input, p.w_max, rng
        )
        self.among = self._plastic(
            e, "e_to_e*", p.connection, p.w_recurrent, p.w_max_recurrent, rng
        )
        fixed = [
            self._fixed(*given, rng)
            for given in (
                (self.inputs, i, "inputs_to_i*", "g_e", p.input_connection, p.w_input_inhibitory),
                (e, i, "e_to_i*", "g_e", p.connection, p.w_e_to_i),
                (i, e, "i_to_e*", "g_i", p.connection, p.w_i_to_e),
                (i, i, "i_to_i*", "g_i", p.connection, p.w_i_to_i),
            )
        ]
        self._monitors = SpikeMonitor(e), SpikeMonitor(i)
        self.network = Network(
            self.inputs, e, i, self.from_inputs, self.among, *fixed, *self._monitors
        )
        self.network.store("start")

    def state(self) -> RecurrentState:
        """The state now, as copies; of a network that does not learn, nothing but weights."""
        return RecurrentState(
            **{
                name: np.array(getattr(owner, f"{variable}_"))
                if variable in owner.variables
                else np.zeros(len(owner))
                for name, owner, variable in self._places()
            }
        )

    def present(
        self, train: Train, state: RecurrentState, *, profile: bool = False
    ) -> RecurrentResponse:
        """Present a sequence of utterances from `state`; leaves the network in the state after it.

        The outcome depends on the arguments alone: time, voltages, conductances and the traces of
        spikes start afresh, which a pause before makes small.

        Args:
            profile: as of Brian 2's `run`.

        Raises:
            ValueError: for a state of another network, or one that is not finite.
            KeyboardInterrupt: if Ctrl-C ended the run early.
        """
        self.network.restore("start")
        for name, owner, variable in self._places():
            values = getattr(state, name)
            if values.shape != (len(owner),) or not np.all(np.isfinite(values)):
                raise ValueError(
                    f"state.{name} of shape {values.shape} has to be finite and ({len(owner)},)"
                )
            if variable in owner.variables:
                setattr(owner, f"{variable}_", values)
        self.inputs.set_spikes(train.channels, train.times * second, sorted=True)
        self.network.run(train.duration * second, namespace={}, profile=profile)
        # Brian 2 answers a first Ctrl-C by ending the run early, without an exception.
        if float(self.network.t) < train.duration - 1.5 * float(self.parameters.dt):
            raise KeyboardInterrupt
        return RecurrentResponse(
            *(
                Response(np.array(m.i, dtype=np.int64), np.array(m.t_, dtype=float))
                for m in self._monitors
            )
        )

    def _places(self) -> Iterator[tuple[str, Any, str]]:
        """Each part of the state, the object that has it, and the variable's name there."""
        yield "w_input", self.from_inputs, "w"
        yield "w_recurrent", self.among, "w"
        yield "psi_input", self.from_inputs, "psi"
        yield "psi_recurrent", self.among, "psi"
        yield "convallis_rate", self.excitatory, "convallis_rate"
        yield "convallis_lambda", self.excitatory, "convallis_lambda"

    def _plastic(
        self,
        source: Any,
        name: str,
        share: float,
        mean: float,
        w_max: float,
        rng: np.random.Generator,
    ) -> Synapses:
        made: Synapses
        same: dict[str, Any] = {"clock": self._clock, "name": name}
        if self.learns:
            made = self.parameters.rule.synapses(
                source, self.excitatory, acts_on="g_e", w_max=w_max, **same
            )
        else:
            made = Synapses(source, self.excitatory, "w : 1", on_pre="g_e_post += w", **same)
        _connect(made, share, rng)
        made.w = mean * rng.uniform(0.5, 1.5, len(made))
        return made

    def _fixed(
        self,
        source: Any,
        target: NeuronGroup,
        name: str,
        variable: str,
        share: float,
        weight: float,
        rng: np.random.Generator,
    ) -> Synapses:
        made = Synapses(
            source,
            target,
            on_pre=f"{variable}_post += w_fixed",
            namespace={"w_fixed": weight},
            clock=self._clock,
            name=name,
        )
        _connect(made, share, rng)
        return made


def _connect(synapses: Synapses, share: float, rng: np.random.Generator) -> None:
    """Each target hears the same number of sources, drawn at random, and never itself."""
    n_source, n_target = len(synapses.source), len(synapses.target)
    order = rng.random((n_target, n_source))
    n_others = n_source
    if synapses.source is synapses.target:
        np.fill_diagonal(order, 2)
        n_others -= 1
    n_heard = min(max(1, round(share * n_source)), n_others)
    heard = np.argpartition(order, n_heard - 1, axis=1)[:, :n_heard]
    # Ordered by source, as spikes visit them.
    place = np.lexsort((np.repeat(np.arange(n_target), n_heard), heard.ravel()))
    synapses.connect(i=heard.ravel()[place], j=np.repeat(np.arange(n_target), n_heard)[place])
