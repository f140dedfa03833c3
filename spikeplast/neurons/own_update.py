"""A time step that a model prescribes, as a Brian 2 integration method."""

from collections.abc import Callable, Sequence
from typing import Any

from brian2 import Equations
from brian2.stateupdaters.base import StateUpdateMethod


def own_update(
    variables: Sequence[str], computed: Sequence[str], written: Sequence[str]
) -> Callable[..., str]:
    """A method for `group`: `computed` lines read old values, `written` ones store new values.

    `variables` are those that these lines integrate. All others (synaptic input, the user's
    extra equations) are integrated by exponential Euler, from old values as well.
    """
    own = set(variables)

    def update(equations: Equations, group_variables: Any, method_options: Any = None) -> str:
        others = Equations([eq for name, eq in equations.items() if name not in own])
        rest = ""
        if others.diff_eq_names:
            rest = StateUpdateMethod.apply_stateupdater(
                others, group_variables, "exponential_euler"
            )
        return "\n".join([*computed, rest, *written])

    return update
