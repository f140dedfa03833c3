"""Compiled loops as object code: made by Numba once, and run later without Numba.

To start Numba and to load one function from its own cache takes as long as all the rest of a
small network's first run.  The object code itself needs only LLVM's linker (llvmlite), and a
call takes one pointer, to a table of the function's arguments, whatever their number.
"""

import ctypes
import gc
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import llvmlite.binding as llvm
import numpy as np

#: The function in the object code that takes the table.
_ENTRY = "spikeplast_entry"
#: What it returns after an exception: loops raise none, unless Numba's settings ask for checks.
FAILED = -(2**63)
#: What LLVM writes for its own intrinsics, if the processor has no instruction for them.
_LIBRARY_FUNCTIONS = {
    *("exp", "exp2", "log", "log2", "log10", "pow", "sin", "cos", "tan", "sqrt", "fmod", "fma"),
    *("floor", "ceil", "trunc", "rint", "nearbyint", "round", "memcpy", "memset", "memmove"),
}
#: They own the code that was loaded.
_engines: list[Any] = []

#: Those on which a loop can have denormal numbers taken for zero.
FLUSHING_PROCESSORS = ("x86_64", "aarch64", "arm64")
#: What asks for it: "denormals are zero" and "flush to zero" of x86, the latter of ARM.
_X86_FLUSH, _ARM_FLUSH = 0x8040, 1 << 24


class NotUsable(Exception):
    """The object code cannot be run in this process."""


def kind(value: Any) -> str:
    """What object code depends on in an argument; equal for equal types of Numba.

    Raises
    ------
    TypeError
        For what is no argument of a loop: anything but an array or a number.
    """
    match value:
        case np.ndarray():
            flags = value.flags
            layout = "C" if flags.c_contiguous else "F" if flags.f_contiguous else "A"
            return f"{value.dtype.str}{value.ndim}{layout}{flags.writeable:d}{flags.aligned:d}"
        case bool() | np.bool_():
            return "b"
        case int() | np.integer():
            return "i" if -(2**63) <= value < 2**63 else "u"
        case float() | np.floating():
            return "f"
    raise TypeError(f"a loop takes arrays and numbers, not {value!r}")


def processor() -> str:
    """The family of this process's processor, such as x86_64."""
    return llvm.get_process_triple().split("-")[0]


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


@cache
def machine() -> str:
    """What object code depends on in the machine and in the user's settings of Numba."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    settings = sorted(f"{k}={v}" for k, v in os.environ.items() if k.startswith("NUMBA_"))
    features = llvm.get_host_cpu_features().flatten()
    return "\n".join([llvm.get_process_triple(), llvm.get_host_cpu_name(), features, *settings])


# -- calls ---------------------------------------------------------------------------------


class BoundFunction:
    """Calls compiled code, with a table of its arguments; the first two are those of the call.

    A number is one word of 64 bits.  An array takes what Numba's own form of it has: two pointers
    that are of no use here, the number of elements, their size, the address, shape and strides.
    """

    def __init__(self, function: Callable[[int], int], arguments: Sequence[Any]):
        self._function = function
        # The table has addresses only.
        self._kept_alive = arguments
        words: list[int] = []
        for value in map(_plain, arguments):
            if isinstance(value, np.ndarray):
                words += [0, 0, value.size, value.itemsize, value.ctypes.data]
                words += [*value.shape, *value.strides]
            elif isinstance(value, float):
                words.append(int(np.float64(value).view(np.uint64)))
            else:
                words.append(int(value))
        self._words = np.array([word & (2**64 - 1) for word in words], np.uint64)
        self._address = self._words.ctypes.data

    def __call__(self, first: int, second: int) -> int:
        self._words[0] = first
        self._words[1] = second
        status = self._function(self._address)
        if status == FAILED:
            raise RuntimeError(
                "the compiled loop stopped with an error; "
                "with NUMBA_DISABLE_JIT=1 in the environment it runs in Python and says which"
            )
        return status


def load(stored: bytes, concurrent: bool = False) -> Callable[[int], int]:
    """The function of stored object code; it takes the address of a table's words.

    If it is `concurrent`, other threads run while it does.

    Raises
    ------
    NotUsable
        If the bytes are damaged, or need a C function that this process does not have.
    """
    header, _, code = stored.partition(b"\n")
    try:
        noted = json.loads(header)
        whole = noted["sha256"] == hashlib.sha256(code).hexdigest()
    except (ValueError, TypeError, KeyError):
        whole = False
    if not whole:
        raise NotUsable("the file is damaged")
    machine()
    target = llvm.Target.from_triple(llvm.get_process_triple())
    engine = llvm.create_mcjit_compiler(
        llvm.parse_assembly(""), target.create_target_machine(jit=True)
    )
    for name in noted["needs"]:
        # LLVM would end the process.
        if not llvm.address_of_symbol(name):
            raise NotUsable(f"there is no function {name}")
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    _engines.append(engine)
    # By default, as for any other compiled function, no other thread runs Python meanwhile.
    prototype = ctypes.CFUNCTYPE if concurrent else ctypes.PYFUNCTYPE
    return prototype(ctypes.c_int64, ctypes.c_void_p)(engine.get_function_address(_ENTRY))


# -- compilation -----------------------------------------------------------------------------


def build(
    function: Callable[..., int], arguments: Sequence[Any], flushes_denormals: bool = False
) -> bytes:
    """Compile a Python function that returns an integer, for arguments of these types.

    If it `flushes_denormals`, they count as zero while it runs.  Returns what `load` takes.
    """
    from llvmlite import ir
    from numba import typeof
    from numba.core import compiler, types
    from numba.core.compiler_lock import global_compiler_lock
    from numba.core.registry import cpu_target

    flags: Any = compiler.Flags()
    # Loops have nothing that Numba would rewrite (expressions of whole arrays and the like).
    options = {"nopython": True, "error_model": "numpy", "_nrt": False, "no_rewrites": True}
    cpu_target.options.parse_as_flags(flags, options)
    # The entry below is the only wrapper, and has to be there before the code is made.
    flags.no_cpython_wrapper = flags.no_cfunc_wrapper = flags.no_compile = True
    context = cpu_target.target_context
    signature = tuple(typeof(_plain(value)) for value in arguments)
    with global_compiler_lock, _without_garbage_collection():
        compiled = compiler.compile_extra(
            cpu_target.typing_context, context, function, signature, types.int64, flags, {}
        )
        module = context.create_module("spikeplast")
        convention = context.call_conv
        inner = ir.Function(
            module,
            convention.get_function_type(compiled.fndesc.restype, compiled.fndesc.argtypes),
            compiled.fndesc.llvm_func_name,
        )
        _write_entry(module, inner, flushes_denormals)
        library = compiled.library
        library.add_ir_module(module)
        library.finalize()
    _, _, (code, bitcode) = library.serialize_using_object_code()
    header = {"sha256": hashlib.sha256(code).hexdigest(), "needs": _needs(bitcode)}
    return json.dumps(header).encode() + b"\n" + code


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Numba makes many objects and drops few, and there are many already to look through."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _write_entry(module: Any, inner: Any, flushes_denormals: bool) -> None:
    """The function that reads the arguments of `inner` from a table and returns its result."""
    from llvmlite import ir

    word = ir.IntType(64)
    entry = ir.Function(module, ir.FunctionType(word, [word.as_pointer()]), _ENTRY)
    builder = ir.IRBuilder(entry.append_basic_block())
    result, exception = (builder.alloca(parameter.type.pointee) for parameter in inner.args[:2])
    arguments = []
    for k, parameter in enumerate(inner.args[2:]):
        slot = builder.gep(entry.args[0], [ir.Constant(word, k)])
        kind = parameter.type
        if isinstance(kind, ir.IntType) and kind.width < 64:
            arguments.append(builder.trunc(builder.load(slot), kind))
        else:
            arguments.append(builder.load(builder.bitcast(slot, kind.as_pointer())))
    before = _flush_denormals(builder) if flushes_denormals else None
    status = builder.call(inner, [result, exception, *arguments])
    if before is not None:
        _set_float_control(builder, before)
    succeeded = builder.icmp_signed("==", status, ir.Constant(status.type, 0))
    failed = ir.Constant(word, FAILED)
    builder.ret(builder.select(succeeded, builder.load(result), failed))


def _flush_denormals(builder: Any) -> Any:
    """Have this thread take denormal numbers for zero; returns what `_set_float_control` takes."""
    from llvmlite import ir

    if processor() == "x86_64":
        slot = builder.alloca(ir.IntType(32))
        _call_x86(builder, "llvm.x86.sse.stmxcsr", slot)
        before, flag = builder.load(slot), ir.IntType(32)(_X86_FLUSH)
    else:
        read = ir.FunctionType(ir.IntType(64), [])
        before = builder.asm(read, "mrs $0, fpcr", "=r", [], side_effect=True)
        flag = ir.IntType(64)(_ARM_FLUSH)
    _set_float_control(builder, builder.or_(before, flag))
    return before


def _set_float_control(builder: Any, value: Any) -> None:
    from llvmlite import ir

    if processor() == "x86_64":
        slot = builder.alloca(value.type)
        builder.store(value, slot)
        _call_x86(builder, "llvm.x86.sse.ldmxcsr", slot)
    else:
        write = ir.FunctionType(ir.VoidType(), [value.type])
        builder.asm(write, "msr fpcr, $0", "r", [value], side_effect=True)


def _call_x86(builder: Any, name: str, slot: Any) -> None:
    """An instruction that reads or writes the control register from or to memory."""
    from llvmlite import ir

    pointer = ir.IntType(8).as_pointer()
    function = builder.module.declare_intrinsic(name, (), ir.FunctionType(ir.VoidType(), [pointer]))
    builder.call(function, [builder.bitcast(slot, pointer)])


def _needs(bitcode: bytes) -> list[str]:
    """The functions of the C library that compiled code may call."""
    names = {f.name for f in llvm.parse_bitcode(bitcode).functions if f.is_declaration}
    intrinsics = {name.split(".")[1] for name in names if name.startswith("llvm.")}
    called = {name for name in names if not name.startswith("llvm.")}
    return sorted(called | (intrinsics & _LIBRARY_FUNCTIONS))
