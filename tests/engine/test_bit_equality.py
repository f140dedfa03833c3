"""Without optimisation, results have the same bits as those of Brian 2's Cython target."""

import shutil

import numpy as np
import pytest
from brian2 import ms, prefs, seed, set_device

import spikeplast  # noqa: F401
from tests.engine import networks


@pytest.fixture(scope="module")
def exact_cython(tmp_path_factory):
    """Brian 2's Cython target with the arithmetic that IEEE 754 says, and no other.

    Brian 2's key for compiled code leaves out the compiler's flags, so it needs a cache
    folder of its own.
    """
    if shutil.which("gcc") is None:
        pytest.skip("Brian 2's Cython target needs gcc, which is not installed")
    old = prefs.codegen.cpp.extra_compile_args_gcc, prefs.codegen.runtime.cython.cache_dir
    prefs.codegen.cpp.extra_compile_args_gcc = ["-w", "-O0", "-ffp-contract=off", "-std=c++11"]
    prefs.codegen.runtime.cython.cache_dir = str(tmp_path_factory.mktemp("cython"))
    yield
    prefs.codegen.cpp.extra_compile_args_gcc, prefs.codegen.runtime.cython.cache_dir = old


def run(build, device, **options):
    set_device(device, **options)
    prefs.codegen.target = "cython"
    seed(4711)
    network, observe = build()
    network.run(37 * ms)
    network.run(23 * ms)
    return observe()


# Brian 2 compiles each of the others for half a minute.
QUICK = ("noise",)


@pytest.mark.parametrize(
    "build",
    [
        pytest.param(
            build, id=build.__name__, marks=[] if build.__name__ in QUICK else pytest.mark.slow
        )
        for build in networks.ALL
    ],
)
def test_same_bits_as_cython(build, exact_cython):
    expected = run(build, "runtime")
    result = run(build, "numba", optimize=False)
    for name, values in expected.items():
        np.testing.assert_array_equal(result[name], values, err_msg=name)
    assert any(np.asarray(values).size for values in expected.values())
