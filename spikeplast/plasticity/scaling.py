"""Synaptic scaling: weights follow the difference of the target's rate from its set point."""

from typing import Any

from brian2 import Clock, Hz, Quantity, Subgroup, Synapses, second

from spikeplast.parameters import check_parameter
from spikeplast.references import bibtex, remember_source


def scale_to_rate(
    synapses: Synapses,
    *,
    rate: Quantity,
    tau: Quantity,
    tau_rate: Quantity,
    every: Quantity,
    variable: str = "rate_average",
) -> tuple[Any, Any]:
    """Scale all weights at a neuron up if it fires below `rate`, and down if above.

        w_ij <- clip(w_ij (1 + (every/tau) (rate - r_j)/rate), 0, inf),  every `every`

    `r_j` is the rate of neuron j, low-passed with `tau_rate`; it is the target's variable
    `variable` (in Hz), which the model gets by `model.group(n, extra_equations="rate_average :
    Hz")`, starts at 0, and may be set. The target also needs `lastspike` (a model with a refractory
    period). Ratios of the weights stay as they are, so the scaling competes with no rule, but it
    can oscillate: `tau` has to be long against `tau_rate`.

    `rate` (> 0 Hz), `tau`, `tau_rate`, `every` (> 0 s; `every` below `tau`). Returns two Brian 2
    operations: `active = False` on the second switches the scaling off. Weights may exceed a rule's
    w_max until their next spike. Raises ValueError or TypeError for a wrong parameter and for
    a missing variable.

    Source: the mechanism of Turrigiano et al. 1998, Nature 391:892, in the multiplicative form of
    van Rossum, Bi & Turrigiano 2000, J Neurosci 20:8812, from memory and without their integral
    term.
    """
    owner = "scale_to_rate"
    check_parameter(owner, "rate", rate, Hz, above=0)
    if "w" not in synapses.variables:
        raise ValueError(f"{owner}: {synapses.name} has no variable 'w'")
    for name, value in (("tau", tau), ("tau_rate", tau_rate), ("every", every)):
        check_parameter(owner, name, value, second, above=0)
    if every >= tau:
        raise ValueError(f"{owner}: every = {every} is not below tau = {tau}")
    target = synapses.target
    # Operations of a Subgroup object are not part of the network, those of its parent are.
    neurons = target.source if isinstance(target, Subgroup) else target
    for needed, how in ((variable, f"extra_equations='{variable} : Hz'"),
                        ("lastspike", "a refractory period")):  # fmt: skip
        if needed not in neurons.variables:
            raise ValueError(
                f"{owner}: {neurons.name} has no variable '{needed}'; make it with {how}"
            )
    follow_name = f"{neurons.name}_follow_{variable}"
    if any(item.name == follow_name for item in neurons.contained_objects):
        raise ValueError(f"{owner}: '{variable}' of {neurons.name} is in use by other synapses")
    # Named after the variable, so that another scaling of these neurons can be beside this one.
    neurons.namespace[f"{variable}_tau"] = tau_rate
    synapses.namespace |= {f"{variable}_aim": rate, f"{variable}_step": float(every / tau)}
    # A spike is known in the step after it, from lastspike.
    follow = neurons.run_regularly(
        f"{variable} += (int(timestep(t - lastspike, dt) == 1) - {variable}*dt)/{variable}_tau",
        when="groups",
        order=5,
        name=follow_name,
    )
    excess = f"({variable}_aim - {variable}_post)/{variable}_aim"
    scale = synapses.run_regularly(
        f"w = clip(w * (1 + {variable}_step*{excess}), 0, inf)",
        clock=Clock(dt=every, name=f"{synapses.name}_scaling_clock*"),
        when="start",
    )
    remember_source(synapses, "scale_to_rate", bibtex("Turrigiano1998", "VanRossum2000"))
    return follow, scale
