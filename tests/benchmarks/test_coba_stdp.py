"""The hand-written loop is Brian 2's network, and the benchmark's command line."""

import json

import numpy as np
import pytest
from brian2 import ms, second

from benchmarks.coba_loop import HandWritten
from benchmarks.coba_network import Parameters, build, draw

SIZE = 200


@pytest.fixture
def drawn():
    return draw(SIZE, Parameters().scaled(SIZE), seed=3)


def test_draw_has_the_stated_shape(drawn):
    assert drawn.n_exc == 160
    assert drawn.n_inh == 40
    pre, post = drawn.ee
    assert np.all(pre != post)
    assert np.all(np.diff(pre.astype(np.int64) * SIZE + post) > 0)
    assert drawn.w.shape == pre.shape
    assert 0 <= drawn.w.min() and drawn.w.max() <= Parameters().scaled(SIZE).w_max
    assert drawn.ei[1].max() < drawn.n_inh
    assert drawn.ia[1].max() >= drawn.n_exc


def test_draw_depends_on_the_seed_alone():
    parameters = Parameters().scaled(SIZE)
    one, same, other = (draw(SIZE, parameters, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one.w, same.w)
    np.testing.assert_array_equal(one.ee, same.ee)
    assert one.w.shape != other.w.shape or np.any(one.w != other.w)


def test_hand_written_loop_gives_brians_spikes_and_weights(drawn):
    parameters = Parameters().scaled(SIZE)
    brian = build(drawn, parameters)
    loop = HandWritten(drawn, parameters)
    # Two runs, the second not a whole number of the loop's chunks.
    for seconds in (0.1, 0.25):
        brian.network.run(seconds * second)
        loop.run(seconds)
    times, cells = loop.spikes()
    assert times.size > 1000
    np.testing.assert_array_equal(cells, brian.spikes.i[:])
    np.testing.assert_allclose(times, brian.spikes.t / second, rtol=0, atol=1e-9)
    assert np.abs(loop.w - drawn.w).max() > 0.01 * parameters.w_max
    assert np.any(loop.w == 0) and np.any(loop.w == parameters.w_max)
    np.testing.assert_allclose(loop.w, brian.plastic.w[:], rtol=0, atol=1e-9 * parameters.w_max)
