"""FA_Ex: dopamine times presynaptic times postsynaptic activity, at once or late."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from experiments.credit.data import mean_squared, parity_batch, task_rng
from experiments.credit.system import Curve, Measurement, System, above, below, near
from spikeplast import credit
from spikeplast.credit.systems import DelayedDopamineNetwork

__all__ = ["SYSTEMS"]

N_INPUTS, N_HIDDEN, BATCH, STEPS = 102, 20, 8, 1000
LOOKS = (0, 100, 200, 300, 400, 490, 600, 800, STEPS)
NAMES = ("FA_Ex-100%", "FA_Ex-80%", "feedback alignment", "backpropagation", "frozen hidden layer",
         "shuffled dopamine", "no postsynaptic gate")  # fmt: skip


class ShuffledBroadcast(credit.Broadcast):
    """Every sample gets another sample's dopamine: the control without the right error."""

    def start(self, network: credit.Network, rng: np.random.Generator) -> None:
        super().start(network, rng)
        self._rng = rng

    def scalar(self, output_error: NDArray[np.float64]) -> NDArray[np.float64]:
        return self._rng.permutation(super().scalar(output_error))


def _parity(seed: int, quick: bool) -> Measurement:
    relu = credit.activation("relu")
    ungated = relu.with_gate(np.ones_like, "no postsynaptic gate")
    cases = {
        "FA_Ex-100%": (credit.Broadcast(0.1), relu),
        "FA_Ex-80%": (credit.Broadcast(0.1, excitatory=0.8), relu),
        "feedback alignment": (credit.FixedRandom(0.25), relu),
        "backpropagation": (credit.Transpose(), relu),
        "frozen hidden layer": (credit.OutputOnly(), relu),
        "shuffled dopamine": (ShuffledBroadcast(0.1), relu),
        "no postsynaptic gate": (credit.Broadcast(0.1), ungated),
    }
    if quick:
        cases = {
            name: cases[name]
            for name in ("FA_Ex-100%", "backpropagation", "frozen hidden layer",
                         "no postsynaptic gate", "shuffled dopamine")
        }  # fmt: skip
    found: Measurement = {}
    for name, (feedback, activation) in cases.items():
        rng = np.random.default_rng(seed)
        network = credit.Network(
            [N_INPUTS, N_HIDDEN, 1], activation, "squared_error", scale=0.01, random_state=rng
        )
        rule = credit.Rule(feedback, {"F0": 0.005}, reduction="sum")
        learner = credit.Learner(network, rule, rng)
        x_test, y_test = parity_batch(rng, 500, N_INPUTS)
        for step in range(STEPS + 1):
            if step in LOOKS:
                found[f"{name}: test error at step {step}"] = mean_squared(
                    network.output(x_test), y_test
                )
            learner.step(*parity_batch(rng, BATCH, N_INPUTS))
    ours, exact = (found[f"{n}: test error at step 490"] for n in ("FA_Ex-100%", "backpropagation"))
    found["FA_Ex-100% less backpropagation, step 490"] = ours - exact
    return found


def _delayed(seed: int, quick: bool) -> Measurement:
    rng = task_rng(seed)
    n_trials, n_inputs = 6000, 12
    x, y = parity_batch(rng, n_trials, n_inputs)
    x_test, y_test = parity_batch(rng, 500, n_inputs)
    found: Measurement = {}
    cases = [(0, 0.0), (1, 0.0), (1, 0.8), (2, 0.0), (2, 0.8), (2, 0.9), (5, 0.8)]
    for delay, decay in cases[3:5] if quick else cases:
        network = DelayedDopamineNetwork(n_inputs, delay=delay, decay=decay, random_state=seed)
        for sample, target in zip(x, y[:, 0], strict=True):
            network.trial(sample, target)
        trace = f"trace {decay:g}" if decay else "no trace"
        found[f"test error, {delay} trials late, {trace}"] = mean_squared(
            network.output(x_test), y_test[:, 0]
        )
    if not quick:
        found["trace 0.9 less trace 0.8, 2 trials late"] = (
            found["test error, 2 trials late, trace 0.9"]
            - found["test error, 2 trials late, trace 0.8"]
        )
    return found


PARITY = "2-bit parity among 102 inputs, 20 ReLU cells, 1,000 batches of 8"
SYSTEMS = (
    System(
        "fa_ex", "FA_Ex-100 %: dopamine x pre x post", "Konishi et al. 2023", PARITY, _parity,
        (below("FA_Ex-100%: test error at step 1000", 0.01, "3e-4", statistic="largest"),
         below("FA_Ex-100% less backpropagation, step 490", 0, "0.095 beside 0.960"),
         below("backpropagation: test error at step 1000", 0.05, "5e-3"),
         below("feedback alignment: test error at step 1000", 0.01, "9e-4"),
         below("FA_Ex-80%: test error at step 1000", 0.01, "1.6e-3"),
         near("frozen hidden layer: test error at step 1000", 1, 0.03, "1.00", control=True),
         near("shuffled dopamine: test error at step 1000", 1, 0.03, "1.00", control=True),
         near("no postsynaptic gate: test error at step 1000", 1, 0.03, "1.00", control=True)),
        seeds=10, quick_seeds=1,
        curves=tuple(Curve(name, name + ": test error at step {x}", LOOKS) for name in NAMES),
        axes=("batches learned", "test error"),
        quick_criteria=(
            below("FA_Ex-100%: test error at step 1000", 0.01, statistic="largest"),
            below("FA_Ex-100% less backpropagation, step 490", 0),
            near("frozen hidden layer: test error at step 1000", 1, 0.05, control=True),
            near("shuffled dopamine: test error at step 1000", 1, 0.05, control=True),
            near("no postsynaptic gate: test error at step 1000", 1, 0.05, control=True),
        ),
    ),
    System(
        "delayed_dopamine", "Error that comes late", "Konishi et al. 2023, with a trace",
        "2-bit parity among 12 inputs, one trial at a time, 6,000 trials", _delayed,
        (below("test error, 0 trials late, no trace", 0.01, "0.000", statistic="median"),
         below("test error, 1 trials late, trace 0.8", 0.01, "0.000", statistic="median"),
         below("test error, 2 trials late, trace 0.8", 0.01, "0.000", statistic="median"),
         above("test error, 1 trials late, no trace", 0.9, "1.01", statistic="median",
               control=True),
         above("test error, 2 trials late, no trace", 0.9, "1.00", statistic="median",
               control=True),
         above("trace 0.9 less trace 0.8, 2 trials late", 0, "0.48: a long trace interferes",
               control=True),
         above("test error, 5 trials late, trace 0.8", 0.2, "0.30", statistic="median",
               control=True)),
        seeds=10, quick_seeds=1,
        quick_criteria=(
            below("test error, 2 trials late, trace 0.8", 0.05),
            above("test error, 2 trials late, no trace", 0.9, control=True),
        ),
    ),
)  # fmt: skip
