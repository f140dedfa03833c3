"""Generated sources and compiled loops on disk."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from brian2 import Network, NeuronGroup, ms, set_device

import spikeplast
from spikeplast.engine import cache

SCRIPT = """
import sys
from brian2 import NeuronGroup, ms, run, set_device
import spikeplast
set_device("numba")
cells = NeuronGroup(3, "dv/dt = -v/tau : 1", threshold="v > 1", reset="v = 0", method="exact")
cells.v = 0.5
tau = 10*ms
run(2*ms)
print("compiled" if "numba" in sys.modules else "loaded", cells.v[0])
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
    """Whether the loop was compiled or loaded; it calls `exp`, which is no code of its own."""
    how, value = run_python(SCRIPT, folder).split()
    assert float(value) == pytest.approx(0.5 * np.exp(-0.2))
    return how


def test_a_second_process_compiles_nothing(tmp_path):
    assert run_script(tmp_path) == "compiled"
    assert run_script(tmp_path) == "loaded"
    assert {file.suffix for file in tmp_path.iterdir()} == {".py", ".o"}
    assert len(list(tmp_path.iterdir())) == 2


def test_names_depend_on_all_our_code_that_is_compiled():
    files = cache._code_files()
    assert Path(cache.native.__file__) in files
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level:
                module = file.parents[node.level - 1].joinpath(*node.module.split("."))
                assert module.with_suffix(".py") in files, (file, module)


def test_source_and_explanation_do_not_depend_on_hashes(tmp_path):
    script = """
import numpy as np
from brian2 import Network, PoissonGroup, ms, prefs, set_device
import spikeplast
set_device("numba")
for prefs.core.default_float_dtype in (np.float64, np.float32):
    inputs = PoissonGroup(5, "1*Hz")
    cells = spikeplast.neurons.ConductanceLIF().group(3)
    rule = spikeplast.plasticity.TripletSTDP.visual_cortex()
    synapses = rule.synapses(inputs, cells, acts_on="g_e")
    synapses.connect()
    synapses.pre.delay = [0.1, 0.2, 0.3]*5*ms
    print(spikeplast.explain(Network(inputs, cells, synapses)))
"""
    explanations = {run_python(script, tmp_path, PYTHONHASHSEED=str(k)) for k in (1, 2)}
    assert len(explanations) == 1
    assert "is not of double precision" in explanations.pop()


def test_without_compilation_the_loop_is_python(tmp_path):
    script = """
from brian2 import Network, NeuronGroup, ms, set_device
import spikeplast
set_device("numba")
cells = NeuronGroup(2, "dx/dt = (2*exp(-x) - exprel(x))/(10*ms) : 1", method="euler")
network = Network(cells)
network.run(1*ms, profile=True)
assert spikeplast.profile(network).seconds > 0
print(*cells.x)
"""
    compiled, as_python = (
        [float(x) for x in run_python(script, tmp_path, NUMBA_DISABLE_JIT=flag).split()]
        for flag in ("0", "1")
    )
    np.testing.assert_allclose(as_python, compiled, rtol=1e-12)
    assert compiled[0] != 0


def network(tau, name, n):
    cells = NeuronGroup(n, "dv/dt = -v/tau : 1", namespace={"tau": tau}, name=name, method="euler")
    return Network(cells)


def test_names_and_parameters_are_not_in_the_source():
    set_device("numba")
    one = network(10 * ms, "one", 3)
    two = network(23 * ms, "another", 70)
    assert spikeplast.explain(one).source == spikeplast.explain(two).source


def folder_in_use(monkeypatch, folder):
    monkeypatch.setenv("SPIKEPLAST_CACHE_DIR", str(folder))
    monkeypatch.setattr(cache, "_instead", {})
    return cache.cache_dir()


def test_a_folder_that_cannot_be_written_is_replaced(tmp_path, monkeypatch):
    occupied = tmp_path / "file"
    occupied.write_text("")
    with pytest.warns(UserWarning, match="cannot write to the cache folder"):
        used = folder_in_use(monkeypatch, occupied / "below")
    assert used.is_dir() and occupied not in used.parents
    assert cache.cache_dir() == used


@pytest.mark.skipif(os.name != "posix", reason="rights of files are POSIX's")
def test_a_folder_that_others_may_write_to_is_not_used(tmp_path, monkeypatch):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    (shared / "loop_x.py").write_text("raise SystemExit")
    with pytest.warns(UserWarning, match="others may write"):
        used = folder_in_use(monkeypatch, shared)
    assert used != shared and used.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "left",
    [
        slice(-100),
        pytest.param(slice(40), marks=pytest.mark.slow),
        pytest.param(slice(0), marks=pytest.mark.slow),
    ],
)
def test_a_damaged_file_is_compiled_anew(tmp_path, left):
    run_script(tmp_path)
    (damaged,) = tmp_path.glob("*.o")
    damaged.write_bytes(damaged.read_bytes()[left])
    assert run_script(tmp_path) == "compiled"
    assert run_script(tmp_path) == "loaded"


def test_clear_cache(tmp_path, monkeypatch):
    run_script(tmp_path)
    (tmp_path / "mine.txt").write_text("kept")
    folder_in_use(monkeypatch, tmp_path)
    spikeplast.clear_cache()
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == ["mine.txt"]


def test_what_was_used_longest_ago_goes_first(tmp_path, monkeypatch):
    folder_in_use(monkeypatch, tmp_path)
    monkeypatch.setattr(cache, "LARGEST", 2500)
    for k in range(4):
        file = tmp_path / f"loop_{k}.py"
        file.write_text(" " * 1000)
        os.utime(file, (1000 + k, 1000 + k))
    left_over = tmp_path / "old.tmp"
    left_over.write_text("")
    os.utime(left_over, (1000, 1000))
    cache.load("run_steps = None\n")
    names = {file.name for file in tmp_path.glob("loop_?.py")}
    assert names == {"loop_2.py", "loop_3.py"}
    assert not left_over.exists()
