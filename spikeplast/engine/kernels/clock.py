"""The time of day in compiled code; see `spikeplast.engine.stop_watch`."""

import time
from typing import Any

from llvmlite import ir
from numba import config
from numba.core import cgutils, types
from numba.extending import intrinsic

from .compiled import compiled

#: C's name for the base of its calendar time.
_TIME_UTC = 1


@intrinsic
def _c_nanoseconds(typing_context, clock):
    """What C's `timespec_get`, of which `clock` is the address, says."""

    def write(context, builder, signature, arguments):
        word, status = ir.IntType(64), ir.IntType(32)
        words = cgutils.alloca_once(builder, word, size=2)
        kind = ir.FunctionType(status, [word.as_pointer(), status])
        function = builder.inttoptr(arguments[0], kind.as_pointer())
        # Where nanoseconds are 32 bits wide, only these are written.
        builder.store(word(0), builder.gep(words, [word(1)]))
        builder.call(function, [words, status(_TIME_UTC)])
        seconds, rest = (builder.load(builder.gep(words, [word(k)])) for k in (0, 1))
        return builder.add(builder.mul(seconds, word(10**9)), rest)

    return types.int64(types.int64), write


# As Python, where there is no address to call.
_nanoseconds: Any = (lambda clock: time.time_ns()) if config.DISABLE_JIT else _c_nanoseconds  # type: ignore[attr-defined]


@compiled
def start_watch(clock, last):
    last[0] = _nanoseconds(clock)


@compiled
def lap(clock, last, spent, calls, k):
    """Add the time since the last lap to `spent[k]`."""
    now = _nanoseconds(clock)
    spent[k] += now - last[0]
    calls[k] += 1
    last[0] = now
