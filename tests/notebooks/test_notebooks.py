"""Each notebook runs from top to bottom, at a small size."""

import json
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
#: What takes the place of numbers in the cell with the tag "parameters".
SMALL = {
    "from_brian2_script": {"n_cells": 300, "seconds": 0.05},
    "own_rule": {"minutes": 0.5},
    "receptive_fields": {"n_patches": 2000, "n_samples": 5000, "n_units": 6},
    "spoken_digit": {"n_speakers": 2, "repetitions": 2, "passes": 1, "n_cells": 10},
}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path, monkeypatch, tmp_path):
    matplotlib.use("Agg")
    monkeypatch.chdir(tmp_path)
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    small = dict(SMALL.get(path.stem, {}))
    names = {"__name__": "__main__"}
    for number, cell in enumerate(code, start=1):
        text = "".join(cell["source"])
        exec(compile(text, f"{path.name}, code cell {number}", "exec"), names)
        if "parameters" in cell["metadata"].get("tags", []):
            assert set(small) <= set(names)
            names.update(small)
            small = {}
    assert code
    assert not small
    plt.close("all")


def test_there_are_notebooks():
    assert {path.stem for path in NOTEBOOKS} >= set(SMALL)
