"""Generated sources and compiled loops on disk."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from brian2 import Network, NeuronGroup, ms, set_device

import spikeplast
from spikeplast.engine import cache

SCRIPT = """
from brian2 import NeuronGroup, ms, run, set_device
import spikeplast
from spikeplast.engine import cache
set_device("numba")
cells = NeuronGroup(3, "dv/dt = -v/tau : 1", threshold="v > 1", reset="v = 0", method="euler")
tau = 10*ms
run(2*ms)
(function,) = cache._functions.values()
print(sum(function.stats.cache_hits.values()), sum(function.stats.cache_misses.values()))
"""


def run_python(script, folder, **variables):
    root = Path(spikeplast.__file__).parents[1]
    environment = {
        **os.environ,
        "SPIKEPLAST_CACHE_DIR": str(folder),
        "PYTHONPATH": str(root),
        **variables,
    }
    result = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    return result.stdout


def run_script(folder):
    return [int(word) for word in run_python(SCRIPT, folder).split()]


def test_a_second_process_compiles_nothing(tmp_path):
    assert run_script(tmp_path) == [0, 1]
    assert run_script(tmp_path) == [1, 0]
    assert len(list(tmp_path.glob("loop_*.py"))) == 1
    assert not list(tmp_path.glob("*.tmp"))


def test_the_source_does_not_depend_on_hashes(tmp_path):
    script = """
from brian2 import PoissonGroup, set_device
import spikeplast
set_device("numba")
inputs = PoissonGroup(5, "1*Hz")
cells = spikeplast.neurons.ConductanceLIF().group(3)
rule = spikeplast.plasticity.TripletSTDP.visual_cortex()
synapses = rule.synapses(inputs, cells, acts_on="g_e")
synapses.connect()
print(spikeplast.explain().source.name)
"""
    sources = {run_python(script, tmp_path, PYTHONHASHSEED=str(k)) for k in (1, 2, 3)}
    assert len(sources) == 1


def network(tau, name, n):
    cells = NeuronGroup(n, "dv/dt = -v/tau : 1", namespace={"tau": tau}, name=name, method="euler")
    return Network(cells)


def test_names_and_parameters_are_not_in_the_source():
    set_device("numba")
    one = network(10 * ms, "one", 3)
    two = network(23 * ms, "another", 70)
    assert spikeplast.explain(one).source == spikeplast.explain(two).source


def test_a_folder_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    occupied = tmp_path / "file"
    occupied.write_text("")
    monkeypatch.setenv("SPIKEPLAST_CACHE_DIR", str(occupied / "below"))
    with pytest.raises(OSError, match="SPIKEPLAST_CACHE_DIR"):
        cache.load("x = 1")
