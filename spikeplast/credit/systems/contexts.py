"""Contexts of gated units: on which side of fixed random hyperplanes an input lies."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["HalfSpaces", "finite_samples"]


def finite_samples(x: ArrayLike, n_inputs: int) -> NDArray[np.float64]:
    """x as floats of shape (n, n_inputs).

    Raises:
        ValueError: for another shape, or values that are not finite.
    """
    samples = np.asarray(x, dtype=float)
    if samples.ndim != 2 or samples.shape[1] != n_inputs:
        raise ValueError(f"samples {samples.shape} must be (n, {n_inputs})")
    if not np.isfinite(samples).all():
        raise ValueError("samples have values that are not finite; remove or replace them")
    return samples


class HalfSpaces:
    """`n_half_spaces` hyperplanes for each unit: v.z > b, v of length 1 in a random direction.

    Args:
        n_units: units, each with hyperplanes of its own.
        n_inputs: size of z.
        n_half_spaces: hyperplanes per unit, so 2^n contexts; 0 for one context.
        spread: standard deviation of b.
        rng: source of the hyperplanes.

    Raises:
        ValueError: for less than 0 or more than 16 half-spaces, or a negative spread.
    """

    def __init__(
        self,
        n_units: int,
        n_inputs: int,
        n_half_spaces: int,
        spread: float,
        rng: np.random.Generator,
    ) -> None:
        if not 0 <= n_half_spaces <= 16:
            raise ValueError(f"{n_half_spaces} half-spaces; give 0 to 16 (2^n banks of weights)")
        if not spread >= 0:
            raise ValueError(f"spread = {spread} must be at least 0")
        v = rng.normal(size=(n_units, n_half_spaces, n_inputs))
        self.directions = v / np.linalg.norm(v, axis=2, keepdims=True)
        self.offsets = rng.normal(0, spread, (n_units, n_half_spaces))

    def __call__(self, z: NDArray[np.float64]) -> NDArray[np.int64]:
        """Each unit's context for inputs z (n, n_inputs): (n, n_units) integers."""
        sides = np.einsum("uhi,ni->nuh", self.directions, z, optimize=True) > self.offsets
        return sides @ (1 << np.arange(sides.shape[2]))
