"""The same network and images on two devices, timed in one process."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.common.devices import use_device
from models.diehl_cook_2015 import DiehlCookNetwork, DiehlCookParameters, NetworkState

__all__ = ["compare_with_cython", "seconds_per_image"]


def seconds_per_image(
    parameters: DiehlCookParameters,
    images: NDArray[np.uint8],
    state: NetworkState,
    random_seed: int,
    repeats: int,
) -> float:
    """Wall time of learning per presentation on the current device; the best of `repeats` runs.

    One presentation before compiles everything, so that compilation is not in the figure.
    """
    network = DiehlCookNetwork(parameters, images.shape[1], len(images), random_seed)
    network.present(images[:1], state, learning=True, random_seed=random_seed)
    best = float("inf")
    for _ in range(repeats):
        begin = time.perf_counter()
        network.present(images, state, learning=True, random_seed=random_seed)
        best = min(best, time.perf_counter() - begin)
    return best / len(images)


def compare_with_cython(
    parameters: DiehlCookParameters,
    images: NDArray[np.uint8],
    state: NetworkState,
    configuration: Any,
) -> dict[str, Any]:
    """Seconds per presentation here and on Brian 2's Cython target, and their ratio.

    Both start from the same trained state and show the first `compare_cython` training images.
    """
    shown = images[: configuration.compare_cython]
    seed = configuration.seed
    here = seconds_per_image(parameters, shown, state, seed, repeats=2)
    try:
        use_device("cython")
        cython = seconds_per_image(parameters, shown, state, seed, repeats=2)
    finally:
        use_device(configuration.device)
    return {
        "images": len(shown),
        "device_seconds_per_image": here,
        "cython_seconds_per_image": cython,
        "ratio_per_image": cython / here,
    }
