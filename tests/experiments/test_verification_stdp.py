"""The verification itself: its closed form, its checks, what it writes, and the published fits."""

from math import exp
from pathlib import Path

import numpy as np
import pytest
from brian2 import defaultclock, ms

from experiments.common.devices import use_device
from experiments.verification import (
    pair_window,
    stdp,
    triplet_figures,
    triplet_fits,
    weight_dependence,
)
from experiments.verification.closed_form import pair_sums
from experiments.verification.published import (
    MEASUREMENTS,
    PAIR_ERRORS,
    TRIPLET_ERRORS,
    fit_error,
    sjostrom_2001,
    wang_2005,
)
from experiments.verification.section import failures
from experiments.verification.simulate import weight_changes
from spikeplast.plasticity import PairSTDP, TripletSTDP
from spikeplast.plasticity.pair_stdp import SCHEMES
from spikeplast.stimuli.pairing import Protocol

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


def test_closed_form_against_sums_by_hand():
    protocol = Protocol(np.array([0.0, 0.03]), np.array([0.01, 0.02, 0.03]))
    up, down = pair_sums(protocol, tau_plus=0.02, tau_minus=0.04, pairing="all-to-all")
    assert up == pytest.approx(exp(-0.5) + exp(-1) + exp(-1.5) + 1, rel=1e-12)
    assert down == pytest.approx(exp(-0.5) + exp(-0.25), rel=1e-12)
    up, down = pair_sums(protocol, tau_plus=0.02, tau_minus=0.04, pairing="nearest")
    assert up == pytest.approx(exp(-0.5) + exp(-1) + 1, rel=1e-12)
    assert down == pytest.approx(exp(-0.25), rel=1e-12)


def test_neighbours_by_hand():
    protocol = Protocol(np.array([0.0, 0.03, 0.06]), np.array([0.01, 0.02, 0.03, 0.07, 0.08]))
    up, down = pair_sums(protocol, tau_plus=0.02, tau_minus=0.04, pairing="presynaptic-centred")
    assert up == pytest.approx(exp(-0.5) + 1 + exp(-0.5), rel=1e-12)
    assert down == pytest.approx(exp(-0.25) + exp(-0.75), rel=1e-12)
    crowded = Protocol(np.array([0.0, 0.005, 0.03, 0.04]), np.array([0.01, 0.02]))
    up, down = pair_sums(crowded, tau_plus=0.02, tau_minus=0.04, pairing="presynaptic-centred")
    assert up == pytest.approx(exp(-0.5) + exp(-0.25), rel=1e-12)
    assert down == pytest.approx(exp(-0.25) + exp(-0.5), rel=1e-12)
    up, down = pair_sums(crowded, tau_plus=0.02, tau_minus=0.04, pairing="reduced-symmetric")
    assert up == pytest.approx(exp(-0.25), rel=1e-12)
    assert down == pytest.approx(exp(-0.25), rel=1e-12)


def test_windows_and_drift_equal_their_closed_forms():
    use_device("numba")
    window = pair_window.measure(quick=True)
    found = pair_window.rows(window) + weight_dependence.rows(weight_dependence.measure(quick=True))
    assert len(found) == 8
    assert failures(found) == []
    simulated = window["simulated"]
    assert np.abs(simulated[0] - simulated[1]).max() > 0.01
    # Regular pairs have the same neighbours in all schemes but the first; random trains have not.
    rng = np.random.default_rng(2)
    trains = np.sort(rng.choice(2000, (6, 2, 25)), axis=-1) * 1e-3
    protocols = [Protocol(*map(np.unique, pair)) for pair in trains]
    rules = [PairSTDP.bi_poo(pairing) for pairing in SCHEMES]
    changes = weight_changes(rules, protocols)
    exact = [[pair_window.closed_form(rule, item) for item in protocols] for rule in rules]
    np.testing.assert_allclose(changes, exact, atol=1e-12)
    assert min(np.abs(changes[i] - changes[j]).max() for i in range(4) for j in range(i)) > 1e-3
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
    assert failures(triplet_fits.rows(made_up_fits(1.07))) == []
    assert len(failures(triplet_fits.rows(made_up_fits(0.9)))) == 12
    assert len(failures(triplet_fits.rows(made_up_fits(np.nan)))) == 12
    zeros = np.zeros((4, 1, 3))
    made_up = {"frequencies_Hz": (20,), "lags_ms": np.arange(3), "closed_form": zeros}
    assert failures(pair_window.rows({"simulated": zeros + 1e-10, **made_up})) == []
    assert len(failures(pair_window.rows({"simulated": zeros + 1e-8, **made_up}))) == 4
    assert len(failures(pair_window.rows({"simulated": zeros * np.nan, **made_up}))) == 4


def test_figures_are_labelled():
    fits = made_up_fits()
    for figure in (
        triplet_figures.frequency_figure(fits),
        triplet_figures.pattern_figure(fits),
        triplet_figures.error_figure(fits),
    ):
        xlabels = [axes.get_xlabel() for axes in figure.axes]
        ticks = [label.get_text() for label in figure.axes[0].get_xticklabels()]
        assert all(xlabels) or ticks == [item.label for item in wang_2005()]
        assert figure.axes[0].get_ylabel() or len(figure.axes[0].get_yticklabels()) == 12


# Three minutes: quadruplets need a time step of 0.1 ms for a minute of simulated time.
@pytest.mark.slow
def test_all_published_sets_and_the_whole_command(tmp_path):
    assert stdp.main(["--output", str(tmp_path)]) == 0
    report = (tmp_path / "stdp.md").read_text(encoding="utf-8")
    document = DOCUMENT.read_text(encoding="utf-8")
    rows = [line for line in report.splitlines() if line.startswith("| E: ")]
    assert len(rows) == 12
    assert [row for row in rows if row not in document] == []
