"""Memory, balance and causal inference: what random connections and noise leave to be known."""

from __future__ import annotations

import numpy as np

from experiments.credit.data import task_rng
from experiments.credit.system import Curve, Measurement, System, above, below, between, near
from spikeplast.credit.systems import BalancedNetwork, BoltzmannMachine, hopfield
from spikeplast.credit.systems import random_input as sums
from spikeplast.credit.systems import spike_discontinuity as discontinuity

__all__ = ["SYSTEMS"]


def _hopfield(seed: int, quick: bool) -> Measurement:
    n, shown = 2000, 2 if quick else 4
    found: Measurement = {}
    for load in (0.10, 0.16) if quick else (0.05, 0.10, 0.12, 0.138, 0.16, 0.20):
        patterns = hopfield.random_patterns(round(load * n), n, seed)
        J = hopfield.store(patterns)
        overlaps = [
            hopfield.overlap(hopfield.recall(J, patterns[k], random_state=seed)[0], patterns[k])
            for k in range(shown)
        ]
        found[f"overlap at {load:g} N"] = float(np.mean(overlaps))
    n = 1000
    for load, flipped in ((0.05, 0.3), (0.05, 0.4), (0.10, 0.2), (0.10, 0.3)):
        patterns = hopfield.random_patterns(round(load * n), n, seed + 1000)
        J = hopfield.store(patterns)
        rng = task_rng(seed)
        overlaps = []
        for k in range(shown):
            cue = patterns[k].copy()
            cue[rng.choice(n, round(flipped * n), replace=False)] *= -1
            overlaps.append(hopfield.overlap(hopfield.recall(J, cue, random_state=seed)[0],
                                             patterns[k]))  # fmt: skip
        found[f"cue with {flipped:.0%} wrong at {load:g} N"] = float(np.mean(overlaps))
    return found


def _fields(seed: int, quick: bool) -> Measurement:
    """Fields of a state with overlap 0.8: stored patterns, and random weights of that variance."""
    n, load, m = 4000, 0.05, 0.8
    rng = task_rng(seed)
    patterns = hopfield.random_patterns(round(load * n), n, seed)
    J = hopfield.store(patterns)
    state = patterns[0].copy()
    state[rng.choice(n, round((1 - m) / 2 * n), replace=False)] *= -1
    stored = hopfield.field_moments(J, state, patterns[0])
    random = rng.normal(0, J.std(), (n, n))
    other = hopfield.field_moments(random, state, patterns[0])
    return {
        "stored patterns: mean field along the pattern": stored["mean"],
        "stored patterns: standard deviation": stored["std"],
        "stored patterns: |excess kurtosis|": abs(stored["excess_kurtosis"]),
        "random weights: mean field along the pattern": other["mean"],
    }


def _balanced(seed: int, quick: bool) -> Measurement:
    found: Measurement = {}
    sides = {}
    for K, m0 in ((200, 0.3),) if quick else ((200, 0.2), (200, 0.3), (800, 0.2)):
        network = BalancedNetwork(K=K, m0=m0, N=2000)
        activity = network.simulate(10 if quick else 40, 8 if quick else 15, seed)
        gap = np.subtract(activity.rates, network.rates_of_finite_K())
        limit = np.subtract(activity.rates, network.rates_of_infinite_K())
        net = activity.excitation + activity.inhibition
        case = f"K = {K}, m0 = {m0}"
        found[f"largest |rate - theory|, {case}"] = float(np.abs(gap).max())
        found[f"largest |rate - theory of infinite K|, {case}"] = float(np.abs(limit).max())
        found[f"smaller side of the input over the net one, {case}"] = float(
            min(activity.excitation, -activity.inhibition) / abs(net)
        )
        found[f"|excess kurtosis| of the input, {case}"] = abs(activity.excess_kurtosis)
        sides[K, m0] = activity
    if not quick:
        few, many = sides[200, 0.2], sides[800, 0.2]
        found["excitation at K = 800 over that at K = 200"] = many.excitation / few.excitation
        found["inhibition at K = 800 over that at K = 200"] = many.inhibition / few.inhibition
        found["net input at K = 800"] = many.excitation + many.inhibition
    return found


def _sums(seed: int, quick: bool) -> Measurement:
    numbers = (400, 10.0, 10.0, 0.005, 0.001, 4.0)
    theory = sums.expected_moments(*numbers)
    found = sums.simulated_moments(*numbers, n_cells=400 if quick else 1000, random_state=seed)
    few = sums.simulated_moments(4, *numbers[1:], n_cells=200, random_state=seed)
    return {
        "mean over theory": found.mean / theory.mean,
        "static deviation over theory": found.static_std / theory.static_std,
        "temporal deviation over theory": found.temporal_std / theory.temporal_std,
        "|excess kurtosis|": abs(found.excess_kurtosis),
        "four inputs: |excess kurtosis|": abs(few.excess_kurtosis),
    }


def _discontinuity(seed: int, quick: bool) -> Measurement:
    n = 20_000
    found: Measurement = {}
    for correlation in (0.6,) if quick else (0.0, 0.3, 0.6, 0.9):
        drives = discontinuity.drives(n, 2, correlation, random_state=seed)
        threshold = discontinuity.threshold_for(drives.largest, 0.44)
        spikes = drives.largest >= threshold
        noise = task_rng(seed).normal(size=n)
        reward = spikes @ np.array([1.0, -0.5]) + 0.5 * drives.common + 0.3 * noise
        for unit in range(2):
            z = drives.largest[:, unit]
            case = f"unit {unit + 1}, correlation {correlation:g}"
            found[f"discontinuity: {case}"] = discontinuity.discontinuity_effect(
                z, reward, threshold, 0.4
            )
            found[f"naive: {case}"] = discontinuity.naive_effect(z, reward, threshold)
    return found


def _boltzmann(seed: int, quick: bool) -> Measurement:
    rng = np.random.default_rng(seed)
    truth, machine = BoltzmannMachine(5), BoltzmannMachine(5)
    pairs = np.triu(rng.normal(0, 0.5, (5, 5)), 1)
    truth.weights, truth.biases = pairs + pairs.T, rng.normal(0, 0.5, 5)
    data = truth.distribution()
    found = {"divergence at the start": machine.divergence(data)}
    # At 0 the model's own correlations are 0, so that Hebb's rule alone goes on as it begins.
    hebb = BoltzmannMachine(5)
    hebb.weights, hebb.biases = (0.1 * 100 * slope for slope in hebb.gradient(data))
    start = found["divergence at the start"]
    found["Hebb alone: divergence after 100 steps over that at the start"] = (
        hebb.divergence(data) / start
    )
    done = 0
    for steps in (100, 1000, 3000):
        machine.learn(data, steps - done, 0.1)
        done = steps
        found[f"divergence after {steps} steps"] = machine.divergence(data)
    return found


SYSTEMS = (
    System(
        "hopfield", "Hopfield memory, 0.138 N", "Amit, Gutfreund & Sompolinsky 1985",
        "N = 2000, started on a pattern; cues at N = 1000", _hopfield,
        (above("overlap at 0.05 N", 0.999, "1.000"),
         above("overlap at 0.1 N", 0.99, "0.997"),
         above("overlap at 0.12 N", 0.97, "0.992"),
         between("overlap at 0.138 N", 0.75, 0.99, "0.916"),
         below("overlap at 0.16 N", 0.7, "0.520", control=True),
         below("overlap at 0.2 N", 0.45, "0.317", control=True),
         above("cue with 30% wrong at 0.05 N", 0.99, "1.000"),
         above("cue with 20% wrong at 0.1 N", 0.98, "0.998"),
         below("cue with 40% wrong at 0.05 N", 0.9, "0.73", control=True)),
        note="The capacity is that for N to infinity: smaller networks remember more.",
        curves=(Curve("overlap", "overlap at {x:g} N", (0.05, 0.1, 0.12, 0.138, 0.16, 0.2)),),
        axes=("patterns per unit", "overlap with the pattern"),
        quick_criteria=(
            above("overlap at 0.1 N", 0.98), below("overlap at 0.16 N", 0.8, control=True),
            above("cue with 30% wrong at 0.05 N", 0.98),
        ),
    ),
    System(
        "hopfield_fields", "Overlaps against random input", "Amit, Gutfreund & Sompolinsky 1985",
        "N = 4000, 0.05 N patterns, overlap 0.8", _fields,
        (near("stored patterns: mean field along the pattern", 0.8, 0.02, "overlap 0.8"),
         near("stored patterns: standard deviation", np.sqrt(0.05), 0.015, "sqrt(0.05) = 0.224"),
         below("stored patterns: |excess kurtosis|", 0.15, "< 0.15"),
         near("random weights: mean field along the pattern", 0, 0.01, "0.00 ± 0.01",
              control=True)),
        quick_seeds=0, quick_criteria=(),
    ),
    System(
        "balanced", "Balanced network and its mean field", "van Vreeswijk & Sompolinsky 1998",
        "2,000 binary cells of each kind, K inputs from each", _balanced,
        (below("largest |rate - theory|, K = 200, m0 = 0.2", 0.02, "0.014"),
         below("largest |rate - theory|, K = 200, m0 = 0.3", 0.02, "0.012"),
         below("largest |rate - theory|, K = 800, m0 = 0.2", 0.02, "0.006"),
         *(above(f"smaller side of the input over the net one, {case}", 20, found)
           for case, found in (("K = 200, m0 = 0.2", ""), ("K = 200, m0 = 0.3", ""),
                               ("K = 800, m0 = 0.2", "40"))),
         between("excitation at K = 800 over that at K = 200", 1.8, 2.3, "sqrt(800/200) = 2"),
         between("inhibition at K = 800 over that at K = 200", 1.8, 2.3, "sqrt(800/200) = 2"),
         near("net input at K = 800", 0.24, 0.15, "0.24"),
         below("|excess kurtosis| of the input, K = 800, m0 = 0.2", 0.15, "0.06"),
         above("largest |rate - theory of infinite K|, K = 200, m0 = 0.2", 0.05, "0.08",
               control=True)),
        quick_criteria=(below("largest |rate - theory|, K = 200, m0 = 0.3", 0.03),),
    ),
    System(
        "random_input", "Conductance as static and fluctuating part", "Campbell's theorem",
        "400 Poisson inputs of Gamma-distributed rates (mean 10 Hz), tau 5 ms", _sums,
        (near("mean over theory", 1, 0.05, "within 5 %"),
         near("static deviation over theory", 1, 0.05, "within 5 %"),
         near("temporal deviation over theory", 1, 0.05, "within 5 %"),
         below("|excess kurtosis|", 0.2, "< 0.2: Gaussian"),
         above("four inputs: |excess kurtosis|", 1, "1/(rate tau) = 5: not Gaussian",
               control=True)),
        quick_criteria=(near("mean over theory", 1, 0.05),
                        near("temporal deviation over theory", 1, 0.05)),
    ),
    System(
        "spike_discontinuity", "Spike discontinuity", "Lansdell & Kording 2023",
        "two leaky integrators, true effects 1 and -0.5, 20,000 windows", _discontinuity,
        (near("discontinuity: unit 1, correlation 0", 1, 0.03, "1.01"),
         near("discontinuity: unit 2, correlation 0", -0.5, 0.03, "-0.49"),
         near("discontinuity: unit 1, correlation 0.6", 1, 0.03, "0.99 ± 0.02"),
         near("discontinuity: unit 2, correlation 0.6", -0.5, 0.03, "-0.48 ± 0.02"),
         above("naive: unit 1, correlation 0.6", 1.2, "1.36", control=True),
         above("naive: unit 2, correlation 0.6", 0.2, "+0.43, the wrong sign", control=True)),
        seeds=10,
        curves=tuple(
            Curve(f"{name}, unit {unit}", f"{name}: unit {unit}, correlation {{x:g}}",
                  (0.0, 0.3, 0.6, 0.9))
            for name in ("discontinuity", "naive") for unit in (1, 2)
        ),
        axes=("correlation of the noise", "estimated effect"),
        quick_criteria=(
            near("discontinuity: unit 1, correlation 0.6", 1, 0.1),
            near("discontinuity: unit 2, correlation 0.6", -0.5, 0.1),
            above("naive: unit 2, correlation 0.6", 0.2, control=True),
        ),
    ),
    System(
        "boltzmann", "Maximum likelihood, visible Boltzmann machine", "Ackley et al. 1985",
        "5 units, exact gradient, rate 0.1, target in the model's family", _boltzmann,
        (below("divergence after 100 steps", 0.02, "3.6e-3 from 1.8"),
         below("divergence after 1000 steps", 1e-5, "1.4e-6", statistic="median"),
         below("divergence after 3000 steps", 1e-10, "8e-12", statistic="median"),
         above("Hebb alone: divergence after 100 steps over that at the start", 1, "grows",
               statistic="smallest", control=True)),
        seeds=10, quick_seeds=1,
        note="How fast it falls depends on the target's couplings, here of standard deviation 0.5.",
        quick_criteria=(below("divergence after 3000 steps", 1e-2),),
    ),
)  # fmt: skip
