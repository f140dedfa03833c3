"""The eight published triplet parameter sets, and the best pair rule, against the measurements."""

from typing import Any

import numpy as np
from brian2 import second
from scipy.optimize import nnls

from experiments.verification.closed_form import pair_sums
from experiments.verification.published import (
    FROM_MEMORY,
    MEASUREMENTS,
    PAIR_ERRORS,
    TRIPLET_ERRORS,
    Measurement,
    fit_error,
)
from experiments.verification.section import Row, close
from experiments.verification.simulate import weight_changes
from spikeplast.plasticity import PairSTDP, TripletSTDP
from spikeplast.plasticity.rule import PAIRINGS
from spikeplast.plasticity.triplet_stdp import MODELS
from spikeplast.stimuli.pairing import frequency_curve

TITLE = "Triplet STDP: measurements it was fitted to"
TOLERANCE = 0.08
# Those of periods that are multiples of 5 ms, so that a time step of 5 ms will do.
CURVE_FREQUENCIES = tuple(
    1000 / period
    for period in (10_000, 1000, 500, 200, 125, 100, 80, 60, 50, 45, 40, 35, 30, 25, 20)
)
CURVE_LAGS = (+10, -10)


def measure(*, quick: bool = False, progress: bool = False) -> dict[str, Any]:
    """Changes and fit errors of every rule, for both data sets (`quick`: visual cortex only).

    `fits` has one entry per rule; `curves` holds the visual-cortex rules at more frequencies, of
    the shape (rules, lags, frequencies).
    """
    fits: list[dict[str, Any]] = []
    rules_of: dict[str, list[Any]] = {}
    for data, measurements_of in MEASUREMENTS.items():
        if quick and data != "visual_cortex":
            continue
        measurements = measurements_of()
        rules = _rules(data, measurements)
        rules_of[data] = [rule for *_, rule in rules]
        protocols = [item.protocol for item in measurements]
        changes = weight_changes(rules_of[data], protocols, progress=progress)
        for (pairing, model, rule), change in zip(rules, changes, strict=True):
            published, recomputed = (
                (None, PAIR_ERRORS[data, pairing])
                if model == "pair"
                else TRIPLET_ERRORS[data, pairing, model]
            )
            fits.append(
                {
                    "data": data,
                    "pairing": pairing,
                    "model": model,
                    "parameters": {k: float(v) for k, v in rule.namespace.items()},
                    "changes": change.tolist(),
                    "error": fit_error(measurements, change),
                    "error_published": published,
                    "error_recomputed": recomputed,
                }
            )
    protocols = [
        protocol for lag in CURVE_LAGS for protocol in frequency_curve(lag / 1e3, CURVE_FREQUENCIES)
    ]
    curves = weight_changes(rules_of["visual_cortex"], protocols, progress=progress)
    return {
        "fits": fits,
        "curves": curves.reshape(-1, len(CURVE_LAGS), len(CURVE_FREQUENCIES)),
    }


def _rules(data: str, measurements: list[Measurement]) -> list[tuple[str, str, Any]]:
    triplets = [
        (pairing, model, getattr(TripletSTDP, data)(pairing, model))
        for pairing in PAIRINGS
        for model in MODELS
    ]
    best_pairs = [(pairing, "pair", best_pair_rule(measurements, pairing)) for pairing in PAIRINGS]
    return triplets + best_pairs


def best_pair_rule(measurements: list[Measurement], pairing: str) -> PairSTDP:
    """The pair rule of least error, with the time constants of Pfister & Gerstner 2006.

    The change is linear in the two amplitudes, so they follow from non-negative least squares.
    """
    rule = PairSTDP.bi_poo(pairing)
    sums = [
        pair_sums(
            item.protocol,
            tau_plus=float(rule.tau_plus / second),
            tau_minus=float(rule.tau_minus / second),
            pairing=pairing,
        )
        for item in measurements
    ]
    sem = np.array([item.sem for item in measurements])
    design = np.array([(up, -down) for up, down in sums]) / sem[:, None]
    (A_plus, A_minus), _ = nnls(design, np.array([item.mean for item in measurements]) / sem)
    return PairSTDP(
        A_plus=float(A_plus),
        A_minus=float(A_minus),
        tau_plus=rule.tau_plus,
        tau_minus=rule.tau_minus,
        pairing=pairing,
    )


def rows(result: dict[str, Any]) -> list[Row]:
    """Errors; a star marks printed ones that are quoted from memory."""
    found = []
    for fit in result["fits"]:
        model = "pair, best fit" if fit["model"] == "pair" else f"triplet, {fit['model']}"
        published, recomputed = fit["error_published"], fit["error_recomputed"]
        star = "*" if (fit["data"], fit["pairing"], fit["model"]) in FROM_MEMORY else ""
        printed = "" if published is None else f"; the paper prints {published:g}{star}"
        found.append(
            close(
                f"E: {fit['data'].replace('_', ' ')}, {fit['pairing']}, {model}",
                f"re-computed{printed}",
                recomputed,
                fit["error"],
                tolerance=round(TOLERANCE * recomputed, 4),
            )
        )
    return found
