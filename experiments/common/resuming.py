"""What experiments that can be interrupted share: what a run is, and what is said of its rest."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from experiments.common.command_line import InputError, to_json

__all__ = ["check_identity", "damaged", "identity_of", "nothing_to_resume", "stopped"]


def identity_of(configuration: Any, *without: str) -> dict[str, Any]:
    """The options, but those named, on which the results of a run depend."""
    return {name: v for name, v in to_json(configuration).items() if name not in without}


def check_identity(folder: Path, found: dict[str, Any], identity: dict[str, Any]) -> None:
    """Compare what the run in a folder was, `found`, with what this one is.

    Raises:
        InputError: for the first difference.
    """
    for name, value in identity.items():
        if found.get(name) != value:
            raise InputError(
                f"the run in {folder} had {name} = {found.get(name)}, this one has {value}; "
                "give the same, or start again without --resume"
            )


def damaged(path: Path, error: Exception) -> InputError:
    """The error for a file of an interrupted run that cannot be read."""
    reason = " ".join(str(error).split())
    return InputError(f"{path} is damaged ({reason}); start again without --resume")


def nothing_to_resume(prog: str, folder: Path) -> None:
    """Say that a run begins, where one was to go on."""
    print(f"{prog}: nothing to resume in {folder}, starting anew", file=sys.stderr)


def stopped(prog: str) -> int:
    """Say how an interrupted run can go on; returns its exit status."""
    print(f"{prog}: stopped; the same command with --resume goes on from here", file=sys.stderr)
    return 130
