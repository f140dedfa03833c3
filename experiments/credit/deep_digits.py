"""Rules for a deep network on digits, where only those that teach hidden layers do well."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from experiments.credit.data import digits_split
from experiments.credit.system import Criterion, Measurement, System, above, below, between
from spikeplast import credit

__all__ = ["SYSTEMS"]

HIDDEN = (40,) * 8
RATE, BATCH, EPOCHS, LAST_EPOCHS = 0.05, 16, 40, 5


def _train(rule: credit.Rule, seed: int, quick: bool) -> Measurement:
    x, y, x_test, y_test = digits_split(seed)
    network = credit.Network([64, *(HIDDEN[:4] if quick else HIDDEN), 10], random_state=seed)
    learner = credit.Learner(network, rule, seed)
    target = credit.one_hot(y, 10)
    epochs = 20 if quick else EPOCHS
    learner.fit(x, target, epochs=epochs - LAST_EPOCHS, batch_size=BATCH)
    monitor = credit.Monitor(x_test, credit.one_hot(y_test, 10))
    for _ in range(LAST_EPOCHS):
        learner.fit(x, target, epochs=1, batch_size=BATCH)
        monitor.record(network, learner.feedback, learner.steps)
    found = {
        "test accuracy": float(np.median(monitor.accuracy)),
        "lowest test accuracy of the last epochs": min(monitor.accuracy),
    }
    errors, weights = monitor.error_angles[-1], monitor.weight_angles[-1]
    if not np.isnan(errors).any():
        found |= {
            "angle to backpropagation, first hidden layer (deg)": float(errors[0]),
            "angle to backpropagation, last hidden layer (deg)": float(errors[-1]),
            "largest angle to backpropagation (deg)": float(errors.max()),
        }
    if not np.isnan(weights).any():
        found["largest angle of feedback to forward weights (deg)"] = float(weights.max())
    return found


@cache
def _by_name(name: str, seed: int, quick: bool) -> Measurement:
    return _train(credit.named_rule(name, RATE), seed, quick)


def _control(seed: int, quick: bool) -> Measurement:
    """The same network without feedback: what a rule must be above."""
    without = _by_name("output_only", seed, quick)
    return {"test accuracy, output layer only": without["test accuracy"]}


def _named(name: str, beside: str | None = None) -> Callable[[int, bool], Measurement]:
    def measure(seed: int, quick: bool) -> Measurement:
        found = _by_name(name, seed, quick) | _control(seed, quick)
        if beside is not None and not quick:
            other = _by_name(beside, seed, quick)["test accuracy"]
            found[_less(beside)] = found["test accuracy"] - other
        return found

    return measure


def _less(name: str) -> str:
    return f"test accuracy less that of {name.replace('_', ' ')}"


def _gradient_error(seed: int, quick: bool) -> Measurement:
    """Largest difference of the rule's change from the loss's numerical derivative."""
    rng = np.random.default_rng(seed)
    network = credit.Network([6, 8, 7, 4], random_state=rng)
    x, target = rng.normal(size=(10, 6)), credit.one_hot(rng.integers(4, size=10), 4)
    start = [w.copy() for w in network.weights]
    credit.Learner(network, credit.named_rule("backpropagation", 1.0)).step(x, target)
    changed = network.weights
    network.weights = start
    assert network.biases is not None
    # The step has moved the biases, too.
    for b in network.biases:
        b[:] = 0
    worst, step = 0.0, 1e-5
    for w, new in zip(start, changed, strict=True):
        gradient = w - new
        for place in np.ndindex(w.shape):
            value, losses = w[place], []
            for w[place] in (value + step, value - step):
                losses.append(network.loss_value(x, target))
            w[place] = value
            slope = (losses[0] - losses[1]) / (2 * step)
            worst = max(worst, abs(slope - gradient[place]))
    return {"largest error of the gradient": worst}


def _backpropagation(seed: int, quick: bool) -> Measurement:
    return _named("backpropagation")(seed, quick) | _gradient_error(seed, quick)


def _kolen_pollack(seed: int, quick: bool) -> Measurement:
    found = {}
    for decay in (1e-4,) if quick else (1e-3, 1e-4):
        run = _train(credit.named_rule("kolen_pollack", RATE, decay=decay), seed, quick)
        found |= {f"{name}, decay {decay:g}": value for name, value in run.items()}
    return found | _control(seed, quick)


def _alignment(seed: int, quick: bool) -> Measurement:
    found = {}
    names = ("symmetric_alignment", "activation_alignment", "information_alignment")
    for name in names[:1] if quick else names:
        run = _train(credit.named_rule(name, RATE), seed, quick)
        for quantity in ("test accuracy", "lowest test accuracy of the last epochs"):
            found[f"{quantity}, {name.replace('_', ' ')}"] = run[quantity]
    return found | _control(seed, quick)


LARGEST, FIRST, LAST = (
    "largest angle to backpropagation (deg)",
    "angle to backpropagation, first hidden layer (deg)",
    "angle to backpropagation, last hidden layer (deg)",
)
DEEP = "digits, 8 hidden tanh layers of 40, batch 16, 40 epochs"
NOTE = (
    "Accuracy is the median over the last five epochs: at this learning rate single epochs drop "
    "out, backpropagation's too."
)


def _system(
    name: str,
    title: str,
    source: str,
    measure: Callable[[int, bool], Measurement],
    criteria: tuple[Criterion, ...],
    quick: tuple[Criterion, ...],
) -> System:
    control = below("test accuracy, output layer only", 0.75, "0.675 ± 0.023", control=True)
    return System(name, title, source, DEEP, measure, (*criteria, control), quick_criteria=quick,
                  note=NOTE)  # fmt: skip


SYSTEMS = (
    _system(
        "backpropagation", "Backpropagation", "Rumelhart et al. 1986", _backpropagation,
        (above("test accuracy", 0.955, "0.972 ± 0.007"),
         below("largest error of the gradient", 1e-6, "finite differences", statistic="largest")),
        (above("test accuracy", 0.94),
         below("largest error of the gradient", 1e-6, statistic="largest")),
    ),
    _system(
        "feedback_alignment_deep", "Feedback alignment, deep network", "Lillicrap et al. 2016",
        _named("feedback_alignment", beside="backpropagation"),
        (between("test accuracy", 0.88, 0.95, "0.920 ± 0.013"),
         below(_less("backpropagation"), 0, "-0.05"),
         below(LARGEST, 85, "49 to 78 deg", statistic="largest")),
        (above("test accuracy", 0.85), below(LARGEST, 85),
         below("test accuracy, output layer only", 0.92, control=True)),
    ),
    _system(
        "direct_feedback_alignment", "Direct feedback alignment", "Nøkland 2016",
        _named("direct_feedback_alignment", beside="feedback_alignment"),
        (above("test accuracy", 0.93, "0.951 ± 0.006"),
         above(_less("feedback_alignment"), 0, "0.03"),
         between(FIRST, 0, 85, "71 deg"), between(LAST, 0, 85, "62 deg")),
        (above("test accuracy", 0.9),),
    ),
    _system(
        "sign_symmetry", "Sign symmetry", "Liao et al. 2016, Xiao et al. 2019",
        _named("sign_symmetry"),
        (above("test accuracy", 0.945, "0.965 ± 0.008"),
         between(FIRST, 0, 55, "43 deg"), between(LAST, 0, 40, "24 deg")),
        (above("test accuracy", 0.93), below(LARGEST, 55)),
    ),
    _system(
        "weight_mirror_deep", "Weight mirror, deep network", "Akrout et al. 2019",
        _named("weight_mirror"),
        (above("test accuracy", 0.955, "0.972 ± 0.006"),
         between(FIRST, 0, 40, "29 deg"), between(LAST, 0, 40, "20 deg")),
        (above("test accuracy", 0.93), below(LARGEST, 45)),
    ),
    _system(
        "kolen_pollack", "Kolen-Pollack", "Kolen & Pollack 1994, Akrout et al. 2019",
        _kolen_pollack,
        (below("largest angle of feedback to forward weights (deg), decay 0.001", 10, "< 10 deg"),
         between("test accuracy, decay 0.001", 0.8, 0.95, "0.883 ± 0.047: decay costs accuracy"),
         above("test accuracy, decay 0.0001", 0.95, "0.968")),
        (above("test accuracy, decay 0.0001", 0.9),),
    ),
    _system(
        "alignment_deep", "Symmetric, activation, information alignment, deep network",
        "Kunin et al. 2020", _alignment,
        (above("test accuracy, symmetric alignment", 0.955, "as backpropagation"),
         above("test accuracy, activation alignment", 0.945, "as backpropagation"),
         above("test accuracy, information alignment", 0.88,
               "above feedback alignment's lowest")),
        (above("test accuracy, symmetric alignment", 0.93),),
    ),
)  # fmt: skip
