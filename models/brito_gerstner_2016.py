"""Spiking cells that grow receptive fields, after Brito & Gerstner 2016.

Brito, C. S. N. and Gerstner, W. (2016). Nonlinear Hebbian learning as a unifying principle in
receptive field formation. PLoS Computational Biology 12(9):e1005070.

Whitened patches are shown one after the other. Each pixel drives two Poisson inputs, ON by what is
above zero and OFF by what is below; they excite cells that do not know of each other through
plastic synapses, and inhibit them by the mean of these synapses' weights, so that what is the same
everywhere has no effect.

Kept from the paper
    The minimal triplet rule as a nonlinear Hebbian rule; a GIF cell as one of three kinds of cell.
Ours
    The spiking network: the paper derives what such a network would learn from the rule's drift and
    the cell's f-I curve, and simulates rate units (`plasticity.NonlinearHebbian`). ON and OFF
    inputs, the inhibition, the sliding threshold, tau_y of 40 ms and all amplitudes were found by
    search; the constants of the paper's cell were not available.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

import numpy as np
from brian2 import (
    Clock,
    Hz,
    Mohm,
    Network,
    NeuronGroup,
    Quantity,
    SpikeMonitor,
    Synapses,
    TimedArray,
    linked_var,
    ms,
    mV,
    pA,
    second,
)
from brian2 import seed as set_seed
from numpy.typing import ArrayLike, NDArray

from spikeplast.neurons import GIF, ConductanceLIF, CurrentInput, CurrentLIF
from spikeplast.neurons.model import NeuronModel
from spikeplast.parameters import Parameters, parameter
from spikeplast.plasticity import SlidingTripletSTDP, SpikeEffect

__all__ = ["FieldNetwork", "FieldParameters", "Learned", "SlidingPairSTDP"]


@dataclass(frozen=True)
class SlidingPairSTDP(SlidingTripletSTDP):
    """Pair STDP under the same homeostasis: potentiation does not read `o2`.

    pre:  w -= A2_minus (rho/rho_0)^2 o1      post:  w += A2_plus r1
    """

    A3_plus: float = parameter(0.0, at_least=0)
    A2_minus: float = parameter(1.42e-3, at_least=0)
    A2_plus: float = parameter(1.14e-3, at_least=0)

    unused: ClassVar[tuple[str, ...]] = ("A3_plus", "tau_y")

    @property
    def namespace(self) -> dict[str, Any]:
        """Without what only triplets use."""
        return {name: v for name, v in super().namespace.items() if name not in self.unused}

    @property
    def traces(self) -> str:
        """`r1` of presynaptic, `o1` of postsynaptic spikes."""
        return """
        dr1/dt = -r1 / tau_plus : 1 (event-driven)
        do1/dt = -o1 / tau_minus : 1 (event-driven)
        """

    @property
    def post(self) -> SpikeEffect:
        """Potentiation by pairs."""
        return SpikeEffect(potentiation="A2_plus * r1", update="o1 += 1")


def _current_cell() -> CurrentLIF:
    return CurrentLIF(
        tau_m=20 * ms,
        R_m=100 * Mohm,
        v_rest=-70 * mV,
        v_reset=-70 * mV,
        v_threshold=-50 * mV,
        refractory=5 * ms,
        tau_e=5 * ms,
        tau_i=5 * ms,
    )


@dataclass(frozen=True)
class FieldParameters(Parameters):
    """Cells, their inputs and the rule; weights of 1 are about 1 mV of charge in a cell at rest."""

    n_cells: int = 48
    cell: NeuronModel = field(default_factory=_current_cell)
    rule: SlidingTripletSTDP = field(default_factory=SlidingTripletSTDP.receptive_fields)
    gain: Any = field(default_factory=lambda: 40 * pA)
    """What a weight of 1 adds to the cell's excitatory current or conductance, in its unit"""
    inhibition: float = parameter(1.0, at_least=0)
    """What an input spike adds to the inhibitory one, in units of `gain` times the mean weight"""
    w_max: float = parameter(1.4, above=0)
    w_start: float = parameter(1.4, above=0)
    """First weights are uniform from 0 to this"""
    arbor: float | None = parameter(None, at_least=1, optional=True)
    """Pixels; each cell sees a disc of this radius around a place of its own, or (None) all"""
    mean_rate: Quantity = parameter(80 * Hz, Hz, above=0)
    """Of the inputs: as ten cells of the thalamus each"""
    peak_rate: Quantity = parameter(800 * Hz, Hz, above=0)
    presentation: Quantity = parameter(100 * ms, ms, above=0)
    """How long a patch is shown"""
    dt: Quantity = parameter(1 * ms, ms, above=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.n_cells < 1:
            raise ValueError(f"FieldParameters: n_cells = {self.n_cells} is below 1")
        if float(self.peak_rate * self.dt) > 1:
            raise ValueError(
                f"FieldParameters: peak_rate = {self.peak_rate} is more than one spike in each "
                f"step of dt = {self.dt}"
            )
        if self.mean_rate >= self.peak_rate:
            raise ValueError(
                f"FieldParameters: mean_rate = {self.mean_rate} is not below peak_rate = "
                f"{self.peak_rate}"
            )

    @property
    def receptors(self) -> tuple[str, str]:
        """The cell's variables that excitation and inhibition act on."""
        model = getattr(self.cell, "inputs", self.cell)
        kind = "I" if isinstance(model, CurrentInput) else "g"
        return f"{kind}_e", f"{kind}_i"

    @classmethod
    def conductance(cls, **changes: Any) -> FieldParameters:
        """Cells with conductance synapses; see `docs/results` for what was tried."""
        cell = ConductanceLIF(
            tau_m=20 * ms,
            v_rest=-70 * mV,
            v_reset=-70 * mV,
            v_threshold=-50 * mV,
            refractory=5 * ms,
            E_e=0 * mV,
            E_i=-80 * mV,
            tau_e=5 * ms,
            tau_i=5 * ms,
        )
        return cls(**({"cell": cell, "gain": 4 / 60, "inhibition": 1.7} | changes))

    @classmethod
    def gif(cls, **changes: Any) -> FieldParameters:
        """GIF cells, which fire at random and adapt; see `docs/results` for what was tried."""
        cell = GIF(inputs=CurrentInput(tau_e=5 * ms, tau_i=5 * ms))
        return cls(**({"cell": cell, "gain": 40 * pA} | changes))


class Learned(NamedTuple):
    """What a training left."""

    weights: NDArray[np.float64]
    """(n_samples + 1, 2, n_pixels, n_cells): at first and at even times; ON, then OFF"""
    rates: NDArray[np.float64]
    """(n_samples, n_cells) Hz, between these"""

    @property
    def fields(self) -> NDArray[np.float64]:
        """(n_cells, n_pixels) at the end, ON less OFF."""
        return (self.weights[-1, 0] - self.weights[-1, 1]).T


class FieldNetwork:
    """The network as Brian 2 objects: `inputs`, `cells`, `synapses`, `network`.

    Args:
        parameters: of cells, inputs and rule.
        patches: (n, height, width), with a mean near 0; shown in random order.
        random_seed: of first weights, order, input spikes and cells.

    Raises:
        ValueError: for patches that are not finite or of another shape.
    """

    def __init__(
        self, parameters: FieldParameters, patches: ArrayLike, random_seed: int = 0
    ) -> None:
        self.parameters = p = parameters
        shown = np.asarray(patches, dtype=float)
        if shown.ndim != 3 or shown.size == 0 or not np.isfinite(shown).all():
            raise ValueError(f"patches of shape {shown.shape}; expected (n, height, width), finite")
        self.shape = shown.shape[1:]
        set_seed(random_seed)
        clock, slow = Clock(p.dt, name="step_clock*"), Clock(p.presentation, name="patch_clock*")
        chooser, self.inputs = self._inputs(shown.reshape(len(shown), -1), clock, slow)
        excitation, inhibition = p.receptors
        self.cells = p.cell.group(
            p.n_cells,
            extra_equations="w_mean : 1\n" + p.rule.target_equations,
            clock=clock,
            name="field_cells*",
        )
        self.synapses = p.rule.synapses(
            self.inputs, self.cells, acts_on=excitation, gain=p.gain, w_max=p.w_max, clock=clock
        )
        w = self._first_weights(np.random.default_rng(random_seed))
        # Ordered by input, as spikes visit them; 0 is outside of the arbor.
        self._source, self._target = np.nonzero(w)
        self.synapses.connect(i=self._source, j=self._target)
        self.synapses.w = w[self._source, self._target]
        inhibitory = Synapses(
            self.inputs,
            self.cells,
            on_pre=f"{inhibition}_post += inhibition_gain*w_mean_post",
            namespace={"inhibition_gain": p.inhibition * p.gain},
            clock=clock,
        )
        inhibitory.connect(i=self._source, j=self._target)
        self.cells.run_regularly("w_mean = 0", clock=slow, when="start", order=1)
        self.synapses.run_regularly(
            "w_mean_post += w/N_incoming", clock=slow, when="start", order=2
        )
        self._spikes = SpikeMonitor(self.cells, record=False)
        self.network = Network(
            chooser, self.inputs, self.cells, self.synapses, inhibitory, self._spikes
        )

    def _inputs(
        self, patches: NDArray, clock: Clock, slow: Clock
    ) -> tuple[NeuronGroup, NeuronGroup]:
        p = self.parameters
        n_pixels = patches.shape[1]
        # Half of the values are above 0 and drive ON, the others OFF.
        scale = float(p.mean_rate) * 2 / np.abs(patches).mean()
        chooser = NeuronGroup(
            1, "shown : 1", clock=clock, namespace={"n_patches": len(patches)}, name="chooser*"
        )
        chooser.run_regularly("shown = floor(n_patches*rand())", clock=slow, when="start", order=-2)
        inputs = NeuronGroup(
            2 * n_pixels,
            "rates : Hz\nshown : 1 (linked)\npixel : integer (constant)\npolarity : 1 (constant)",
            threshold="rand() < rates*dt",
            clock=clock,
            namespace={
                "patch_values": TimedArray(patches * scale * Hz, dt=1 * ms),
                "peak_rate": p.peak_rate,
            },
            name="field_inputs*",
        )
        inputs.pixel = np.tile(np.arange(n_pixels), 2)
        inputs.polarity = np.repeat([1, -1], n_pixels)
        inputs.shown = linked_var(chooser, "shown")
        # In the middle of a patch's time, so that rounding cannot lead to its neighbour.
        inputs.run_regularly(
            "rates = clip(polarity*patch_values((shown + 0.5)*ms, pixel), 0*Hz, peak_rate)",
            clock=slow,
            when="start",
            order=-1,
        )
        return chooser, inputs

    def _first_weights(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """(n_inputs, n_cells); 0 where there is no synapse."""
        p = self.parameters
        height, width = self.shape
        # Never 0, which says that there is none.
        w = p.w_start * (1 - rng.random((2, height, width, p.n_cells)))
        if p.arbor is not None:
            # At least a radius from the border where there is room for that.
            edge = [min(p.arbor, (extent - 1) / 2) for extent in self.shape]
            far = [extent - 1 - low for extent, low in zip(self.shape, edge, strict=True)]
            centres = rng.uniform(edge, far, (p.n_cells, 2))
            rows, columns = np.indices(self.shape)[..., None] - centres.T[:, None, None, :]
            w *= rows**2 + columns**2 <= p.arbor**2
        return w.reshape(2 * height * width, p.n_cells)

    def weights(self) -> NDArray[np.float64]:
        """Weights now, (2, n_pixels, n_cells): ON, then OFF; 0 where there is no synapse."""
        w = np.zeros((len(self.inputs), self.parameters.n_cells))
        w[self._source, self._target] = self.synapses.w
        return w.reshape(2, -1, self.parameters.n_cells)

    def run(self, duration: Quantity, *, samples: int = 1, learning: bool = True) -> Learned:
        """Show patches for `duration`; weights are sampled at `samples` even times.

        Random numbers are Brian 2's, which the making of the last network seeded.

        Raises:
            KeyboardInterrupt: if Ctrl-C ended the run early.
        """
        self.synapses.learning_rate = float(learning)
        part = float(duration) / samples
        weights, rates = [self.weights()], []
        for _ in range(samples):
            before, end = np.array(self._spikes.count), float(self.network.t) + part
            self.network.run(part * second, namespace={})
            # Brian 2 answers a first Ctrl-C by ending the run early, without an exception.
            if float(self.network.t) < end - 1.5 * float(self.parameters.dt):
                raise KeyboardInterrupt
            weights.append(self.weights())
            rates.append((np.array(self._spikes.count) - before) / part)
        return Learned(np.array(weights), np.array(rates))
