"""Hebbian rules without errors: principal components, derivatives, heavy tails."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.linalg import subspace_angles

from experiments.credit.data import task_rng
from experiments.credit.system import Curve, Measurement, System, above, below, between, near
from spikeplast import credit
from spikeplast.credit.systems import nonlinear_hebbian as nonlinear
from spikeplast.credit.systems.oja import oja_closed_form, oja_slope

__all__ = ["SYSTEMS"]

Array = NDArray[np.float64]
SPECTRUM = np.array([5, 3, 2, 1.5, 1.2, 1, 0.8, 0.6, 0.4, 0.2])


def _components(
    term: str, n_units: int, start: Array, samples: Array, rates: tuple[float, ...]
) -> tuple[Array, list[float]]:
    """Train a linear layer by one term, a rate for each part of the samples; W and lengths."""
    network = credit.Network([len(SPECTRUM), n_units], "linear", "squared_error", bias=False)
    network.weights[0] = start.copy()
    nothing = np.zeros((1, n_units))
    lengths = []
    for rate, part in zip(rates, np.array_split(samples, len(rates)), strict=True):
        learner = credit.Learner(network, credit.Rule(credit.OutputOnly(), {term: rate}))
        for k, x in enumerate(part):
            learner.step(x[None], nothing)
            if (k + 1) % 1000 == 0:
                lengths.append(float(np.linalg.norm(network.weights[0][0])))
    return network.weights[0], lengths


def _oja(seed: int, quick: bool) -> Measurement:
    rng = np.random.default_rng(seed)
    # The averaged rule, in coordinates along the eigenvectors.
    a, t = rng.normal(size=10) / 3, np.linspace(0, 2, 21)
    solution = solve_ivp(lambda _, v: oja_slope(v, SPECTRUM), (0, 2), a, t_eval=t,
                         rtol=1e-10, atol=1e-12)  # fmt: skip
    exact = oja_closed_form(a, SPECTRUM, t)
    ratio = (solution.y[1] / solution.y[0]) / (a[1] / a[0])
    theory = np.exp(-(SPECTRUM[0] - SPECTRUM[1]) * t)
    second = np.zeros(10)
    second[1] = 1
    pushed = second.copy()
    pushed[0] = 1e-6
    ends = [
        solve_ivp(lambda _, v: oja_slope(v, SPECTRUM), (0, 30), v, rtol=1e-10, atol=1e-12).y[:, -1]
        for v in (second, pushed)
    ]
    # The rule itself.
    n = 8000 if quick else 20_000
    samples = rng.normal(size=(n, 10)) * np.sqrt(SPECTRUM)
    start = rng.normal(size=(1, 10)) / 10
    W, _ = _components("oja", 1, start, samples, (0.002,))
    _, hebb = _components("hebb", 1, start, samples[:3000], (0.002,))
    return {
        "closed form: largest error": float(np.abs(solution.y.T - exact).max()),
        "a2/a1 over exp(-(l1-l2)t): largest error": float(np.abs(ratio / theory - 1).max()),
        "started on v2: |cos(w, v2)| at the end": float(abs(ends[0][1])),
        "pushed by 1e-6: |cos(w, v1)| at the end": float(abs(ends[1][0])),
        "|cos(w, v1)|": float(abs(W[0, 0]) / np.linalg.norm(W)),
        "length of w": float(np.linalg.norm(W)),
        "plain Hebb: length after 3,000 samples": hebb[-1],
    }


def _subspace(seed: int, quick: bool) -> Measurement:
    rng = np.random.default_rng(seed)
    n = 15_000 if quick else 60_000
    samples = rng.normal(size=(n, 10)) * np.sqrt(SPECTRUM)
    start = rng.normal(size=(3, 10)) / 10
    found: Measurement = {}
    for name in ("subspace", "sanger"):
        W, _ = _components(name, 3, start, samples, (0.002, 0.0005))
        cosines = np.cos(subspace_angles(W.T, np.eye(10)[:, :3]))
        units = np.abs(np.diag(W[:, :3])) / np.linalg.norm(W, axis=1)
        found |= {
            f"{name}: smallest principal cosine": float(cosines.min()),
            f"{name}: smallest |cos(w_i, v_i)|": float(units.min()),
            f"{name}: largest |W W^T - 1|": float(np.abs(W @ W.T - np.eye(3)).max()),
        }
    return found


def _differential(seed: int, quick: bool) -> Measurement:
    """Two unit sinusoids; the mean of x' y' is cos(phase)/2."""
    n_steps, dt = 20_000, 2 * np.pi * 5 / 20_000
    t = dt * np.arange(n_steps + 1)
    found = {}
    for degrees in (0, 45, 90, 135, 180):
        x, y = np.sin(t)[:, None], np.sin(t + np.radians(degrees))[:, None]
        local = credit.Local(np.zeros((1, 1)), x, y, np.zeros_like(x), np.zeros_like(y))
        change = credit.TERMS["differential_hebbian"](local)
        found[f"mean x'y' at {degrees} deg"] = float(change[0, 0] / dt**2 / n_steps)
    return found


def _nonlinear(seed: int, quick: bool) -> Measurement:
    rng = task_rng(seed)
    n = 30_000 if quick else 60_000
    sources = rng.normal(size=(n, 20))
    sources[:, 0] = rng.laplace(size=n)
    mixing = rng.normal(size=(20, 20))
    x, whitening = nonlinear.whitened(sources @ mixing.T)
    truth = whitening @ mixing[:, 0]
    truth /= np.linalg.norm(truth)
    found: Measurement = {}
    for name in ("cubic",) if quick else ("cubic", "rectified quadratic", "linear", "tanh"):
        w = nonlinear.learn_direction(x, name, random_state=seed)
        found[f"{name}: |cos|"] = float(abs(w @ truth))
        found[f"{name}: |cos| > 0.95"] = float(abs(w @ truth) > 0.95)
        found[f"{name}: excess kurtosis"] = nonlinear.excess_kurtosis(x @ w)
    if quick:
        w = nonlinear.learn_direction(x[:5000], "linear", random_state=seed)
        found["linear: |cos|"] = float(abs(w @ truth))
    return found


SYSTEMS = (
    System(
        "oja", "Oja's rule, one unit", "Oja 1982",
        "10 inputs, eigenvalues 5 to 0.2, eta 0.002, 20,000 samples", _oja,
        (below("closed form: largest error", 1e-6, "< 1e-6", statistic="largest"),
         below("a2/a1 over exp(-(l1-l2)t): largest error", 0.03, "within 3 %",
               statistic="largest"),
         above("|cos(w, v1)|", 0.97, "smallest 0.979", statistic="smallest"),
         near("length of w", 1, 0.02, "1.00 ± 0.02"),
         near("started on v2: |cos(w, v2)| at the end", 1, 1e-6, "stays"),
         near("pushed by 1e-6: |cos(w, v1)| at the end", 1, 1e-6, "leaves"),
         above("plain Hebb: length after 3,000 samples", 1000, "13,658", control=True,
               statistic="smallest")),
        seeds=10, quick_seeds=1,
        quick_criteria=(
            below("closed form: largest error", 1e-6),
            above("|cos(w, v1)|", 0.95),
            near("length of w", 1, 0.05),
            above("plain Hebb: length after 3,000 samples", 1000, control=True),
        ),
    ),
    System(
        "subspace_sanger", "Subspace rule and Sanger's rule", "Oja 1989, Sanger 1989",
        "the same inputs, 3 units, 60,000 samples", _subspace,
        (above("subspace: smallest principal cosine", 0.99, "0.996"),
         above("sanger: smallest principal cosine", 0.99, "0.996"),
         above("sanger: smallest |cos(w_i, v_i)|", 0.99, "0.996"),
         below("subspace: smallest |cos(w_i, v_i)|", 0.7, "0.20", control=True)),
        note="How the subspace rule's units are turned within the subspace depends on the start.",
        seeds=5,
        quick_criteria=(
            above("subspace: smallest principal cosine", 0.97),
            above("sanger: smallest |cos(w_i, v_i)|", 0.95),
        ),
    ),
    System(
        "differential_hebbian", "Differential Hebbian learning", "Kosko 1986, Klopf 1988",
        "two unit sinusoids", _differential,
        (near("mean x'y' at 0 deg", 0.5, 1e-3, "cos(phase)/2"),
         near("mean x'y' at 45 deg", np.sqrt(2) / 4, 1e-3, "cos(phase)/2"),
         near("mean x'y' at 90 deg", 0, 1e-3, "cos(phase)/2", control=True),
         near("mean x'y' at 135 deg", -np.sqrt(2) / 4, 1e-3, "cos(phase)/2"),
         near("mean x'y' at 180 deg", -0.5, 1e-3, "cos(phase)/2")),
        seeds=1,
        curves=(Curve("mean x'y'", "mean x'y' at {x:g} deg", (0, 45, 90, 135, 180)),),
        axes=("phase between x and y (deg)", "mean change"),
    ),
    System(
        "nonlinear_hebbian", "Nonlinear Hebbian learning", "Brito & Gerstner 2016",
        "20 whitened inputs, one Laplace source, 60,000 samples", _nonlinear,
        (above("cubic: |cos|", 0.95, "0.984", statistic="median"),
         above("cubic: |cos| > 0.95", 0.9, "in 9 of 10 runs"),
         between("cubic: excess kurtosis", 2.4, 3.3, "2.84", statistic="median"),
         below("linear: |cos|", 0.5, "0.11", control=True),
         below("tanh: |cos|", 0.5, "0.10", control=True)),
        seeds=10,
        quick_criteria=(above("cubic: |cos|", 0.9),
                        below("linear: |cos|", 0.6, control=True)),
    ),
)  # fmt: skip
