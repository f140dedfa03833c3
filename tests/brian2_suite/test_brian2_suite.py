"""The runner of Brian 2's own suite: what it compares, what it counts and how it ends."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import brian2_suite
from scripts.brian2_suite import (
    ROOT,
    Expectation,
    Outcome,
    SuiteError,
    compare,
    main,
    outcomes_of_shard,
    parse,
    read_expectations,
    report,
)


def write_list(folder: Path, text: str) -> Path:
    path = folder / "expected.toml"
    path.write_text(text)
    return path


def test_the_list_in_the_repository_is_valid():
    for expectation in read_expectations():
        assert "::" in expectation.test
        assert len(expectation.reason) > 10


def test_a_list_is_read(tmp_path):
    path = write_list(
        tmp_path,
        """
        [[not_passing]]
        test = "test_a.py::test_b"
        outcome = "skipped"
        reason = "needs something"
        devices = ["numba"]
        versions = ["2.10"]
        """,
    )
    (expectation,) = read_expectations(path)
    assert expectation == Expectation(
        "test_a.py::test_b", "skipped", "needs something", ("numba",), ("2.10",)
    )
    assert expectation.applies("numba", "2.10.1")
    assert not expectation.applies("runtime", "2.10.1")
    assert not expectation.applies("numba", "2.1.0")


@pytest.mark.parametrize(
    ("entry", "wrong"),
    [
        ('test = "a::b"\noutcome = "failed"', "reason"),
        ('test = "a::b"\noutcome = "failed"\nreason = " "', "reason is empty"),
        ('test = "a::b"\noutcome = "passed"\nreason = "x"', "'passed'"),
        ('test = "a::b"\noutcome = "failed"\nreason = "x"\nversion = ["2.9"]', "'version'"),
        ('test = "a::b"\noutcome = "failed"\nreason = "x"\ndevices = ["gpu"]', "'gpu'"),
        ("test = ", "not TOML"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path, entry, wrong):
    with pytest.raises(SuiteError, match=wrong):
        read_expectations(write_list(tmp_path, f"[[not_passing]]\n{entry}\n"))


def test_comparison():
    outcomes = [
        Outcome("a", "passed"),
        Outcome("b", "failed"),
        Outcome("c", "failed"),
        Outcome("d", "skipped"),
        Outcome("e", "failed"),
    ]
    listed = [
        Expectation("a", "failed", "reason"),
        Expectation("b", "failed", "reason"),
        Expectation("d", "failed", "reason"),
        Expectation("f", "failed", "reason"),
    ]
    comparison = compare(outcomes, listed)
    assert [outcome.test for outcome in comparison.unexpected] == ["c", "d", "e"]
    assert comparison.now_passing == ["a"]
    assert comparison.not_found == ["f"]


@pytest.mark.parametrize(
    "arguments", [["--jobs", "0"], ["--device", "gpu"], ["--json", "no/such/folder/x.json"]]
)
def test_a_bad_option_is_one_line_and_exit_2(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def reported(outcomes, *arguments):
    return report(parse(["--device", "runtime", *arguments]), outcomes)


def test_an_unlisted_failure_is_exit_1(capsys):
    outcomes = [Outcome("a.py::b", "passed"), Outcome("c.py::d", "failed", "1 != 2", "the lines")]
    assert reported(outcomes, "-k", "x") == 1
    printed = capsys.readouterr().out
    assert "1 passed, 1 failed, 0 skipped" in printed
    assert "unexpectedly failed: c.py::d: 1 != 2" in printed
    assert "the lines" not in printed
    assert reported(outcomes, "-k", "x", "--verbose") == 1
    assert "the lines" in capsys.readouterr().out


def test_the_whole_suite_must_have_enough_passes(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(brian2_suite, "EXPECTED", write_list(tmp_path, ""))
    parts = brian2_suite.MINIMUM_PASSED
    for part, minimum in [*parts.items(), ("all", sum(parts.values()))]:
        outcomes = [Outcome(f"a.py::{number}", "passed") for number in range(minimum)]
        assert reported(outcomes, "--part", part) == 0
        assert reported(outcomes[1:], "--part", part) == 1
        assert f"too few pass: {minimum - 1}" in capsys.readouterr().out
        assert reported(outcomes[1:], "--part", part, "-k", "x") == 0


def test_a_process_that_dies_fails_the_test_it_was_in(tmp_path):
    records, log = tmp_path / "records.jsonl", tmp_path / "log"
    log.write_text("nothing useful\n")
    ended = {"test": "a.py::b", "outcome": "passed"}
    lines = [{"collected": 3}, {"started": "a.py::b"}, ended, {"started": "a.py::c"}]
    records.write_text("".join(json.dumps(line) + "\n" for line in lines))
    passed, died = outcomes_of_shard(-11, records, log)
    assert passed == Outcome("a.py::b", "passed")
    assert (died.test, died.outcome) == ("a.py::c", "failed")
    assert "SIGSEGV" in died.message


def test_a_process_that_cannot_start_is_an_error(tmp_path):
    records, log = tmp_path / "records.jsonl", tmp_path / "log"
    records.touch()
    log.write_text("first line\nImportError: no module named numba\n")
    with pytest.raises(SuiteError, match="ImportError: no module named numba"):
        outcomes_of_shard(1, records, log)


def run_script(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "brian2_suite.py"), *arguments],
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
def test_some_tests_of_brian_run_in_two_processes(tmp_path):
    output = tmp_path / "result.json"
    finished = run_script(
        "--device", "runtime", "-k", "spikegenerator", "--jobs", "2", "--json", str(output)
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    result = json.loads(output.read_text())
    names = [outcome["test"] for outcome in result["outcomes"]]
    assert "test_spikegenerator.py::test_spikegenerator_connected" in names
    assert len(set(names)) == len(names) == sum(result["counts"].values())
    assert f"{result['counts']['passed']} passed, 0 failed, 0 skipped" in finished.stdout
    assert all(outcome["seconds"] > 0 for outcome in result["outcomes"])
