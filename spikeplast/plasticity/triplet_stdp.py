"""Triplet STDP of Pfister & Gerstner 2006, with the paper's eight parameter sets."""

from dataclasses import dataclass
from typing import Any, ClassVar

from brian2 import Quantity, ms

from spikeplast.parameters import parameter
from spikeplast.plasticity.rule import (
    PAIRINGS,
    PlasticityRule,
    SpikeEffect,
    check_choice,
    trace_jump,
)
from spikeplast.references import bibtex

MODELS = ("full", "minimal")

# A2_plus, A3_plus, A2_minus, A3_minus, tau_x (ms; None: no trace r2), tau_y (ms)
_VISUAL_CORTEX = {
    ("all-to-all", "full"): (5e-10, 6.2e-3, 7e-3, 2.3e-4, 101, 125),
    ("all-to-all", "minimal"): (0, 6.5e-3, 7.1e-3, 0, None, 114),
    ("nearest", "full"): (8.8e-11, 5.3e-2, 6.6e-3, 3.1e-3, 714, 40),
    ("nearest", "minimal"): (0, 5e-2, 8e-3, 0, None, 40),
}
_HIPPOCAMPUS = {
    ("all-to-all", "full"): (6.1e-3, 6.7e-3, 1.6e-3, 1.4e-3, 946, 27),
    ("all-to-all", "minimal"): (5.3e-3, 8e-3, 3.5e-3, 0, None, 40),
    ("nearest", "full"): (4.6e-3, 9.1e-3, 3e-3, 7.5e-9, 575, 47),
    ("nearest", "minimal"): (4.6e-3, 9.1e-3, 3e-3, 0, None, 48),
}


@dataclass(frozen=True)
class TripletSTDP(PlasticityRule):
    """Triplet STDP (Pfister & Gerstner 2006, J Neurosci 26:9673).

    Traces `r1` (tau_plus) and `r2` (tau_x) of presynaptic, `o1` (tau_minus) and `o2` (tau_y) of
    postsynaptic spikes:

        presynaptic spike:   w -= o1 (A2_minus + A3_minus r2(t - eps)),  then r1, r2 jump
        postsynaptic spike:  w += r1 (A2_plus + A3_plus o2(t - eps)),    then o1, o2 jump

    The slow trace of the spiking side itself is read just before its own jump (t - eps), so a
    spike does not form a triplet with itself.

    Parameters (defaults: `visual_cortex()`):

    - `A2_plus`, `A3_plus`, `A2_minus`, `A3_minus` (>= 0, in units of w)
    - `tau_plus`, `tau_minus`, `tau_y` (> 0 ms), `tau_x` (> 0 ms, or None for a model without the
      trace `r2`, which then needs `A3_minus` = 0)
    - `pairing`: "all-to-all" (a trace adds 1 at every spike) or "nearest" (it is set to 1)

    Wrong where depression depends on voltage rather than on spikes. The amplitudes are fitted to
    60 pairings and are relative to the initial weight. The time constants tau_x of the two rows
    where A3_minus is nearly 0 are not constrained by the fit. docs/verification.md compares every
    parameter set with the paper's errors.
    """

    A2_plus: float = parameter(5e-10, at_least=0)
    A3_plus: float = parameter(6.2e-3, at_least=0)
    A2_minus: float = parameter(7e-3, at_least=0)
    A3_minus: float = parameter(2.3e-4, at_least=0)
    tau_plus: Quantity = parameter(16.8 * ms, ms, above=0)
    tau_minus: Quantity = parameter(33.7 * ms, ms, above=0)
    tau_x: Quantity | None = parameter(101 * ms, ms, above=0, optional=True)
    tau_y: Quantity = parameter(125 * ms, ms, above=0)
    pairing: str = "all-to-all"

    citation: ClassVar[str] = bibtex("Pfister2006")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_choice("TripletSTDP", "pairing", self.pairing, PAIRINGS)
        if self.tau_x is None and self.A3_minus != 0:
            raise ValueError(
                f"TripletSTDP: A3_minus = {self.A3_minus:g} needs the trace r2, but tau_x = None; "
                "give tau_x, or set A3_minus to 0"
            )

    @property
    def traces(self) -> str:
        """`r1`, `r2` of presynaptic, `o1`, `o2` of postsynaptic spikes; no `r2` without tau_x."""
        traces = """
        dr1/dt = -r1 / tau_plus : 1 (event-driven)
        do1/dt = -o1 / tau_minus : 1 (event-driven)
        do2/dt = -o2 / tau_y : 1 (event-driven)
        """
        if self.tau_x is not None:
            traces += "dr2/dt = -r2 / tau_x : 1 (event-driven)\n"
        return traces

    @property
    def pre(self) -> SpikeEffect:
        """Depression; `r2` is read before its jump."""
        if self.tau_x is None:
            return SpikeEffect(depression="A2_minus * o1", update=trace_jump("r1", self.pairing))
        return SpikeEffect(
            depression="o1 * (A2_minus + A3_minus * r2)",
            update=trace_jump("r1", self.pairing) + "\n" + trace_jump("r2", self.pairing),
        )

    @property
    def post(self) -> SpikeEffect:
        """Potentiation; `o2` is read before its jump."""
        return SpikeEffect(
            potentiation="r1 * (A2_plus + A3_plus * o2)",
            update=trace_jump("o1", self.pairing) + "\n" + trace_jump("o2", self.pairing),
        )

    @classmethod
    def visual_cortex(cls, pairing: str = "all-to-all", model: str = "full") -> "TripletSTDP":
        """Fit to Sjostrom et al. 2001 (visual cortex), of Pfister & Gerstner 2006.

        `pairing` is "all-to-all" or "nearest", `model` "full" or "minimal" (without A2_plus and
        A3_minus).
        """
        return cls._from_table(_VISUAL_CORTEX, pairing, model)

    @classmethod
    def hippocampus(cls, pairing: str = "all-to-all", model: str = "full") -> "TripletSTDP":
        """Fit to Wang et al. 2005 (hippocampal cultures), of Pfister & Gerstner 2006.

        `pairing` is "all-to-all" or "nearest", `model` "full" or "minimal" (without A3_minus).
        A3_minus of the full all-to-all model is 1.4e-3: a transcription with 1.4e-4 is in
        circulation, and misses the paper's error by a factor of three.
        """
        return cls._from_table(_HIPPOCAMPUS, pairing, model)

    @classmethod
    def _from_table(
        cls, table: dict[tuple[str, str], tuple[Any, ...]], pairing: str, model: str
    ) -> "TripletSTDP":
        check_choice("TripletSTDP", "pairing", pairing, PAIRINGS)
        check_choice("TripletSTDP", "model", model, MODELS)
        A2_plus, A3_plus, A2_minus, A3_minus, tau_x, tau_y = table[pairing, model]
        return cls(
            A2_plus=A2_plus,
            A3_plus=A3_plus,
            A2_minus=A2_minus,
            A3_minus=A3_minus,
            tau_x=None if tau_x is None else tau_x * ms,
            tau_y=tau_y * ms,
            pairing=pairing,
        )
