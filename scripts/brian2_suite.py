"""Run Brian 2's own test suite on the device "numba".

    python scripts/brian2_suite.py [--device numba|runtime] [--no-optimize] [-k EXPRESSION]
                                   [--part all|generating|independent] [--jobs N] [--json FILE]
                                   [--verbose]

Selects what Brian 2 selects for a run-time target: the tests that generate code ("generating") and
those that do not depend on it ("independent") that are neither long, nor for standalone mode, nor
in need of the GSL. Brian 2's own `conftest.py` sets the device before each test and starts it anew
after. Code that only sets up (`connect`, assignments) runs on the NumPy target.

`brian2_suite_expected.toml` lists each test that does not pass, with its reason. The exit code is
0 only if every test that does not pass is listed with that outcome and, without -k, enough tests
pass (`MINIMUM_PASSED`); 1 if not; 2 for a bad option or a suite that cannot be run.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
# Run as a file, Python looks for modules beside it; the tested package is one folder up.
sys.path.insert(0, str(ROOT))

from experiments.common.command_line import InputError, OneLineParser  # noqa: E402
from experiments.common.output import OutputFolder  # noqa: E402

EXPECTED = Path(__file__).with_name("brian2_suite_expected.toml")
#: Brian 2's markers of the tests that generate code, and of those that do not.
PARTS = {
    "generating": "not standalone_only and not codegen_independent and not long",
    "independent": "codegen_independent and not long",
}
#: Fewer mean that tests were not found.
MINIMUM_PASSED = {"generating": 270, "independent": 390}
OUTCOMES = ("passed", "failed", "skipped")
DEVICES = ("numba", "runtime")


class SuiteError(RuntimeError):
    """The suite could not be run or its list cannot be used; the text is one line."""


@dataclass(frozen=True)
class Outcome:
    """How one test ended: `outcome` is one of `OUTCOMES`, `test` reads `file.py::name`."""

    test: str
    outcome: str
    message: str = ""
    traceback: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Expectation:
    """A test that is known not to pass on some devices and Brian 2 versions, and the reason."""

    test: str
    outcome: str
    reason: str
    devices: tuple[str, ...] = DEVICES
    versions: tuple[str, ...] = ()

    def applies(self, device: str, brian_version: str) -> bool:
        """True if listed for `device` and for `brian_version` ("2.9.0" belongs to "2.9")."""
        minor = ".".join(brian_version.split(".")[:2])
        return device in self.devices and (not self.versions or minor in self.versions)


def read_expectations(path: Path | None = None) -> list[Expectation]:
    """Read the list of tests that do not pass.

    Raises `SuiteError` if an entry has no reason, an unknown key, outcome or device, or if the
    file is not TOML.
    """
    path = path or EXPECTED
    try:
        entries = tomllib.loads(path.read_text()).get("not_passing", [])
    except tomllib.TOMLDecodeError as error:
        raise SuiteError(f"{path.name} is not TOML: {error}") from None
    expectations = []
    for number, entry in enumerate(entries, start=1):
        name = f"{path.name}, entry {number} ({entry.get('test', 'no test named')})"
        lists = {key: tuple(entry[key]) for key in ("devices", "versions") if key in entry}
        try:
            expectation = Expectation(**{**entry, **lists})
        except TypeError as error:
            raise SuiteError(f"{name}: {str(error).partition(' ')[2]}") from None
        if not expectation.reason.strip():
            raise SuiteError(f"{name}: the reason is empty")
        if expectation.outcome not in ("failed", "skipped"):
            raise SuiteError(f"{name}: outcome {expectation.outcome!r} is not failed or skipped")
        if unknown := set(expectation.devices) - set(DEVICES):
            raise SuiteError(f"{name}: unknown device {unknown.pop()!r}")
        expectations.append(expectation)
    return expectations


@dataclass(frozen=True)
class Comparison:
    """Outcomes against the list: what it does not explain, and what it lists in vain."""

    unexpected: list[Outcome]
    now_passing: list[str]
    not_found: list[str]


def compare(outcomes: Iterable[Outcome], expectations: Iterable[Expectation]) -> Comparison:
    """Compare `outcomes` with the expectations that apply to the device and version tested."""
    ended = {outcome.test: outcome for outcome in outcomes}
    listed = {expectation.test: expectation.outcome for expectation in expectations}
    return Comparison(
        unexpected=[
            outcome
            for test, outcome in ended.items()
            if outcome.outcome != "passed" and listed.get(test) != outcome.outcome
        ],
        now_passing=[test for test in listed if test in ended and ended[test].outcome == "passed"],
        not_found=[test for test in listed if test not in ended],
    )


class RecordPlugin:
    """Keeps every `jobs`-th test from `shard` on, and writes down when each starts and ends.

    The records go to a file line by line, so that a crash of the process shows where it was.
    """

    def __init__(self, path: Path, shard: int, jobs: int):
        self._path = path
        self._shard = shard
        self._jobs = jobs
        self._parts: list[pytest.TestReport] = []

    def _record(self, **content: Any) -> None:
        with self._path.open("a") as file:
            file.write(json.dumps(content) + "\n")

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list) -> None:
        kept = items[self._shard :: self._jobs]
        self._record(collected=len(kept))
        items[:] = kept

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            message = str(report.longrepr).strip().splitlines()[-1]
            failure = Outcome(report.nodeid, "failed", message, report.longreprtext)
            self._record(**asdict(failure))

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._parts = []
        self._record(started=_short_name(nodeid))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._parts.append(report)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        # Set-up, call and tear-down report apart: a failure outweighs a skip, a skip a pass.
        worst = max(
            self._parts, key=lambda part: ("passed", "skipped", "failed").index(part.outcome)
        )
        outcome = Outcome(
            test=_short_name(nodeid),
            outcome=worst.outcome,
            message=_message(worst),
            traceback=worst.longreprtext if worst.failed else "",
            seconds=sum(part.duration for part in self._parts),
        )
        self._record(**asdict(outcome))


def _short_name(nodeid: str) -> str:
    path, _, test = nodeid.partition("::")
    return f"{path.rpartition('/')[2]}::{test}"


def _message(report: pytest.TestReport) -> str:
    if report.passed:
        return ""
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    # Brian 2 wraps an error into its own that names the object; the first of a chain is the cause.
    chain = getattr(report.longrepr, "chain", None)
    crash = chain[0][1] if chain else getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash is not None else report.longreprtext
    return text.strip().splitlines()[0] if text.strip() else ""


def run_shard(options: argparse.Namespace) -> int:
    """Run this process's share of the suite; return pytest's exit code."""
    import brian2
    from brian2 import prefs
    from brian2.devices.device import all_devices
    from brian2.tests import PreferencePlugin, make_argv
    from brian2.units import fundamentalunits
    from brian2.utils.logger import LOG_LEVELS, BrianLogger

    if options.device == "numba":
        import spikeplast  # noqa: F401

        if "numba" not in all_devices:
            raise SuiteError('spikeplast registers no Brian 2 device "numba"')
    # As brian2.tests.run does: the user's preferences and units must not matter.
    prefs.reset_to_defaults()
    fundamentalunits.user_unit_register = fundamentalunits.UnitRegistry()
    BrianLogger.console_handler.setLevel(LOG_LEVELS["WARNING"])
    prefs["codegen.target"] = "numpy"
    if "logging.warn_for_unused_objects" in prefs:
        prefs["logging.warn_for_unused_objects"] = False
    settings = PreferencePlugin(prefs, fail_for_not_implemented=True)
    settings.device = options.device
    if options.device == "numba":
        settings.device_options = {"optimize": options.optimize}
    chosen = [f"({markers})" for part, markers in PARTS.items() if options.part in (part, "all")]
    markers = f"({' or '.join(chosen)})"
    arguments = make_argv([os.path.dirname(brian2.__file__)], markers)
    # The suite's folder need not be writable, and only one process runs these tests.
    arguments += ["-p", "no:cacheprovider", "-p", "no:xdist"]
    arguments += ["--continue-on-collection-errors"]
    if options.k:
        arguments += ["-k", options.k]
    record = RecordPlugin(options.records, options.shard, options.jobs)
    return int(pytest.main(arguments, plugins=[settings, record]))


def run_suite(options: argparse.Namespace) -> list[Outcome]:
    """Run the suite in `options.jobs` processes and return the outcomes, sorted by test.

    A process that dies counts as a failure of the test it was in. Raises `SuiteError` if a
    process cannot run its share at all.
    """
    with tempfile.TemporaryDirectory(prefix="brian2_suite_") as folder:
        records = [Path(folder) / f"shard_{shard}.jsonl" for shard in range(options.jobs)]
        logs = [path.with_suffix(".log") for path in records]
        processes = []
        try:
            for shard, (path, log) in enumerate(zip(records, logs, strict=True)):
                path.touch()
                with log.open("w") as file:
                    processes.append(
                        subprocess.Popen(
                            _shard_command(options, shard, path),
                            stdout=file,
                            stderr=subprocess.STDOUT,
                        )
                    )
            _wait(processes, records)
        finally:
            for process in processes:
                if process.poll() is None:
                    process.terminate()
                    process.wait()
        outcomes: list[Outcome] = []
        for process, path, log in zip(processes, records, logs, strict=True):
            outcomes += outcomes_of_shard(process.returncode, path, log)
    return sorted(outcomes, key=lambda outcome: outcome.test)


def _shard_command(options: argparse.Namespace, shard: int, records: Path) -> list[str]:
    command = [sys.executable, __file__, "--device", options.device, "--jobs", str(options.jobs)]
    command += ["--shard", str(shard), "--records", str(records)]
    command.append("--optimize" if options.optimize else "--no-optimize")
    command += ["--part", options.part]
    return command + (["-k", options.k] if options.k else [])


def _wait(processes: Sequence[subprocess.Popen], records: Sequence[Path]) -> None:
    # disable=None shows the bar on a terminal only.
    with tqdm(unit="test", disable=None, leave=False) as bar:
        while any(process.poll() is None for process in processes):
            time.sleep(0.5)
            entries = [entry for path in records for entry in _entries(path)]
            bar.total = sum(entry.get("collected", 0) for entry in entries)
            bar.n = sum("outcome" in entry for entry in entries)
            bar.refresh()


def _entries(path: Path) -> list[dict[str, Any]]:
    # The last line may still be being written.
    complete = path.read_text().rpartition("\n")[0]
    return [json.loads(line) for line in complete.splitlines()]


def outcomes_of_shard(exit_code: int, path: Path, log: Path) -> list[Outcome]:
    """Read the outcomes that a process recorded in `path`; a test it died in is a failure.

    Raises `SuiteError`, with the last line of `log`, if the process failed outside a test.
    """
    entries = _entries(path)
    outcomes = [Outcome(**entry) for entry in entries if "outcome" in entry]
    ended = {outcome.test for outcome in outcomes}
    running = [entry["started"] for entry in entries if "started" in entry]
    if running and running[-1] not in ended:
        how = signal.Signals(-exit_code).name if exit_code < 0 else f"exit code {exit_code}"
        outcomes.append(Outcome(running[-1], "failed", f"the process died in this test: {how}"))
    elif exit_code not in (0, 1, 5) or (exit_code == 1 and not outcomes):
        last_line = (log.read_text().strip().splitlines() or ["no output"])[-1]
        cause = last_line.removeprefix("brian2_suite: error: ")
        raise SuiteError(f"a process ended with exit code {exit_code}: {cause}")
    return outcomes


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line; a bad option prints one line and exits with 2."""
    parser = OneLineParser(
        prog="brian2_suite", description="Run Brian 2's own test suite on the device numba."
    )
    parser.add_argument("--device", choices=DEVICES, default="numba")
    parser.add_argument(
        "--optimize",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="the device's transformations (default: on)",
    )
    parser.add_argument(
        "--part",
        choices=("all", *PARTS),
        default="all",
        help="tests that generate code, tests that do not, or both (default)",
    )
    parser.add_argument("-k", metavar="EXPRESSION", help="run only tests that match (see pytest)")
    parser.add_argument("--jobs", type=int, default=1, help="processes (default: 1)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all outcomes to FILE")
    parser.add_argument(
        "--verbose", action="store_true", help="print the traceback of each unexpected failure"
    )
    parser.add_argument("--shard", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--records", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.jobs < 1:
        parser.error(f"--jobs must be at least 1, not {options.jobs}")
    if options.json is not None and not options.json.resolve().parent.is_dir():
        parser.error(f"--json: there is no folder {options.json.resolve().parent}")
    return options


def report(options: argparse.Namespace, outcomes: Sequence[Outcome]) -> int:
    """Print counts and what is unexpected, write the JSON file, and return the exit code."""
    brian_version = version("brian2")
    expectations = [
        expectation
        for expectation in read_expectations()
        if expectation.applies(options.device, brian_version)
    ]
    comparison = compare(outcomes, expectations)
    counts = Counter(outcome.outcome for outcome in outcomes)
    if options.json is not None:
        content = {
            "brian2": brian_version,
            "device": options.device,
            "optimize": options.optimize if options.device == "numba" else None,
            "part": options.part,
            "k": options.k,
            "counts": {name: counts[name] for name in OUTCOMES},
            "unexpected": [outcome.test for outcome in comparison.unexpected],
            "outcomes": [asdict(outcome) for outcome in outcomes],
        }
        OutputFolder(options.json.resolve().parent).json(options.json.name, content)
    how = "" if options.device == "runtime" else f", optimize={options.optimize}"
    print(f"Brian 2 {brian_version} on device {options.device}{how}:")
    print(", ".join(f"{counts[name]} {name}" for name in OUTCOMES))
    for outcome in comparison.unexpected:
        print(f"unexpectedly {outcome.outcome}: {outcome.test}: {outcome.message}")
        if options.verbose and outcome.traceback:
            print(outcome.traceback)
    for test in comparison.now_passing:
        print(f"listed in {EXPECTED.name}, but passes: {test}")
    if options.k is None and options.part == "all":
        for test in comparison.not_found:
            print(f"listed in {EXPECTED.name}, but not in the suite: {test}")
    minimum = sum(n for part, n in MINIMUM_PASSED.items() if options.part in (part, "all"))
    too_few = options.k is None and counts["passed"] < minimum
    if too_few:
        print(f"too few pass: {counts['passed']}, and at least {minimum} must")
    return 1 if comparison.unexpected or too_few else 0


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    try:
        if options.shard is not None:
            return run_shard(options)
        read_expectations()
        return report(options, run_suite(options))
    except (SuiteError, InputError) as error:
        print(f"brian2_suite: error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
