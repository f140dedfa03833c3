"""Train the recurrent network slice by slice, so that a stopped training goes on; then watch it."""

from __future__ import annotations

import hashlib
import time
import zipfile
import zlib
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from experiments._speech_data import PAUSE, Inputs
from experiments._speech_runs import SCALING, TRAINING, WATCHING, bin_counts
from experiments.common.output import OutputFolder
from experiments.common.resuming import damaged
from models.yger_harris_2013_recurrent import (
    RecurrentNetwork,
    RecurrentParameters,
    RecurrentState,
)
from spikeplast.analysis import interval_cv

__all__ = [
    "Checkpoint",
    "Course",
    "RecurrentCondition",
    "Watched",
    "as_rates",
    "first_state",
    "train",
    "watch",
]

SLICE = 40
"""Utterances presented at a time"""
SAVE_EVERY = 10.0
"""Least time between two checkpoints (s)"""
SCALED_ON = 40
"""Utterances on which first weights are scaled"""


@dataclass(frozen=True)
class RecurrentCondition:
    """A rule with all that goes with it."""

    name: str
    parameters: RecurrentParameters
    normalisation: str = "contrast"
    learns: bool = True


@dataclass
class Course:
    """Where a training is after a slice: all that the rest of it depends on, and how it went."""

    state: RecurrentState
    slices: int = 0
    """Done so far"""
    rates: list[float] = field(default_factory=list)
    """Of the excitatory cells in each slice (Hz), pauses included"""
    biological: float = 0.0
    """Seconds simulated, without the first slice of a process, which compiles"""
    cpu: float = 0.0
    """Seconds of processor time for these"""


@dataclass(frozen=True)
class Watched:
    """Responses of a network whose weights stand still."""

    counts: NDArray[np.int64]
    """(n_utterances, n_excitatory)"""
    rate_e: float
    rate_i: float
    """Mean rates (Hz), pauses included"""
    cv: float
    """Median over excitatory cells of the coefficient of variation of their intervals"""


class Checkpoint:
    """A training in the middle, in a file of its own that is whole or not there."""

    def __init__(self, folder: OutputFolder, name: str) -> None:
        self._folder = folder
        self._name = "training_" + hashlib.sha256(name.encode()).hexdigest()[:24] + ".npz"

    def load(self) -> Course | None:
        """What was saved; InputError if it cannot be read."""
        path = self._folder / self._name
        if not path.exists():
            return None
        try:
            with np.load(path, allow_pickle=False) as found:
                state = RecurrentState(**{f.name: found[f.name] for f in fields(RecurrentState)})
                biological, cpu = found["seconds"]
                return Course(state, int(found["slices"]), found["rates"].tolist(), biological, cpu)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, KeyError) as error:
            raise damaged(path, error) from None

    def save(self, course: Course) -> None:
        """Replace what was saved."""
        arrays = vars(course.state) | {
            "slices": course.slices,
            "rates": np.array(course.rates),
            "seconds": np.array([course.biological, course.cpu]),
        }
        self._folder.arrays(self._name, arrays, compressed=False)

    def remove(self) -> None:
        """Remove the file if it is there."""
        self._folder.remove(self._name)


def train(
    condition: RecurrentCondition,
    inputs: Inputs,
    rows: NDArray[np.int64],
    n_epochs: int,
    checkpoint: Checkpoint,
) -> Course:
    """Present the utterances `n_epochs` times, each time in another order.

    Goes on from the checkpoint if there is one, to the same state; leaves one if it is interrupted.
    """
    from tqdm import tqdm

    random_seed = inputs.random_seed
    network = RecurrentNetwork(condition.parameters, random_seed)
    course = checkpoint.load() or Course(network.state())
    per_epoch = -(-len(rows) // SLICE)
    saved, compiled = time.monotonic(), False
    n_excitatory = condition.parameters.n_excitatory
    # disable=None shows the bar on a terminal only.
    with tqdm(
        total=n_epochs * per_epoch,
        initial=course.slices,
        desc=condition.name,
        unit="slice",
        leave=False,
        disable=None,
    ) as bar:
        try:
            while course.slices < n_epochs * per_epoch:
                epoch, part = divmod(course.slices, per_epoch)
                order = np.random.default_rng([random_seed, len(rows), epoch]).permutation(rows)
                spoken = inputs.train(order[part * SLICE :][:SLICE], TRAINING + epoch)
                before = time.process_time()
                response = network.present(spoken, course.state)
                spent = time.process_time() - before
                rate = len(response.excitatory.times) / (n_excitatory * spoken.duration)
                changes = {
                    "state": network.state(),
                    "slices": course.slices + 1,
                    "rates": [*course.rates, rate],
                }
                if compiled:
                    changes["biological"] = course.biological + spoken.duration
                    changes["cpu"] = course.cpu + spent
                compiled = True
                # All at once: Ctrl-C between two would leave a checkpoint of no slice's end.
                vars(course).update(changes)
                bar.update()
                if time.monotonic() - saved > SAVE_EVERY:
                    checkpoint.save(course)
                    saved = time.monotonic()
        except KeyboardInterrupt:
            checkpoint.save(course)
            raise
    return course


def first_state(
    condition: RecurrentCondition, inputs: Inputs, rows: NDArray[np.int64]
) -> RecurrentState:
    """First weights, all times the factor at which the cells fire at the rule's target rate.

    By bisection, on a few of the utterances; at most the factor at which a weight is at its bound.
    """
    p = condition.parameters
    network = RecurrentNetwork(p, inputs.random_seed, learns=False)
    state = network.state()
    rng = np.random.default_rng([inputs.random_seed, len(rows)])
    spoken = inputs.train(rng.permutation(rows)[:SCALED_ON], SCALING)
    low = 0.0
    high = min(p.w_max / state.w_input.max(), p.w_max_recurrent / state.w_recurrent.max())
    for _ in range(8):
        middle = (low + high) / 2
        fired = network.present(spoken, state.scaled(middle)).excitatory
        rate = len(fired.times) / (p.n_excitatory * spoken.duration)
        low, high = (middle, high) if rate < float(p.rule.r0) else (low, middle)
    return state.scaled((low + high) / 2)


def watch(
    condition: RecurrentCondition,
    inputs: Inputs,
    state: RecurrentState,
    rows: NDArray[np.int64],
) -> Watched:
    """Present utterances with the weights as they are, and count each cell's spikes in each."""
    p = condition.parameters
    network = RecurrentNetwork(p, inputs.random_seed, learns=False)
    counts, spikes, duration, cvs = [], np.zeros(2), 0.0, []
    for start in range(0, len(rows), SLICE):
        spoken = inputs.train(rows[start : start + SLICE], WATCHING)
        response = network.present(spoken, state)
        counts.append(bin_counts(response.excitatory, spoken, p.n_excitatory, 1)[:, 0])
        spikes += len(response.excitatory.times), len(response.inhibitory.times)
        duration += spoken.duration
        if not cvs:
            cells, times = response.excitatory
            cvs.append(interval_cv(cells, times, p.n_excitatory))
    rates = spikes / np.array([p.n_excitatory, p.n_cells - p.n_excitatory]) / duration
    cv = np.asarray(cvs[0])
    return Watched(
        np.concatenate(counts),
        float(rates[0]),
        float(rates[1]),
        float(np.median(cv[np.isfinite(cv)])) if np.isfinite(cv).any() else 0.0,
    )


def as_rates(
    counts: NDArray[np.int64], inputs: Inputs, rows: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Counts as rates (Hz): `bin_counts` takes in half of the pause."""
    return counts / (inputs.data.durations()[rows] + PAUSE / 2)[:, None]
