"""Threads that run the same loop wait for each other.

`barrier` is an array that they share.  Its first number is how often a thread has arrived; it only
grows, so that a thread that is late cannot miss its round.  See `spikeplast.engine.team`.
"""

import llvmlite.binding as llvm
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from .compiled import compiled

#: Looks at the number before the core is offered to others, and then before the thread sleeps for
#: a moment: longer than threads with a core each wait, far shorter than a time slice.
_LOOKS, _OFFERS = 1000, 1100
#: Where the addresses of the system's functions for both are.
_OFFER, _SLEEP = 16, 17


def _pointer(context, builder, signature, arguments):
    return context.make_array(signature.args[0])(context, builder, arguments[0]).data


@intrinsic
def _arrive(typing_context, barrier):
    """Add one; what this thread has written before is seen by those that see the sum."""

    def write(context, builder, signature, arguments):
        pointer = _pointer(context, builder, signature, arguments)
        return builder.atomic_rmw("add", pointer, ir.IntType(64)(1), "acq_rel")

    return types.int64(barrier), write


@intrinsic
def _arrivals(typing_context, barrier):
    def write(context, builder, signature, arguments):
        pointer = _pointer(context, builder, signature, arguments)
        return builder.load_atomic(pointer, "acquire", 8)

    return types.int64(barrier), write


@intrinsic
def _relax(typing_context):
    """Leave what threads of one core share to the other for a moment."""

    def write(context, builder, signature, arguments):
        if llvm.get_process_triple().startswith(("x86_64", "i686", "i386")):
            kind = ir.FunctionType(ir.VoidType(), [])
            builder.call(builder.module.declare_intrinsic("llvm.x86.sse2.pause", (), kind), [])
        return context.get_dummy_value()

    return types.none(), write


@intrinsic
def _call(typing_context, address):
    """Call a function of the system with the number 1, which one without arguments ignores."""

    def write(context, builder, signature, arguments):
        number = ir.IntType(32)
        kind = ir.FunctionType(number, [number])
        return builder.call(builder.inttoptr(arguments[0], kind.as_pointer()), [number(1)])

    return types.int32(types.int64), write


@compiled
def wait_for_all(barrier, n_threads):
    """Return when all threads have called this as often as the present one."""
    arrived: int = _arrive(barrier)  # type: ignore[call-arg]
    everyone = (arrived // n_threads + 1) * n_threads
    looks = 0
    while _arrivals(barrier) < everyone:  # type: ignore[call-arg]
        looks += 1
        if looks < _LOOKS:
            _relax()  # type: ignore[call-arg]
        else:
            _call(barrier[_OFFER if looks < _OFFERS else _SLEEP])  # type: ignore[call-arg]
