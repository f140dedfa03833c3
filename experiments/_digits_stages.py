"""Show images to the network stage by stage, in slices, so that a stopped run can go on."""

from __future__ import annotations

import json
import time
import warnings
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from experiments.common.output import OutputFolder
from experiments.common.resuming import check_identity, damaged
from models.diehl_cook_2015 import DiehlCookNetwork, NetworkState

__all__ = ["CHECKPOINT", "Progress", "Stage", "load_checkpoint", "run_stages"]

CHECKPOINT = "checkpoint.npz"
SAVE_EVERY = 30.0
"""Least time between two checkpoints (s)"""
_STATE = ("w", "theta", "v_e", "v_i")


@dataclass(frozen=True)
class Stage:
    """A pass over images: training, or watching the trained network."""

    name: str
    images: NDArray[np.uint8]
    """(n_images, n_inputs)"""
    order: NDArray[np.int64]
    """(n,) rows of `images`, one after the other"""
    learning: bool


@dataclass
class Progress:
    """Where a run is at the end of a slice: all that the rest of the run depends on."""

    state: NetworkState
    stage: int = 0
    position: int = 0
    """Images done in this stage"""
    slices: int = 0
    """Slices done in this stage"""
    responses: dict[str, NDArray[np.uint16]] = field(default_factory=dict)
    """For each stage (n, n_excitatory) spikes in the accepted presentation of each image"""
    presentations: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    cpu_seconds: dict[str, float] = field(default_factory=dict)
    """The same without the time in which the machine did something else"""
    weight_samples: list[NDArray[np.float64]] = field(default_factory=list)
    """First cell's incoming weights, at the start and after each slice of learning"""
    sampled_at: list[int] = field(default_factory=list)
    """Presentations made when each sample was taken"""


class Bar(Protocol):
    """The part of tqdm's bar used here."""

    def update(self, n: int) -> Any: ...


def run_stages(
    network: DiehlCookNetwork,
    stages: list[Stage],
    progress: Progress,
    random_seed: int,
    output: OutputFolder,
    identity: dict[str, Any],
    bar: Bar,
) -> None:
    """Go on from `progress` to the end of the last stage; `progress` is updated in place.

    Each slice has its own random seed, made from the run's seed, the stage and the slice's
    number, and starts from `progress.state` alone: so a resumed run makes the same numbers. A
    `KeyboardInterrupt` leaves a checkpoint of the last whole slice.
    """
    saved = time.monotonic()
    if not progress.weight_samples:
        progress.weight_samples.append(progress.state.w[:, 0].copy())
        progress.sampled_at.append(0)
    try:
        while progress.stage < len(stages):
            stage = stages[progress.stage]
            _run_slice(network, stage, progress, random_seed, bar)
            if time.monotonic() - saved > SAVE_EVERY:
                save_checkpoint(progress, output, identity)
                saved = time.monotonic()
    except KeyboardInterrupt:
        save_checkpoint(progress, output, identity)
        raise


def _run_slice(
    network: DiehlCookNetwork, stage: Stage, progress: Progress, random_seed: int, bar: Bar
) -> None:
    begin, cpu_begin = time.monotonic(), time.process_time()
    rows = stage.order[progress.position : progress.position + network.slice_length]
    entropy = np.random.SeedSequence([random_seed, progress.stage, progress.slices])
    shows = network.present(
        stage.images[rows],
        progress.state,
        learning=stage.learning,
        random_seed=int(entropy.generate_state(1)[0]),
    )
    if network.parameters.method == "euler" and (shows.counts > 1).all(axis=1).any():
        warnings.warn(
            f"all {shows.counts.shape[1]} cells fired again and again at an image, as they do "
            "where forward Euler is unstable; method = exponential_euler is not",
            stacklevel=2,
        )
    done = shows.shown[shows.accepted]
    if stage.name not in progress.responses:
        shape = (len(stage.order), shows.counts.shape[1])
        progress.responses[stage.name] = np.zeros(shape, dtype=np.uint16)
    progress.responses[stage.name][progress.position + done] = shows.counts[shows.accepted]
    position = progress.position + len(done)
    over = position == len(stage.order)
    state = network.state()
    presentations = _added(progress.presentations, stage.name, len(shows.shown))
    changes: dict[str, Any] = {
        "state": state,
        "stage": progress.stage + over,
        "position": 0 if over else position,
        "slices": 0 if over else progress.slices + 1,
        "presentations": presentations,
        "seconds": _added(progress.seconds, stage.name, time.monotonic() - begin),
        "cpu_seconds": _added(progress.cpu_seconds, stage.name, time.process_time() - cpu_begin),
    }
    if stage.learning:
        changes["weight_samples"] = [*progress.weight_samples, state.w[:, 0].copy()]
        changes["sampled_at"] = [*progress.sampled_at, presentations[stage.name]]
    # All at once: Ctrl-C between two of them would leave a checkpoint of no slice's end.
    vars(progress).update(changes)
    bar.update(len(done))


def _added(sums: dict[str, Any], name: str, value: float) -> dict[str, Any]:
    return sums | {name: sums.get(name, 0) + value}


def save_checkpoint(progress: Progress, output: OutputFolder, identity: dict[str, Any]) -> None:
    """Write the checkpoint; it holds plain arrays and one text, nothing pickled."""
    text = json.dumps(
        {
            "identity": identity,
            "stage": progress.stage,
            "position": progress.position,
            "slices": progress.slices,
            "intensity": progress.state.intensity,
            "repeats": progress.state.repeats,
            "presentations": progress.presentations,
            "seconds": progress.seconds,
            "cpu_seconds": progress.cpu_seconds,
            "sampled_at": progress.sampled_at,
        }
    )
    arrays = {f"state_{name}": getattr(progress.state, name) for name in _STATE}
    arrays |= {f"responses_{name}": counts for name, counts in progress.responses.items()}
    arrays |= {"weight_samples": np.array(progress.weight_samples), "text": np.array(text)}
    output.arrays(CHECKPOINT, arrays, compressed=False)


def load_checkpoint(output: OutputFolder, identity: dict[str, Any]) -> Progress | None:
    """The run's progress, or None if there is no checkpoint.

    Raises:
        InputError: for a damaged checkpoint, or one of another configuration.
    """
    path = output / CHECKPOINT
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        content = json.loads(str(arrays["text"]))
        state = NetworkState(
            **{name: arrays[f"state_{name}"] for name in _STATE},
            intensity=float(content["intensity"]),
            repeats=int(content["repeats"]),
        )
        found = content["identity"]
        progress = Progress(
            state=state,
            stage=content["stage"],
            position=content["position"],
            slices=content["slices"],
            responses={
                name.removeprefix("responses_"): values
                for name, values in arrays.items()
                if name.startswith("responses_")
            },
            presentations=content["presentations"],
            seconds=content["seconds"],
            cpu_seconds=content["cpu_seconds"],
            weight_samples=list(arrays["weight_samples"]),
            sampled_at=content["sampled_at"],
        )
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, KeyError) as error:
        raise damaged(path, error) from None
    check_identity(output.path, found, identity)
    return progress
