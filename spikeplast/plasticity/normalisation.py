"""Normalisation of the weights that arrive at each neuron."""

from typing import Any

from brian2 import Clock, Quantity, Subgroup, Synapses, second

from spikeplast.parameters import check_choice, check_parameter
from spikeplast.references import bibtex, remember_source

NORMS = ("sum", "length")


def normalise_incoming(
    synapses: Synapses,
    *,
    total: float,
    every: Quantity,
    norm: str = "sum",
    variable: str = "w_total",
    when: str = "start",
    order: int = 0,
) -> tuple[Any, Any, Any]:
    """Scale the weights at each target neuron so that they sum to `total`, at t = 0 and `every`.

        w_ij <- w_ij total / sum_k w_kj                  (norm="sum")
        w_ij <- w_ij total / sqrt(sum_k w_kj^2)          (norm="length")

    `total` (> 0) is in units of w, `every` (> 0 s) a time that should be a multiple of the
    simulation's dt. The scaling runs inside the simulation as three Brian 2 operations, in the
    scheduling slot `when` with the orders `order`, `order` + 1 and `order` + 2; they are returned,
    and setting `active = False` on each switches it off.

    The target needs a variable without unit for the sum, named `variable`: make it by
    `model.group(n, extra_equations="w_total : 1")`. Synapses that are normalised apart from each
    other, but share a target, need one variable each.

    Neurons whose weights are all 0 keep them. The result is not clipped: a weight may exceed
    w_max until its next spike. A "sum" is for weights of at least 0; weights of either sign, as
    rate units have, are given a "length". Normalisation goes on when
    the synapses' `learning_rate` is 0: for a test after training, set the operations' `active` to
    False as well.

    Raises ValueError for a missing or already used variable. Source: Diehl & Cook 2015 (total 78
    for 784 inputs, before every image).
    """
    check_choice("normalise_incoming", "norm", norm, NORMS)
    if "w" not in synapses.variables:
        raise ValueError(f"normalise_incoming: {synapses.name} has no variable 'w'")
    total = check_parameter("normalise_incoming", "total", total, above=0)
    every = check_parameter("normalise_incoming", "every", every, second, above=0)
    target = synapses.target
    # Operations of a Subgroup object are not part of the network, those of its parent are.
    neurons = target.source if isinstance(target, Subgroup) else target
    if variable not in neurons.variables:
        raise ValueError(
            f"normalise_incoming: {neurons.name} has no variable '{variable}' for the sum of "
            f"weights; make the group with extra_equations='{variable} : 1'"
        )
    reset_name = f"{neurons.name}_reset_{variable}"
    if any(item.name == reset_name for item in neurons.contained_objects):
        raise ValueError(
            f"normalise_incoming: '{variable}' of {neurons.name} is in use by other synapses; "
            "give these a variable of their own"
        )
    # One clock, so that the three always run in the same step.
    clock = Clock(dt=every, name=f"{synapses.name}_normalise_clock*")
    synapses.namespace[f"{variable}_aim"] = total
    reset = neurons.run_regularly(
        f"{variable} = 0", clock=clock, when=when, order=order, name=reset_name
    )
    term, root = ("w", "") if norm == "sum" else ("w**2", "sqrt")
    add = synapses.run_regularly(
        f"{variable}_post += {term}", clock=clock, when=when, order=order + 1
    )
    # Where the sum is 0 the weights are 0 too: dividing by 1 keeps them, without a NaN.
    scale = synapses.run_regularly(
        f"w *= {variable}_aim / {root}({variable}_post + int({variable}_post == 0))",
        clock=clock,
        when=when,
        order=order + 2,
    )
    remember_source(synapses, "normalise_incoming", bibtex("Diehl2015"))
    return reset, add, scale
