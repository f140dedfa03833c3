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
from models.diehl_cook_2015 import DiehlCookNetwork
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


def run(configuration: Configuration) -> int:
    """Print a row for each combination."""
    images, _ = load_data(Experiment(data=configuration.data))
    n, n_validation = configuration.train, configuration.validation
    if n + n_validation > len(images.x):
        raise InputError(f"--train {n} and --validation {n_validation}: only {len(images.x)} exist")
    train = DigitImages(images.x[:n], images.y[:n], images.source)
    held = DigitImages(images.x[-n_validation:], images.y[-n_validation:], images.source)
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
        stages = make_stages(Experiment(), train, held)
        network = DiehlCookNetwork(parameters, train.flat().shape[1], 200, configuration.seed)
        progress = Progress(network.state())
        with tempfile.TemporaryDirectory() as folder, tqdm(disable=True) as bar:
            output = OutputFolder(Path(folder))
            run_stages(network, stages, progress, configuration.seed, output, {}, bar)
        labels = train.y[stages[1].order]
        cells = analysis.assign_labels(progress.responses["label"], labels, 10)
        guess = analysis.predict_labels(progress.responses["test"], cells, 10)
        numbers = (
            analysis.accuracy(guess, held.y),
            progress.responses["test"].sum(axis=1).mean(),
            progress.state.theta.mean() * 1e3,
        )
        print("\t".join([*map(str, values), *(f"{x:.3f}" for x in numbers)]), flush=True)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; returns the exit status: 0, or 2 for bad input."""
    return exit_status(PROG, lambda: run(parse(Configuration, argv, PROG, str(__doc__))))


if __name__ == "__main__":
    sys.exit(main())
