"""A user's own rule: a subclass that says only what happens to the weight."""

from dataclasses import dataclass
from math import exp
from typing import ClassVar

import pytest
from brian2 import Quantity, ms

from spikeplast.parameters import parameter
from spikeplast.plasticity import PlasticityRule, SoftBounds, SpikeEffect


@dataclass(frozen=True)
class SignedRule(PlasticityRule):
    """Presynaptic spikes potentiate by a trace plus a constant, and depress by another constant."""

    eta: float = parameter(0.1, at_least=0)
    alpha: float = parameter(0.3, at_least=0)
    tau: Quantity = parameter(20 * ms, ms, above=0)

    citation: ClassVar[str] = "made up"

    @property
    def traces(self):
        return "dr1/dt = -r1 / tau : 1 (event-driven)\ndo1/dt = -o1 / tau : 1 (event-driven)"

    @property
    def pre(self):
        return SpikeEffect(
            depression="eta * alpha", potentiation="eta * o1 + eta * 0.5", update="r1 += 1"
        )

    @property
    def post(self):
        return SpikeEffect(potentiation="eta * r1", update="o1 += 1")


def test_terms_of_both_signs_act_in_order_and_as_a_whole(weight_after):
    change = weight_after(SignedRule(), [20], [10])
    assert change == pytest.approx(0.1 * (exp(-10 / 20) + 0.5 - 0.3), rel=1e-12)


def test_bounds_apply_to_each_term(weight_after):
    w = 0.4 - 0.1 * 0.3 * 0.4
    w += 0.1 * (exp(-10 / 20) + 0.5) * (1 - w)
    assert weight_after(SignedRule(), [20], [10], w=0.4, bounds=SoftBounds()) == pytest.approx(
        w, rel=1e-12
    )


def test_own_parameters_are_checked():
    with pytest.raises(ValueError, match=r"SignedRule: eta = -1 is out of range"):
        SignedRule(eta=-1)


def test_a_rule_without_its_parts_cannot_be_made():
    class Empty(PlasticityRule):
        pass

    with pytest.raises(TypeError, match="abstract"):
        Empty()
