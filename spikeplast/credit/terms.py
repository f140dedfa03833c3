"""Terms of which a rule for forward weights is a sum: dW_l = sum_r theta_r F^r.

F0 to F9 are those of Shervani-Tabar & Rosenbaum (2023), equations 14 to 23, Nat. Commun. 14:1805;
the others are Oja's (1982) for units on their own, Sanger's (1989), Hebb's, and differential
Hebbian learning (Kosko 1986, Klopf 1988). Every term is a sum over the samples of a batch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["TERMS", "Local", "Term", "term"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Local:
    """What a layer of synapses can know: activities, teaching signals, its own weights."""

    weights: Array
    """W, (n_post, n_pre)"""
    pre: Array
    """y_{l-1}, (n, n_pre)"""
    post: Array
    """y_l, (n, n_post)"""
    pre_error: Array
    """e_{l-1}, (n, n_pre)"""
    post_error: Array
    """e_l, (n, n_post)"""

    @cached_property
    def _post_pre_error(self) -> Array:
        # y_l^T W e_{l-1} of each sample
        return np.sum((self.pre_error @ self.weights.T) * self.post, axis=1, keepdims=True)

    @cached_property
    def _error_post_pre(self) -> Array:
        # e_l^T W y_{l-1} of each sample
        return np.sum((self.pre @ self.weights.T) * self.post_error, axis=1, keepdims=True)


Term = Callable[[Local], Array]


def _f0(s: Local) -> Array:
    return -s.post_error.T @ s.pre


def _f1(s: Local) -> Array:
    return -s.post.T @ s.pre_error


def _f2(s: Local) -> Array:
    return -s.post_error.T @ s.pre_error


def _f3(s: Local) -> Array:
    return -len(s.pre) * s.weights


def _f4(s: Local) -> Array:
    return -np.ones((s.post.shape[1], 1)) * s.pre_error.sum(axis=0)


def _f5(s: Local) -> Array:
    return -(s.post_error * s.post.sum(axis=1, keepdims=True)).T @ s.pre


def _f6(s: Local) -> Array:
    return -(s.post * s._post_pre_error).T @ s.pre_error


def _f7(s: Local) -> Array:
    return -(s.post_error * s._post_pre_error).T @ s.pre


def _f8(s: Local) -> Array:
    return -(s.post * s._error_post_pre).T @ s.pre_error


def _f9(s: Local) -> Array:
    return s.post.T @ s.pre - (s.post.T @ s.post) @ s.weights


def _hebb(s: Local) -> Array:
    return s.post.T @ s.pre


def _oja(s: Local) -> Array:
    return s.post.T @ s.pre - np.sum(s.post**2, axis=0)[:, None] * s.weights


def _sanger(s: Local) -> Array:
    return s.post.T @ s.pre - np.tril(s.post.T @ s.post) @ s.weights


def _differential(s: Local) -> Array:
    return np.diff(s.post, axis=0).T @ np.diff(s.pre, axis=0)


TERMS: dict[str, Term] = {
    "F0": _f0,
    "F1": _f1,
    "F2": _f2,
    "F3": _f3,
    "F4": _f4,
    "F5": _f5,
    "F6": _f6,
    "F7": _f7,
    "F8": _f8,
    "F9": _f9,
    "hebb": _hebb,
    "oja": _oja,
    "subspace": _f9,
    "sanger": _sanger,
    "differential_hebbian": _differential,
}
"""Terms by name. With y = y_l, x = y_{l-1}, e = e_l, d = e_{l-1}, summed over the batch:

F0 -e x^T (the pseudo-gradient); F1 -y d^T; F2 -e d^T; F3 -W; F4 -1 d^T; F5 -e 1^T y x^T;
F6 -y y^T W d d^T; F7 -e y^T W d x^T; F8 -y x^T W^T e d^T; F9 and "subspace" y x^T - y y^T W;
"hebb" y x^T; "oja" y x^T - diag(y^2) W; "sanger" y x^T - lower(y y^T) W;
"differential_hebbian" y' x'^T, with differences of samples that follow one another for derivatives,
so give them in the order of time, by `Learner.step`.

F2 helps with a negative coefficient only: then it pushes W towards the feedback's transpose.
"""

WITHOUT_PRE_ERROR = {"F0", "F3", "F5", "F9", "hebb", "oja", "subspace", "sanger",
                     "differential_hebbian"}  # fmt: skip
"""Terms that do not read the teaching signal of the presynaptic units, e_{l-1}"""


def term(choice: str | Term) -> Term:
    """The term of that name, or the given function of a `Local`.

    Raises:
        ValueError: for an unknown name.
    """
    if callable(choice):
        return choice
    if choice not in TERMS:
        raise ValueError(f"term {choice!r} is unknown; choose from {', '.join(TERMS)}")
    return TERMS[choice]
