"""The code of event-driven equations, one variable at a time.

Brian 2 takes the exponential of the matrix of all event-driven equations, in which sympy spends
a quarter of a second, as much as on the rest of a network's set-up.  If none of the variables
depends on another, each has an exponential of its own, and the code is the same.
"""

import re
from typing import Any

from brian2.equations.equations import DIFFERENTIAL_EQUATION, Equations
from brian2.stateupdaters.base import UnsupportedEquationsException
from brian2.stateupdaters.exact import linear
from brian2.synapses.synapses import SynapticPathway


def update_abstract_code(pathway: SynapticPathway, run_namespace: Any, level: int) -> None:
    """As `SynapticPathway.update_abstract_code`."""
    equations = pathway.synapses.event_driven
    variables = pathway.group.variables
    if equations is not None and _independent(equations, variables):
        try:
            update = re.sub(r"\bdt\b", "(t - lastupdate)", solution(equations, variables))
        except UnsupportedEquationsException:
            # Brian 2 will say so in its own words.
            pass
        else:
            pathway.abstract_code = f"{update}\n{pathway.code}\nlastupdate = t\n"
            return
    original = SynapticPathway.update_abstract_code.original_function
    original(pathway, run_namespace, level)


def solution(equations: Equations, variables: dict[str, Any]) -> str:
    """The exact update of equations of which none depends on another's variable."""
    lines = [
        linear(_alone(name, equations), variables).split("\n")
        for name, _ in equations.get_substituted_expressions(variables)
    ]
    # First the new values, then their assignment to the variables.
    return "\n".join([new for new, _ in lines] + [assignment for _, assignment in lines])


def _independent(equations: Equations, variables: dict[str, Any]) -> bool:
    names = equations.diff_eq_names
    return not equations.is_stochastic and not any(
        expression.identifiers & (names - {name})
        for name, expression in equations.get_substituted_expressions(variables)
    )


def _alone(name: str, equations: Equations) -> Equations:
    """The equation of a variable, with all subexpressions."""
    return Equations(
        [e for e in equations.values() if e.type != DIFFERENTIAL_EQUATION or e.varname == name]
    )
