"""Learning curves and angles of the rules on digits, and the figure of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from experiments.credit.data import digits_split
from experiments.credit.deep_digits import BATCH, HIDDEN, RATE
from spikeplast import credit

__all__ = ["learning_curves", "learning_figure"]

NAMES = (
    "backpropagation", "symmetric_alignment", "weight_mirror", "sign_symmetry", "kolen_pollack",
    "direct_feedback_alignment", "feedback_alignment", "output_only",
)  # fmt: skip


def learning_curves(seed: int, quick: bool) -> dict[str, Any]:
    """Test accuracy over training of each rule, and its angles to backpropagation at the end."""
    x, y, x_test, y_test = digits_split(seed)
    target, target_test = credit.one_hot(y, 10), credit.one_hot(y_test, 10)
    curves: dict[str, Any] = {}
    for name in NAMES[-2:] if quick else NAMES:
        network = credit.Network([64, *HIDDEN, 10], random_state=seed)
        learner = credit.Learner(network, credit.named_rule(name, RATE), seed)
        steps_per_epoch = -(-len(x) // BATCH)
        monitor = credit.Monitor(x_test, target_test, every=steps_per_epoch)
        learner.fit(x, target, epochs=2 if quick else 40, batch_size=BATCH, monitor=monitor)
        angles = monitor.error_angles[-1]
        curves[name] = {
            "accuracy": monitor.accuracy,
            "angles": None if np.isnan(angles).any() else angles.tolist(),
        }
    return curves


def learning_figure(curves: dict[str, Any]) -> Figure:
    """Accuracy over epochs, and angles by layer."""
    fig = Figure(figsize=(11, 4), layout="constrained")
    accuracy, angles = fig.subplots(1, 2)
    for k, (name, curve) in enumerate(curves.items()):
        label = name.replace("_", " ")
        accuracy.plot(curve["accuracy"], color=f"C{k}", label=label)
        if curve["angles"] is not None:
            layers = np.arange(1, len(curve["angles"]) + 1)
            angles.plot(layers, curve["angles"], "o-", color=f"C{k}", label=label)
    accuracy.set(xlabel="epoch", ylabel="accuracy on test digits", ylim=(0, 1))
    accuracy.legend(fontsize=8, loc="lower right")
    angles.axhline(90, color="0.6", linestyle="--")
    angles.set(
        xlabel="hidden layer", ylabel="angle to backpropagation at the end (deg)", ylim=(-3, 95)
    )
    return fig
