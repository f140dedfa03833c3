"""Figures of the digit experiment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import NDArray

from experiments._digits_stages import Progress
from experiments.common.output import OutputFolder
from models.diehl_cook_2015 import DiehlCookNetwork, DiehlCookParameters
from spikeplast import plotting
from spikeplast.stimuli.digits import DigitImages

__all__ = ["Activity", "draw_figures", "record_presentation"]


@dataclass(frozen=True)
class Activity:
    """What was recorded while one image was shown; times in second, potentials in volt."""

    image: NDArray[np.uint8]
    label: int
    n_inputs: int
    n_cells: int
    input_spikes: tuple[NDArray[Any], NDArray[Any]]
    excitatory_spikes: tuple[NDArray[Any], NDArray[Any]]
    inhibitory_spikes: tuple[NDArray[Any], NDArray[Any]]
    t: NDArray[np.float64]
    v: NDArray[np.float64]
    threshold: NDArray[np.float64]
    off: float
    duration: float


def record_presentation(
    parameters: DiehlCookParameters, test: DigitImages, progress: Progress, random_seed: int
) -> Activity:
    """Show the first held-out image that needs no repeat to the trained network once more.

    Everything is recorded. If the first twenty all need a repeat, the twentieth is shown.
    """
    network = DiehlCookNetwork(parameters, test.flat().shape[1], 1, random_seed, record_traces=True)
    for k in range(min(20, len(test.x))):
        shows = network.present(
            test.flat()[k : k + 1], progress.state, learning=False, random_seed=random_seed
        )
        if shows.accepted[0]:
            break
    state = network.monitors["excitatory_state"]
    names = ("input_spikes", "excitatory_spikes", "inhibitory_spikes")
    spikes = {
        name: (np.array(network.monitors[name].i), np.array(network.monitors[name].t_))
        for name in names
    }
    return Activity(
        image=test.x[k],
        label=int(test.y[k]),
        n_inputs=network.n_inputs,
        n_cells=len(network.excitatory),
        t=np.array(state.t_),
        v=np.array(state.v_),
        threshold=np.array(state.theta_)
        + float(parameters.excitatory.v_threshold - parameters.excitatory.theta_offset),
        off=float(parameters.image_time),
        duration=float(parameters.presentation),
        **spikes,
    )


def draw_figures(
    output: OutputFolder,
    results: dict[str, Any],
    progress: Progress,
    activity: Activity,
    shape: tuple[int, int],
) -> None:
    """Write all figures as PNG."""
    output.figure("weights.png", _weights(results, progress, shape))
    output.figure("weight_histogram.png", _histogram(progress))
    output.figure("confusion_matrix.png", _confusion(results))
    output.figure("accuracy_over_training.png", _learning(results))
    output.figure("presentation.png", _presentation(activity))
    output.figure("weight_traces.png", _weight_traces(progress, shape, activity.duration))


def _weights(results: dict[str, Any], progress: Progress, shape: tuple[int, int]) -> Any:
    figure, ax = plt.subplots(figsize=(7.5, 6.8), layout="constrained")
    plotting.receptive_fields(progress.state.w, shape, labels=results["cell_labels"], ax=ax)
    ax.set_title("Weights of each excitatory cell, and the digit it stands for")
    return figure


def _histogram(progress: Progress) -> Any:
    figure, ax = plt.subplots(figsize=(6, 4), layout="constrained")
    plotting.weight_histogram(progress.state.w, ax=ax)
    ax.set_title("Weights after training")
    return figure


def _confusion(results: dict[str, Any]) -> Any:
    figure, ax = plt.subplots(figsize=(6.5, 5.2), layout="constrained")
    plotting.confusion_matrix(results["confusion_matrix"], ax=ax)
    ax.set_title(f"Held-out images, accuracy {100 * results['accuracy']:.1f} %")
    return figure


def _learning(results: dict[str, Any]) -> Any:
    figure, ax = plt.subplots(figsize=(6, 4), layout="constrained")
    course = results["accuracy_over_training"]
    plotting.learning_curve(
        course["images"],
        course["accuracy"],
        held_out=results["accuracy"],
        chance=results["chance"],
        ax=ax,
    )
    ax.set_title("Each part of the training, cells labelled on the part before it")
    return figure


def _presentation(activity: Activity) -> Any:
    figure, grid = plt.subplot_mosaic(
        [["image", "inputs"], ["none", "cells"], ["none2", "v"]],
        figsize=(9.5, 8),
        width_ratios=(1, 4),
        height_ratios=(1.2, 1.2, 1),
        layout="constrained",
    )
    grid["none"].axis("off")
    grid["none2"].axis("off")
    grid["image"].imshow(activity.image, cmap="gray_r", vmin=0, vmax=255)
    grid["image"].set(xticks=[], yticks=[], xlabel=f"held-out image,\na {activity.label}")
    plotting.raster(
        activity.input_spikes,
        n_cells=activity.n_inputs,
        label="input (pixel, row by row)",
        ax=grid["inputs"],
    )
    # Top to bottom, as in the image beside it.
    grid["inputs"].invert_yaxis()
    n = activity.n_cells
    ax = grid["cells"]
    indices, times = activity.inhibitory_spikes
    plotting.raster((indices + n, times), n_cells=2 * n, colour="#D55E00", ax=ax)
    plotting.raster(activity.excitatory_spikes, n_cells=2 * n, colour="#0072B2", ax=ax)
    for line, name in zip(ax.lines, ("inhibitory", "excitatory"), strict=True):
        line.set(label=name, markersize=8, markeredgewidth=1.5)
    ax.set_yticks([0, n // 2, n, n + n // 2], ["0", str(n // 2), "0", str(n // 2)])
    ax.axhline(n - 0.5, color="0.6", lw=0.8)
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
    counts = np.bincount(activity.excitatory_spikes[0], minlength=n)
    busiest = np.sort(np.argsort(-counts, kind="stable")[:3])
    plotting.voltage_traces(
        (activity.t, activity.v),
        cells=busiest,
        spikes=activity.excitatory_spikes,
        threshold=activity.threshold[busiest],
        ax=grid["v"],
    )
    low = activity.v[busiest].min() * 1e3
    grid["v"].set_ylim(low - 3, 5)
    for name in ("inputs", "cells", "v"):
        grid[name].set_xlim(0, activity.t[-1] * 1e3)
        grid[name].set_xlabel("time (ms)")
        grid[name].axvspan(activity.off * 1e3, activity.t[-1] * 1e3, color="0.93", zorder=0)
    return figure


def _weight_traces(progress: Progress, shape: tuple[int, int], duration: float) -> Any:
    samples = np.array(progress.weight_samples).T
    ranked = np.argsort(-np.abs(samples[:, -1] - samples[:, 0]), kind="stable")
    chosen = ranked[:7]
    figure, ax = plt.subplots(figsize=(7.5, 4), layout="constrained")
    plotting.weight_traces((np.array(progress.sampled_at) * duration, samples[chosen]), ax=ax)
    for line, pixel in zip(ax.lines, chosen, strict=False):
        line.set_label(f"row {pixel // shape[1]}, column {pixel % shape[1]}")
    ax.legend(title="pixel", loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
    ax.set_title("The weights of cell 0 that changed most")
    return figure
