"""Fixtures for all tests: every test starts with a fresh Brian 2."""

import pytest
from brian2 import prefs, set_device, start_scope


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
