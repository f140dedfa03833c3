"""What to cite for a network."""

from dataclasses import dataclass
from typing import Any

from brian2.core.magic import magic_network
from brian2.core.network import Network
from brian2.devices.device import all_devices, get_device

from spikeplast.references import bibtex, entries, sources

_THIS_LIBRARY = """\
@misc{{spikeplast,
  author = {{{{The spikeplast developers}}}},
  title = {{spikeplast: Brian 2 networks with synaptic plasticity, compiled into one Numba loop}},
  note = {{Version {version}}},
}}"""


@dataclass
class Citations:
    """Papers and software that a network used; `str()` is a BibTeX file.

    Attributes
    ----------
    entries : dict of str
        BibTeX entries by key: first rules and neuron models, then software.
    uses : dict of list of str
        What each entry was used for, by the same keys: model or rule, and the object's name.
    others : list of (use, citation)
        Citations of a user's own models and rules that are not BibTeX; comments in the file.
    """

    entries: dict[str, str]
    uses: dict[str, list[str]]
    others: list[tuple[str, str]]

    def __str__(self) -> str:
        parts = [f"% {', '.join(self.uses[key])}\n{entry}" for key, entry in self.entries.items()]
        parts += ["% " + " ".join(f"{use}: {text}".split()) for use, text in self.others]
        return "\n\n".join(parts)

    __repr__ = __str__

    def _add(self, use: str, text: str) -> None:
        found = entries(text)
        if text and not found:
            self.others.append((use, text))
        for key, entry in found.items():
            self.entries.setdefault(key, entry)
            uses = self.uses.setdefault(key, [])
            if use not in uses:
                uses.append(use)


def cite(network: Network | None = None) -> Citations:
    """What to cite for a network: its rules and neuron models, Brian 2, Numba, this library.

    Models and rules are found by the objects that their `group` and `synapses` have made, and
    `normalise_incoming` and `scale_to_rate` by the synapses that they act on; equations written
    by hand are not recognised. Numba is cited if the device `numba` is active, this library if it
    is or if anything of it is in the network.

    Parameters
    ----------
    network : Network, optional
        By default the network of `brian2.run()`.

    Raises
    ------
    TypeError
        If `network` is something else.
    """
    net: Any = magic_network if network is None else network
    if not isinstance(net, Network):
        raise TypeError(f"cite() needs a Network, not {net!r}; without one, it takes that of run()")
    if net is magic_network:
        net._update_magic_objects(level=1)
    citations = Citations({}, {}, [])
    ours = False
    for obj in net.sorted_objects:
        for name, text in sources(obj):
            citations._add(f"{name} ({obj.name})", text)
            ours = True
    citations._add("Brian 2", bibtex("Stimberg2019"))
    compiled = get_device() is all_devices.get("numba")
    if compiled:
        citations._add("Numba, which compiled the loop", bibtex("Lam2015"))
    if compiled or ours:
        from spikeplast import __version__

        citations._add("the models, rules or engine", _THIS_LIBRARY.format(version=__version__))
    return citations
