"""Compare parameters of the digit network without a look at the images held out.

    python -m scripts.digit_parameters [--data PATH] [--train N] [--validation N]

Trains on the first `--train` of the experiment's training images, once for each setting of `GRID`
(every combination), labels the cells on the same images, and prints the accuracy on the last
`--validation` training images.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from brian2 import ms, mV
from tqdm import tqdm

from experiments._digits_stages import Progress, run_stages
from experiments.common.command_line import InputError, exit_status, option, parse
from experiments.common.devices import use_device
from experiments.common.output import OutputFolder
from experiments.handwritten_digits import Configuration as Experiment
from experiments.handwritten_digits import load_data, make_stages, parameters_for
from models.diehl_cook_2015 import DiehlCookNetwork, DiehlCookParameters
from spikeplast import analysis
from spikeplast.stimuli.digits import DigitImages

GRID = {
    "w_total": (0.75, 1.0, 1.25, 1.5),
    "A_plus": (0.05, 0.1),
    "theta_plus": (0.1 * mV,),
    "tau_theta": (3e6 * ms, 1e7 * ms),
}
"""Values to combine; those of `w_total` are factors"""
PROG = "scripts.digit_parameters"


@dataclass(frozen=True)
class Configuration:
    """The command line's options."""

    data: Path | None = option(None, "as for the experiment", metavar="PATH")
    train: int = option(1100, "training images", metavar="N", minimum=1)
    validation: int = option(300, "images for the accuracy", metavar="N", minimum=1)
    seed: int = option(1, "seed of every random number", metavar="N", minimum=0, maximum=2**32 - 1)


def part_of_training(
    data: Path | None, n_train: int, n_validation: int
) -> tuple[DigitImages, DigitImages]:
    """The first `n_train` and the last `n_validation` of the training images.

    Raises:
        InputError: for data that cannot be read, or that has too few images.
    """
    images, _ = load_data(Experiment(data=data))
    if n_train + n_validation > len(images.x):
        raise InputError(
            f"--train {n_train} and --validation {n_validation}: only {len(images.x)} exist"
        )
    train = DigitImages(images.x[:n_train], images.y[:n_train], images.source)
    held = DigitImages(images.x[-n_validation:], images.y[-n_validation:], images.source)
    return train, held


def validated(
    parameters: DiehlCookParameters,
    train: DigitImages,
    held: DigitImages,
    random_seed: int,
    n_label: int | None = None,
) -> tuple[float, float, float]:
    """Train once on `train`, label on its last `n_label` images (None: as the experiment does).

    Returns:
        accuracy on `held`, spikes per image of it, mean threshold adaptation in mV.
    """
    stages = make_stages(Experiment(label=n_label), train, held)
    network = DiehlCookNetwork(parameters, train.flat().shape[1], 200, random_seed)
    progress = Progress(network.state())
    with tempfile.TemporaryDirectory() as folder, tqdm(disable=True) as bar:
        run_stages(network, stages, progress, random_seed, OutputFolder(Path(folder)), {}, bar)
    labels = train.y[stages[1].order]
    cells = analysis.assign_labels(progress.responses["label"], labels, 10)
    guess = analysis.predict_labels(progress.responses["test"], cells, 10)
    return (
        analysis.accuracy(guess, held.y),
        float(progress.responses["test"].sum(axis=1).mean()),
        float(progress.state.theta.mean() * 1e3),
    )


def run(configuration: Configuration) -> int:
    """Print a row for each combination."""
    train, held = part_of_training(
        configuration.data, configuration.train, configuration.validation
    )
    use_device("numba")
    print("\t".join([*GRID, "accuracy", "spikes/image", "theta (mV)"]))
    for values in product(*GRID.values()):
        setting = dict(zip(GRID, values, strict=True))
        parameters = parameters_for(train, 100)
        parameters = replace(
            parameters,
            w_total=parameters.w_total * setting["w_total"],
            rule=replace(parameters.rule, A_plus=setting["A_plus"]),
            excitatory=replace(
                parameters.excitatory,
                theta_plus=setting["theta_plus"],
                tau_theta=setting["tau_theta"],
            ),
        )
        numbers = validated(parameters, train, held, configuration.seed)
        print("\t".join([*map(str, values), *(f"{x:.3f}" for x in numbers)]), flush=True)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; returns the exit status: 0, or 2 for bad input."""
    return exit_status(PROG, lambda: run(parse(Configuration, argv, PROG, str(__doc__))))


if __name__ == "__main__":
    sys.exit(main())
