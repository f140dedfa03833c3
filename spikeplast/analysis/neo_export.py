"""Spike trains for Neo, and so for Elephant and whatever else reads Neo; the extra `neo`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from spikeplast.analysis.spikes import spike_trains

__all__ = ["to_neo"]


def to_neo(
    indices: ArrayLike, times: ArrayLike, n_cells: int, duration: float, *, name: str = "spikeplast"
) -> Any:
    """A `neo.Block` of one segment with one `SpikeTrain` per cell (in s, from 0 to `duration`).

    Cells without a spike have an empty train. Analyse it with Elephant, for example
    `elephant.statistics.cv(elephant.statistics.isi(train))`, or write it with Neo's files.

    Args:
        indices, times: (n,) cells' numbers and times (s), in any order.
        duration: of the recording (s); no spike is later.

    Raises:
        ModuleNotFoundError: if Neo is not installed.
        ValueError: for spikes outside of the recording or the cells.
    """
    try:
        import neo
        import quantities
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "export needs Neo; install it with pip install 'spikeplast[neo]'"
        ) from None
    trains = spike_trains(indices, times, n_cells)
    at = np.concatenate(trains)
    if len(at) and not (at.min() >= 0 and at.max() <= duration):
        raise ValueError(
            f"spikes from {at.min():g} to {at.max():g} s in a recording of {duration:g} s"
        )
    block, segment = neo.Block(name=name), neo.Segment(name=name)
    block.segments.append(segment)
    for cell, train in enumerate(trains):
        segment.spiketrains.append(
            neo.SpikeTrain(train * quantities.s, t_stop=duration * quantities.s, name=str(cell))
        )
    return block
