"""Inhibitory plasticity of Vogels et al. 2011."""

from dataclasses import dataclass
from typing import Any, ClassVar

from brian2 import Hz, Quantity, ms

from spikeplast.parameters import parameter
from spikeplast.plasticity.rule import PlasticityRule, SpikeEffect
from spikeplast.references import bibtex


@dataclass(frozen=True)
class Vogels(PlasticityRule):
    """Inhibitory STDP that balances excitation (Vogels, Sprekeler, Zenke, Clopath & Gerstner 2011).

    Traces `r1` of presynaptic (inhibitory) and `o1` of postsynaptic spikes, both with `tau`:

        presynaptic spike:   w += eta (o1 - alpha),  alpha = 2 rho_0 tau,  then r1 += 1
        postsynaptic spike:  w += eta r1,                                  then o1 += 1

    The change at a presynaptic spike is bounded as one sum. For independent spike trains the mean
    drift is `eta nu_pre (2 nu_post tau - alpha)`, so the target fires at rho_0; a postsynaptic
    spike is less likely just after strong inhibition, so with few strong inputs the rate
    settles above it.

    Weights are positive; `acts_on` is the inhibitory variable of the target ("g_i"). There is no
    upper bound in the paper: give a `w_max` that is never reached. Bounds that depend on the weight
    are refused (ValueError).

    Parameters: `eta` (>= 0, in units of w), `rho_0` (> 0 Hz), `tau` (> 0 ms). The default is the
    single cell of the authors' code; Brian 2's example of the recurrent network has 1e-2 and 3 Hz,
    Auryn 1e-4 and 3 Hz. The paper's own table was not seen.

    Wrong for excitatory synapses: correlations in both orders potentiate.
    """

    eta: float = parameter(1e-3, at_least=0)
    rho_0: Quantity = parameter(6.25 * Hz, Hz, above=0)
    tau: Quantity = parameter(20 * ms, ms, above=0)

    citation: ClassVar[str] = bibtex("Vogels2011")

    @property
    def namespace(self) -> dict[str, Any]:
        """With alpha instead of the target rate."""
        return {"eta": self.eta, "tau": self.tau, "alpha": float(2 * self.rho_0 * self.tau)}

    @property
    def traces(self) -> str:
        """`r1` of presynaptic and `o1` of postsynaptic spikes."""
        return """
        dr1/dt = -r1 / tau : 1 (event-driven)
        do1/dt = -o1 / tau : 1 (event-driven)
        """

    @property
    def pre(self) -> SpikeEffect:
        """Potentiation by earlier postsynaptic spikes, less a constant."""
        return SpikeEffect(change="eta * (o1 - alpha)", update="r1 += 1")

    @property
    def post(self) -> SpikeEffect:
        """Potentiation by earlier presynaptic spikes."""
        return SpikeEffect(potentiation="eta * r1", update="o1 += 1")
