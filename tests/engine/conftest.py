"""Fixtures for the tests of the engine."""

import pytest

from tests import THOROUGH


@pytest.fixture
def loop_in_python(monkeypatch):
    """Do not compile the loop: what a pass makes of a network can be seen without.

    All loops are compiled when ``SPIKEPLAST_THOROUGH`` is set.  Numba itself is not switched off:
    what it has not compiled by then it could not compile for later tests in the same process.
    """
    if not THOROUGH:
        for module in ("cache", "run_loop"):
            monkeypatch.setattr(f"spikeplast.engine.{module}.runs_in_python", lambda: True)
