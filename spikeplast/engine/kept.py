"""Variables whose values are kept in another form until somebody reads them.

The keeper is noted at the variables' owner, so that both go when nobody else needs them.  (Not at
the variables: Brian 2 makes keys of caches of all their attributes.)
"""

from typing import Any, Protocol


class Keeper(Protocol):
    """Has the values of some variables in a form of its own."""

    def expand(self) -> None:
        """Write the values out to Brian 2's arrays, and release the variables."""


#: Where an owner notes who keeps its variables, by name.
ATTRIBUTE = "_spikeplast_keepers"


def keep(variable: Any, keeper: Keeper) -> None:
    """From now on `keeper` has the values of one of Brian 2's variables."""
    variable.owner.__dict__.setdefault(ATTRIBUTE, {})[variable.name] = keeper


def keeper_of(variable: Any) -> Any:
    """Who has a variable's values; None if they are in its own array."""
    try:
        keepers = getattr(variable.owner, "__dict__", {}).get(ATTRIBUTE, {})
    except ReferenceError:
        # The owner is gone, the variable is not.
        return None
    return keepers.get(variable.name)


def release(variable: Any) -> None:
    """From now on the values in a variable's own array count."""
    variable.owner.__dict__.get(ATTRIBUTE, {}).pop(variable.name, None)


def write_out(objects: Any) -> None:
    """Write out all variables of some of Brian 2's objects."""
    for obj in objects:
        for keeper in set(vars(obj).get(ATTRIBUTE, {}).values()):
            keeper.expand()
