"""Layers that learn by the Hilbert-Schmidt bottleneck, on digits."""

from __future__ import annotations

import numpy as np

from experiments.credit.data import digits_split, task_rng
from experiments.credit.system import Measurement, System, above, below
from spikeplast import credit
from spikeplast.credit.systems import BottleneckNetwork, hsic

__all__ = ["SYSTEMS"]

SIZES, BATCH = (64, 200, 200, 200, 10), 64
LOCAL_RATE = 2.0
READOUT_RATE = LOCAL_RATE * 5e-4 / 0.6
"""In proportion to the layers' own rate as in the paper's MLPs"""


def _accuracy(seed: int, epochs: int, **options: object) -> float:
    x, y, x_test, y_test = digits_split(seed)
    options = {"local_rate": LOCAL_RATE, "readout_rate": READOUT_RATE} | options
    network = BottleneckNetwork(SIZES, random_state=seed, **options)  # type: ignore[arg-type]
    rng = task_rng(seed)
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for begin in range(0, len(x), BATCH):
            rows = order[begin : begin + BATCH]
            network.step(x[rows], y[rows])
    return float(np.mean(network.output(x_test).argmax(axis=1) == y_test))


def _backpropagation(seed: int, epochs: int) -> float:
    x, y, x_test, y_test = digits_split(seed)
    network = credit.Network(SIZES, "leaky_relu", random_state=seed)
    learner = credit.Learner(network, credit.named_rule("backpropagation", 0.2), seed)
    learner.fit(x, credit.one_hot(y, 10), epochs=epochs, batch_size=BATCH)
    return float(np.mean(network.output(x_test).argmax(axis=1) == y_test))


def _gradient_error(seed: int) -> float:
    rng = np.random.default_rng(seed)
    z, Ky = rng.normal(size=(8, 6)), hsic.label_kernel(rng.integers(3, size=8), 3)
    worst, step = 0.0, 1e-5
    for kernel in hsic.KERNELS:
        gradient = hsic.objective_gradient(z, Ky, kernel=kernel, sigma=1.5)
        for place in np.ndindex(z.shape):
            value, objectives = z[place], []
            for z[place] in (value + step, value - step):
                objectives.append(hsic.objective(z, Ky, kernel=kernel, sigma=1.5))
            z[place] = value
            slope = (objectives[0] - objectives[1]) / (2 * step)
            worst = max(worst, abs(slope - gradient[place]))
    return worst


def _bottleneck(seed: int, quick: bool) -> Measurement:
    epochs = 8 if quick else 60
    found = {
        "largest error of the gradient": _gradient_error(seed),
        "test accuracy, Gaussian": _accuracy(seed, epochs),
        "test accuracy, random hidden layers": _accuracy(seed, epochs, local_rate=0.0),
    }
    if not quick:
        found |= {
            "test accuracy, cosine": _accuracy(seed, epochs, kernel="cosine"),
            "test accuracy, cosine, 20 groups": _accuracy(
                seed, epochs, kernel="cosine", n_groups=20
            ),
            "test accuracy, linear": _accuracy(seed, epochs, kernel="linear", local_rate=0.01),
            "test accuracy, backpropagation": _backpropagation(seed, epochs),
        }
    found["gain of the Gaussian kernel over random layers"] = (
        found["test accuracy, Gaussian"] - found["test accuracy, random hidden layers"]
    )
    return found


SYSTEMS = (
    System(
        "hsic", "Hilbert-Schmidt bottleneck (pHSIC)", "Pogodin & Latham 2020",
        "digits, three hidden layers of 200, batch 64, 60 epochs", _bottleneck,
        (above("test accuracy, Gaussian", 0.95, "0.973 ± 0.006"),
         above("gain of the Gaussian kernel over random layers", 0.06, "0.103"),
         above("test accuracy, cosine", 0.93, "0.958 ± 0.008"),
         above("test accuracy, cosine, 20 groups", 0.93, "0.963 ± 0.012"),
         above("test accuracy, backpropagation", 0.95, "0.972 ± 0.001"),
         below("test accuracy, random hidden layers", 0.9, "0.870 ± 0.016", control=True),
         below("largest error of the gradient", 1e-9, "finite differences < 1e-9",
               statistic="largest")),
        note="The readout is slow, with the paper's ratio to the layers' rate (5e-4/0.6): a fast "
        "one makes up for random layers.",
        quick_criteria=(
            above("test accuracy, Gaussian", 0.93),
            above("gain of the Gaussian kernel over random layers", 0.02),
            below("largest error of the gradient", 1e-9),
        ),
    ),
)  # fmt: skip
