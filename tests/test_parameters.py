"""Parameters are checked when a model or a rule is made, in one line that names the value."""

from dataclasses import fields

import numpy as np
import pytest
from brian2 import Mohm, kelvin, ms, mV, nS

from documentation.catalogue import PAGES
from spikeplast.neurons import AdaptiveThresholdLIF, ConductanceLIF, CurrentLIF
from spikeplast.parameters import check_parameter
from spikeplast.plasticity import (
    DiehlCookExponential,
    DiehlCookPowerLaw,
    DiehlCookPreAndPost,
    DiehlCookSTDP,
    HardBounds,
    PairSTDP,
    TripletSTDP,
)


@pytest.mark.parametrize(
    ("model", "name", "value", "error", "words"),
    [
        (ConductanceLIF, "tau_m", 20, TypeError, "wrong unit"),
        (ConductanceLIF, "tau_m", -20 * ms, ValueError, "above 0 ms"),
        (ConductanceLIF, "tau_m", np.nan * ms, ValueError, "not finite"),
        (ConductanceLIF, "tau_e", 0 * ms, ValueError, "above 0 ms"),
        (ConductanceLIF, "E_i", 3 * nS, TypeError, "a quantity in mV"),
        (ConductanceLIF, "refractory", -1 * ms, ValueError, "at least 0 ms"),
        (ConductanceLIF, "v_rest", [1, 2] * mV, TypeError, "not a single value"),
        (CurrentLIF, "R_m", 0 * Mohm, ValueError, "above 0 Mohm"),
        (CurrentLIF, "tau_i", "5 ms", TypeError, "a str"),
        (AdaptiveThresholdLIF, "theta_plus", 1 * ms, TypeError, "a quantity in mV"),
        (AdaptiveThresholdLIF, "lock_out", -5 * ms, ValueError, "at least 0 ms"),
        (PairSTDP, "A_plus", -0.01, ValueError, "at least 0"),
        (PairSTDP, "A_plus", 1 * ms, TypeError, "a number"),
        (PairSTDP, "A_minus", True, TypeError, "a bool"),
        (PairSTDP, "tau_plus", None, TypeError, "a NoneType"),
        (TripletSTDP, "tau_x", -1 * ms, ValueError, "or None"),
        (TripletSTDP, "A3_minus", np.inf, ValueError, "not finite"),
        (DiehlCookPowerLaw, "mu", -0.1, ValueError, "at least 0"),
        (DiehlCookExponential, "beta", np.inf, ValueError, "not finite"),
        (DiehlCookPreAndPost, "x_tar", 1 * ms, TypeError, "wrong unit"),
        (DiehlCookSTDP, "tau_y", 0 * ms, ValueError, "above 0 ms"),
        (HardBounds, "w_max", np.nan, ValueError, "not finite"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name_and_value(model, name, value, error, words):
    with pytest.raises(error) as refused:
        model(**{name: value})
    message = str(refused.value)
    assert message.startswith(f"{model.__name__}: {name} = {value}")
    assert words in message
    assert "\n" not in message


def test_limits_are_inclusive_as_named():
    assert check_parameter("f", "p", 1.0, at_most=1) == 1.0
    with pytest.raises(ValueError, match="expected a number at most 1"):
        check_parameter("f", "p", 1.5, at_most=1)
    with pytest.raises(ValueError, match="above 1"):
        check_parameter("f", "p", 1, above=1)


def test_numbers_become_floats_and_quantities_stay():
    rule = PairSTDP(A_plus=1, tau_plus=np.float64(0.01) * ms * 1000)
    assert type(rule.A_plus) is float
    assert rule.tau_plus == 10 * ms


@pytest.mark.parametrize("name", [name for classes in PAGES.values() for name in classes])
def test_every_parameter_of_every_class_is_checked(name):
    item = next(classes[name] for classes in PAGES.values() if name in classes)
    for parameter in fields(item):
        for value in ("x", True, object(), [1, 2], 3 * kelvin, np.nan, np.nan * ms, np.nan * mV):
            with pytest.raises((TypeError, ValueError)) as refused:
                item(**{parameter.name: value})
            message = str(refused.value)
            assert message.startswith(f"{name}: ") and parameter.name in message, message
            assert "\n" not in message
