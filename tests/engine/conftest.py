"""Fixtures for the tests of the engine."""

import pytest

from tests import THOROUGH


@pytest.fixture
def loop_in_python(monkeypatch):
    """Do not compile the loop: what a pass makes of a network can be seen without.

    All loops are compiled when ``SPIKEPLAST_THOROUGH`` is set.
    """
    if not THOROUGH:
        monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
