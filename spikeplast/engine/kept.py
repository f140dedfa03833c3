"""Variables whose values are kept in another form until somebody reads them.

The keeper is noted at the variables' owner, so that both go when nobody else needs them.  (Not at
the variables: Brian 2 makes keys of caches of all their attributes.)
"""

from typing import Any, Protocol


class Keeper(Protocol):
    def expand(self) -> None:
        """Write the values out to Brian 2's arrays, and release the variables."""


_ATTRIBUTE = "_spikeplast_keepers"


def keep(variable: Any, keeper: Keeper) -> None:
    variable.owner.__dict__.setdefault(_ATTRIBUTE, {})[variable.name] = keeper


def keeper_of(variable: Any) -> Any:
    try:
        keepers = getattr(variable.owner, "__dict__", {}).get(_ATTRIBUTE, {})
    except ReferenceError:
        # The owner is gone, the variable is not.
        return None
    return keepers.get(variable.name)


def release(variable: Any) -> None:
    variable.owner.__dict__.get(_ATTRIBUTE, {}).pop(variable.name, None)


def write_out(objects: Any) -> None:
    """Write out all variables of some of Brian 2's objects."""
    for obj in objects:
        for keeper in set(vars(obj).get(_ATTRIBUTE, {}).values()):
            keeper.expand()
