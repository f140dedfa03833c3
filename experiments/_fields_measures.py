"""How oriented, local and compact receptive fields are, and whether their orientations bunch."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from spikeplast.analysis.receptive_fields import (
    orientation,
    participation_ratio,
    projection_kurtosis,
    spread,
)

__all__ = ["COMPACT", "GOALS", "LOCALISED", "ORIENTED", "measured"]

ORIENTED, LOCALISED, COMPACT = 0.5, 0.15, 0.5
"""Share of power in two of eight directions, above; participation ratio and spread, below"""
NEAR = np.deg2rad(15)
"""A direction is near to horizontal or vertical within this; a third of all are"""
GOALS = {"oriented and localised": 0.8, "controls": 0.05, "compact": 0.5}


def measured(
    fields: NDArray[np.float64], stimuli: NDArray[np.float64] | None = None
) -> dict[str, Any]:
    """Shares of all fields (n, height, width), medians, and the arrays they come from.

    A field that is zero everywhere counts as not oriented. `cardinal` is the share of oriented and
    localised fields near to horizontal or vertical, with its 95 % interval and the probability of
    being that far from a third by chance. With `stimuli` (n, height, width), `kurtosis` is that of
    their projections, 0 if Gaussian.
    """
    alive = np.abs(fields).max(axis=(1, 2)) > 1e-9
    there = fields[alive]
    shapes = [orientation(field) for field in there]
    share = np.array([shape.share for shape in shapes])
    angle = np.array([shape.angle for shape in shapes])
    ratio, spectral, extent = np.zeros((3, len(there)))
    if len(there):
        ratio, spectral = participation_ratio(there), participation_ratio(there, spectral=True)
        extent = spread(there)
    good = (share > ORIENTED) & (ratio < LOCALISED)
    small = extent < COMPACT
    found: dict[str, Any] = {
        "cells": len(fields),
        "silent_fields": int(np.sum(~alive)),
        "oriented": float(np.sum(share > ORIENTED) / len(fields)),
        "localised": float(np.sum(ratio < LOCALISED) / len(fields)),
        "oriented_and_localised": float(np.sum(good) / len(fields)),
        "compact": float(np.sum(small) / len(fields)),
        "oriented_localised_and_compact": float(np.sum(good & small) / len(fields)),
        "power_in_one_direction": _median(share),
        "participation_ratio": _median(ratio),
        "spectral_participation_ratio": _median(spectral),
        "spread": _median(extent),
        "cardinal": _cardinal(angle[good]),
        "by_cell": {
            "power_in_one_direction": share,
            "angle": angle,
            "participation_ratio": ratio,
            "spread": extent,
        },
    }
    if stimuli is not None:
        data, flat = (a.reshape(len(a), -1) for a in (stimuli, there))
        found["kurtosis"] = _median(projection_kurtosis(data, flat)) if len(flat) else None
    return found


def _median(values: NDArray[np.float64]) -> float | None:
    return float(np.median(values)) if values.size else None


def _cardinal(angles: NDArray[np.float64]) -> dict[str, Any] | None:
    if len(angles) == 0:
        return None
    off = angles % (np.pi / 2)
    near = int(np.sum(np.minimum(off, np.pi / 2 - off) < NEAR))
    test = binomtest(near, len(angles), 1 / 3)
    interval = test.proportion_ci(method="wilson")
    return {
        "share": near / len(angles),
        "interval": [float(interval.low), float(interval.high)],
        "p": float(test.pvalue),
        "n": len(angles),
    }
