"""Numbers near zero count as zero in the loop, and only there."""

import numpy as np
import pytest
from brian2 import Network, NeuronGroup, ms, set_device

import spikeplast
from spikeplast.engine import native
from spikeplast.engine.passes import PASSES

SMALLEST_NORMAL = np.finfo(float).tiny
needs_processor = pytest.mark.skipif(
    native.processor() not in native.FLUSHING_PROCESSORS,
    reason="this processor takes no denormal numbers for zero",
)


def decayed(on, start, steps, threads=1):
    """Cells that halve their value in each step, and where the pass says what it did."""
    set_device(
        "numba", optimize={**dict.fromkeys(PASSES, False), "flush_denormals": on}, threads=threads
    )
    cells = NeuronGroup(len(start), "dv/dt = -v/(0.2*ms) : 1", method="euler", dt=0.1 * ms)
    cells.v = start
    network = Network(cells)
    network.run(steps * 0.1 * ms)
    reports = {name: what for name, _, what in spikeplast.explain(network).passes}
    return np.array(cells.v), reports["flush_denormals"]


@needs_processor
def test_what_decays_never_gets_among_the_denormal_numbers():
    start = np.array([1.0, 3e-306, 1e-320, -1e-300])
    plain, _ = decayed(False, start, 100)
    # In Brian 2 half of the smallest number is that number.
    assert list((plain != 0) & (np.abs(plain) < SMALLEST_NORMAL)) == [False, True, True, True]
    for threads in (1, 2):
        found, what = decayed(True, start, 100, threads)
        assert found[0] == plain[0] and found[2] == 0
        # The step from the last normal numbers is taken for zero.
        last = np.abs(found[[1, 3]])
        assert np.all((last >= SMALLEST_NORMAL) & (last < 2 * SMALLEST_NORMAL))
        assert what == "numbers below 2.2e-308 count as zero"


@needs_processor
def test_python_has_its_numbers_back():
    decayed(True, np.ones(3), 2)
    assert np.array([SMALLEST_NORMAL])[0] / 4 != 0


def test_other_processors_keep_their_numbers(monkeypatch):
    monkeypatch.setattr(native, "processor", lambda: "riscv64")
    found, what = decayed(True, np.array([3e-306]), 100)
    assert found[0] != 0
    assert what.startswith("nothing to do: this processor")
