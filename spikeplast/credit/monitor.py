"""Record how a network learns: loss, accuracy, angles of teaching signals and of weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikeplast.credit.angles import angle, angles
from spikeplast.credit.feedback import Feedback, Transpose
from spikeplast.credit.network import Network

__all__ = ["Monitor"]


class Monitor:
    """Looks at a network on fixed samples while it learns.

    Args:
        x: (n, n_0) samples.
        target: (n, n_L).
        every: steps from one look to the next, 1 or more.

    Attributes, lists with one entry for each look:
        steps: batches learned so far.
        loss: mean loss of a sample.
        accuracy: share of samples whose largest output is the target's; nan for one output.
        error_angles: (n_hidden,) degrees between the rule's teaching signal of each hidden layer
            and backpropagation's, mean over samples; nan where there is none.
        weight_angles: (n_layers - 1,) degrees between B_l and W_l^T of each layer of weights but
            the first; nan where the pathway has no such matrix.

    Raises:
        ValueError: for `every` below 1, no samples, or samples that are not finite.
    """

    def __init__(self, x: ArrayLike, target: ArrayLike, every: int = 100) -> None:
        if int(every) != every or every < 1:
            raise ValueError(f"every = {every} must be an integer of 1 or more")
        self.x, self.target = np.asarray(x, dtype=float), np.asarray(target, dtype=float)
        if not len(self.x):
            raise ValueError("the monitor has no samples to look at")
        if not (np.isfinite(self.x).all() and np.isfinite(self.target).all()):
            raise ValueError("the monitor's samples or targets are not finite; leave them out")
        self.every = int(every)
        self.steps: list[int] = []
        self.loss: list[float] = []
        self.accuracy: list[float] = []
        self.error_angles: list[NDArray[np.float64]] = []
        self.weight_angles: list[NDArray[np.float64]] = []

    def record(self, network: Network, feedback: Feedback, step: int) -> None:
        """Look once.

        Raises:
            ValueError: if the samples do not fit the network.
        """
        y = network.forward(self.x)
        target = network.checked_target(self.target, len(self.x))
        self.steps.append(step)
        self.loss.append(network.loss.value(y[-1], target))
        right = y[-1].argmax(axis=1) == target.argmax(axis=1)
        self.accuracy.append(float(right.mean()) if target.shape[1] > 1 else float("nan"))
        ours = feedback.errors(network, y, y[-1] - target)
        exact = Transpose().errors(network, y, y[-1] - target)
        layers = range(1, network.n_layers)
        self.error_angles.append(np.array([_mean(angles(ours[k], exact[k])) for k in layers]))
        self.weight_angles.append(
            np.array([_weight_angle(network, feedback, layer) for layer in layers])
        )


def _mean(values: NDArray[np.float64]) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


def _weight_angle(network: Network, feedback: Feedback, layer: int) -> float:
    matrix = feedback.matrix(network, layer)
    return float("nan") if matrix is None else angle(matrix, network.weights[layer].T)
