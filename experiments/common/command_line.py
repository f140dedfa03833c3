"""A frozen dataclass as a command line, and one-line errors with exit status 2."""

from __future__ import annotations

import argparse
import sys
import types
import typing
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import MISSING, field, fields
from pathlib import Path
from typing import Any, NoReturn, TypeVar

__all__ = [
    "RESUME",
    "InputError",
    "OneLineParser",
    "as_input_errors",
    "exit_status",
    "option",
    "parse",
    "to_json",
]

Configuration = TypeVar("Configuration")


class InputError(Exception):
    """Something the user gave is wrong; the message is one line that names it and the mend."""


def option(
    default: Any,
    description: str,
    *,
    metavar: str | None = None,
    minimum: int | None = None,
    maximum: int | None = None,
    choices: Sequence[str] | None = None,
) -> Any:
    """A field of a configuration; its name, underscores as hyphens, is the option's name."""
    metadata = {
        "help": description,
        "metavar": metavar,
        "minimum": minimum,
        "maximum": maximum,
        "choices": choices,
    }
    return field(default=default, metadata=metadata)


class OneLineParser(argparse.ArgumentParser):
    """For commands that take more than options: says what is wrong in one line, exits with 2."""

    def error(self, message: str) -> NoReturn:
        """Without the usage, which argparse would print before."""
        self.exit(2, f"{self.prog}: error: {message}\n")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; --help lists the options")


def parse(
    configuration: type[Configuration], argv: Sequence[str] | None, prog: str, description: str
) -> Configuration:
    """Read the command line into the configuration.

    Raises:
        InputError: for an unknown option, a value of the wrong type or out of range.
        SystemExit: with status 0, after `--help`.
    """
    parser = _Parser(
        prog=prog,
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    hints = typing.get_type_hints(configuration)
    for item in fields(configuration):  # type: ignore[arg-type]
        name = "--" + item.name.replace("_", "-")
        kind = _plain_type(hints[item.name])
        text = item.metadata["help"]
        if kind is bool:
            parser.add_argument(name, action="store_true", help=text)
            continue
        if item.default is not None and item.default is not MISSING:
            text += f" (default: {item.default})"
        parser.add_argument(
            name,
            type=kind,
            default=item.default,
            metavar=None if item.metadata["choices"] else item.metadata["metavar"],
            choices=item.metadata["choices"],
            help=text.replace("%", "%%"),
        )
    values = vars(parser.parse_args(argv))
    for item in fields(configuration):  # type: ignore[arg-type]
        value, minimum = values[item.name], item.metadata["minimum"]
        if value is not None and minimum is not None and value < minimum:
            name = item.name.replace("_", "-")
            raise InputError(f"--{name} {value} is too low; give {minimum} or more")
        maximum = item.metadata["maximum"]
        if value is not None and maximum is not None and value > maximum:
            name = item.name.replace("_", "-")
            raise InputError(f"--{name} {value} is too high; give {maximum} or less")
    return configuration(**values)


def _plain_type(hint: Any) -> Callable[[str], Any]:
    if isinstance(hint, types.UnionType):
        hint = next(part for part in typing.get_args(hint) if part is not types.NoneType)
    return hint


@contextmanager
def as_input_errors() -> Iterator[None]:
    """Turn a complaint about values or files into an `InputError`, in one line."""
    try:
        yield
    except (ValueError, TypeError, OSError) as error:
        raise InputError(" ".join(str(error).split())) from error


RESUME = "the same command with --resume goes on from here"


def exit_status(prog: str, command: Callable[[], int], stopped: str = "") -> int:
    """Run a command; report an `InputError` in one line and return 2, Ctrl-C and return 130.

    `stopped`: how a run that Ctrl-C has ended goes on, such as `RESUME`.
    """
    try:
        return command()
    except InputError as error:
        print(f"{prog}: error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"{prog}: stopped" + (f"; {stopped}" if stopped else ""), file=sys.stderr)
        return 130


def to_json(configuration: Any) -> dict[str, Any]:
    """The configuration with paths as text."""
    values = {item.name: getattr(configuration, item.name) for item in fields(configuration)}
    return {name: str(v) if isinstance(v, Path) else v for name, v in values.items()}
