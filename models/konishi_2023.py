"""Dopamine that carries an error, in a layered network of spiking cells (Konishi et al. 2023).

Konishi, M., Igarashi, K. M. and Miura, K. (2023). Biologically plausible local synaptic learning
rules robustly implement deep supervised learning. Frontiers in Neuroscience 17:1160899.

In each trial cues are shown, each one of two, and a reward of one of two amounts follows, which
depends on whether the first two cues agree; the others are distractors. The output cells' rate
predicts the amount. The difference is broadcast as dopamine, one signed number for all cells, and
changes the synapses whose presynaptic cell was active and whose postsynaptic cell fired.

Kept from the paper
    The task (2 cues, 100 distractors, 20 hidden cells), and its rule FA_Ex-100 %: x_j theta(I_i) e,
    where e is the same for all hidden cells; a linear output, whose synapses take no gate.
Ours
    All that spikes. Each cue drives one of two inputs. What the paper's inputs of ±1 do, a trace
    less the mean trace of the cell's inputs does here, and inhibition by all inputs. Weights are
    positive, and those at a hidden cell keep their sum. Dopamine comes late and lasts, so synapses
    keep an eligibility. Constants were found by trial.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, NamedTuple

import numpy as np
from brian2 import (
    Clock,
    Hz,
    Network,
    NeuronGroup,
    Quantity,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    TimedArray,
    ms,
    mV,
    second,
)
from brian2 import seed as set_seed
from numpy.typing import NDArray

from spikeplast.neurons import ConductanceLIF
from spikeplast.parameters import Parameters, check_choice, parameter
from spikeplast.plasticity import SpikeEffect, normalise_incoming
from spikeplast.plasticity.bounds import Bounds
from spikeplast.plasticity.clock_driven import ClockDrivenRule, Regularly
from spikeplast.references import bibtex

__all__ = ["BroadcastDopamine", "RewardAmountNetwork", "RewardAmountParameters", "Trials"]

#: A trial in parts of `PART`: cues, their effect, the amount, and time for dopamine to go.
PART, PARTS, SHOWN, ANSWER = 50 * ms, 7, 2, 3
#: The shuffled control gives the dopamine of so many trials ago.
AGO = 8
DOPAMINE = ("own", "shuffled")
#: In which trial, and which part of it, a step of the parts' clock is.
_PART_OF_TRIAL = f"""
step = timestep(t, {float(PART)}*second)
trial = step // {PARTS}
part = step % {PARTS}
"""


@dataclass(frozen=True)
class BroadcastDopamine(ClockDrivenRule):
    """Presynaptic trace x "the postsynaptic cell is active" x dopamine that may be negative.

        dx/dt = -x/tau_x, a presynaptic spike adds 1
        dc/dt = -c/tau_c + (x - x_mean) active/tau_x,    dw/dt = eta c dopamine/tau_d

    `active` is 1 for `window` after each spike of the target, or always (`gated=False`). `x_mean`
    is the mean of the target's presynaptic traces (`centred=True`), so that the changes of a cell's
    synapses sum to 0, or 0. `dopamine` of each target decays with tau_d; what an error adds to it
    makes about `eta c` times the error in all. Eligibility and weight change every `every`.

    Parameters: `eta` (>= 0), `tau_x`, `tau_d`, `window` (> 0 ms), `tau_c` (> 0 ms), `gated`,
    `centred`, `every` (> 0 ms).
    """

    eta: float = parameter(0.005, at_least=0)
    tau_x: Quantity = parameter(50 * ms, ms, above=0)
    tau_c: Quantity = parameter(100 * ms, ms, above=0)
    tau_d: Quantity = parameter(30 * ms, ms, above=0)
    window: Quantity = parameter(50 * ms, ms, above=0)
    every: Quantity = parameter(10 * ms, ms, above=0)
    gated: bool = True
    centred: bool = True

    target_kind: ClassVar[str] = "dopamine"
    citation: ClassVar[str] = bibtex("Konishi2023")

    @property
    def namespace(self) -> dict[str, Any]:
        """As the synapses use it."""
        names = {name: getattr(self, name) for name in ("eta", "tau_x", "tau_c", "every")}
        gate = {"window": self.window} if self.gated else {}
        return names | {"tau_dopamine": self.tau_d} | gate

    @property
    def target_equations(self) -> str:
        """Dopamine, and the mean trace of the cell's inputs."""
        mean = "dx_mean/dt = -x_mean / mean_tau : 1" if self.centred else ""
        return f"dopamine : 1\n{mean}"

    @property
    def target_namespace(self) -> dict[str, Any]:
        """Time constants at the target."""
        mean = {"mean_tau": self.tau_x} if self.centred else {}
        return {"dopamine_tau": self.tau_d} | mean

    def target_regularly(self) -> list[Regularly]:
        """Dopamine decays."""
        return [Regularly("dopamine *= exp(-dt/dopamine_tau)", when="start", order=5)]

    @property
    def traces(self) -> str:
        """Presynaptic trace and eligibility."""
        return "dx/dt = -x / tau_x : 1 (clock-driven)\nc : 1"

    @property
    def pre(self) -> SpikeEffect:
        """Both traces."""
        mean = "\nx_mean_post += 1.0/N_incoming" if self.centred else ""
        return SpikeEffect(update=f"x += 1{mean}")

    def regularly(self, bounds: Bounds) -> list[Regularly]:
        """The weight by the eligibility so far, then the eligibility."""
        amount = "learning_rate * eta * c * dopamine_post * every/tau_dopamine"
        trace = "(x - x_mean_post)" if self.centred else "x"
        gate = " * int(t - lastspike_post < window)" if self.gated else ""
        code = f"{bounds.change(amount)}\nc = c*exp(-every/tau_c) + every/tau_x * {trace}{gate}"
        return [Regularly(code, self.every, when="start", order=3)]


def cell() -> ConductanceLIF:
    """Hidden and output cells."""
    return ConductanceLIF(
        tau_m=20 * ms,
        v_rest=-70 * mV,
        v_reset=-60 * mV,
        v_threshold=-50 * mV,
        refractory=5 * ms,
        E_e=0 * mV,
        E_i=-80 * mV,
        tau_e=5 * ms,
        tau_i=5 * ms,
    )


class Trials(NamedTuple):
    """What is shown, and what follows."""

    cues: NDArray[np.int8]
    """(n_trials, n_cues) of ±1"""
    amounts: NDArray[np.float64]
    """(n_trials,) reward: 1 (large) where the first two cues agree, -1 (small) otherwise"""

    @classmethod
    def random(cls, n: int, n_distractors: int, random_seed: int) -> Trials:
        """`n` trials with two cues that matter and `n_distractors` others."""
        rng = np.random.default_rng(random_seed)
        cues = 2 * rng.integers(2, size=(n, 2 + n_distractors), dtype=np.int8) - 1
        return cls(cues, (cues[:, 0] * cues[:, 1]).astype(float))


@dataclass(frozen=True)
class RewardAmountParameters(Parameters):
    """Sizes, rates, first weights (their mean is 1), and what differs in the controls."""

    n_hidden: int = 20
    n_output: int = 20
    cell: ConductanceLIF = field(default_factory=cell)
    rule: BroadcastDopamine = field(default_factory=BroadcastDopamine)
    """Of the synapses from cues to hidden cells"""
    eta_out: float = parameter(0.005, at_least=0)
    """`eta` of the synapses from hidden to output cells, which are neither gated nor centred"""
    dopamine: str = "own"
    """What hidden cells get: the trial's own error, or that of another trial ("shuffled")"""
    cue_rate: Quantity = parameter(800 * Hz, Hz, above=0)
    """Of the one of a cue's two inputs that is on"""
    excitation: float = parameter(0.94, above=0)
    inhibition: float = parameter(1.0, at_least=0)
    """Mean conductances of a hidden cell by the cues, at the first weights (leak: 1)"""
    spread: float = parameter(0.5, at_least=0, at_most=1)
    """First weights are uniform within 1 ± this"""
    w_max: float = parameter(40.0, above=1)
    readout: float = parameter(0.12, above=0)
    """Conductance of an output cell by a spike of a hidden one, at a weight of 1"""
    background: float = parameter(0.3, at_least=0)
    """Mean conductance of an output cell by Poisson input of its own, 1000 spikes/s"""
    small: Quantity = parameter(20 * Hz, Hz, at_least=0)
    large: Quantity = parameter(60 * Hz, Hz, above=0)
    """Rates of the output cells, while cues act, that predict the two amounts"""
    delay: Quantity = parameter(50 * ms, ms, at_least=0)
    """From the amount to dopamine"""
    dt: Quantity = parameter(1 * ms, ms, above=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        name = type(self).__name__
        for key in ("n_hidden", "n_output"):
            if getattr(self, key) < 1:
                raise ValueError(f"{name}: {key} = {getattr(self, key)} is below 1")
        check_choice(name, "dopamine", self.dopamine, DOPAMINE)
        if self.small >= self.large:
            raise ValueError(f"{name}: small = {self.small} is not below large = {self.large}")


class RewardAmountNetwork:
    """The network as Brian 2 objects, with the trials that it will be shown, in their order.

    Args:
        parameters: of cells and rule.
        trials: all that will be shown.
        random_seed: of first weights and input spikes.

    Raises:
        ValueError: for trials with fewer than two cues, or none.
    """

    def __init__(
        self, parameters: RewardAmountParameters, trials: Trials, random_seed: int = 0
    ) -> None:
        self.parameters, self.trials = parameters, trials
        p = parameters
        if trials.cues.ndim != 2 or len(trials.cues) < 1 or trials.cues.shape[1] < 2:
            raise ValueError(
                f"cues of shape {trials.cues.shape}; expected (n_trials, 2 or more), not empty"
            )
        set_seed(random_seed)
        rng = np.random.default_rng([random_seed, 1])
        clock = Clock(p.dt, name="step_clock*")
        self._shared: dict[str, Any] = {"clock": clock}
        inputs = self._inputs()
        rule = p.rule
        out_rule = replace(rule, eta=p.eta_out, gated=False, centred=False)
        self.hidden = self._cells(p.n_hidden, rule, "hidden*")
        self.output = self._cells(p.n_output, out_rule, "output*")
        n_cues = trials.cues.shape[1]
        spikes_at_once = n_cues * float(p.cue_rate * p.cell.tau_e)
        self.synapses = rule.synapses(
            inputs, self.hidden, acts_on="g_e", gain=p.excitation / spikes_at_once,
            w_max=p.w_max, **self._shared,
        )  # fmt: skip
        self.synapses.connect()
        size = len(self.synapses)
        self.synapses.w = 1 + p.spread * rng.uniform(-1, 1, size)
        normalise_incoming(self.synapses, total=2 * n_cues, every=PART * PARTS)
        inhibition = Synapses(
            inputs, self.hidden, on_pre="g_i_post += amount", **self._shared,
            namespace={"amount": p.inhibition * p.cell.tau_e / p.cell.tau_i / spikes_at_once},
        )  # fmt: skip
        inhibition.connect()
        self.readout = out_rule.synapses(
            self.hidden, self.output, acts_on="g_e", gain=p.readout, w_max=p.w_max, **self._shared
        )
        self.readout.connect()
        self.readout.w = 1 + p.spread * rng.uniform(-1, 1, len(self.readout))
        noise = NeuronGroup(p.n_output, "", threshold=f"rand() < {float(1000 * Hz * p.dt)}",
                            **self._shared)  # fmt: skip
        background = Synapses(
            noise, self.output, on_pre="g_e_post += amount", **self._shared,
            namespace={"amount": p.background / float(1000 * Hz * p.cell.tau_e)},
        )  # fmt: skip
        background.connect(j="i")
        self.hidden_spikes = SpikeMonitor(self.hidden, record=False)
        self._critic(inputs, inhibition, noise, background)

    def _cells(self, n: int, rule: BroadcastDopamine, name: str) -> NeuronGroup:
        return self.parameters.cell.group(
            n, extra_equations=f"w_total : 1\n{rule.target_equations}", name=name, **self._shared
        )

    def _inputs(self) -> NeuronGroup:
        n_cues = self.trials.cues.shape[1]
        inputs = NeuronGroup(
            2 * n_cues,
            "rates : Hz\ncue : integer (constant)\npolarity : 1 (constant)",
            threshold="rand() < rates*dt",
            namespace={"cues": TimedArray(self.trials.cues.astype(float), dt=1 * ms),
                       "cue_rate": self.parameters.cue_rate},
            name="cue_inputs*", **self._shared,
        )  # fmt: skip
        inputs.cue = np.tile(np.arange(n_cues), 2)
        inputs.polarity = np.repeat([1, -1], n_cues)
        inputs.run_regularly(
            f"""{_PART_OF_TRIAL}
            on = int(part < {SHOWN}) * int(polarity*cues((trial + 0.5)*ms, cue) > 0)
            rates = cue_rate * on
            """,
            clock=self._part_clock(), when="start", order=-1,
        )  # fmt: skip
        return inputs

    def _part_clock(self) -> Clock:
        return Clock(PART, name="part_clock*")

    def _critic(self, *others: Any) -> None:
        p = self.parameters
        half = float(p.large - p.small) / 2
        counted = p.n_output * float(PART / second) * ANSWER
        # One cell for each of the last trials, so that their errors can be given later.
        critic = NeuronGroup(
            AGO,
            "count : 1\nprediction : 1\nerror : 1\nearlier : 1\nmine : 1",
            threshold="mine > 0.5",
            reset="mine = 0",
            namespace={
                "amounts": TimedArray(self.trials.amounts, dt=1 * ms),
                "counted": counted, "middle": float(p.large + p.small) / 2, "half": half,
            },
            name="critic*", **self._shared,
        )  # fmt: skip
        critic.run_regularly(
            f"""{_PART_OF_TRIAL}
            answer = int(part == {ANSWER})
            mine = answer * int(trial % {AGO} == i)
            prediction = prediction*(1 - answer) + answer*(count/counted - middle)/half
            earlier = earlier*(1 - mine) + mine*error
            error = error*(1 - mine) + mine*(amounts((trial + 0.5)*ms) - prediction)
            count = count * int(part > 0)
            """,
            clock=self._part_clock(), when="start", order=-1,
        )  # fmt: skip
        see = Synapses(self.output, critic, on_pre="count_post += 1", **self._shared)
        see.connect()
        given = {"own": "error_pre", "shuffled": "earlier_pre"}[p.dopamine]
        release = [
            Synapses(critic, cells, on_pre=f"dopamine_post += {what}", delay=p.delay,
                     **self._shared)
            for cells, what in ((self.hidden, given), (self.output, "error_pre"))
        ]  # fmt: skip
        for synapses in release:
            synapses.connect()
        self._predictions = StateMonitor(
            critic, "prediction", record=[0], dt=PART * PARTS, when="start", order=-3
        )
        self.network = Network(
            *others, self.hidden, self.output, self.synapses, self.readout, critic, see, *release,
            self.hidden_spikes, self._predictions,
        )  # fmt: skip
        self._critic_cells, self._shown = critic, 0

    def run(self, n: int, *, learning: bool = True, report: Any = None) -> NDArray[np.float64]:
        """Show the next `n` trials; their predicted amounts, (n,), formed before dopamine.

        Raises:
            ValueError: if there are fewer trials left.
            KeyboardInterrupt: if Ctrl-C ended the run early.
        """
        left = len(self.trials.amounts) - self._shown
        if not 1 <= n <= left:
            raise ValueError(f"n = {n} trials; expected 1 to {left}, which are left")
        self.synapses.learning_rate = self.readout.learning_rate = float(learning)
        begin, self._shown = self._shown, self._shown + n
        # The prediction of a trial is read when the next one begins.
        self.network.run(n * PARTS * PART, namespace={}, report=report)
        end = self._shown * PARTS * float(PART)
        # Brian 2 answers a first Ctrl-C by ending the run early, without an exception.
        if float(self.network.t) < end - 1.5 * float(self.parameters.dt):
            raise KeyboardInterrupt
        found = np.append(np.array(self._predictions.prediction[0]), self._last())
        return found[begin + 1 : self._shown + 1]

    def _last(self) -> float:
        return float(self._critic_cells.prediction[0])
