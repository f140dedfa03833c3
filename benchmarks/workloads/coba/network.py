"""The benchmark's network: conductance-based LIF neurons with additive pair STDP on E->E.

The cells and the 80/20 split follow the COBA network of Brette et al. 2007 (J. Comput.
Neurosci. 23, benchmark 1), itself after Vogels and Abbott 2005; the values were written from
memory. The Poisson start-up stimulus is replaced by a constant excitatory conductance, and the
weights and this drive were set here so that the excitatory cells fire at 20-28 Hz for as long
as the benchmark runs. The STDP rule is the event-driven one of Brian 2's documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, NamedTuple

import numpy as np
from brian2 import (
    Clock,
    Network,
    NeuronGroup,
    SpikeMonitor,
    Synapses,
    second,
    volt,
)

from benchmarks.workload import BrianNetwork, SpikeList, Workload

REFERENCE_SIZE = 4000
"""Number of neurons for which the weights of `Parameters` are meant."""


@dataclass(frozen=True)
class Parameters:
    """Constants of the network, in SI units (second, volt); conductances are in units of g_leak.

    The weights hold for 4,000 neurons; `scaled` gives those for another size.
    """

    dt: float = 1e-4
    tau_m: float = 20e-3
    tau_e: float = 5e-3
    tau_i: float = 10e-3
    e_l: float = -60e-3
    e_e: float = 0.0
    e_i: float = -80e-3
    v_t: float = -50e-3
    v_r: float = -60e-3
    refractory_steps: int = 50
    g_0: float = 1.8
    w_e: float = 0.25
    w_i: float = 3.2
    w_max: float = 0.5
    tau_plus: float = 20e-3
    tau_minus: float = 20e-3
    a_plus: float = 0.01
    a_minus: float = 0.0105
    p_connect: float = 0.02

    def scaled(self, n_neurons: int, p_connect: float = 0.02) -> Parameters:
        """The parameters for `n_neurons` connected with `p_connect`; the mean total weight is kept.

        The fluctuations of the input are not kept, so a small network fires at higher rates.
        """
        factor = REFERENCE_SIZE / n_neurons * self.p_connect / p_connect
        return replace(
            self,
            w_e=self.w_e * factor,
            w_i=self.w_i * factor,
            w_max=self.w_max * factor,
            p_connect=p_connect,
        )


class Draw(NamedTuple):
    """Everything random in the network, drawn once so that each target runs the same one.

    `ee`, `ei` and `ia` hold presynaptic and postsynaptic indices, each an int32 array of shape
    (n_synapses,), sorted by presynaptic then by postsynaptic index. Indices count within the
    population: `ee` excitatory to excitatory, `ei` excitatory to inhibitory, `ia` inhibitory to
    all cells (excitatory first).
    """

    n_exc: int
    n_inh: int
    v: np.ndarray
    w: np.ndarray
    ee: tuple[np.ndarray, np.ndarray]
    ei: tuple[np.ndarray, np.ndarray]
    ia: tuple[np.ndarray, np.ndarray]


def draw(n_neurons: int, parameters: Parameters, seed: int = 1) -> Draw:
    """Draw connectivity (no cell onto itself), initial potentials and initial E->E weights.

    `v` has shape (n_neurons,), volt, uniform between reset and threshold; `w` has shape
    (n_synapses of `ee`,), uniform in [0, w_max].
    """
    rng = np.random.default_rng(seed)
    n_exc = n_neurons * 4 // 5
    pre, post = [], []
    for source in range(n_neurons):
        targets = np.flatnonzero(rng.random(n_neurons) < parameters.p_connect)
        targets = targets[targets != source].astype(np.int32)
        pre.append(np.full(targets.size, source, dtype=np.int32))
        post.append(targets)
    i, j = np.concatenate(pre), np.concatenate(post)
    ee = (i < n_exc) & (j < n_exc)
    ei = (i < n_exc) & (j >= n_exc)
    ia = i >= n_exc
    return Draw(
        n_exc=n_exc,
        n_inh=n_neurons - n_exc,
        v=rng.uniform(parameters.v_r, parameters.v_t, n_neurons),
        w=rng.uniform(0.0, parameters.w_max, int(ee.sum())),
        ee=(i[ee], j[ee]),
        ei=(i[ei], j[ei] - np.int32(n_exc)),
        ia=(i[ia] - np.int32(n_exc), j[ia]),
    )


NEURON = """
dv/dt = ((g_e + g_0)*(E_e - v) + g_i*(E_i - v) + (E_l - v))/tau_m : volt (unless refractory)
dg_e/dt = -g_e/tau_e : 1
dg_i/dt = -g_i/tau_i : 1
"""

STDP = """
w : 1
dapre/dt = -apre/tau_plus : 1 (event-driven)
dapost/dt = -apost/tau_minus : 1 (event-driven)
"""

ON_PRE = """
g_e_post += w
apre += A_plus
w = clip(w + apost, 0, w_max)
"""

ON_POST = """
apost += A_minus
w = clip(w + apre, 0, w_max)
"""


@dataclass(frozen=True)
class CobaNetwork(Workload):
    """`n_neurons` cells connected with probability `p_connect`, weights scaled as `scaled` does."""

    n_neurons: int = REFERENCE_SIZE
    p_connect: float = 0.02

    title: ClassVar[str] = "recurrent conductance-based cells, additive pair STDP"
    seconds: ClassVar[float] = 5.0
    least: ClassVar[Mapping[str, int]] = {"n_neurons": 100}

    @property
    def parameters(self) -> Parameters:
        return Parameters().scaled(self.n_neurons, self.p_connect)

    @property
    def populations(self) -> dict[str, range]:
        n_exc = self.n_neurons * 4 // 5
        return {"E": range(n_exc), "I": range(n_exc, self.n_neurons)}

    @property
    def w_max(self) -> float:
        return self.parameters.w_max

    @property
    def dt(self) -> float:
        return self.parameters.dt

    def draw(self, seed: int) -> Draw:
        return draw(self.n_neurons, self.parameters, seed)

    def build(self, drawn: Draw, given: SpikeList | None = None) -> BrianNetwork:
        """Build the network on Brian 2's current device, from the arrays of `draw`.

        Every array goes in as it is, so no target draws a random number; there are no inputs.
        All cells are recorded by one `SpikeMonitor`.
        """
        return _build(drawn, self.parameters)


def _build(drawn: Draw, p: Parameters) -> BrianNetwork:
    clock = Clock(p.dt * second)
    neurons = NeuronGroup(
        drawn.n_exc + drawn.n_inh,
        NEURON,
        threshold="v > v_t",
        reset="v = v_r",
        refractory=p.refractory_steps * p.dt * second,
        method="euler",
        clock=clock,
        namespace={
            "g_0": p.g_0,
            "tau_m": p.tau_m * second,
            "tau_e": p.tau_e * second,
            "tau_i": p.tau_i * second,
            "E_l": p.e_l * volt,
            "E_e": p.e_e * volt,
            "E_i": p.e_i * volt,
            "v_t": p.v_t * volt,
            "v_r": p.v_r * volt,
        },
        name="neurons",
    )
    neurons.v = drawn.v * volt
    exc, inh = neurons[: drawn.n_exc], neurons[drawn.n_exc :]
    plastic = Synapses(
        exc,
        exc,
        STDP,
        on_pre=ON_PRE,
        on_post=ON_POST,
        method="exact",
        clock=clock,
        namespace={
            "tau_plus": p.tau_plus * second,
            "tau_minus": p.tau_minus * second,
            "A_plus": p.a_plus * p.w_max,
            "A_minus": -p.a_minus * p.w_max,
            "w_max": p.w_max,
        },
        name="plastic",
    )
    plastic.connect(i=drawn.ee[0], j=drawn.ee[1])
    plastic.w = drawn.w
    to_inh = Synapses(
        exc, inh, on_pre="g_e_post += w_e", clock=clock, namespace={"w_e": p.w_e}, name="to_inh"
    )
    to_inh.connect(i=drawn.ei[0], j=drawn.ei[1])
    from_inh = Synapses(
        inh, neurons, on_pre="g_i_post += w_i", clock=clock, namespace={"w_i": p.w_i},
        name="from_inh",
    )  # fmt: skip
    from_inh.connect(i=drawn.ia[0], j=drawn.ia[1])
    spikes = SpikeMonitor(neurons, name="spikes")
    network = Network(neurons, plastic, to_inh, from_inh, spikes)
    return BrianNetwork(network, plastic, spikes)
