"""Runs of Brian 2 networks that end where they are to end."""

from __future__ import annotations

from typing import Any

from brian2 import Network, Quantity, ms

__all__ = ["run_whole"]


def run_whole(network: Network, duration: Quantity, **options: Any) -> None:
    """`network.run(duration, **options)` for steps of 1 ms or less.

    Raises:
        KeyboardInterrupt: if the run ended early. Brian 2 answers a first Ctrl-C so, without an
            exception, and what was measured by then would pass for the whole.
    """
    end = network.t + duration
    network.run(duration, **options)
    if end - network.t > 1.5 * ms:
        raise KeyboardInterrupt
