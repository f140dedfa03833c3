"""The Convallis rule: unsupervised learning towards a valley-shaped objective of the voltage."""

from dataclasses import dataclass
from math import exp, log
from typing import Any, ClassVar

from brian2 import Hz, Quantity, ms, mV, second, volt

from spikeplast.parameters import parameter
from spikeplast.plasticity.bounds import Bounds
from spikeplast.plasticity.clock_driven import ClockDrivenRule, Regularly
from spikeplast.plasticity.rule import SpikeEffect
from spikeplast.references import bibtex

_ON_TARGET = (
    "A_LTP",
    "A_LTD",
    "theta_LTP",
    "theta_LTD",
    "slope",
    "v_spike",
    "spike_duration",
    "r0",
    "tau_r",
    "k_p",
    "k_i",
)


@dataclass(frozen=True)
class Convallis(ClockDrivenRule):
    """Gradient ascent of `<F(v)>`, F shaped like a valley, under a constraint on the rate.

        F'(v) = A_LTP sig((v - theta_LTP)/slope) - A_LTD sig((v - theta_LTD)/slope)
        dpsi/dt = (F'(v) - lambda - k_p e) h,      e = (r - r0)/r0,    dlambda/dt = k_i e
        every `every`:  w += step sign(psi) [|psi| - theta]_+,  theta = shrinkage |psi|_32;  psi = 0

    `sig(x) = 1/(1 + exp(-x))`; time in seconds. The first sigmoid is the detector of potentiation
    (voltages at and above threshold), the second the one of depression (intermediate voltages). `h`
    is the synapse's own PSP, a difference of exponentials of tau_p and tau_q with a peak of 1, so
    only synapses that have just been active change. `r` is the target's spike rate, low-passed with
    tau_r (it starts at r0). Changes add up in `psi` (in seconds); small ones are dropped
    (shrinkage), relative to the largest `psi` of the same target neuron: `|psi|_32`, the norm of
    order 32, exceeds the maximum by a few percent (by 15 % if a hundred are equal), and unlike a
    maximum it is a sum, which Brian 2 can form in any order. With `PowerLawBounds` or `SoftBounds`
    the change is weighted by the distance to the bound.

    `v` is the target's voltage after its step, but `v_spike` for `spike_duration` from the step
    after a spike: an integrate-and-fire voltage has no upswing. `h` is read before the spikes of
    the same step. The target needs `v`, `lastspike` (a model with a refractory period) and
    `target_equations`: `model.group(n, extra_equations=rule.target_equations)`.

    Parameters (defaults: `speech()`): `A_LTP`, `A_LTD` (>= 0); `theta_LTP`, `theta_LTD`, `v_spike`
    (mV); `slope` (> 0 mV); `spike_duration` (> 0 ms, at least a time step); `tau_p` > `tau_q` (> 0
    ms); `r0` (> 0 Hz), `tau_r` (> 0 s), `k_p` (>= 0), `k_i` (>= 0 1/s); `every` (> 0 s), `step` (>=
    0, change of w per second of psi), `shrinkage` (0 to 1).

    **The constants are ours, not those of Yger & Harris 2013**, whose numbers, exact F, form of the
    rate constraint, length of the window and shrinkage were not available; the objective, the two
    coincidence detectors and the rate constraint are the paper's. The defaults were found by search
    on spoken digits (a cell with feed-forward inhibition that divides its inputs' loudness), at
    steps of 1 ms. A second, slower detector is not part of this rule.

    Wrong as a proof of superiority: with other inputs, potentiation-dominated pair STDP under the
    same rate constraint is as selective. docs/verification.md shows what it does on rate patterns.
    """

    A_LTP: float = parameter(4.0, at_least=0)
    A_LTD: float = parameter(1.0, at_least=0)
    theta_LTP: Quantity = parameter(-50.5 * mV, mV)
    theta_LTD: Quantity = parameter(-60 * mV, mV)
    slope: Quantity = parameter(1 * mV, mV, above=0)
    v_spike: Quantity = parameter(-40 * mV, mV)
    spike_duration: Quantity = parameter(1 * ms, ms, above=0)
    tau_p: Quantity = parameter(20 * ms, ms, above=0)
    tau_q: Quantity = parameter(5 * ms, ms, above=0)
    r0: Quantity = parameter(10 * Hz, Hz, above=0)
    tau_r: Quantity = parameter(5 * second, second, above=0)
    k_p: float = parameter(0.5, at_least=0)
    k_i: Quantity = parameter(0.005 / second, 1 / second, at_least=0)
    every: Quantity = parameter(1 * second, second, above=0)
    step: float = parameter(0.001, at_least=0)
    shrinkage: float = parameter(0.2, at_least=0, at_most=1)

    needs: ClassVar[dict[str, Any]] = {"v": volt, "lastspike": second}
    citation: ClassVar[str] = bibtex("Yger2013")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.tau_q >= self.tau_p:
            raise ValueError(
                f"Convallis: tau_q = {self.tau_q} is not below tau_p = {self.tau_p}; the PSP would "
                "not be positive"
            )
        if self.theta_LTD >= self.theta_LTP:
            raise ValueError(
                f"Convallis: theta_LTD = {self.theta_LTD} is not below theta_LTP = "
                f"{self.theta_LTP}; there would be no valley"
            )

    @classmethod
    def speech(cls, **changes: Any) -> "Convallis":
        """A single cell that learns one of two spoken words, with weights up to 0.25 (w_max)."""
        return cls(**changes)

    @classmethod
    def rate_patterns(cls, **changes: Any) -> "Convallis":
        """A single cell and ten overlapping rate patterns of 200 ms, with weights up to 0.25."""
        values: dict[str, Any] = {
            "A_LTP": 2.0,
            "theta_LTP": -51 * mV,
            "r0": 5 * Hz,
            "k_p": 0.4,
            "k_i": 0.02 / second,
            "every": 2 * second,
            "step": 0.03,
            "shrinkage": 0.05,
        }
        return cls(**(values | changes))

    @property
    def namespace(self) -> dict[str, Any]:
        """As the synapses use it: what the target computes is in its namespace."""
        return {
            "tau_p": self.tau_p,
            "tau_q": self.tau_q,
            "h_scale": self._h_scale,
            "step": self.step,
            "shrinkage": self.shrinkage,
        }

    @property
    def _h_scale(self) -> float:
        """1 over the peak of the difference of exponentials."""
        tau_p, tau_q = float(self.tau_p), float(self.tau_q)
        peak = log(tau_p / tau_q) * tau_p * tau_q / (tau_p - tau_q)
        return 1 / (exp(-peak / tau_p) - exp(-peak / tau_q))

    @property
    def target_equations(self) -> str:
        """What the neuron computes for all its synapses: detectors, rate, constraint."""
        return """
        convallis_gain : 1
        convallis_rate : Hz
        convallis_lambda : 1
        convallis_sum : 1
        """

    @property
    def target_namespace(self) -> dict[str, Any]:
        """The parameters of the detectors and of the rate constraint."""
        return {f"convallis_{name}": getattr(self, name) for name in _ON_TARGET}

    def start(self, target: Any) -> None:
        """The rate starts at r0, so that the constraint does not act before it is known."""
        target.convallis_rate = self.r0

    @property
    def traces(self) -> str:
        """`p` and `q`, whose difference is the PSP, and the change `psi` so far."""
        return """
        dp/dt = -p / tau_p : 1 (clock-driven)
        dq/dt = -q / tau_q : 1 (clock-driven)
        psi : 1
        """

    @property
    def pre(self) -> SpikeEffect:
        """The PSP begins."""
        return SpikeEffect(update="p += 1\nq += 1")

    def target_regularly(self) -> list[Regularly]:
        """Detectors and rate constraint after the neuron's step; the norm of psi starts anew.

        A spike is known in the step after it, from `lastspike`.
        """
        detectors = """
        age = timestep(t - lastspike, dt)
        in_spike = int(age <= timestep(convallis_spike_duration, dt))
        v_seen = convallis_v_spike*in_spike + v*(1 - in_spike)
        convallis_rate += int(age == 1)/convallis_tau_r - convallis_rate*dt/convallis_tau_r
        excess = (convallis_rate - convallis_r0)/convallis_r0
        convallis_lambda += convallis_k_i*excess*dt
        high = convallis_A_LTP/(1 + exp(-(v_seen - convallis_theta_LTP)/convallis_slope))
        middle = convallis_A_LTD/(1 + exp(-(v_seen - convallis_theta_LTD)/convallis_slope))
        convallis_gain = high - middle - convallis_lambda - convallis_k_p*excess
        """
        return [
            Regularly(detectors, order=5),
            Regularly("convallis_sum = 0", every=self.every, when="start", order=0),
        ]

    def regularly(self, bounds: Bounds) -> list[Regularly]:
        """The change in each time step, and the update of the weights `every` so often."""
        dropped = "shrinkage * convallis_sum_post**(1.0/32)"
        update = [
            bounds.depress(f"learning_rate * step * clip(-psi - {dropped}, 0, inf)"),
            bounds.potentiate(f"learning_rate * step * clip(psi - {dropped}, 0, inf)"),
            "psi = 0",
        ]
        return [
            Regularly("psi += h_scale*(p - q)*convallis_gain_post*dt/second"),
            Regularly(
                "convallis_sum_post += abs(psi)**32", every=self.every, when="start", order=1
            ),
            Regularly("\n".join(update), every=self.every, when="start", order=2),
        ]
