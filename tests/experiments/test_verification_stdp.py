"""The verification itself: its closed form, its checks, what it writes, and the published fits."""

import json
import re
from math import exp
from pathlib import Path

import numpy as np
import pytest
from brian2 import defaultclock, ms
from matplotlib.figure import Figure

from experiments.verification import pair_window, stdp, triplet_figures, triplet_fits
from experiments.verification.closed_form import pair_sums
from experiments.verification.published import (
    MEASUREMENTS,
    PAIR_ERRORS,
    TRIPLET_ERRORS,
    fit_error,
    sjostrom_2001,
    wang_2005,
)
from experiments.verification.simulate import weight_changes
from spikeplast.plasticity import PairSTDP, TripletSTDP
from spikeplast.stimuli.pairing import Protocol, window

DOCUMENT = Path(__file__).parents[2] / "docs" / "verification.md"


def made_up_fits(factor=1.0):
    """Fits with the shape of real ones; every error is `factor` times its reference."""
    references = [(key, error) for key, (_, error) in TRIPLET_ERRORS.items()]
    references += [((*key, "pair"), error) for key, error in PAIR_ERRORS.items()]
    fits = [
        {
            "data": data,
            "pairing": pairing,
            "model": model,
            "changes": [0.1] * len(MEASUREMENTS[data]()),
            "error": factor * error,
            "error_published": None,
            "error_recomputed": error,
        }
        for (data, pairing, model), error in sorted(references, reverse=True)
    ]
    shape = (6, len(triplet_fits.CURVE_LAGS), len(triplet_fits.CURVE_FREQUENCIES))
    return {"fits": fits, "curves": np.zeros(shape)}


def made_up_window(difference=0.0):
    zeros = np.zeros((2, len(pair_window.FREQUENCIES), len(pair_window.LAGS)))
    return {
        "lags_ms": pair_window.LAGS * 1e3,
        "simulated": zeros,
        "closed_form": zeros,
        "largest_difference": difference,
    }


def test_closed_form_against_sums_by_hand():
    protocol = Protocol(np.array([0.0, 0.03]), np.array([0.01, 0.02, 0.03]))
    up, down = pair_sums(protocol, tau_plus=0.02, tau_minus=0.04, pairing="all-to-all")
    assert up == pytest.approx(exp(-0.5) + exp(-1) + exp(-1.5) + 1, rel=1e-12)
    assert down == pytest.approx(exp(-0.5) + exp(-0.25), rel=1e-12)
    up, down = pair_sums(protocol, tau_plus=0.02, tau_minus=0.04, pairing="nearest")
    assert up == pytest.approx(exp(-0.5) + exp(-1) + 1, rel=1e-12)
    assert down == pytest.approx(exp(-0.25), rel=1e-12)


def test_simulation_equals_the_closed_form():
    lags = np.array([-100, -50, -20, -5, 0, 5, 20, 50, 100]) / 1e3
    protocols = window(lags, frequency=20)
    rules = [PairSTDP.bi_poo(pairing) for pairing in ("all-to-all", "nearest")]
    changes = weight_changes(rules, protocols)
    for rule, row in zip(rules, changes, strict=True):
        for protocol, change in zip(protocols, row, strict=True):
            up, down = pair_sums(
                protocol, tau_plus=16.8e-3, tau_minus=33.7e-3, pairing=rule.pairing
            )
            assert change == pytest.approx(rule.A_plus * up - rule.A_minus * down, abs=1e-9)
    assert np.abs(changes[0] - changes[1]).max() > 0.01
    assert defaultclock.dt == 0.1 * ms


def test_visual_cortex_minimal_rule_fits_and_the_pair_rule_does_not():
    measurements = sjostrom_2001()
    rules = [
        TripletSTDP.visual_cortex("all-to-all", "minimal"),
        triplet_fits.best_pair_rule(measurements, "all-to-all"),
    ]
    changes = weight_changes(rules, [item.protocol for item in measurements])
    triplet, pair = (fit_error(measurements, change) for change in changes)
    assert triplet == pytest.approx(0.36, rel=0.08)
    assert pair == pytest.approx(7.6, rel=0.08)
    at_minus_10 = [-0.32, -0.33, -0.34, 0.17, 0.75]
    at_plus_10 = [0.00, 0.12, 0.23, 0.53, 0.76]
    np.testing.assert_allclose(changes[0], at_plus_10 + at_minus_10, atol=0.0051)


def test_measurements_are_as_many_as_published():
    assert len(sjostrom_2001()) == 10
    assert len(wang_2005()) == 13
    assert fit_error(sjostrom_2001(), np.array([m.mean for m in sjostrom_2001()])) == 0


def test_checks_notice_what_is_wrong():
    assert triplet_fits.failures(made_up_fits(1.07)) == []
    assert len(triplet_fits.failures(made_up_fits(0.9))) == 12
    assert len(triplet_fits.failures(made_up_fits(np.nan))) == 12
    assert pair_window.failures(made_up_window(1e-10)) == []
    assert "differs from its closed form by 1e-08" in pair_window.failures(made_up_window(1e-8))[0]
    assert pair_window.failures(made_up_window(np.nan))


def test_figures_are_labelled():
    fits = made_up_fits()
    for figure in (
        pair_window.figure(made_up_window()),
        triplet_figures.frequency_figure(fits),
        triplet_figures.pattern_figure(fits),
        triplet_figures.error_figure(fits),
    ):
        xlabels = [axes.get_xlabel() for axes in figure.axes]
        ticks = [label.get_text() for label in figure.axes[0].get_xticklabels()]
        assert all(xlabels) or ticks == [item.label for item in wang_2005()]
        assert figure.axes[0].get_ylabel() or len(figure.axes[0].get_yticklabels()) == 12


@pytest.mark.parametrize(("factor", "code"), [(1.0, 0), (2.0, 1)])
def test_the_command_writes_everything(tmp_path, monkeypatch, capsys, factor, code):
    figure = Figure(figsize=(1, 1))
    for module in (pair_window, triplet_figures):
        for name in [name for name in dir(module) if name.endswith("figure")]:
            monkeypatch.setattr(module, name, lambda result: figure)
    monkeypatch.setattr(pair_window, "measure", lambda progress: made_up_window())
    monkeypatch.setattr(triplet_fits, "measure", lambda progress: made_up_fits(factor))
    document = tmp_path / "docs.md"
    document.write_text(f"# Verification\n\nKept.\n\n{stdp.BEGIN}\nOld.\n{stdp.END}\n\nKept too.\n")
    arguments = ["--output", str(tmp_path / "out"), "--document", str(document)]
    assert stdp.main(arguments) == code
    text = document.read_text()
    assert text.startswith("# Verification\n\nKept.\n")
    assert text.endswith(f"{stdp.END}\n\nKept too.\n")
    assert "Old." not in text
    assert text.count(stdp.BEGIN) == text.count(stdp.END) == 1
    for image in re.findall(r"\]\((.*\.png)\)", text):
        assert (tmp_path / image).read_bytes().startswith(b"\x89PNG")
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    assert len(results["triplet_fits"]["fits"]) == 12
    assert bool(results["failures"]) == bool(code)
    assert ("FAILED" in capsys.readouterr().err) == bool(code)
    assert not list(tmp_path.rglob(".*"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--device", "numbo"], "--device"),
        (["--output", "/dev/null/out"], "cannot write to the output folder"),
        (["--document", "nowhere/at/all.md"], "no such file with a line"),
        (["--nonsense"], "--help lists the options"),
    ],
)
def test_bad_input_is_one_line(arguments, said, tmp_path, capsys):
    assert stdp.main(["--output", str(tmp_path), *arguments]) == 2
    message = capsys.readouterr().err
    assert said in message
    assert message.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_the_document_holds_a_verified_table():
    text = DOCUMENT.read_text(encoding="utf-8")
    section = text.split(stdp.BEGIN)[1].split(stdp.END)[0]
    assert "everything is within its tolerance" in section
    rows = re.findall(r"^\| (visual cortex|hippocampus) \|.*\|$", section, flags=re.MULTILINE)
    assert len(rows) == len(TRIPLET_ERRORS) + len(PAIR_ERRORS)
    for image in re.findall(r"\]\((.*\.png)\)", section):
        assert (DOCUMENT.parent / image).exists()


# Three minutes: quadruplets need a time step of 0.1 ms for a minute of simulated time.
@pytest.mark.slow
def test_all_published_sets_and_the_whole_command(tmp_path):
    assert stdp.main(["--output", str(tmp_path)]) == 0
    report = (tmp_path / "stdp.md").read_text(encoding="utf-8")
    document = DOCUMENT.read_text(encoding="utf-8")
    rows = [line for line in report.splitlines() if line.startswith("| ")]
    assert len(rows) == 13
    assert [row for row in rows if row not in document] == []
