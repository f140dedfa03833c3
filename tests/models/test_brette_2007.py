"""The benchmarks of Brette et al. 2007 at reduced time."""

import numpy as np
import pytest
from brian2 import prefs, second, set_device

import spikeplast.engine  # noqa: F401  (registers the device)
from models.brette_2007 import BretteNetwork


@pytest.mark.parametrize(("benchmark", "low", "high"), [("COBA", 18, 21), ("CUBA", 5.5, 5.8)])
def test_rates_are_those_of_the_benchmarks(benchmark, low, high):
    set_device("numba")
    prefs.codegen.target = "numpy"
    rates = []
    for seed in (1, 2, 3):
        net = BretteNetwork.build(benchmark, seed=seed)
        net.network.run(0.5 * second, namespace={})
        counted = (net.spikes.t > 0.2 * second) & (net.spikes.i < net.n_excitatory)
        rates.append(counted.sum() / net.n_excitatory / 0.3)
    assert low <= np.mean(rates) <= high
    assert np.std(rates) > 0


def test_other_names_and_sizes_are_refused():
    with pytest.raises(ValueError, match="benchmark = 'HH' is not known; choose from COBA, CUBA"):
        BretteNetwork.build("HH", seed=1)
    with pytest.raises(ValueError, match="n = 4 is out of range"):
        BretteNetwork.build("COBA", seed=1, n=4)
