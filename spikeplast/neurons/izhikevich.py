"""Izhikevich's simple neuron, with its named types."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from brian2 import Quantity, ms, mV

from spikeplast.neurons.inputs import SynapticInput
from spikeplast.neurons.model import NeuronWithInputs
from spikeplast.neurons.own_update import own_update
from spikeplast.parameters import check_choice, parameter
from spikeplast.references import bibtex

# a (1/ms), b (1/ms), c (mV), d (mV/ms)
_TYPES = {
    "RS": (0.02, 0.2, -65, 8),
    "IB": (0.02, 0.2, -55, 4),
    "CH": (0.02, 0.2, -50, 2),
    "FS": (0.1, 0.2, -65, 2),
    "LTS": (0.02, 0.25, -65, 2),
    "TC": (0.02, 0.25, -65, 0.05),
    "RZ": (0.1, 0.26, -65, 2),
}
TYPES = tuple(_TYPES)
_SLOPE = "(0.04/(ms*mV)*{v}**2 + 5/ms*{v} + 140*mV/ms - u + {current})"


@dataclass(frozen=True)
class Izhikevich(NeuronWithInputs):
    """Izhikevich's simple neuron (2003).

        dv/dt = 0.04 v^2 + 5 v + 140 - u + I_ext + I_syn      (mV, ms)
        du/dt = a (b v - u)
        spike where v >= 30 mV;  then v = c, u += d

    Parameters (defaults: regular spiking):

    - `a`, `b` (1/ms), `c` (mV, below 30 mV), `d` (mV/ms)
    - `refractory` (>= 0 ms): 0 in the paper; `v` is held meanwhile
    - `inputs`: None as in the paper's networks, whose synapses are jumps (`acts_on="v"` with
      a gain in mV); or a synaptic input, whose conductances are in hertz and currents in mV/ms

    `I_ext` (mV/ms, one per neuron) is 0 unless set; the paper's "I = 10" is `10*mV/ms`.

    A step is that of the paper's program: two half steps of forward Euler for `v`, then `u` from
    the new `v`. The types belong to this step at `dt = 1*ms`; other methods (`method="euler"`) and
    steps give other spike times. Wrong as a model of v itself: it is in mV for orientation.
    """

    a: Quantity = parameter(0.02 / ms, 1 / ms)
    b: Quantity = parameter(0.2 / ms, 1 / ms)
    c: Quantity = parameter(-65 * mV, mV)
    d: Quantity = parameter(8 * mV / ms, mV / ms)
    refractory: Quantity = parameter(0 * ms, ms, at_least=0)
    inputs: SynapticInput | None = None

    reset: ClassVar[str] = "v = c\nu += d"
    threshold: ClassVar[str] = "v >= 30*mV"
    citation: ClassVar[str] = bibtex("Izhikevich2003")

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_reset_below(30 * mV, "the threshold", "c")

    @property
    def equations(self) -> str:
        """Membrane, recovery, synaptic input and `I_ext`."""
        return f"""
        dv/dt = {_SLOPE.format(v="v", current=self._current)} : volt (unless refractory)
        du/dt = a*(b*v - u) : volt/second
        {self._current_equations("volt/second", "hertz")}
        """

    @property
    def method(self) -> Callable[..., str]:
        """The step of the paper's program."""
        slopes = [_SLOPE.format(v=v, current=self._current) for v in ("v", "_half_v")]
        computed = [
            f"_half_v = v + 0.5*dt*{slopes[0]}",
            f"_new_v = _half_v + 0.5*dt*{slopes[1]}",
        ]
        return own_update(("v", "u"), computed, ["v = _new_v", "u += dt*a*(b*v - u)"])

    @property
    def initial_values(self) -> dict[str, Any]:
        """v = -65 mV and u = b v, as in the paper's program."""
        return {"v": -65 * mV, "u": self.b * -65 * mV}

    @classmethod
    def named(cls, kind: str, **parameters: Any) -> "Izhikevich":
        """One of the paper's types: RS, IB, CH (excitatory), FS, LTS (inhibitory), TC, RZ.

        RS and FS are confirmed in several sources; the others are quoted from memory.
        """
        check_choice("Izhikevich.named", "kind", kind, TYPES)
        a, b, c, d = _TYPES[kind]
        values = {"a": a / ms, "b": b / ms, "c": c * mV, "d": d * mV / ms}
        return cls(**(values | parameters))
