"""Rules in a network that keeps Dale's law, on digits."""

from __future__ import annotations

import numpy as np

from experiments.credit.data import digits_split
from experiments.credit.system import Measurement, System, above, below, near
from spikeplast import credit

__all__ = ["SYSTEMS"]

UNBALANCED = "backpropagation, biases from 0"
RULES = {
    "backpropagation": credit.Transpose,
    "feedback alignment": credit.FixedRandom,
    "sign-concordant random": lambda: credit.SignSymmetric("random"),
    "sign symmetry, constant": credit.SignSymmetric,
    "output layer only": credit.OutputOnly,
}


def _dale(seed: int, quick: bool) -> Measurement:
    x, y, x_test, y_test = digits_split(seed)
    target = credit.one_hot(y, 10)
    found: Measurement = {}
    changed = 0
    cases = [(name, feedback, True) for name, feedback in RULES.items()]
    cases.append((UNBALANCED, credit.Transpose, False))
    for name, feedback, balanced in cases:
        network = credit.Network([64, 100, 100, 10], "relu", random_state=seed)
        rule = credit.Rule(feedback(), {"F0": 0.05}, [credit.DalesLaw()])
        learner = credit.Learner(network, rule, seed)
        if balanced:
            network.balance(x)
        else:
            silent = ~np.any(network.forward(x)[2] > 0, axis=0)
            found["silent cells of the second layer, biases from 0"] = float(silent.mean())
        signs = [np.sign(w) for w in network.weights]
        learner.fit(x, target, epochs=3 if quick else 40, batch_size=16)
        found[f"test accuracy, {name}"] = float(
            np.mean(network.output(x_test).argmax(axis=1) == y_test)
        )
        changed += sum(
            int(np.sum(np.sign(w) != sign)) for w, sign in zip(network.weights, signs, strict=True)
        )
    found["weights that changed sign"] = float(changed)
    found["constant sign symmetry less output layer only"] = (
        found["test accuracy, sign symmetry, constant"] - found["test accuracy, output layer only"]
    )
    return found


SYSTEMS = (
    System(
        "dale", "Dale's law", "Xiao et al. 2019 (no sign change)",
        "digits, 64-100-100-10 ReLU, 20 % inhibitory cells, biases that balance the mean input at "
        "the start, 40 epochs", _dale,
        (above("test accuracy, backpropagation", 0.94, "0.959 ± 0.016"),
         above("test accuracy, feedback alignment", 0.94, "0.957 ± 0.008"),
         above("test accuracy, sign-concordant random", 0.93, "0.950 ± 0.009"),
         below("test accuracy, sign symmetry, constant", 0.6, "0.447", control=True),
         below("test accuracy, output layer only", 0.6, "0.447", control=True),
         near("constant sign symmetry less output layer only", 0, 0.02, "equal", control=True),
         near("weights that changed sign", 0, 0, "none", statistic="largest")),
        note="Biases from 0 leave part of the second layer silent for every image.",
        quick_criteria=(
            near("constant sign symmetry less output layer only", 0, 0.02, control=True),
            near("weights that changed sign", 0, 0),
        ),
    ),
)  # fmt: skip
