"""Docstrings, which are Markdown but for two kinds of sections, as Markdown."""

import importlib
import inspect
import re
from typing import Any

#: Headings of the one kind; those of the other are underlined.
_TITLES = {"Args:": "Parameters", "Returns:": "Returns", "Raises:": "Raises"}


def found(path: str) -> Any:
    """The object with this dotted name; ImportError or AttributeError if there is none."""
    parts = path.split(".")
    for n in range(len(parts), 0, -1):
        try:
            item = importlib.import_module(".".join(parts[:n]))
        except ModuleNotFoundError as error:
            if error.name not in {".".join(parts[:k]) for k in range(1, n + 1)}:
                raise
            continue
        for name in parts[n:]:
            item = getattr(item, name)
        return item
    raise ImportError(f"there is no module {parts[0]}")


def public(path: str) -> list[str]:
    """Names of the functions and classes in `__all__` of the module with this dotted name."""
    module = found(path)
    return [
        name for name in sorted(module.__all__, key=str.lower) if callable(getattr(module, name))
    ]


def described(path: str) -> str:
    """Signature and docstring of the object with this dotted name, with a heading of level 3."""
    item = found(path)
    text = markdown(item)
    name = path.removeprefix("spikeplast.")
    if inspect.ismodule(item) or (inspect.isclass(item) and issubclass(item, Exception)):
        return f"### `{name}`\n\n{text}\n"
    return f"### `{name}`\n\n```python\n{signature(item)}\n```\n\n{text}\n"


def signature(item: Any) -> str:
    """Name and parameters of a class or function, a line for each parameter."""
    made = inspect.signature(item)
    parameters = [
        # Defaults that a dataclass's factory makes, and annotations, say little and are long.
        parameter.replace(
            annotation=inspect.Parameter.empty,
            default=parameter.default
            if isinstance(parameter.default, (str, int, float, bool, type(None)))
            or parameter.default is inspect.Parameter.empty
            else ...,
        )
        for parameter in made.parameters.values()
        if parameter.name != "self"
    ]
    short = str(made.replace(parameters=parameters, return_annotation=inspect.Signature.empty))
    return item.__name__ + short.replace("Ellipsis", "...")


def markdown(item: Any) -> str:
    """The docstring as Markdown; ValueError for an object without one."""
    text = inspect.getdoc(item)
    if not text:
        raise ValueError(f"{item!r} has no docstring")
    lines = text.splitlines()
    made: list[str] = []
    base: int | None = None  # indentation of the items of the section that we are in
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        indent = len(line) - len(line.lstrip())
        if re.fullmatch("-{3,}", line):
            continue
        if re.fullmatch("-{3,}", following):
            made += [f"**{line}**", ""]
            base = 0
        elif line in _TITLES:
            made += [f"**{_TITLES[line]}**", ""]
            base = 4
        elif base is None or not line:
            made.append(line)
        elif indent < base:
            made += ["", line]
            base = None
        else:
            made.append(_item(line.strip()) if indent == base else f"  {line.strip()}")
    return "\n".join(made)


def _item(line: str) -> str:
    """`name : type` or `name: text` as an item of a list."""
    names, colon, rest = line.partition(":")
    if (colon or line.isidentifier()) and all(
        name.strip().isidentifier() for name in names.split(",")
    ):
        return f"- `{names.strip()}`{colon}{rest}"
    return f"- {line}"
