"""The network on NEST and ANNarchy."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

from benchmarks.peers import AnnarchyNetwork, NestNetwork
from benchmarks.workloads.coba.network import CobaNetwork, Draw

__all__ = ["CobaOnAnnarchy", "CobaOnNest"]

LEAK = 10.0
"""Leak conductance, nS: NEST's conductances have units, the network's are relative to it."""


class CobaOnNest(NestNetwork):
    """`iaf_cond_exp` with `stdp_synapse`; the constant drive is part of the leak."""

    def __init__(self, workload: CobaNetwork, drawn: Draw, given: None = None, seed: int = 1):
        p = workload.parameters
        super().__init__(p.dt, seed)
        nest, n_exc = self.nest, drawn.n_exc
        self.cells = nest.Create(
            "iaf_cond_exp",
            n_exc + drawn.n_inh,
            {
                "C_m": LEAK * p.tau_m * 1e3,
                "g_L": LEAK * (1 + p.g_0),
                "E_L": 1e3 * (p.e_l + p.g_0 * p.e_e) / (1 + p.g_0),
                "E_ex": 1e3 * p.e_e,
                "E_in": 1e3 * p.e_i,
                "V_th": 1e3 * p.v_t,
                "V_reset": 1e3 * p.v_r,
                "t_ref": 1e3 * p.refractory_steps * p.dt,
                "tau_syn_ex": 1e3 * p.tau_e,
                "tau_syn_in": 1e3 * p.tau_i,
                "tau_minus": 1e3 * p.tau_minus,
            },
        )
        self.cells.V_m = 1e3 * drawn.v
        ids = np.asarray(self.cells.tolist())
        exc, inh = ids[:n_exc], ids[n_exc:]
        nest.CopyModel(
            "stdp_synapse",
            "plastic",
            {
                "tau_plus": 1e3 * p.tau_plus,
                "lambda": p.a_plus,
                "alpha": p.a_minus / p.a_plus,
                "mu_plus": 0.0,
                "mu_minus": 0.0,
                "Wmax": LEAK * p.w_max,
            },
        )
        (i, j), weights = drawn.ee, LEAK * drawn.w
        self.connect(exc[i], exc[j], weight=weights, synapse_model="plastic")
        self.connect(exc[drawn.ei[0]], inh[drawn.ei[1]], weight=LEAK * p.w_e)
        self.connect(inh[drawn.ia[0]], ids[drawn.ia[1]], weight=-LEAK * p.w_i)
        nest.Connect(self.cells, self.recorder)
        self.plastic = {"synapse_model": "plastic"}

    @property
    def w(self) -> np.ndarray:
        return super().w / LEAK


# A name that begins with g_ would be a conductance of ANNarchy's own making.
NEURON = """
tau_m*dv/dt = (g_exc + drive)*(E_e - v) + g_inh*(E_i - v) + (E_l - v)
tau_e*dg_exc/dt = -g_exc
tau_i*dg_inh/dt = -g_inh
"""

TRACES = """
tau_plus*dapre/dt = -apre : event-driven
tau_minus*dapost/dt = -apost : event-driven
"""

PRE_SPIKE = """
g_target += w
apre += A_plus
w = clip(w + apost, 0.0, w_max)
"""

POST_SPIKE = """
apost += A_minus
w = clip(w + apre, 0.0, w_max)
"""


class CobaOnAnnarchy(AnnarchyNetwork):
    """The same equations."""

    def __init__(self, workload: CobaNetwork, drawn: Draw, given: None = None, seed: int = 1):
        p = workload.parameters
        super().__init__(p.dt, seed)
        ann, n_exc = self.annarchy, drawn.n_exc
        n = n_exc + drawn.n_inh
        neuron = ann.Neuron(
            parameters={
                "drive": p.g_0,
                "tau_m": 1e3 * p.tau_m,
                "tau_e": 1e3 * p.tau_e,
                "tau_i": 1e3 * p.tau_i,
                "E_e": 1e3 * p.e_e,
                "E_i": 1e3 * p.e_i,
                "E_l": 1e3 * p.e_l,
                "v_t": 1e3 * p.v_t,
                "v_r": 1e3 * p.v_r,
            },
            equations=NEURON,
            spike="v > v_t",
            reset="v = v_r",
            refractory=1e3 * p.refractory_steps * p.dt,
        )
        cells = self.network.create(n, neuron)
        cells.v = 1e3 * drawn.v
        stdp = ann.Synapse(
            parameters={
                "tau_plus": 1e3 * p.tau_plus,
                "tau_minus": 1e3 * p.tau_minus,
                "A_plus": p.a_plus * p.w_max,
                "A_minus": -p.a_minus * p.w_max,
                "w_max": p.w_max,
            },
            equations=TRACES,
            pre_spike=PRE_SPIKE,
            post_spike=POST_SPIKE,
        )
        exc, inh = cells[:n_exc], cells[n_exc:]
        plastic = self.network.connect(exc, exc, "exc", stdp)
        plastic.from_sparse(_matrix(drawn.w, drawn.ee, (n_exc, n_exc)))
        to_inh = self.network.connect(exc, inh, "exc")
        to_inh.from_sparse(_matrix(p.w_e, drawn.ei, (n_exc, drawn.n_inh)))
        from_inh = self.network.connect(inh, cells, "inh")
        from_inh.from_sparse(_matrix(p.w_i, drawn.ia, (drawn.n_inh, n)))
        self.finish(cells, plastic)


def _matrix(
    weights: float | np.ndarray, synapses: tuple[np.ndarray, np.ndarray], shape: tuple[int, int]
) -> csr_matrix:
    pre, post = synapses
    return csr_matrix((np.broadcast_to(weights, pre.size), (pre, post)), shape=shape)
