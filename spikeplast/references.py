"""Papers as BibTeX, and which of them an object of a network comes from."""

import re
from functools import cache
from importlib.resources import files
from typing import Any


def bibtex(*keys: str) -> str:
    """The entries of `references.bib` with these `keys`, as BibTeX; KeyError for another key."""
    library = _library()
    return "\n\n".join(library[key] for key in keys)


def entries(text: str) -> dict[str, str]:
    """The BibTeX entries in `text` by their keys; each has to start with an @ at a line's start.

    Everything else is left out, so a text without entries gives none.
    """
    found = {}
    for part in re.split(r"^(?=@)", text, flags=re.MULTILINE):
        key = re.match(r"@\w+\s*\{\s*([^\s,}]+)\s*,", part)
        if key is not None and "}" in part:
            found[key[1]] = part[: part.rindex("}") + 1]
    return found


@cache
def _library() -> dict[str, str]:
    return entries(files("spikeplast").joinpath("references.bib").read_text(encoding="utf-8"))


def remember_source(obj: Any, name: str, citation: str) -> None:
    """Note on a Brian 2 object that `name` with this `citation` made it or acts on it.

    An attribute of the object itself, so that copies of networks, several networks and deleted
    objects need no bookkeeping.
    """
    # In __dict__, because Brian 2's groups take a new attribute for a misspelt variable.
    vars(obj)["_spikeplast_sources"] = (*sources(obj), (name, citation))


def sources(obj: Any) -> tuple[tuple[str, str], ...]:
    """(name, citation) of everything of ours that an object of a network comes from."""
    return vars(obj).get("_spikeplast_sources", ())
