"""Data for few-shot tasks: scikit-learn's digits, or images of a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from experiments.common.command_line import InputError
from experiments.credit.data import digits_pool
from spikeplast.credit import meta
from spikeplast.credit.meta.evolution import START
from spikeplast.stimuli import digits

__all__ = ["FewShot", "bundled", "from_file"]

Array = NDArray[np.float64]
HIDDEN = (170, 130, 100, 70)
LARGEST_IMAGE = 200
SHOWN = 50
"""Images of each class in a task, as often as with the digits"""
MEAN_SQUARE = 0.23
"""Of the digits' pixels, which are 0 to 1"""


@dataclass(frozen=True)
class FewShot:
    """Tasks to learn rules on, others to test them on."""

    pools: tuple[tuple[Array, NDArray[np.int64]], tuple[Array, NDArray[np.int64]]]
    """Samples and labels to learn rules on, and to test them on"""
    n_classes: int
    n_train: int
    n_passes: int
    n_query: int
    n_outputs: int
    relabel: bool
    start: tuple[float, ...]
    """Coefficients of F0 to F9 at which rules begin"""
    task: str

    @property
    def n_samples(self) -> int:
        """Shown while a task is learned."""
        return self.n_classes * self.n_train * self.n_passes

    @property
    def sizes(self) -> tuple[int, ...]:
        """Units of each layer."""
        return (self.pools[0][0].shape[1], *HIDDEN, self.n_outputs)

    def sampler(self, learned: bool) -> Callable[[np.random.Generator], meta.Episode]:
        """Draws episodes to learn rules on, or to test them on."""
        x, y = self.pools[0 if learned else 1]
        return meta.episode_sampler(
            x, y, n_classes=self.n_classes, n_train=self.n_train, n_query=self.n_query,
            n_passes=self.n_passes, relabel=self.relabel,
        )  # fmt: skip


def bundled() -> FewShot:
    """5 of scikit-learn's 10 digits, 50 images each to learn from; other images for the test."""
    return FewShot(
        (digits_pool(0), digits_pool(1)), 5, SHOWN, 1, 10, 10, False, tuple(START),
        "5 of scikit-learn's 10 digits, 50 images of each seen once, 10 asked",
    )  # fmt: skip


def from_file(path: Path) -> FewShot:
    """5 classes of a file's images; rules are tested on classes that they were not learned on.

    As with the digits, a class is shown `SHOWN` times or more, and pixels have `MEAN_SQUARE`. Rules
    begin at some F0 and F9: with hundreds of inputs a tenth of that learns nothing in one task, so
    that no gradient but the penalty's is there.

    Raises:
        InputError: for a file with fewer than 10 classes of 4 images.
        ValueError, OSError: for a file that cannot be read.
    """
    images = digits.load_npz(path)
    x = images.x / 255
    while x.shape[1] * x.shape[2] > LARGEST_IMAGE:
        x = x[:, : x.shape[1] // 2 * 2, : x.shape[2] // 2 * 2]
        x = x.reshape(len(x), x.shape[1] // 2, 2, x.shape[2] // 2, 2).mean(axis=(2, 4))
    x = x.reshape(len(x), -1)
    x *= np.sqrt(MEAN_SQUARE / np.mean(x**2))
    labels, y = np.unique(images.y, return_inverse=True)
    smallest = int(np.bincount(y).min())
    if len(labels) < 10 or smallest < 4:
        raise InputError(f"--data {path}: {len(labels)} classes, {smallest} images in the smallest;"
                         " few-shot tasks need 10 classes of 4 images")  # fmt: skip
    n_query = min(10, smallest // 4)
    n_train = min(SHOWN, smallest - n_query)
    n_passes = -(-SHOWN // n_train)
    early = y < len(labels) // 2
    pools = ((x[early], y[early]), (x[~early], y[~early] - len(labels) // 2))
    return FewShot(
        pools, 5, n_train, n_passes, n_query, 5, True, (0.02, *[0] * 8, 0.002),
        f"5 of {len(labels)} classes of {path.name}, {n_train} images of each seen "
        f"{'once' if n_passes == 1 else f'{n_passes} times'}, {n_query} asked; tested on other "
        "classes",
    )  # fmt: skip
