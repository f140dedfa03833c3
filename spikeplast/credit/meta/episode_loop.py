"""The samples of an episode one after the other, compiled.

For a single sample all terms but F3 are products of two vectors, so they are added up first:

    dW = e u^T + y v^T - theta_4 1 d^T - theta_3 W,
    u = -(theta_0 + theta_5 1.y + theta_7 y.Wd) x - theta_2 d,
    v = -(theta_1 + theta_6 y.Wd + theta_8 e.Wx) d + theta_9 (x - W^T y)

with x, y pre- and postsynaptic activity and d, e pre- and postsynaptic teaching signals.
"""

from __future__ import annotations

import math

import numba
import numpy as np
from numpy.typing import NDArray

from spikeplast.credit.meta.inner_loop import BETA

__all__ = ["learn_samples"]

Array = NDArray[np.float64]
# Sums in any order become vector instructions.
_compiled = numba.njit(cache=True, fastmath={"reassoc", "contract", "nsz"})


@_compiled
def _times(W: Array, x: Array, out: Array) -> None:
    """out = W x."""
    for i in range(W.shape[0]):
        total = 0.0
        for j in range(W.shape[1]):
            total += W[i, j] * x[j]
        out[i] = total


@_compiled
def _transposed_times(W: Array, y: Array, out: Array) -> None:
    """out = W^T y."""
    for j in range(W.shape[1]):
        out[j] = 0.0
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            out[j] += W[i, j] * y[i]


@_compiled
def _update(c: Array, W: Array, x: Array, y: Array, h: Array, d: Array, e: Array, u: Array,
            v: Array) -> None:  # fmt: skip
    """Add dW to W; h is W x, u and v are overwritten."""
    n_out, n_in = W.shape
    back = u
    _transposed_times(W, y, back)
    y_sum, y_Wd, e_Wx = 0.0, 0.0, 0.0
    for i in range(n_out):
        y_sum += y[i]
        e_Wx += e[i] * h[i]
    for j in range(n_in):
        y_Wd += back[j] * d[j]
    by_e = -(c[0] + c[5] * y_sum + c[7] * y_Wd)
    by_y = -(c[1] + c[6] * y_Wd + c[8] * e_Wx)
    for j in range(n_in):
        v[j] = by_y * d[j] + c[9] * (x[j] - back[j])
        u[j] = by_e * x[j] - c[2] * d[j]
    for i in range(n_out):
        for j in range(n_in):
            W[i, j] += e[i] * u[j] + y[i] * v[j] - c[4] * d[j] - c[3] * W[i, j]


@_compiled
def _forward(W: Array, x: Array, h: Array, y: Array) -> None:
    """h = W x and y = softplus(h)."""
    _times(W, x, h)
    for i in range(W.shape[0]):
        y[i] = max(h[i], 0.0) + math.log1p(math.exp(-BETA * abs(h[i]))) / BETA


@_compiled
def _softmax(h: Array, y: Array, n: int) -> None:
    largest, total = h[0], 0.0
    for i in range(n):
        largest = max(largest, h[i])
    for i in range(n):
        y[i] = math.exp(h[i] - largest)
        total += y[i]
    for i in range(n):
        y[i] /= total


@_compiled
def _gate(e: Array, y: Array, n: int) -> None:
    """e times the softplus units' slope."""
    for j in range(n):
        e[j] *= -math.expm1(-BETA * y[j])


@_compiled
def _angle(a: Array, b: Array, n: int) -> float:
    product, aa, bb = 0.0, 0.0, 0.0
    for j in range(n):
        product += a[j] * b[j]
        aa += a[j] * a[j]
        bb += b[j] * b[j]
    length = math.sqrt(aa * bb)
    return math.degrees(math.acos(min(1.0, max(-1.0, product / length)))) if length else math.nan


@_compiled
def learn_samples(
    c: Array,
    weights: Array,
    feedback: Array,
    sizes: NDArray[np.int64],
    begin: NDArray[np.int64],
    inputs: Array,
    targets: Array,
    lowest: int,
    backpropagation: bool,
    angles: Array,
) -> None:
    """Learn all samples in their order.

    Args:
        c: (10,) coefficients of F0 to F9.
        weights, feedback: W_l (n_{l+1}, n_l) and B_l (n_l, n_{l+1}) of all layers one after the
            other; the weights are changed, and not finite afterwards if they diverge.
        sizes, begin: n_0 to n_L, and where each layer's matrix begins and the last one ends.
        inputs, targets: (n, n_0) and (n, n_L).
        lowest: 0 if the input's teaching signal is needed, else 1.
        backpropagation: whether teaching signals go through W^T instead of B.
        angles: (L - 1,), gets each hidden layer's summed angle to backpropagation (deg) over the
            second half of the samples; or empty.
    """
    n_layers, widest = len(sizes) - 1, 0
    for n in sizes:
        widest = max(widest, n)
    y, h = np.zeros((n_layers + 1, widest)), np.zeros((n_layers + 1, widest))
    e, exact = np.zeros((n_layers + 1, widest)), np.zeros((n_layers + 1, widest))
    u, v = np.zeros(widest), np.zeros(widest)
    for k in range(len(inputs)):
        for j in range(sizes[0]):
            y[0, j] = inputs[k, j]
        for layer in range(n_layers):
            W = weights[begin[layer] : begin[layer + 1]].reshape((sizes[layer + 1], sizes[layer]))
            _forward(W, y[layer], h[layer + 1], y[layer + 1])
        _softmax(h[n_layers], y[n_layers], sizes[n_layers])
        for i in range(sizes[n_layers]):
            e[n_layers, i] = y[n_layers, i] - targets[k, i]
            exact[n_layers, i] = e[n_layers, i]
        compared = len(angles) > 0 and k >= len(inputs) // 2
        for layer in range(n_layers - 1, lowest - 1, -1):
            n = sizes[layer]
            if backpropagation or compared:
                W = weights[begin[layer] : begin[layer + 1]].reshape((sizes[layer + 1], n))
                _transposed_times(W, exact[layer + 1], exact[layer])
                _gate(exact[layer], y[layer], n)
            if backpropagation:
                for j in range(n):
                    e[layer, j] = exact[layer, j]
            else:
                B = feedback[begin[layer] : begin[layer + 1]].reshape((n, sizes[layer + 1]))
                _times(B, e[layer + 1], e[layer])
                _gate(e[layer], y[layer], n)
            if compared and layer > 0:
                angles[layer - 1] += _angle(e[layer], exact[layer], n)
        for layer in range(n_layers):
            W = weights[begin[layer] : begin[layer + 1]].reshape((sizes[layer + 1], sizes[layer]))
            _update(c, W, y[layer], y[layer + 1], h[layer + 1], e[layer], e[layer + 1], u, v)
