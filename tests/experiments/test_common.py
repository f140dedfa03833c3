"""What experiments, benchmarks and scripts share: output that is whole, runs that go on."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from brian2 import Network, NetworkOperation, defaultclock, ms

from experiments.common.command_line import RESUME, InputError, OneLineParser, exit_status
from experiments.common.devices import use_device
from experiments.common.output import OutputFolder, write_whole
from experiments.common.resuming import check_folder, check_identity, identity_of
from experiments.common.running import run_whole


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    folder = OutputFolder(tmp_path / "new")
    folder.json("result.json", {"speed": np.array([1.5])})
    with pytest.raises(ValueError, match="JSON"):
        folder.json("result.json", {"speed": float("nan")})

    def fail(file):
        file.write(b"half")
        raise RuntimeError("the disk")

    with pytest.raises(RuntimeError, match="the disk"):
        write_whole(folder / "result.json", fail)
    assert json.loads((folder / "result.json").read_text()) == {"speed": [1.5]}
    assert [path.name for path in folder.path.iterdir()] == ["result.json"]


def test_a_folder_that_cannot_be_made_is_an_input_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"cannot write to the output folder .*file/new"):
        OutputFolder(tmp_path / "file" / "new")


def test_another_run_is_not_resumed(tmp_path):
    check_identity(tmp_path, {"seed": 1, "more": 2}, {"seed": 1})
    with pytest.raises(InputError, match="had seed = 1, this one has 2"):
        check_identity(tmp_path, {"seed": 1}, {"seed": 2})


@dataclass(frozen=True)
class Options:
    output: Path
    seed: int = 1
    resume: bool = False
    overwrite: bool = False


def test_another_run_is_not_replaced_unasked(tmp_path):
    folder = OutputFolder(tmp_path / "results")
    given = Options(folder.path)
    check_folder(Options(tmp_path / "none"), "kept*")
    check_folder(given, "kept*")
    folder.json("results.json", {"configuration": identity_of(given)})
    check_folder(given, "kept*")
    other = replace(given, seed=2)
    with pytest.raises(InputError, match=r"another run \(seed = 1, this one has 2\).*--overwrite"):
        check_folder(other, "kept*")
    check_folder(replace(other, overwrite=True), "kept*")
    folder.text("kept.npz", "")
    with pytest.raises(InputError, match=r"interrupted run.*--resume.*--overwrite"):
        check_folder(given, "kept*")
    check_folder(replace(given, resume=True), "kept*")
    check_folder(replace(given, overwrite=True), "kept*")
    folder.text("results.json", "{")
    (folder / "kept.npz").unlink()
    with pytest.raises(InputError, match="is no result of this experiment"):
        check_folder(given, "kept*")


@pytest.mark.parametrize(
    ("stopped", "said"), [("", "name: stopped\n"), (RESUME, f"name: stopped; {RESUME}\n")]
)
def test_an_interrupted_command_says_how_to_go_on(stopped, said, capsys):
    def command():
        raise KeyboardInterrupt

    assert exit_status("name", command, stopped) == 130
    assert capsys.readouterr().err == said


def test_a_wrong_option_is_one_line(capsys):
    with pytest.raises(SystemExit) as stopped:
        OneLineParser(prog="name").parse_args(["--unknown"])
    assert stopped.value.code == 2
    assert capsys.readouterr().err == "name: error: unrecognized arguments: --unknown\n"


def test_a_run_that_ends_early_is_an_interrupted_one():
    use_device("numpy")
    defaultclock.dt = 1 * ms
    # As Brian 2 does at a first Ctrl-C.
    stop = NetworkOperation(lambda t: network.stop() if 19.5 * ms < t < 20.5 * ms else None)
    network = Network(stop)
    run_whole(network, 15 * ms)
    with pytest.raises(KeyboardInterrupt):
        run_whole(network, 15 * ms)
    run_whole(network, 15 * ms)
