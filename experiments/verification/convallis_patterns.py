"""One cell and ten overlapping rate patterns, under the Convallis rule and two controls."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from brian2 import (
    Hz,
    Network,
    PoissonGroup,
    SpikeMonitor,
    StateMonitor,
    TimedArray,
    defaultclock,
    ms,
    mV,
    second,
    seed,
)
from numpy.typing import NDArray
from scipy.stats import skew

from spikeplast.neurons import ConductanceLIF
from spikeplast.parameters import parameter
from spikeplast.plasticity import Convallis, SpikeEffect

INPUTS, PATTERNS = 100, 10
PRESENTATION = 0.2
HISTOGRAM_BINS = np.arange(-71, -48.5, 0.5)


@dataclass(frozen=True)
class RateConstrainedPair(Convallis):
    """Pair STDP instead of the detectors, with the rate constraint and updates of Convallis.

    Traces as in `PairSTDP`; amplitudes in seconds. tau 16.8 and 33.7 ms.
    """

    A_LTP: float = parameter(0.0, at_least=0)
    A_LTD: float = parameter(0.0, at_least=0)
    A_plus: float = parameter(0.1, at_least=0)
    #: A_minus tau_minus = 1.05 A_plus tau_plus
    A_minus: float = parameter(0.1 * 1.05 * 16.8 / 33.7, at_least=0)

    @property
    def namespace(self) -> dict[str, Any]:
        """With the amplitudes of the pair rule."""
        return super().namespace | {"A_plus": self.A_plus, "A_minus": self.A_minus}

    @property
    def traces(self) -> str:
        """With those of the pair rule."""
        return super().traces + (
            "dr1/dt = -r1/(16.8*ms) : 1 (clock-driven)\ndo1/dt = -o1/(33.7*ms) : 1 (clock-driven)"
        )

    @property
    def pre(self) -> SpikeEffect:
        """Depression."""
        return SpikeEffect(update="psi -= A_minus*o1\np += 1\nq += 1\nr1 += 1")

    @property
    def post(self) -> SpikeEffect:
        """Potentiation."""
        return SpikeEffect(update="psi += A_plus*r1\no1 += 1")


def rules() -> dict[str, Convallis]:
    """The rule and its controls, all with the same rate constraint."""
    same = Convallis.rate_patterns()
    shared = {
        name: getattr(same, name) for name in ("r0", "k_p", "k_i", "every", "step", "shrinkage")
    }
    return {
        "Convallis": same,
        "pair STDP, rate-constrained": RateConstrainedPair(**shared),
        "rate constraint only": Convallis(A_LTP=0, A_LTD=0, **shared),
    }


def pattern_rates() -> NDArray[np.float64]:
    """Rates (Hz) of each input in each pattern: a bump of 45 Hz over 3 Hz, sd 5 inputs."""
    centres = (np.arange(PATTERNS) + 0.5) * INPUTS / PATTERNS
    distance = np.arange(INPUTS) - centres[:, None]
    return 3 + 45 * np.exp(-(distance**2) / (2 * 5**2))


def learn(
    seeds: int, duration: float, scored: float, names: Sequence[str] | None = None
) -> dict[str, Any]:
    """Learn for `duration` (s); score the last `scored` seconds. Arrays are (rules, seeds, ...).

    `names` are those of the rules, all unless given. Seeds are cells with 100 inputs of their own,
    side by side; all rules see the same spikes.
    """
    seed(1)
    rng = np.random.default_rng(1)
    usual_dt = defaultclock.dt
    defaultclock.dt = 1 * ms
    try:
        return _learn(seeds, duration, scored, list(names or rules()), rng)
    finally:
        defaultclock.dt = usual_dt


def _learn(
    seeds: int, duration: float, scored: float, names: list[str], rng: np.random.Generator
) -> dict[str, Any]:
    shown = rng.integers(PATTERNS, size=(round(duration / PRESENTATION), seeds))
    rates = pattern_rates()[shown].reshape(len(shown), -1)
    stimulus = TimedArray(rates * Hz, dt=PRESENTATION * second, name="stimulus")
    inputs = PoissonGroup(INPUTS * seeds, rates="stimulus(t, i)", namespace={"stimulus": stimulus})
    model = ConductanceLIF(
        tau_m=20 * ms,
        v_rest=-70 * mV,
        v_reset=-60 * mV,
        v_threshold=-50 * mV,
        refractory=3 * ms,
        tau_e=5 * ms,
    )
    start = rng.uniform(0.02, 0.06, INPUTS * seeds)
    network, spikes, voltages, projections = Network(inputs), [], [], []
    for rule in (rules()[name] for name in names):
        cells = model.group(seeds, extra_equations=rule.target_equations)
        synapses = rule.synapses(inputs, cells, acts_on="g_e", w_max=0.25)
        synapses.connect(i=np.arange(INPUTS * seeds), j=np.arange(INPUTS * seeds) // INPUTS)
        synapses.w = start
        spikes.append(SpikeMonitor(cells))
        voltages.append(StateMonitor(cells, "v", record=True, dt=10 * ms))
        projections.append(synapses)
        network.add(cells, synapses, spikes[-1], voltages[-1])
    network.run(duration * second, namespace={})
    late = [np.array(m.v / mV)[:, m.t >= (duration - scored) * second] for m in voltages]
    first = len(shown) - round(scored / PRESENTATION)
    responses = np.array([_responses(m, shown, first) for m in spikes])
    return {
        "rules": names,
        "responses": responses,
        "sparseness": 1 - responses.mean(-1) ** 2 / (responses**2).mean(-1),
        "rate": np.array(
            [[np.sum(m.t[m.i == k] > (duration - scored) * second) / scored for k in range(seeds)]
             for m in spikes]
        ),
        "skewness": np.array([skew(v, axis=1) for v in late]),
        "voltage_histograms": np.array(
            [[np.histogram(cell, HISTOGRAM_BINS, density=True)[0] for cell in v] for v in late]
        ),
        "weights": np.array([s.w[:] for s in projections]).reshape(len(projections), seeds, -1),
    }  # fmt: skip


def _responses(monitor: SpikeMonitor, shown: NDArray[Any], first: int) -> NDArray[np.float64]:
    """Rates (Hz) of each cell during each pattern, from presentation `first` on."""
    seeds = shown.shape[1]
    presented = np.floor(np.array(monitor.t / second) / PRESENTATION + 1e-9).astype(int)
    late = presented >= first
    counts = np.zeros((seeds, PATTERNS))
    cells = np.array(monitor.i)[late]
    np.add.at(counts, (cells, shown[presented[late], cells]), 1)
    times = [np.bincount(shown[first:, k], minlength=PATTERNS) for k in range(seeds)]
    return counts / (PRESENTATION * np.maximum(times, 1))
