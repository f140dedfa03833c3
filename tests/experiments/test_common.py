"""What experiments, benchmarks and scripts share: output that is whole, runs that go on."""

import json

import numpy as np
import pytest

from experiments.common.command_line import InputError, OneLineParser
from experiments.common.output import OutputFolder, write_whole
from experiments.common.resuming import check_identity


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


def test_a_wrong_option_is_one_line(capsys):
    with pytest.raises(SystemExit) as stopped:
        OneLineParser(prog="name").parse_args(["--unknown"])
    assert stopped.value.code == 2
    assert capsys.readouterr().err == "name: error: unrecognized arguments: --unknown\n"
