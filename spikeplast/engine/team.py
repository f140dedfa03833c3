"""Several threads that run one compiled loop together."""

import ctypes
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from .cache import CompiledLoop
from .codegen.assemble import Loop
from .shares import RANDOM

#: In numbers of 8 bytes; no other data shares the memory that processors pass around as one.
_LINE = 16


class Team:
    """The threads of one run, each with its arguments."""

    def __init__(self, n_threads: int):
        self._n = n_threads
        self._barrier = _new_barrier()
        self._calls: list[Callable[[int, int], int]] = []
        self._copies: list[tuple[np.ndarray, np.ndarray]] = []
        self._pool = ThreadPoolExecutor(n_threads, "spikeplast")

    def bind(self, function: CompiledLoop, loop: Loop, of_all: list[Any]) -> None:
        """Take the arrays and numbers as they are now.

        Parameters
        ----------
        function : what all threads run
        loop : what it was made of
        of_all : the ends of clocks, and the arrays of the random state
        """
        self._copies = []
        # What only the first thread may touch is not there for the others.
        nothing, no_rows = np.zeros(0), np.zeros(1, np.int64)
        self._calls = [
            function.bind(
                [k, self._n, self._barrier, nothing, no_rows, *self._arguments(k, loop, of_all)]
            )
            for k in range(self._n)
        ]

    def _arguments(self, thread: int, loop: Loop, of_all: list[Any]) -> list[Any]:
        assert loop.division is not None
        binder, copied = loop.binder, loop.division.copied
        (ends, *random), values = of_all, binder.values(thread)
        if thread:
            known: dict[Any, np.ndarray] = {}
            for k, name in enumerate(binder.names):
                key = binder.variables.get(name)
                if key in copied:
                    # An array may be known by two names, for its values and as an index.
                    if key not in known:
                        known[key] = self._copy(values[k])
                    values[k] = known[key].view(values[k].dtype)
            if RANDOM in copied:
                random = [self._copy(array) for array in random]
        return [ends, *random, *values]

    def _copy(self, array: np.ndarray) -> np.ndarray:
        copy = array.copy()
        self._copies.append((copy, array))
        return copy

    def call(self, n_steps: int, resume: int) -> int:
        """As a call of the loop by one thread alone; returns when all threads have."""
        for copy, array in self._copies:
            copy[...] = array
        together = self._pool.submit(self._run_all, n_steps, resume)
        interrupt = None
        while not together.done():
            try:
                together.exception()
            except KeyboardInterrupt as error:
                # The others would wait for a thread that stops.
                interrupt = error
        if interrupt is not None:
            raise interrupt
        return together.result()

    def _run_all(self, n_steps: int, resume: int) -> int:
        """Not in the main thread, where Ctrl-C could come when only some have begun."""
        others = [self._pool.submit(call, n_steps, resume) for call in self._calls[1:]]
        status = self._calls[0](n_steps, resume)
        for other in others:
            other.result()
        return status

    def close(self) -> None:
        self._pool.shutdown()


def _new_barrier() -> np.ndarray:
    """What kernels.barrier needs: a number that no thread has arrived at yet, on a line of memory
    of its own, and on the next one the addresses of functions that pause a thread."""
    memory = np.zeros(4 * _LINE, np.int64)
    start = -(memory.ctypes.data // 8) % _LINE
    barrier = memory[start : start + 3 * _LINE]
    if sys.platform == "win32":
        offer, sleep = ctypes.windll.kernel32.SwitchToThread, ctypes.windll.kernel32.Sleep
    else:
        library = ctypes.CDLL(None)
        offer, sleep = library.sched_yield, library.usleep
    for k, function in enumerate((offer, sleep)):
        barrier[_LINE + k] = ctypes.cast(function, ctypes.c_void_p).value or 0
    return barrier
