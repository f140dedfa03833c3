"""The state of the random number generator, shared with NumPy and with Brian 2.

Brian 2's `rand()` and `randn()` take their numbers from buffers that are filled from
`numpy.random`.  A compiled loop continues both, and hands both back, so that a seed gives
the same numbers whether a statement runs in the loop, in Brian 2's own code or in Python.
"""

import ctypes
import ctypes.util
import sys
from typing import Any

import numpy as np
from brian2.devices.device import RuntimeDevice
from brian2.utils.logger import get_logger

# Among Brian 2's own, where its users look for warnings and switch them off.
logger = get_logger("brian2.devices.numba")

#: Brian 2 draws this many numbers at once, so bit equality needs the same number.
RANDOM_BUFFER_SIZE = 20000
#: The arrays of a random state as arguments of a loop: the Mersenne twister's 624 words;
#: its position and whether it keeps a normal number; that number; the buffers of 20,000
#: uniform and normal numbers, and the position in each (0: it is spent).
RANDOM_ARRAYS = (
    "rng_key",
    "rng_position",
    "rng_kept",
    "rng_uniform",
    "rng_normal",
    "rng_uniform_index",
    "rng_normal_index",
)


class RandomState:
    """Random numbers for compiled loops.

    Parameters
    ----------
    runtime : RuntimeDevice
        Brian 2's runtime device, whose buffers the Cython target uses.
    """

    def __init__(self, runtime: RuntimeDevice):
        self._runtime = runtime
        # Up to Brian 2 2.10 the buffers are memory of the Cython code, known by address;
        # from 2.11 on they are arrays of the device.
        self._by_address = runtime.rand_buffer.size == 1
        self._key = np.empty(624, np.uint32)
        self._position = np.zeros(2, np.int64)
        self._kept_normal = np.zeros(1)
        if self._by_address:
            self._uniform = np.zeros(RANDOM_BUFFER_SIZE)
            self._normal = np.zeros(RANDOM_BUFFER_SIZE)
        else:
            self._uniform = runtime.rand_buffer
            self._normal = runtime.randn_buffer

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        """In the order of RANDOM_ARRAYS."""
        return (
            self._key,
            self._position,
            self._kept_normal,
            self._uniform,
            self._normal,
            self._runtime.rand_buffer_index,
            self._runtime.randn_buffer_index,
        )

    def pull(self) -> None:
        """Continue where NumPy and Brian 2 stand now."""
        _, key, position, has_normal, normal = np.random.get_state(legacy=True)
        self._key[:] = key
        self._position[:] = position, has_normal
        self._kept_normal[0] = normal
        self._pull_buffers()

    def push(self) -> None:
        """Let NumPy and Brian 2 continue where the loop stands now."""
        position, has_normal = self._position
        np.random.set_state(
            ("MT19937", self._key, int(position), int(has_normal), float(self._kept_normal[0]))
        )
        self._push_buffers()

    def state(self) -> dict[str, Any]:
        """A picklable copy of the whole state."""
        self._pull_buffers()
        return {
            "numpy_state": np.random.get_state(),
            "rand_buffer_index": self._runtime.rand_buffer_index.copy(),
            "rand_buffer": self._uniform.copy(),
            "randn_buffer_index": self._runtime.randn_buffer_index.copy(),
            "randn_buffer": self._normal.copy(),
        }

    def set_state(self, state: dict[str, Any]) -> None:
        np.random.set_state(state["numpy_state"])
        for name, buffer, index in (
            ("rand", self._uniform, self._runtime.rand_buffer_index),
            ("randn", self._normal, self._runtime.randn_buffer_index),
        ):
            index[:] = state[f"{name}_buffer_index"]
            stored = np.asarray(state[f"{name}_buffer"])
            if stored.size == buffer.size:
                buffer[:] = stored
            elif index[0] != 0:
                logger.warn(
                    f"The stored random state has no numbers for {name}(), only where they were in "
                    "the memory of another process (Brian 2 before 2.11 stores it so): new ones "
                    "will be drawn, so the run that follows differs from the stored one."
                )
                index[:] = 0
        self._push_buffers()

    def _addressed(self) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        return [
            (self._uniform, self._runtime.rand_buffer, self._runtime.rand_buffer_index),
            (self._normal, self._runtime.randn_buffer, self._runtime.randn_buffer_index),
        ]

    def _pull_buffers(self) -> None:
        if self._by_address:
            for ours, address, index in self._addressed():
                # At index 0 the buffer is spent and will be refilled.
                if index[0] != 0 and address[0] != 0:
                    ctypes.memmove(ours.ctypes.data, int(address[0]), ours.nbytes)

    def _push_buffers(self) -> None:
        if self._by_address:
            for ours, address, index in self._addressed():
                if index[0] != 0:
                    if address[0] == 0:
                        # Brian 2's code frees this memory when it refills the buffer.
                        address[0] = _malloc(ours.nbytes)
                    ctypes.memmove(int(address[0]), ours.ctypes.data, ours.nbytes)


def _malloc(n_bytes: int) -> int:
    library = "msvcrt" if sys.platform == "win32" else ctypes.util.find_library("c")
    malloc = ctypes.CDLL(library).malloc
    malloc.restype = ctypes.c_void_p
    malloc.argtypes = [ctypes.c_size_t]
    address = malloc(n_bytes)
    if not address:
        raise MemoryError(f"no memory for a buffer of {n_bytes} bytes of random numbers")
    return address
