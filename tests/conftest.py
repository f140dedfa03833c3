"""Fixtures for all tests: every test starts with a fresh Brian 2."""

import pytest
from brian2 import prefs, set_device, start_scope
from hypothesis import settings

from tests import THOROUGH

# The fast suite tries the same examples each time.
settings.register_profile("same", derandomize=True)
if not THOROUGH:
    settings.load_profile("same")


@pytest.fixture(autouse=True)
def fresh_brian():
    """NumPy target (no compiler), default clock of 0.1 ms, runtime device."""
    from brian2 import defaultclock, ms

    set_device("runtime")
    prefs.codegen.target = "numpy"
    start_scope()
    defaultclock.dt = 0.1 * ms
    yield
    set_device("runtime")
    defaultclock.dt = 0.1 * ms


@pytest.fixture
def loop_in_python(monkeypatch):
    """Do not compile the loop: what a pass makes of a network can be seen without.

    All loops are compiled when ``SPIKEPLAST_THOROUGH`` is set.  Numba itself is not switched off:
    what it has not compiled by then it could not compile for later tests in the same process.
    """
    if not THOROUGH:
        for module in ("cache", "run_loop"):
            monkeypatch.setattr(f"spikeplast.engine.{module}.runs_in_python", lambda: True)
