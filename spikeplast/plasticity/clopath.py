"""The voltage-based rule of Clopath et al. 2010."""

from dataclasses import dataclass
from typing import Any, ClassVar

from brian2 import Quantity, ms, mV, second, volt

from spikeplast.parameters import parameter
from spikeplast.plasticity.bounds import Bounds
from spikeplast.plasticity.clock_driven import ClockDrivenRule, Regularly
from spikeplast.plasticity.rule import SpikeEffect
from spikeplast.references import bibtex


@dataclass(frozen=True)
class Clopath(ClockDrivenRule):
    """Voltage-based STDP with homeostasis (Clopath, Buesing, Vasilaki & Gerstner 2010).

        presynaptic spike:  w -= A_LTD (v2 / u_ref^2) [v_minus - theta_minus]_+
        each time step:     dw/dt = A_LTP (x / tau_x) [v - theta_plus]_+ [v_plus - theta_minus]_+

    `x` jumps by 1 at a presynaptic spike and decays with tau_x; `v_minus` and `v_plus` are the
    target's voltage `v`, low-passed with tau_minus and tau_plus and read `lag` time steps late;
    `v2` is (v - E_L)^2, low-passed with tau_bar; the filters advance by Euler's method. `x` is read
    before the jump of a spike in the same step, and `v` after the neuron has advanced. Bounds are
    hard.

    The target needs `v` (volt) and `target_equations`:
    `model.group(n, extra_equations=rule.target_equations)`.

    Parameters (defaults: `visual_cortex()`):

    - `A_LTD` (>= 0 1/mV), `A_LTP` (>= 0 1/mV^2); `theta_minus` < `theta_plus` (mV)
    - `tau_x`, `tau_minus`, `tau_plus` (> 0 ms)
    - `lag` (whole number >= 0): age in time steps of the filtered voltages. 3 is that of the
      authors' code, whose steps are 1 ms and whose spikes last 2 ms: without it a spike would
      raise the filtered voltage that it is multiplied with, and isolated pairs would potentiate.
      At another time step give the number that makes the spike's length plus one step.
    - `u_ref_squared` (> 0 mV^2, or None: no homeostasis, the factor v2 / u_ref^2 is 1), `E_L`
      (mV) and `tau_bar` (> 0 s): 60, 80 and 50 mV^2 are quoted for the paper's figures 5, 6 and
      7, and the authors' code has 60 mV^2, -70.6 mV and 1.2 s.

    Wrong for point neurons without a spike: the voltage has to rise far above theta_plus during
    a spike, so it needs a model with an upswing (or a voltage that is set for its duration).
    Thresholds and amplitudes belong together with the shape of the spike.

    Sources: Nat Neurosci 13:344; values from the authors' code (ModelDB 144566). Lines published
    in figure 2b lie up to about 2 points above what that code gives; docs/verification.md compares
    with the code.
    """

    A_LTD: Quantity = parameter(14e-5 / mV, 1 / mV, at_least=0)
    A_LTP: Quantity = parameter(8e-5 / mV**2, 1 / mV**2, at_least=0)
    theta_minus: Quantity = parameter(-70.6 * mV, mV)
    theta_plus: Quantity = parameter(-45.3 * mV, mV)
    tau_x: Quantity = parameter(15 * ms, ms, above=0)
    tau_minus: Quantity = parameter(10 * ms, ms, above=0)
    tau_plus: Quantity = parameter(7 * ms, ms, above=0)
    lag: int = parameter(3, at_least=0, at_most=1000)
    u_ref_squared: Quantity | None = parameter(None, mV**2, above=0, optional=True)
    E_L: Quantity = parameter(-70.6 * mV, mV)
    tau_bar: Quantity = parameter(1.2 * second, second, above=0)

    needs: ClassVar[dict[str, Any]] = {"v": volt}
    citation: ClassVar[str] = bibtex("Clopath2010")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.lag != int(self.lag):
            raise ValueError(f"Clopath: lag = {self.lag} is not a whole number of time steps")
        object.__setattr__(self, "lag", int(self.lag))
        if self.theta_minus >= self.theta_plus:
            raise ValueError(
                f"Clopath: theta_minus = {self.theta_minus} is not below theta_plus = "
                f"{self.theta_plus}"
            )

    @classmethod
    def visual_cortex(cls, **changes: Any) -> "Clopath":
        """Layer 5 of visual cortex: Sjostrom et al. 2001."""
        return cls(**changes)

    @classmethod
    def somatosensory_cortex(cls, **changes: Any) -> "Clopath":
        """Layer 5 of somatosensory cortex."""
        values = {
            "A_LTD": 21e-5 / mV,
            "A_LTP": 30e-5 / mV**2,
            "tau_x": 30 * ms,
            "tau_minus": 6 * ms,
            "tau_plus": 5 * ms,
        }
        return cls(**(values | changes))

    @classmethod
    def hippocampus(cls, *, tau_minus: Quantity, tau_plus: Quantity, **changes: Any) -> "Clopath":
        """Hippocampal slices.

        `tau_minus` and `tau_plus` have to be given: the paper's table leaves them blank, its
        protocol clamps the voltage.
        """
        values = {
            "A_LTD": 38e-5 / mV,
            "A_LTP": 2e-5 / mV**2,
            "theta_minus": -41 * mV,
            "theta_plus": -38 * mV,
            "tau_x": 16 * ms,
            "tau_minus": tau_minus,
            "tau_plus": tau_plus,
        }
        return cls(**(values | changes))

    @property
    def namespace(self) -> dict[str, Any]:
        """As the synapses use it: what belongs to the target is in its equations."""
        own = ("A_LTD", "A_LTP", "theta_minus", "theta_plus", "tau_x")
        values = {name: getattr(self, name) for name in own}
        if self.u_ref_squared is not None:
            values["u_ref_squared"] = self.u_ref_squared
        return values

    @property
    def target_equations(self) -> str:
        """Filtered voltages, with their values of the last `lag` steps, and their variance."""
        lines = [f"{name} : volt" for name in ("v_minus", "v_plus", *self._aged)]
        if self.u_ref_squared is not None:
            lines.append("v2 : volt**2")
        return "\n".join(lines)

    @property
    def target_namespace(self) -> dict[str, Any]:
        """Time constants of the filters, and the voltage that v2 is measured from."""
        names = ["tau_minus", "tau_plus"]
        if self.u_ref_squared is not None:
            names += ["tau_bar", "E_L"]
        return {f"clopath_{name}": getattr(self, name) for name in names}

    def start(self, target: Any) -> None:
        """The filtered voltages, of all ages, start as `v`."""
        for name in ("v_minus", "v_plus", *self._aged):
            setattr(target, name, target.v[:])

    @property
    def _aged(self) -> list[str]:
        ages = range(1, self.lag + 1)
        return [f"{name}_{age}" for name in ("v_minus", "v_plus") for age in ages]

    @property
    def _read(self) -> tuple[str, str]:
        return f"v_minus{_age(self.lag)}_post", f"v_plus{_age(self.lag)}_post"

    @property
    def traces(self) -> str:
        """`x` of presynaptic spikes."""
        return "dx/dt = -x / tau_x : 1 (clock-driven)"

    @property
    def pre(self) -> SpikeEffect:
        """Depression by the filtered voltage."""
        v_minus, _ = self._read
        homeostasis = "" if self.u_ref_squared is None else " * v2_post / u_ref_squared"
        return SpikeEffect(
            depression=f"A_LTD * ({v_minus} - theta_minus) * int({v_minus} > theta_minus)"
            + homeostasis,
            update="x += 1",
        )

    def regularly(self, bounds: Bounds) -> list[Regularly]:
        """Potentiation, while the voltage and its filtered value are above their thresholds."""
        _, v_plus = self._read
        amount = (
            "learning_rate * A_LTP * x * dt / tau_x"
            " * (v_post - theta_plus) * int(v_post > theta_plus)"
            f" * ({v_plus} - theta_minus) * int({v_plus} > theta_minus)"
        )
        return [Regularly(bounds.potentiate(amount))]

    def target_regularly(self) -> list[Regularly]:
        """The filtered voltages grow one step older; then the filters advance, before the neuron.

        By Euler's method, whatever the neuron's own method is: the authors' code does so, and an
        exact solution does not exist where two time constants are equal.
        """
        # One operation per age: on NumPy, Brian 2 may write a value before it has copied it.
        ages = [
            Regularly(
                "\n".join(
                    f"v_{side}_{age} = v_{side}{_age(age - 1)}" for side in ("minus", "plus")
                ),
                order=-2 - age,
            )
            for age in range(self.lag, 0, -1)
        ]
        filters = [
            f"v_{side} += (v - v_{side}) * dt / clopath_tau_{side}" for side in ("minus", "plus")
        ]
        if self.u_ref_squared is not None:
            filters.append("v2 += ((v - clopath_E_L)**2 - v2) * dt / clopath_tau_bar")
        return [*ages, Regularly("\n".join(filters), order=-2)]


def _age(steps: int) -> str:
    return f"_{steps}" if steps else ""
