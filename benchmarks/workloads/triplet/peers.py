"""The network on NEST and ANNarchy; both draw their own Poisson input."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.peers import AnnarchyNetwork, NestNetwork
from benchmarks.workloads.feed_forward import Draw
from benchmarks.workloads.triplet import network as of
from benchmarks.workloads.triplet.network import TripletNetwork

__all__ = ["TripletOnAnnarchy", "TripletOnNest"]


def _refuse(given: Any) -> None:
    if given is not None:
        raise ValueError("this target draws its own input spikes; it takes none")


class TripletOnNest(NestNetwork):
    """`iaf_psc_exp` with `stdp_triplet_synapse`; parrots repeat the Poisson spikes."""

    def __init__(self, workload: TripletNetwork, drawn: Draw, given: Any = None):
        _refuse(given)
        super().__init__(of.DT, drawn.seed)
        nest = self.nest
        sources = nest.Create("poisson_generator", params={"rate": of.INPUT_RATE})
        inputs = nest.Create("parrot_neuron", workload.n_inputs)
        self.cells = nest.Create(
            "iaf_psc_exp",
            workload.n_neurons,
            {
                # A capacity as large as the time constant in ms makes a current of 1 pA drive to 1.
                "C_m": 1e3 * of.TAU_M,
                "tau_m": 1e3 * of.TAU_M,
                "tau_syn_ex": 1e3 * of.TAU_S,
                "E_L": 0.0,
                "V_th": 1.0,
                "V_reset": 0.0,
                "t_ref": 1e3 * of.REFRACTORY_STEPS * of.DT,
                "tau_minus": 1e3 * of.TAU_MINUS,
                "tau_minus_triplet": 1e3 * of.TAU_Y,
            },
        )
        self.cells.V_m = drawn.v
        nest.Connect(sources, inputs)
        nest.CopyModel(
            "stdp_triplet_synapse",
            "plastic",
            {
                "tau_plus": 1e3 * of.TAU_PLUS,
                "tau_plus_triplet": 1e3 * of.TAU_X,
                "Aplus": of.A2_PLUS * workload.w_max,
                "Aplus_triplet": of.A3_PLUS * workload.w_max,
                "Aminus": of.A2_MINUS * workload.w_max,
                "Aminus_triplet": of.A3_MINUS * workload.w_max,
                "Wmax": workload.w_max,
            },
        )
        pre = np.repeat(inputs.tolist(), workload.n_neurons)
        post = np.tile(self.cells.tolist(), workload.n_inputs)
        self.connect(pre, post, weight=drawn.w.ravel(), synapse_model="plastic")
        nest.Connect(self.cells, self.recorder)
        self.plastic = {"synapse_model": "plastic"}


NEURON = """
tau_m*dv/dt = g_exc - v
tau_s*dg_exc/dt = -g_exc
"""

TRACES = """
tau_plus*dr1/dt = -r1 : event-driven
tau_x*dr2/dt = -r2 : event-driven
tau_minus*do1/dt = -o1 : event-driven
tau_y*do2/dt = -o2 : event-driven
"""

PRE_SPIKE = """
g_target += w
w = clip(w - w_max*o1*(A2_minus + A3_minus*r2), 0.0, w_max)
r1 += 1.0
r2 += 1.0
"""

POST_SPIKE = """
w = clip(w + w_max*r1*(A2_plus + A3_plus*o2), 0.0, w_max)
o1 += 1.0
o2 += 1.0
"""


class TripletOnAnnarchy(AnnarchyNetwork):
    """The same equations."""

    def __init__(self, workload: TripletNetwork, drawn: Draw, given: Any = None):
        _refuse(given)
        super().__init__(of.DT, drawn.seed)
        ann = self.annarchy
        neuron = ann.Neuron(
            parameters={"tau_m": 1e3 * of.TAU_M, "tau_s": 1e3 * of.TAU_S},
            equations=NEURON,
            spike="v > 1.0",
            reset="v = 0.0",
            refractory=1e3 * of.REFRACTORY_STEPS * of.DT,
        )
        inputs = self.network.create(
            population=ann.PoissonPopulation(workload.n_inputs, rates=of.INPUT_RATE)
        )
        cells = self.network.create(workload.n_neurons, neuron)
        cells.v = drawn.v
        triplet = ann.Synapse(
            parameters={
                "w_max": workload.w_max,
                "A2_plus": of.A2_PLUS,
                "A3_plus": of.A3_PLUS,
                "A2_minus": of.A2_MINUS,
                "A3_minus": of.A3_MINUS,
                "tau_plus": 1e3 * of.TAU_PLUS,
                "tau_x": 1e3 * of.TAU_X,
                "tau_minus": 1e3 * of.TAU_MINUS,
                "tau_y": 1e3 * of.TAU_Y,
            },
            equations=TRACES,
            pre_spike=PRE_SPIKE,
            post_spike=POST_SPIKE,
        )
        plastic = self.network.connect(inputs, cells, "exc", triplet)
        plastic.from_matrix(drawn.w.T)
        self.finish(cells, plastic)
