"""The hand-written loop is Brian 2's network, and the benchmark's command line."""

import json

import numpy as np
import pytest
from brian2 import second

from benchmarks.coba_loop import HandWritten
from benchmarks.coba_network import Parameters, build, draw
from benchmarks.coba_stdp import main, table

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
    assert drawn.w.min() >= 0 and drawn.w.max() <= Parameters().scaled(SIZE).w_max
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


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--seconds", "0"], "--seconds"),
        (["--seconds", "nan"], "--seconds"),
        (["--repeats", "0"], "--repeats"),
        (["--n-neurons", "10"], "--n-neurons"),
        (["--targets", "fortran"], "fortran"),
        (["--targets", "cython", "cython"], "cython cython"),
        (["--output", "no/such/folder/result.json"], "no/such/folder"),
        (["--speed", "9"], "--speed"),
    ],
)
def test_a_bad_option_is_one_line_and_exit_2(arguments, named, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert named in message


def test_the_benchmark_writes_what_it_measured(tmp_path, capsys):
    output = tmp_path / "result.json"
    arguments = ["--targets", "hand_written", "numpy", "--seconds", "0.2", "--repeats", "1"]
    assert main([*arguments, "--n-neurons", "100", "--output", str(output)]) == 0
    assert list(tmp_path.iterdir()) == [output]
    result = json.loads(output.read_text())
    assert table(result) in capsys.readouterr().out
    loop, numpy = result["targets"]["hand_written"], result["targets"]["numpy"]
    for name in ("rate_exc_hz", "rate_inh_hz"):
        assert loop[name]["median"] == numpy[name]["median"] > 0
    assert loop["mean_weight"]["median"] == pytest.approx(numpy["mean_weight"]["median"], rel=1e-9)
    time = numpy["cpu_s_per_bio_s"]
    assert time["min"] == time["median"] == time["max"] > 0
    faster = result["times_faster_than"]["hand_written"]
    assert faster["hand_written"] == 1
    assert faster["numpy"] == loop["cpu_s_per_bio_s"]["median"] / time["median"]


def test_a_measurement_that_fails_is_one_line_and_exit_1(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("benchmarks.coba_stdp.ROOT", tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    assert main(["--targets", "hand_written", "--n-neurons", "100"]) == 1
    errors = capsys.readouterr().err.splitlines()
    assert errors[0] == "compiling for hand_written"
    assert len(errors) == 2
    assert "target hand_written failed" in errors[1]
