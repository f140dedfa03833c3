"""Which rules and neuron models have a page, and the three files that belong to each.

A page is `docs/rules/NAME.md` (text by hand; `pages` adds the rest), `NAME.py` (a script of at most
20 lines that ends by saving a figure) and `NAME.png` (that figure); likewise in `docs/neurons`.
"""

import inspect
from pathlib import Path
from typing import Any

from spikeplast import neurons, plasticity
from spikeplast.neurons import NeuronModel
from spikeplast.plasticity import PlasticityRule, TsodyksMarkram

DOCS = Path(__file__).resolve().parents[1] / "docs"


def _exported(module: Any, kinds: tuple[type, ...]) -> dict[str, type]:
    everything = {name: getattr(module, name) for name in sorted(module.__all__, key=str.lower)}
    return {
        name: item
        for name, item in everything.items()
        if inspect.isclass(item) and issubclass(item, kinds) and not inspect.isabstract(item)
    }


#: Classes by name, for each folder.
PAGES: dict[str, dict[str, type]] = {
    "rules": _exported(plasticity, (PlasticityRule, TsodyksMarkram)),
    "neurons": _exported(neurons, (NeuronModel,)),
}


def scripts() -> list[Path]:
    """All scripts of the documentation, in order."""
    return sorted(DOCS.glob("**/*.py"))
