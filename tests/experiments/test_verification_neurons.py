"""The verification of neuron models: its quick variant, its verdicts, what it writes."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from experiments.common.devices import use_device
from experiments.verification import neurons
from experiments.verification.report import at_most, close, failures, table, within

DOCUMENT = Path(__file__).parents[2] / "docs" / "verification.md"


@pytest.mark.parametrize("name", list(neurons.PARTS))
def test_the_quick_variant_is_right_and_its_figure_labelled(name):
    # Compiling would take longer than these short runs.
    use_device("numpy")
    part = neurons.PARTS[name]
    result = part.measure(quick=True)
    rows = part.rows(result)
    assert len(rows) >= 2
    assert failures(rows) == []
    axes = part.figure(result).axes
    assert all(ax.get_title() or ax.get_xlabel() for ax in axes if ax.has_data())


def test_verdicts_notice_what_is_wrong():
    rows = [
        within("a rate", "a paper", 1, 2, 2.5, " Hz"),
        close("a weight", "a paper", 100, 98, tolerance=1, unit=" %"),
        at_most("a difference", "a closed form", 1e-9, float("nan")),
        within("another rate", "a paper", 1, 2, 1.5, " Hz"),
    ]
    assert [row.right for row in rows] == [False, False, False, True]
    assert failures(rows)[0] == "a rate is 2.5, not 1 to 2 Hz (a paper)"
    assert table(rows).count("WRONG") == 3


class Part:
    TITLE = CAPTION = "Made up"

    def __init__(self, value):
        self.value = value

    def measure(self, *, quick):
        return {"value": self.value, "quick": quick}

    def rows(self, result):
        return [within("value", "paper", 0, 1, result["value"])]

    def figure(self, result):
        from matplotlib.figure import Figure

        return Figure(figsize=(1, 1))


@pytest.mark.parametrize(("value", "code"), [(0.5, 0), (2.0, 1)])
def test_the_command_writes_everything(tmp_path, monkeypatch, capsys, value, code):
    monkeypatch.setattr(neurons, "PARTS", {"made_up": Part(value)})
    document = tmp_path / "docs.md"
    document.write_text(f"Kept.\n\n{neurons.BEGIN}\nOld.\n{neurons.END}\n\nKept too.\n")
    arguments = ["--output", str(tmp_path / "out"), "--document", str(document)]
    assert neurons.main(arguments) == code
    text = document.read_text()
    assert text.startswith("Kept.\n")
    assert text.endswith(f"{neurons.END}\n\nKept too.\n")
    assert "Old." not in text
    assert (tmp_path / "figures" / "neurons_made_up.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "out" / "made_up.png").exists()
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    assert bool(results["failures"]) == bool(code)
    assert ("FAILED" in capsys.readouterr().err) == bool(code)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--document", "nowhere.md"], "no such file with a line"),
        (["--quick", "--document", str(DOCUMENT)], "--quick is not for --document"),
    ],
)
def test_bad_input_is_one_line(arguments, said, tmp_path, capsys):
    assert neurons.main(["--output", str(tmp_path / "out"), *arguments]) == 2
    message = capsys.readouterr().err
    assert said in message
    assert message.count("\n") == 1


def test_the_document_holds_a_verified_table():
    section = DOCUMENT.read_text(encoding="utf-8").split(neurons.BEGIN)[1].split(neurons.END)[0]
    assert "everything is within its tolerance" in section
    assert len(re.findall(r"\| right \|$", section, flags=re.MULTILINE)) > 60
    assert "WRONG" not in section
    images = re.findall(r"\]\((.*\.png)\)", section)
    assert len(images) == len(neurons.PARTS)
    assert all((DOCUMENT.parent / image).exists() for image in images)


# Six minutes: much of it is compiling networks of many different cells.
@pytest.mark.slow
def test_the_whole_command(tmp_path):
    assert neurons.main(["--output", str(tmp_path)]) == 0
    assert np.all([(tmp_path / f"{name}.png").exists() for name in neurons.PARTS])
