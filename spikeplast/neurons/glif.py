"""The generalised leaky integrate-and-fire neurons of the Allen Institute, levels 1 to 5."""

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral
from typing import Any, ClassVar

from brian2 import Equations, NeuronGroup, Quantity, ms, mV, nS, pA, pF

from spikeplast.neurons.model import NeuronWithInputs
from spikeplast.neurons.own_update import own_update
from spikeplast.parameters import check_choice, parameter
from spikeplast.references import bibtex

LEVELS = (1, 2, 3, 4, 5)
UPDATES = ("allen", "nest")
_INTEGRATED = ("v", "Th_s", "I_1", "I_2", "Th_v")


@dataclass(frozen=True)
class GLIF(NeuronWithInputs):
    """Generalised leaky integrate-and-fire neuron of the Allen Institute (Teeter et al. 2018).

        C dv/dt = I_ext + I_syn + I_1 + I_2 - g (v - E_L)
        dTh_s/dt = -b_s Th_s,    dI_j/dt = -k_j I_j,    dTh_v/dt = a_v (v - E_L) - b_v Th_v
        spike where v > Th_inf + Th_s + Th_v

    A spike is followed by a dead time `t_ref`, in which nothing of this moves, and by the resets

        v = E_L                              (levels 1, 3)
        v = E_L + f_v (v - E_L) - dV,   Th_s += dTh_s    (levels 2, 4, 5; Th_s decays first)
        I_j = f_j I_j exp(-k_j t_ref) + dI_j             (levels 3, 4, 5)

    | level | name | has |
    |---|---|---|
    | 1 | LIF | v |
    | 2 | LIF-R | Th_s and the reset rule with f_v, dV |
    | 3 | LIF-ASC | after-spike currents I_1, I_2 |
    | 4 | LIF-R-ASC | both |
    | 5 | LIF-R-ASC-A | both, and Th_v, which follows the voltage |

    Parameters (defaults: cell 490626718 of the Allen Cell Types Database, with the values of its
    level 5 for all levels, as they are the defaults of NEST's `glif_psc`):

    - `level`: 1 to 5; `update`: "nest" or "allen", see below
    - `C` (> 0 pF), `g` (> 0 nS), `E_L`, `Th_inf` (mV; `E_L` < `Th_inf`), `t_ref` (>= 0 ms; best a
      multiple of the time step)
    - `dTh_s` (mV), `b_s` (>= 0 /ms), `f_v` (0 to 1), `dV` (mV, subtracted: -18.51 adds 18.51)
    - `k_1`, `k_2` (>= 0 /ms), `dI_1`, `dI_2` (pA), `f_1`, `f_2` (0 to 1)
    - `a_v` (/ms), `b_v` (>= 0 /ms)
    - `inputs`: synaptic input, in siemens or ampere, or None. NEST's `glif_cond` is
      `ConductanceInput(shape="alpha", tau_e=0.2*ms, tau_i=2*ms, E_i=-85*mV)`.

    `I_ext` (ampere, one per neuron) is 0 unless set.

    `update` names how a time step is made. Both are published, and spike times differ:

    | | "nest" (`glif_psc`) | "allen" (AllenSDK) |
    |---|---|---|
    | step of v | exact for a constant current | forward Euler (the fits used 0.05 ms) |
    | v in the reset rule | that of the step before | that which crossed the threshold |
    | I_j during a step | its mean over the step | its value at the start |
    | dead time | t_ref | t_ref less one step |

    In both, Th_s, I_j and Th_v are exact, the last for a constant current in the step. Where the
    AllenSDK writes NaN during the dead time, `v` here is held. `method="euler"` and the like in
    `group` are refused: the update is the method.

    ValueError at construction if the reset leaves v above the threshold, where the cell would
    spike without end. f_j = 1 and the k_j of single cells were not seen in the paper itself.
    Wrong where a spike's shape matters; explains less of the variance of spike times of noisy
    cells (70.2, 67.7, 72.4, 75.9 and 77.6 % for levels 1 to 5, the paper's table 2).
    """

    level: int = 5
    update: str = "nest"
    C: Quantity = parameter(58.72 * pF, pF, above=0)
    g: Quantity = parameter(9.43 * nS, nS, above=0)
    E_L: Quantity = parameter(-78.85 * mV, mV)
    Th_inf: Quantity = parameter(-51.68 * mV, mV)
    t_ref: Quantity = parameter(3.75 * ms, ms, at_least=0)
    dTh_s: Quantity = parameter(0.37 * mV, mV)
    b_s: Quantity = parameter(0.009 / ms, 1 / ms, at_least=0)
    f_v: float = parameter(0.20, at_least=0, at_most=1)
    dV: Quantity = parameter(-18.51 * mV, mV)
    k_1: Quantity = parameter(0.003 / ms, 1 / ms, at_least=0)
    k_2: Quantity = parameter(0.1 / ms, 1 / ms, at_least=0)
    dI_1: Quantity = parameter(-9.18 * pA, pA)
    dI_2: Quantity = parameter(-198.94 * pA, pA)
    f_1: float = parameter(1.0, at_least=0, at_most=1)
    f_2: float = parameter(1.0, at_least=0, at_most=1)
    a_v: Quantity = parameter(0.005 / ms, 1 / ms)
    b_v: Quantity = parameter(0.09 / ms, 1 / ms, at_least=0)

    citation: ClassVar[str] = bibtex("Teeter2018")

    def __post_init__(self) -> None:
        super().__post_init__()
        whole = isinstance(self.level, Integral) and not isinstance(self.level, bool)
        if not whole or self.level not in LEVELS:
            raise ValueError(f"GLIF: level = {self.level!r} is out of range; expected 1 to 5")
        check_choice("GLIF", "update", self.update, UPDATES)
        self._check_reset_below(self.Th_inf, "Th_inf", "E_L")
        if self._resets_by_rule:
            reset = self.E_L + self.f_v * (self.Th_inf - self.E_L) - self.dV
            if reset >= self.Th_inf + self.dTh_s:
                raise ValueError(
                    f"GLIF: f_v = {self.f_v} and dV = {self.dV} reset v to {reset}, not below the "
                    f"threshold Th_inf + dTh_s = {self.Th_inf + self.dTh_s}; "
                    "the neuron would spike without end"
                )

    @property
    def _resets_by_rule(self) -> bool:
        return self.level in (2, 4, 5)

    @property
    def _has_currents(self) -> bool:
        return self.level >= 3

    @property
    def equations(self) -> str:
        """The level's equations, synaptic input and `I_ext`."""
        after_spike = " + I_1 + I_2" if self._has_currents else ""
        current = f"{self._current}{after_spike}"
        lines = [
            f"dv/dt = ({current} - g*(v - E_L)) / C : volt (unless refractory)",
            self._current_equations(),
        ]
        if self._resets_by_rule:
            lines.append("dTh_s/dt = -b_s*Th_s : volt (unless refractory)")
            if self.update == "nest":
                lines.append("u_before : volt")
        if self._has_currents:
            lines += [f"dI_{j}/dt = -k_{j}*I_{j} : amp (unless refractory)" for j in (1, 2)]
        if self.level == 5:
            lines.append("dTh_v/dt = a_v*(v - E_L) - b_v*Th_v : volt (unless refractory)")
        return "\n".join(lines)

    @property
    def threshold(self) -> str:
        """Where v crosses the sum of the threshold's components."""
        parts = ["Th_inf"]
        if self._resets_by_rule:
            parts.append("Th_s")
        if self.level == 5:
            parts.append("Th_v")
        return f"v > {' + '.join(parts)}"

    @property
    def reset(self) -> str:
        """The level's reset rule; what decays in the dead time does so at its start."""
        if not self._resets_by_rule:
            lines = ["v = E_L"]
        else:
            above_rest = "u_before" if self.update == "nest" else "(v - E_L)"
            lines = [
                f"v = E_L + f_v*{above_rest} - dV",
                "Th_s = Th_s*exp(-b_s*t_ref) + dTh_s",
            ]
        if self._has_currents:
            lines += [f"I_{j} = f_{j}*I_{j}*exp(-k_{j}*t_ref) + dI_{j}" for j in (1, 2)]
        return "\n".join(lines)

    @property
    def refractory_text(self) -> str:
        """Condition of the dead time's end, counted from the start of the spike's step."""
        return "t_ref + dt" if self.update == "nest" else "t_ref"

    @property
    def initial_values(self) -> dict[str, Any]:
        """At rest, thresholds and after-spike currents at 0."""
        return {"v": self.E_L}

    def group(
        self,
        n: int,
        *,
        extra_equations: str | Equations = "",
        method: str | Callable[..., str] | None = None,
        namespace: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> NeuronGroup:
        """See `NeuronModel.group`; ValueError for a `method`, which `update` chooses.

        `extra_equations` are integrated by exponential Euler.
        """
        if method is not None:
            raise ValueError(
                f"GLIF: method = {method!r} has no effect; choose by update = 'nest' or 'allen'"
            )
        return super().group(n, extra_equations=extra_equations, namespace=namespace, **kwargs)

    @property
    def method(self) -> Callable[..., str]:
        """The step that `update` names."""
        return own_update(_INTEGRATED, self._computed(), self._written())

    def _computed(self) -> list[str]:
        nest = self.update == "nest"
        currents = ""
        if self._has_currents:
            # Mean of a decaying current over the step.
            mean = {j: f"*exprel(-k_{j}*dt)" if nest else "" for j in (1, 2)}
            currents = f" + I_1{mean[1]} + I_2{mean[2]}"
        lines = [f"_I_total = {self._current}{currents}"]
        if nest:
            lines += [
                "_u = v - E_L",
                "_new_v = E_L + _I_total/g + (_u - _I_total/g)*exp(-g/C*dt)",
            ]
            if self._resets_by_rule:
                # Not a copy of v: Brian 2's NumPy code would write the new v into both.
                lines.append("u_before = _u")
        else:
            lines.append("_new_v = v + dt/C*(_I_total - g*(v - E_L))")
        if self.level == 5:
            # By exprel, so that b_v = 0 and b_v = g/C need no division by 0.
            lines += [
                "_new_Th_v = Th_v*exp(-b_v*dt) + a_v*dt*(_I_total/g*exprel(-b_v*dt)"
                " + (v - E_L - _I_total/g)*exp(-g/C*dt)*exprel((g/C - b_v)*dt))",
            ]
        return lines

    def _written(self) -> list[str]:
        lines = ["v = _new_v"]
        if self._resets_by_rule:
            lines.append("Th_s = Th_s*exp(-b_s*dt)")
        if self._has_currents:
            lines += [f"I_{j} = I_{j}*exp(-k_{j}*dt)" for j in (1, 2)]
        if self.level == 5:
            lines.append("Th_v = _new_Th_v")
        return lines

    @classmethod
    def allen_490626718(cls, level: int = 5, update: str = "nest") -> "GLIF":
        """Cell 490626718, the defaults of NEST's `glif_psc`: its level 5 values for all levels."""
        return cls(level=level, update=update)
