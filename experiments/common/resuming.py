"""What experiments that can be interrupted share: what a run is, and what is done with its rest."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from experiments.common.command_line import InputError, to_json

__all__ = [
    "OVERWRITE",
    "check_folder",
    "check_identity",
    "damaged",
    "identity_of",
    "nothing_to_resume",
]

OVERWRITE = "begin anew in an output folder that holds another run"
"""What the option `overwrite` is for"""


def identity_of(configuration: Any, *without: str) -> dict[str, Any]:
    """The options, but those named, on which the results of a run depend."""
    left_out = {"output", "resume", "overwrite", *without}
    return {name: v for name, v in to_json(configuration).items() if name not in left_out}


def check_folder(configuration: Any, unfinished: str) -> None:
    """Refuse to replace another run, unless by `--overwrite`; before anything is read or written.

    The same options again are no other run: they give the same results.

    Args:
        configuration: with `output`, `resume` and `overwrite`.
        unfinished: pattern of the files that an interrupted run keeps in its folder.

    Raises:
        InputError: for a folder with an interrupted run, unless by `--resume`, or with results of
            other options.
    """
    folder = configuration.output
    if configuration.overwrite or not folder.is_dir():
        return
    if any(folder.glob(unfinished)):
        if configuration.resume:
            return
        raise InputError(
            f"{folder} holds an interrupted run; go on with it (--resume), begin anew "
            "(--overwrite), or give another --output"
        )
    path = folder / "results.json"
    if not path.exists():
        return
    advice = "give another --output, or --overwrite"
    try:
        found = dict(json.loads(path.read_text(encoding="utf-8"))["configuration"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is no result of this experiment ({error!r}); {advice}") from None
    for name, value in identity_of(configuration).items():
        if found.get(name) != value:
            raise InputError(
                f"{folder} holds the results of another run ({name} = {found.get(name)}, this one "
                f"has {value}); {advice}"
            )


def check_identity(folder: Path, found: dict[str, Any], identity: dict[str, Any]) -> None:
    """Compare what the run in a folder was, `found`, with what this one is.

    Raises:
        InputError: for the first difference.
    """
    for name, value in identity.items():
        if found.get(name) != value:
            raise InputError(
                f"the run in {folder} had {name} = {found.get(name)}, this one has {value}; "
                "give the same, another --output, or --overwrite instead of --resume"
            )


def damaged(path: Path, error: Exception) -> InputError:
    """The error for a file of an interrupted run that cannot be read."""
    reason = " ".join(str(error).split())
    return InputError(f"{path} is damaged ({reason}); begin anew without --resume")


def nothing_to_resume(prog: str, folder: Path) -> None:
    """Say that a run begins, where one was to go on."""
    print(f"{prog}: nothing to resume in {folder}, starting anew", file=sys.stderr)
