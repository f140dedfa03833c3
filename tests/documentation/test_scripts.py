"""The scripts of the documentation run, and leave their figures."""

import pytest

from documentation.catalogue import scripts
from documentation.figures import main, run_script

#: More than a second each, most of it SymPy's exact solutions; the engine compiles a loop.
SLOW = {
    "AdEx", "CurrentLIF", "DiehlCookSTDP", "GLIF", "HodgkinHuxley", "Izhikevich", "RewardSTDP",
    "TraubMilesHH", "TripletSTDP", "Zenke", "from_brian2", "getting_started",
}  # fmt: skip


def _marked(script):
    slow = script.stem in SLOW
    return pytest.param(script, id=script.stem, marks=[pytest.mark.slow] if slow else [])


@pytest.mark.parametrize("script", map(_marked, scripts()))
def test_the_script_runs(script, tmp_path):
    run_script(script, tmp_path)
    figures = [f"{script.stem}.png"] if "savefig" in script.read_text() else []
    assert [path.name for path in tmp_path.iterdir()] == figures
    for name in figures:
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")


def test_a_name_that_no_script_has_is_refused(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["PairSTPD"])
    assert stopped.value.code == 2
    assert "there is no script PairSTPD.py" in capsys.readouterr().err
