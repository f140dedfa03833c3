"""What all sections of the verification share: rows, documents, exit status."""

import json
import re
from dataclasses import replace
from math import inf, nan
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from experiments.verification import (
    clopath,
    convallis,
    dopamine,
    neurons,
    nonlinear_hebbian,
    rate_rules,
    song,
    stdp,
    vogels,
    zenke,
)
from experiments.verification.section import (
    Section,
    at_least,
    at_most,
    close,
    failures,
    tables,
    within,
)

SECTIONS = [
    clopath,
    convallis,
    dopamine,
    neurons,
    nonlinear_hebbian,
    rate_rules,
    song,
    stdp,
    vogels,
    zenke,
]


def section(value=1.0):
    return Section(
        name="made_up",
        title="Made up",
        introduction="Nothing.",
        measure=lambda quick, progress: {"value": value, "was_quick": quick},
        rows=lambda result: [close("x", "nowhere", 1, result["value"], tolerance=0.1, unit=" Hz")],
        figures=lambda result: {"plot": (Figure(figsize=(1, 1)), "A figure.")},
    )


def test_rows_judge():
    def close_to_1(value):
        return close("x", "y", 1, value, tolerance=0.1).right

    assert close_to_1(1.05) and close_to_1(0.95)
    assert not close_to_1(1.2) and not close_to_1(0.8) and not close_to_1(nan)
    assert at_least("x", "y", 1, 1.0).right and not at_least("x", "y", 1, 0.9).right
    assert at_most("x", "y", 1, 1.0).right and not at_most("x", "y", 1, 1.1).right
    assert not at_least("x", "y", 1, nan).right and not at_most("x", "y", 1, nan).right
    assert within("x", "y", 1, 2, 1.5).right and not within("x", "y", 1, 2, 2.5).right
    assert not within("x", "y", 0, inf, nan).right and not within("x", "y", 0, inf, inf).right
    assert within("x", "y", 1, 2, 2.5, unit=" Hz").deviation == "0.5 Hz outside"
    assert failures([close("x", "y", 1, 2, tolerance=0.1)]) == ["x: 2, expected 1 ± 0.1 (y)"]


def test_each_part_has_a_table():
    rows = [replace(within("x", "y", 1, 2, 1.5), part=part) for part in ("A", "A", "B")]
    lines = tables(rows).splitlines()
    assert [line for line in lines if line.startswith("#")] == ["### A", "### B"]
    assert sum("| verdict |" in line for line in lines) == 2
    assert sum("| reached |" in line for line in lines) == 3


@pytest.mark.parametrize(("value", "code"), [(1.0, 0), (2.0, 1)])
def test_the_command_writes_its_section(tmp_path, capsys, value, code):
    made = section(value)
    document = tmp_path / "docs.md"
    document.write_text("# Verification\n\nKept.\n")
    arguments = ["--output", str(tmp_path / "out"), "--document", str(document)]
    assert made.main(arguments) == made.main(arguments) == code
    text = document.read_text()
    assert text.startswith("# Verification\n\nKept.\n")
    assert text.count(f"<!-- begin: {made.command} -->") == 1
    assert text.count("| x | nowhere | 1 Hz ± 0.1 |") == 1
    assert ("**not reached**" in text) == bool(code)
    assert (tmp_path / "figures" / "made_up_plot.png").read_bytes().startswith(b"\x89PNG")
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    assert bool(results["failures"]) == bool(code)
    assert ("FAILED" in capsys.readouterr().err) == bool(code)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--document", "nowhere/at/all.md"], "no such file"),
        (["--quick", "--document", "x.md"], "full numbers only"),
        (["--device", "numbo"], "--device"),
    ],
)
def test_bad_input_is_one_line(arguments, said, tmp_path, capsys):
    assert section().main(["--output", str(tmp_path), *arguments]) == 2
    message = capsys.readouterr().err
    assert said in message
    assert message.count("\n") == 1


@pytest.mark.parametrize("module", SECTIONS, ids=lambda module: module.SECTION.name)
def test_the_document_has_the_section_with_its_figures(module):
    document = Path(__file__).parents[2] / "docs" / "verification.md"
    command = module.SECTION.command
    text = document.read_text(encoding="utf-8")
    section = text.split(f"<!-- begin: {command} -->")[1].split(f"<!-- end: {command} -->")[0]
    # What the command would print today: its words, and rows with its verdicts.
    assert f"## {module.SECTION.title}\n" in section
    assert " ".join(module.SECTION.introduction.split()) in " ".join(section.split())
    rows = re.findall(r"^\| (?!quantity|---).*\|$", section, re.MULTILINE)
    verdicts = [row.split(" | ")[-1] for row in rows]
    assert len(rows) > 3 and set(verdicts) <= {"reached |", "**not reached** |"}
    # The first paragraph names each number that is not reached.
    said = section.split("Verdict: ")[1].split("\n\n")[0]
    missed = [row.split(" | ")[0].removeprefix("| ") for row in rows if "**not" in row]
    assert all(quantity in said for quantity in missed)
    assert bool(missed) != (said == "everything is within its tolerance.")
    images = re.findall(r"\]\((.*\.png)\)", section)
    assert images and all((document.parent / image).exists() for image in images)


def test_every_section_is_named_where_it_should_be():
    names = {module.SECTION.name for module in SECTIONS}
    root = Path(__file__).parents[2]
    modules = (root / "experiments" / "verification").glob("*.py")
    assert names == {path.stem for path in modules if "\nSECTION = Section(" in path.read_text()}
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    loop = makefile.split("\nverification: install\n")[1].split("; do")[0]
    assert sorted(loop.split(" in ")[1].split()) == sorted(names)
    readme = (root / "README.md").read_text(encoding="utf-8")
    row = next(line for line in readme.splitlines() if "`experiments/verification`" in line)
    assert names == set(re.findall(r"`(?:python -m experiments\.verification)?\.(\w+)`", row))
