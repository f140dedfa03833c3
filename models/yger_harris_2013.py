"""Cells that learn spoken digits, after Yger & Harris 2013: one cell, or a layer of rivals.

Yger, P. and Harris, K. D. (2013). The Convallis rule for unsupervised learning in cortical
networks. PLoS Computational Biology 9(10):e1003272.

A hundred inputs fire at the rates of a cochleogram and drive conductance-based cells through
plastic synapses. Every input spike also inhibits all cells (fixed), which divides out loudness; in
a layer each cell's spike inhibits the others.

Kept from the paper
    A hundred inhomogeneous-Poisson inputs of a cochleogram; rules under a rate constraint;
    Convallis, rate-constrained STDP and the rate constraint alone (`yger_harris_2013_rules`).
Ours
    Every constant, the inhibition and the normalisation of the input: the paper's were not
    available. They were found by search on the Free Spoken Digit Dataset.
Elsewhere
    The recurrent network (`yger_harris_2013_recurrent`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

import numpy as np
from brian2 import (
    Clock,
    Hz,
    Network,
    PoissonGroup,
    Quantity,
    SpikeGeneratorGroup,
    SpikeMonitor,
    Synapses,
    TimedArray,
    ms,
    mV,
    second,
)
from numpy.typing import NDArray

from spikeplast.neurons import ConductanceLIF
from spikeplast.parameters import Parameters, parameter
from spikeplast.plasticity import Convallis
from spikeplast.stimuli.spike_encoding import Spikes

__all__ = [
    "Response",
    "SpeechNetwork",
    "SpeechParameters",
    "SpeechState",
    "Train",
    "in_sequence",
    "poisson_inputs",
]


def _cell() -> ConductanceLIF:
    return ConductanceLIF(
        tau_m=20 * ms,
        v_rest=-70 * mV,
        v_reset=-60 * mV,
        v_threshold=-50 * mV,
        refractory=3 * ms,
        E_e=0 * mV,
        E_i=-75 * mV,
        tau_e=5 * ms,
        tau_i=10 * ms,
    )


@dataclass(frozen=True)
class SpeechParameters(Parameters):
    """A cell, or a layer, and its inputs; weights are in units of the leak conductance."""

    n_cells: int = 1
    n_channels: int = 100
    connection: float = parameter(1.0, above=0, at_most=1)
    """Share of the channels that each cell sees, drawn at random"""
    w_start_low: float = parameter(0.02, at_least=0)
    w_start_high: float = parameter(0.06, at_least=0)
    """Limits of the first weights, uniform, before division by `connection`"""
    w_max: float = parameter(0.25, above=0)
    w_feedforward: float = parameter(0.01, at_least=0)
    """Inhibition of every cell by each input spike"""
    w_lateral: float = parameter(0.0, at_least=0)
    """Inhibition of every other cell by each cell's spike"""
    rule: Convallis = field(default_factory=Convallis)
    cell: ConductanceLIF = field(default_factory=_cell)
    dt: Quantity = parameter(1 * ms, ms, above=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.n_cells < 1 or self.n_channels < 1:
            raise ValueError(
                f"SpeechParameters: n_cells = {self.n_cells} and n_channels = {self.n_channels} "
                "have to be at least 1"
            )
        if self.w_start_low > self.w_start_high:
            raise ValueError(
                f"SpeechParameters: w_start_low = {self.w_start_low} is above w_start_high = "
                f"{self.w_start_high}"
            )


@dataclass(frozen=True)
class SpeechState:
    """What a network carries from one sequence of utterances to the next; SI without units."""

    w: NDArray[np.float64]
    """(n_synapses,)"""
    psi: NDArray[np.float64]
    """(n_synapses,) change collected since the last update"""
    convallis_rate: NDArray[np.float64]
    """(n_cells,)"""
    convallis_lambda: NDArray[np.float64]
    """(n_cells,)"""


class Train(NamedTuple):
    """Input spikes of a sequence of utterances."""

    channels: NDArray[np.int64]
    times: NDArray[np.float64]
    """Seconds, ascending"""
    onsets: NDArray[np.float64]
    """(n_utterances,) in seconds"""
    ends: NDArray[np.float64]
    """(n_utterances,) of the sound, in seconds"""
    duration: float
    """Seconds, with the last pause"""


class Response(NamedTuple):
    """Spikes of the cells, in the order of time."""

    cells: NDArray[np.int64]
    times: NDArray[np.float64]
    """Seconds from the start of the sequence"""


def in_sequence(utterances: Sequence[Spikes], durations: Sequence[float], pause: float) -> Train:
    """Spikes of utterances one after the other, each followed by `pause` (s).

    Args:
        utterances: spikes (times in s), each within its duration and pause.
        durations: of the sounds (s), without the pause.
    """
    spans = np.asarray(durations, dtype=float) + pause
    starts = np.concatenate([[0.0], np.cumsum(spans)])
    return Train(
        channels=np.concatenate([spikes.channels for spikes in utterances]),
        times=np.concatenate([s.times + t for s, t in zip(utterances, starts[:-1], strict=True)]),
        onsets=starts[:-1],
        ends=starts[:-1] + np.asarray(durations, dtype=float),
        duration=float(starts[-1]),
    )


def poisson_inputs(
    rates: NDArray[np.float64], frame: float, *, clock: Clock | None = None
) -> PoissonGroup:
    """A Brian 2 PoissonGroup whose rates follow (n_frames, n_channels) in Hz, frames of `frame` s.

    Input for a network that draws its own spikes; after the last frame its rates stay.
    `SpeechNetwork` is given spikes instead (`spike_encoding.poisson_spikes`), so that an utterance
    has the same ones on every device.
    """
    values = np.asarray(rates, dtype=float)
    if values.ndim != 2 or values.size == 0 or not np.all(values >= 0):
        raise ValueError(f"rates of shape {values.shape} have to be (n_frames, n_channels), >= 0")
    timed = TimedArray(values * Hz, dt=frame * second)
    return PoissonGroup(
        values.shape[1], rates="input_rates(t, i)", clock=clock, namespace={"input_rates": timed}
    )


class SpeechNetwork:
    """The network as Brian 2 objects: `inputs`, `cells`, `synapses`, `network`.

    Args:
        parameters: of cell, rule and connections.
        random_seed: of the connections and first weights; nothing else is random in the network.
    """

    def __init__(self, parameters: SpeechParameters, random_seed: int = 0) -> None:
        self.parameters = p = parameters
        rng = np.random.default_rng(random_seed)
        # One clock: with one of its own for each object the loop compares them at every step.
        clock = Clock(p.dt, name="step_clock*")
        self.inputs = SpikeGeneratorGroup(
            p.n_channels, [], [] * second, clock=clock, name="speech_inputs*"
        )
        self.cells = p.cell.group(
            p.n_cells, extra_equations=p.rule.target_equations, clock=clock, name="speech_cells*"
        )
        self.synapses = p.rule.synapses(
            self.inputs, self.cells, acts_on="g_e", w_max=p.w_max, clock=clock
        )
        n_seen = max(1, round(p.connection * p.n_channels))
        seen = np.sort(
            [rng.choice(p.n_channels, n_seen, replace=False) for _ in range(p.n_cells)], axis=1
        )
        # Ordered by channel, as spikes visit them.
        order = np.argsort(seen.ravel(), kind="stable")
        self.source = seen.ravel()[order]
        self.target = np.repeat(np.arange(p.n_cells), n_seen)[order]
        self.synapses.connect(i=self.source, j=self.target)
        scale = p.n_channels / n_seen
        self.synapses.w = scale * rng.uniform(p.w_start_low, p.w_start_high, len(self.source))
        objects: list[Any] = [self.inputs, self.cells, self.synapses]
        # Brian 2 orders what happens in a step by name, and sums depend on the order: so not by a
        # name that depends on what else exists.
        for name, w, source, condition in (
            ("feedforward*", p.w_feedforward, self.inputs, None),
            ("lateral*", p.w_lateral, self.cells, "i != j"),
        ):
            if w > 0:
                inhibition = Synapses(
                    source,
                    self.cells,
                    on_pre="g_i_post += w_fixed",
                    namespace={"w_fixed": w},
                    clock=clock,
                    name=name,
                )
                inhibition.connect(condition=condition)
                objects.append(inhibition)
        self._spikes = SpikeMonitor(self.cells)
        self.network = Network(*objects, self._spikes)
        self.network.store("start")

    def state(self) -> SpeechState:
        """The state now, as copies."""
        return SpeechState(
            w=np.array(self.synapses.w),
            psi=np.array(self.synapses.psi),
            convallis_rate=np.array(self.cells.convallis_rate_),
            convallis_lambda=np.array(self.cells.convallis_lambda),
        )

    def weights(self, state: SpeechState) -> NDArray[np.float64]:
        """Weights as a matrix (n_channels, n_cells), 0 where there is no synapse."""
        matrix = np.zeros((self.parameters.n_channels, self.parameters.n_cells))
        matrix[self.source, self.target] = state.w
        return matrix

    def present(self, train: Train, state: SpeechState, *, learning: bool) -> Response:
        """Present a sequence of utterances from `state`; leaves the network in the state after it.

        The outcome depends on the arguments alone: time, voltages, conductances and the traces of
        spikes start afresh, which a pause before makes small.

        Raises:
            ValueError: for a state of another network, or one that is not finite.
            KeyboardInterrupt: if Ctrl-C ended the run early.
        """
        self.network.restore("start")
        for item in fields(state):
            values = getattr(state, item.name)
            owner = self.synapses if item.name in ("w", "psi") else self.cells
            if values.shape != (len(owner),) or not np.all(np.isfinite(values)):
                raise ValueError(
                    f"state.{item.name} of shape {values.shape} has to be finite and "
                    f"({len(owner)},)"
                )
            setattr(owner, f"{item.name}_", values)
        self.synapses.learning_rate = float(learning)
        self.inputs.set_spikes(train.channels, train.times * second, sorted=True)
        self.network.run(train.duration * second, namespace={})
        # Brian 2 answers a first Ctrl-C by ending the run early, without an exception.
        if float(self.network.t) < train.duration - 1.5 * float(self.parameters.dt):
            raise KeyboardInterrupt
        return Response(
            np.array(self._spikes.i, dtype=np.int64), np.array(self._spikes.t_, dtype=float)
        )
