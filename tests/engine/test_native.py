"""Object code of functions: arguments of all kinds go in as they are."""

import hashlib
import json

import numpy as np
import pytest

from spikeplast.engine import native


def function(n_steps, resume, ends, plane, flag, number, integer, large):
    for k in range(n_steps):
        plane[0, k] += ends[k] * number
    plane[1, 0] = integer
    plane[1, 1] = large / 2.0
    return resume if flag else -resume


def arguments(plane, number=0.5, flag=True):
    ends = np.arange(3, dtype=np.int32)
    return [0, 0, ends, plane, flag, number, np.int32(-7), 2**63 + 2**62]


def test_arguments_of_all_kinds():
    compiled = native.load(native.build(function, arguments(np.zeros((2, 3)))))
    for number, flag in ((0.5, True), (np.float64(-2), np.bool_(False))):
        plane = np.zeros((2, 3))
        status = native.BoundFunction(compiled, arguments(plane, number, flag))(3, 11)
        assert status == (11 if flag else -11)
        expected = [[0, number, 2 * number], [-7, 2**62 + 2**61, 0]]
        np.testing.assert_array_equal(plane, expected)


def test_kinds_differ_where_code_does():
    array = np.zeros((4, 6))
    fixed = array.copy()
    fixed.flags.writeable = False
    values = [1, 2**63, 1.0, True, array, array.astype(np.float32), array[0], array.T]
    kinds = [native.kind(value) for value in [*values, array[:, ::2], fixed]]
    assert len(set(kinds)) == len(kinds)
    assert native.kind(np.int32(3)) == native.kind(3)
    with pytest.raises(TypeError, match="arrays and numbers"):
        native.kind("text")


def test_code_that_needs_an_unknown_function_is_not_run():
    stored = native.build(function, arguments(np.zeros((2, 3))))
    _, _, code = stored.partition(b"\n")
    noted = {"sha256": hashlib.sha256(code).hexdigest(), "needs": ["no_such_function"]}
    with pytest.raises(native.NotUsable, match="no_such_function"):
        native.load(json.dumps(noted).encode() + b"\n" + code)
