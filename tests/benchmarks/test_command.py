"""`python -m benchmarks`: its options, its table and what it writes."""

import json

import pytest

from benchmarks.__main__ import main, parse
from benchmarks.report import append_line, table
from benchmarks.workload import TARGETS
from benchmarks.workloads import WORKLOADS


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["cobalt"], "cobalt"),
        (["coba", "coba"], "coba coba"),
        (["--seconds", "0"], "--seconds"),
        (["--seconds", "nan"], "--seconds"),
        (["--repeats", "0"], "--repeats"),
        (["coba", "--n-neurons", "10"], "n_neurons must be at least 100, not 10"),
        (["triplet", "--n-inputs", "0"], "n_inputs must be at least 1, not 0"),
        (["coba", "--p-connect", "1.5"], "--p-connect"),
        (["triplet", "--p-connect", "0.5"], "triplet has no such setting"),
        (["--targets", "fortran"], "fortran"),
        (["--targets", "cython", "cython"], "cython cython"),
        (["coba", "--output", "no/such/folder/result.json"], "no/such/folder"),
        (["coba", "--log", "."], "is a folder"),
        (["--speed=9"], "--speed"),
    ],
)
def test_a_bad_option_is_one_line_and_exit_2(arguments, named, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert named in message


def test_without_names_all_workloads_are_measured():
    options = parse([])
    assert options.workloads == list(WORKLOADS)
    assert options.settings == {}


def test_settings_reach_the_workload():
    options = parse(["coba", "--n-neurons", "300", "--p-connect", "0.1"])
    assert options.settings == {"n_neurons": 300, "p_connect": 0.1}


@pytest.mark.parametrize("name", WORKLOADS)
def test_every_workload_names_known_targets_and_has_a_loop_by_hand(name):
    workload = WORKLOADS[name]
    assert set(workload.default_targets()) <= set(workload.targets()) <= set(TARGETS)
    assert "numba" in workload.default_targets()
    # The network of `convallis` in smaller steps.
    assert ("hand_written" in workload.default_targets()) == (name != "convallis_fine")
    assert workload.seconds >= 2 * workload.short


@pytest.mark.slow
def test_the_benchmark_writes_what_it_measured(tmp_path, capsys):
    log, output = tmp_path / "log.jsonl", tmp_path / "result.json"
    log.write_text('{"earlier": "line"}\n')
    arguments = ["coba", "--targets", "hand_written", "numpy", "--seconds", "0.2"]
    arguments += ["--repeats", "1", "--n-neurons", "100"]
    assert main([*arguments, "--log", str(log), "--output", str(output)]) == 0
    assert sorted(tmp_path.iterdir()) == [log, output]
    [result] = json.loads(output.read_text())
    earlier, line = log.read_text().splitlines()
    assert earlier == '{"earlier": "line"}'
    assert json.loads(line) == result
    assert table(result) in capsys.readouterr().out
    assert result["settings"]["n_neurons"] == 100
    loop, numpy = result["targets"]["hand_written"], result["targets"]["numpy"]
    for name in ("rate_E_hz", "rate_I_hz"):
        assert loop[name]["median"] == numpy[name]["median"] > 0
    assert loop["mean_weight"]["median"] == pytest.approx(numpy["mean_weight"]["median"], rel=1e-9)
    time = numpy["cpu_s_per_bio_s"]
    assert time["min"] == time["median"] == time["max"] > 0
    assert numpy["wall_s_per_bio_s"]["median"] > 0
    faster = result["times_faster_than"]["hand_written"]
    assert faster["hand_written"] == 1
    assert faster["numpy"] == loop["cpu_s_per_bio_s"]["median"] / time["median"]


def test_a_measurement_that_fails_is_one_line_and_exit_1(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("benchmarks.session.ROOT", tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    log = tmp_path / "log.jsonl"
    arguments = ["coba", "--targets", "hand_written", "--n-neurons", "100", "--log", str(log)]
    assert main(arguments) == 1
    errors = capsys.readouterr().err.splitlines()
    assert errors[0] == "coba: compiling for hand_written"
    assert len(errors) == 2
    assert "coba on hand_written failed" in errors[1]
    assert not log.exists()


def test_a_line_is_appended_whole_or_not_at_all(tmp_path):
    log = tmp_path / "folder" / "log.jsonl"
    append_line(log, {"a": 1})
    with pytest.raises(ValueError, match="JSON"):
        append_line(log, {"a": float("nan")})
    append_line(log, {"a": 2})
    assert [json.loads(line)["a"] for line in log.read_text().splitlines()] == [1, 2]
