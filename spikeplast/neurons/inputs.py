"""Synaptic input: the variables that synapses raise, and the current that flows from them."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

from brian2 import Quantity, mmolar, ms, mV

from spikeplast.parameters import Parameters, check_choice, parameter
from spikeplast.references import bibtex

SHAPES = ("exponential", "alpha", "double-exponential")


@dataclass(frozen=True)
class SynapticInput(Parameters):
    """Time course of an excitatory and an inhibitory input (base of the kinds below).

    After a synapse of weight 1 (times its gain) the conductance or current is, with `tau` the
    input's `tau_e` or `tau_i` and `tau_rise` its `tau_rise_e` or `tau_rise_i`,

        exponential          exp(-t/tau)
        alpha                (t/tau) exp(1 - t/tau)
        double-exponential   peak tau_rise/(tau - tau_rise) (exp(-t/tau) - exp(-t/tau_rise))

    All have a maximum of 1: a weight is the height of the response. What a synapse `acts_on` is
    the conductance or current itself (`g_e`, `g_i`, `I_e`, `I_i`) where the shape is exponential,
    and the variable that drives it (`x_e`, `x_i`, of the same unit) where it has a rise.

    Parameters:

    - `tau_e`, `tau_i` (> 0 ms): decay
    - `shape`: one of the three above
    - `tau_rise_e`, `tau_rise_i` (> 0 ms, below the decay): for the double-exponential shape only
    """

    tau_e: Quantity = parameter(5 * ms, ms, above=0)
    tau_i: Quantity = parameter(10 * ms, ms, above=0)
    shape: str = "exponential"
    tau_rise_e: Quantity | None = parameter(None, ms, above=0, optional=True)
    tau_rise_i: Quantity | None = parameter(None, ms, above=0, optional=True)

    channels: ClassVar[tuple[str, ...]] = ("e", "i")
    #: BibTeX of the papers.
    citation: ClassVar[str] = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        name = type(self).__name__
        check_choice(name, "shape", self.shape, SHAPES)
        for channel in self.channels:
            rise, decay = getattr(self, f"tau_rise_{channel}"), getattr(self, f"tau_{channel}")
            doubled = self._shape_of(channel) == "double-exponential"
            if doubled and rise is None:
                raise ValueError(
                    f"{name}: tau_rise_{channel} = None is missing; shape = 'double-exponential' "
                    f"needs a time above 0 ms and below tau_{channel} = {decay}"
                )
            if not doubled and rise is not None:
                raise ValueError(
                    f"{name}: tau_rise_{channel} = {rise} has no effect with shape = "
                    f"{self.shape!r}; choose 'double-exponential' or leave it out"
                )
            if doubled and rise >= decay:
                raise ValueError(
                    f"{name}: tau_rise_{channel} = {rise} is not below tau_{channel} = {decay}; "
                    "where both are equal, shape = 'alpha' is the limit"
                )

    def _shape_of(self, channel: str) -> str:
        return self.shape

    @property
    def namespace(self) -> dict[str, Any]:
        """Parameters, and for shapes with a rise the factors that make their maximum 1."""
        names = dict(super().namespace)
        for channel in self.channels:
            shape = self._shape_of(channel)
            if shape == "alpha":
                names[f"peak_{channel}"] = _peak(1.0)
            elif shape == "double-exponential":
                ratio = names[f"tau_{channel}"] / names[f"tau_rise_{channel}"]
                names[f"peak_{channel}"] = _peak(float(ratio))
        return names

    @property
    def input_current(self) -> str:
        """The current into the cell, as Brian 2 text."""
        raise NotImplementedError

    def input_equations(self, *, current: str, conductance: str) -> str:
        """Equations of the input variables; the model says its units of current and conductance."""
        raise NotImplementedError

    def _kinetics(self, variable: str, unit: str) -> str:
        return "\n".join(self._course(variable, channel, unit) for channel in self.channels)

    def _course(self, variable: str, channel: str, unit: str) -> str:
        y = f"{variable}_{channel}"
        tau = f"tau_{channel}"
        if self._shape_of(channel) == "exponential":
            return f"d{y}/dt = -{y} / {tau} : {unit}"
        x = f"x_{channel}"
        rise = tau if self._shape_of(channel) == "alpha" else f"tau_rise_{channel}"
        # What flows is a subexpression, so that a synapse cannot act on it by mistake.
        return (
            f"{y} = peak_{channel} * y_{channel} : {unit}\n"
            f"dy_{channel}/dt = (x_{channel} - y_{channel}) / {tau} : {unit}\n"
            f"d{x}/dt = -{x} / {rise} : {unit}"
        )


def _peak(ratio: float) -> float:
    """1 / the maximum of y where tau y' = x - y, for x that starts at 1; `ratio` is tau/tau_rise.

    At its maximum y equals x, which has decayed for tau ln(ratio)/(ratio - 1) by then.
    """
    return math.e if ratio == 1 else ratio ** (ratio / (ratio - 1))


@dataclass(frozen=True)
class ConductanceInput(SynapticInput):
    """Excitatory and inhibitory conductances `g_e` and `g_i`.

        I = g_e (E_e - v) + g_i (E_i - v)

    Parameters: those of `SynapticInput` (`tau_e`, `tau_i`, `shape`, `tau_rise_e`, `tau_rise_i`),
    and the reversal potentials `E_e`, `E_i` (mV). Defaults: Brette et al. 2007, COBA.
    """

    E_e: Quantity = parameter(0 * mV, mV)
    E_i: Quantity = parameter(-80 * mV, mV)

    @property
    def input_current(self) -> str:
        """Driving forces times conductances."""
        return "g_e*(E_e - v) + g_i*(E_i - v)"

    def input_equations(self, *, current: str, conductance: str) -> str:
        """Equations of the conductances."""
        return self._kinetics("g", conductance)


@dataclass(frozen=True)
class CurrentInput(SynapticInput):
    """Excitatory and inhibitory currents `I_e` and `I_i`, both positive: `I = I_e - I_i`.

    Parameters: those of `SynapticInput`. Defaults: Brette et al. 2007, CUBA.
    """

    @property
    def input_current(self) -> str:
        """Excitatory minus inhibitory current."""
        return "I_e - I_i"

    def input_equations(self, *, current: str, conductance: str) -> str:
        """Equations of the currents."""
        return self._kinetics("I", current)


@dataclass(frozen=True)
class NMDAInput(ConductanceInput):
    """Conductances `g_e` (AMPA) and `g_i` (GABA), and `g_n` (NMDA) with magnesium block.

        I = g_e (E_e - v) + g_i (E_i - v) + g_n B(v) (E_e - v)
        B(v) = 1 / (1 + (Mg/Mg_half) exp(-beta_Mg v))

    `g_n` rises and decays as a double exponential, whatever the shape of the others; synapses act
    on `x_n`. It is linear in its spikes: gating that saturates, as in Brunel & Wang 2001, is a
    matter of each synapse and not of the cell.

    Parameters: those of `ConductanceInput`, and

    - `tau_n`, `tau_rise_n` (> 0 ms): 100 and 2 ms in Brunel & Wang 2001
    - `Mg` (>= 0 mM): magnesium outside; 0 removes the block
    - `Mg_half` (> 0 mM), `beta_Mg` (>= 0 /mV): 3.57 mM and 0.062 /mV, Jahr & Stevens 1990 (as
      quoted in Brian 2's example of Brunel & Wang 2001)
    """

    tau_n: Quantity = parameter(100 * ms, ms, above=0)
    tau_rise_n: Quantity = parameter(2 * ms, ms, above=0)
    Mg: Quantity = parameter(1 * mmolar, mmolar, at_least=0)
    Mg_half: Quantity = parameter(3.57 * mmolar, mmolar, above=0)
    beta_Mg: Quantity = parameter(0.062 / mV, 1 / mV, at_least=0)

    channels: ClassVar[tuple[str, ...]] = ("e", "i", "n")
    citation: ClassVar[str] = bibtex("Brunel2001", "Jahr1990")

    def _shape_of(self, channel: str) -> str:
        return "double-exponential" if channel == "n" else self.shape

    @property
    def input_current(self) -> str:
        """Driving forces times conductances, NMDA's with its block."""
        return f"{super().input_current} + g_n*unblocked*(E_e - v)"

    def input_equations(self, *, current: str, conductance: str) -> str:
        """Equations of the conductances and `unblocked`, the fraction B(v)."""
        block = "unblocked = 1 / (1 + Mg/Mg_half * exp(-beta_Mg*v)) : 1"
        return f"{super().input_equations(current=current, conductance=conductance)}\n{block}"
