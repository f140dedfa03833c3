"""Hook of MkDocs: adds what is generated to the pages that are written by hand.

- Below the text of `rules/NAME.md` and `neurons/NAME.md` goes the rest of that page (`pages`).
- A line `::: dotted.name` becomes signature and docstring of that object, and `::: all dotted.name`
  those of all functions and classes in that module's `__all__`.
- A line `::: table FOLDER` becomes the table of the folder's pages.
- A line `::: script FILE.py` becomes the text of that script, which the tests run.
"""

import re
import warnings
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from brian2 import BrianLogger

from documentation.catalogue import DOCS, PAGES
from documentation.docstrings import described, public
from documentation.pages import generated, index

_DIRECTIVE = re.compile(r"^::: (?:(table|script|all) )?(\S+)$", re.MULTILINE)

# Groups are made to read their equations, and never run.
BrianLogger.suppress_name("unused_brian_object")
warnings.filterwarnings("ignore", category=DeprecationWarning, module="brian2|pyparsing")


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """What MkDocs turns into the page `page`, whose file has the text `markdown`."""
    return expanded(markdown, page.file.src_uri)


def expanded(markdown: str, uri: str) -> str:
    """The page at `uri` (relative to docs) whose text by hand is `markdown`, in whole."""
    path = PurePosixPath(uri)
    text = _DIRECTIVE.sub(partial(_replacement, start=str(path.parent)), markdown)
    if path.stem in PAGES.get(str(path.parent), {}):
        text = f"{text.rstrip()}\n\n{generated(str(path.parent), path.stem)}\n"
    return text


def _replacement(match: re.Match[str], start: str) -> str:
    kind, name = match.groups()
    if kind == "table":
        return index(name, start)
    if kind == "script":
        script = (DOCS / name).read_text(encoding="utf-8").strip()
        return f"```python\n{script}\n```"
    if kind == "all":
        return "\n".join(described(f"{name}.{item}") for item in public(name))
    return described(name)
