"""Compare constants of the digit network's rules without a look at the images held out.

    python -m scripts.digit_rules --data mnist.npz [--rule RULE] [--train N] [--validation N]

Three settings of each rule (`SETTINGS`), each trained once on the first `--train` of the
experiment's training images with 100 cells, which are labelled on the last `--label` of these.
Prints the accuracy on the last `--validation` training images.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from experiments.common.command_line import exit_status, option, parse
from experiments.common.devices import use_device
from experiments.handwritten_digits import parameters_for
from scripts.digit_parameters import part_of_training, validated
from spikeplast.plasticity import (
    DiehlCookExponential,
    DiehlCookPowerLaw,
    DiehlCookPreAndPost,
    DiehlCookSTDP,
    PlasticityRule,
)

TARGETS = ((0.01, 0.1), (0.01, 0.4), (0.03, 0.2))
"""`A_plus` and `x_tar`, the same for the three rules that have a target"""
SETTINGS: dict[str, list[PlasticityRule]] = {
    "power_law": [DiehlCookPowerLaw(A_plus=a, x_tar=x) for a, x in TARGETS],
    "exponential": [DiehlCookExponential(A_plus=a, x_tar=x) for a, x in TARGETS],
    "pre_and_post": [DiehlCookPreAndPost(A_plus=a, x_tar=x) for a, x in TARGETS],
    "triplet": [DiehlCookSTDP(A_plus=a) for a in (0.025, 0.05, 0.1)],
}
PROG = "scripts.digit_rules"


@dataclass(frozen=True)
class Configuration:
    """The command line's options."""

    data: Path | None = option(None, "as for the experiment", metavar="PATH")
    rule: str | None = option(None, "one rule only; default all", choices=tuple(SETTINGS))
    train: int = option(5000, "training images", metavar="N", minimum=1)
    label: int = option(2000, "training images to label the cells with", metavar="N", minimum=1)
    validation: int = option(3000, "images for the accuracy", metavar="N", minimum=1)
    seed: int = option(1, "seed of every random number", metavar="N", minimum=0, maximum=2**32 - 1)


def run(configuration: Configuration) -> int:
    """Print a row for each setting."""
    train, held = part_of_training(
        configuration.data, configuration.train, configuration.validation
    )
    use_device("numba")
    print("rule\taccuracy\tspikes/image\ttheta (mV)")
    for name, rules in SETTINGS.items():
        for rule in rules if configuration.rule in (None, name) else []:
            parameters = replace(parameters_for(train, 100), rule=rule)
            numbers = validated(parameters, train, held, configuration.seed, configuration.label)
            print("\t".join([str(rule), *(f"{x:.3f}" for x in numbers)]), flush=True)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; returns the exit status: 0, or 2 for bad input."""
    return exit_status(PROG, lambda: run(parse(Configuration, argv, PROG, str(__doc__))))


if __name__ == "__main__":
    sys.exit(main())
