"""Rate units: filters of every nonlinearity, the objectives of candidates, and FastICA beside."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from brian2 import defaultclock, seed
from numpy.typing import NDArray

from experiments._fields_data import SIZE, Pictures, white_patches
from experiments._fields_measures import measured
from experiments.common.jobs import Jobs
from experiments.verification.nonlinear_hebbian import AUTHORS, BATCH, STEP, learn
from spikeplast.analysis.gabor import GaborFit, gabor
from spikeplast.plasticity.nonlinear_hebbian import NONLINEARITIES, NonlinearHebbian

__all__ = ["FEW", "OBJECTIVES", "candidates", "ica", "nonlinearities", "objectives", "primitive"]

FEW = ("linear rectifier", "quadratic rectifier", "linear")
"""Nonlinearities by which ways of whitening are compared"""
OBJECTIVES = {
    "quadratic rectifier": NonlinearHebbian.quadratic_rectifier().f,
    "linear rectifier": NONLINEARITIES["linear rectifier"],
    "Cauchy": NONLINEARITIES["Cauchy"],
    "L0": NONLINEARITIES["L0"],
    "negative sigmoid": NONLINEARITIES["negative sigmoid"],
}
"""The five of the paper's figure 2b, which no positive factor changes"""


def label(name: str, sign: int) -> str:
    """How a nonlinearity or its negative is called."""
    return name if sign == 1 else f"minus {name}"


def filters(
    patches: NDArray[np.float64], name: str, sign: int, samples: int, random_seed: int
) -> NDArray[np.float64]:
    """(n_units, SIZE, SIZE) that a nonlinearity learns, as the verification learns them."""
    rng = np.random.default_rng(random_seed)
    flat = patches.reshape(len(patches), -1)
    # The constant axis is empty after whitening; learning would find it where it avoids variance.
    flat = flat + rng.normal(size=(len(flat), 1)) / SIZE
    seed(random_seed)
    rule = NonlinearHebbian.named(name, sign=sign, eta=STEP / defaultclock.dt)
    # Within a hundred samples a cubic function lets the weights run away.
    every = 1 if name == "cubic" else BATCH
    w = learn(rule, flat, steps=samples, normalise_every=every)
    return w.T.reshape(-1, SIZE, SIZE)


def nonlinearities(
    pictures: Pictures,
    chosen: list[tuple[str, int]],
    whitening: str,
    n_patches: int,
    samples: int,
    random_seed: int,
    jobs: Jobs,
    done: Callable[[], Any],
) -> dict[str, Any]:
    """Filters of each nonlinearity, measured; beside the authors' participation ratios."""
    found: dict[str, Any] = {}
    patches = None
    for name, sign in chosen:
        if patches is None:
            patches = white_patches(pictures, n_patches, random_seed, whitening=whitening)
        given = (patches, name, sign, samples, random_seed)
        key = label(name, sign)
        made = jobs.run(f"rate {whitening} {key}", lambda given=given: {"filters": filters(*given)})
        w = made["filters"]
        spatial, spectral = AUTHORS[name, sign]
        found[key] = measured(w, patches) | {
            "authors_participation_ratio": list(spatial),
            "authors_spectral_participation_ratio": list(spectral),
            "fields": w,
        }
        done()
    return found


def primitive(f: str) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """F(u) with F' = f and F(0) = 0, of a nonlinearity as Brian 2 text; for |u| up to 40."""
    names = {
        "clip": np.clip,
        "inf": np.inf,
        "sign": np.sign,
        "abs": np.abs,
        "sqrt": np.sqrt,
        "tanh": np.tanh,
        "sin": np.sin,
        "cos": np.cos,
        "int": lambda condition: np.asarray(condition, dtype=float),
    }
    half = 20_000
    u = np.linspace(-40, 40, 2 * half + 1)
    values = eval(f, {"__builtins__": {}}, names | {"u": u})  # the library's own text
    steps = (values[1:] + values[:-1]) / 2 * np.diff(u)
    total = np.concatenate([[0.0], np.cumsum(steps)])
    total -= total[half]
    return lambda at: np.interp(at, u, total)


def candidates(random_seed: int) -> dict[str, NDArray[np.float64]]:
    """Five filters (SIZE, SIZE), of the kinds of the paper's figure 2b."""
    rows, columns = np.indices((SIZE, SIZE))
    middle = (SIZE - 1) / 2
    squared = (rows - middle) ** 2 + (columns - middle) ** 2

    def bell(width: float) -> NDArray[np.float64]:
        return np.exp(-squared / 2 / width**2) / width**2

    shape = {"width": 1.2, "length": 2.5, "orientation": 0.0, "frequency": 0.2, "phase": 0.0}
    fit = GaborFit(amplitude=1, row=middle, column=middle, goodness=1, **shape)
    return {
        "random": np.random.default_rng(random_seed).normal(size=(SIZE, SIZE)),
        "Fourier": np.cos(2 * np.pi * (3 * rows + 2 * columns) / SIZE),
        "difference of Gaussians": bell(0.8) - bell(1.6),
        "first principal component": np.cos(np.pi * (rows + 0.5) / SIZE),
        "Gabor": gabor(fit, (SIZE, SIZE)),
    }


def objectives(patches: NDArray[np.float64], random_seed: int) -> dict[str, Any]:
    """`<F(u)>` of each candidate under each nonlinearity, u scaled to a variance of 1.

    `lead` is how far the Gabor is above the best of the others, in standard errors of the paired
    difference (which take patches as independent, though they overlap).
    """
    flat = patches.reshape(len(patches), -1)
    projections = {}
    for name, w in candidates(random_seed).items():
        u = flat @ (w - w.mean()).ravel()
        projections[name] = u / u.std()
    found: dict[str, Any] = {}
    for name, f in OBJECTIVES.items():
        F = primitive(f)
        values = {key: F(u) for key, u in projections.items()}
        means = {key: float(v.mean()) for key, v in values.items()}
        rival = max((key for key in means if key != "Gabor"), key=means.__getitem__)
        difference = values["Gabor"] - values[rival]
        error = difference.std() / np.sqrt(len(difference))
        found[name] = {
            "objective": means,
            "best": max(means, key=means.__getitem__),
            "lead": float(difference.mean() / error),
        }
    return found


def ica(patches: NDArray[np.float64], components: int, random_seed: int) -> NDArray[np.float64]:
    """(components, SIZE, SIZE): filters of scikit-learn's FastICA on the same patches."""
    from sklearn.decomposition import FastICA
    from sklearn.exceptions import ConvergenceWarning

    made = FastICA(components, whiten="unit-variance", max_iter=100, random_state=random_seed)
    with warnings.catch_warnings():
        # What it has found after a hundred passes is what is compared.
        warnings.simplefilter("ignore", ConvergenceWarning)
        made.fit(patches.reshape(len(patches), -1))
    return made.components_.reshape(-1, SIZE, SIZE)
