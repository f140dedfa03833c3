"""The experiment on correlated inputs: its score by hand, its output, and resumption."""

import json

import numpy as np
import pytest

from experiments import correlated_inputs
from experiments.common.output import OutputFolder


def test_selectivity_by_hand():
    weights = np.array([[1.0, 2, 0], [1, 0, 0], [1, 1, 0]])
    # Equal; 2 beside a mean of 0.5; silent.
    assert correlated_inputs.selectivity(weights) == pytest.approx([0, 1.5 / 2.5, 0])
    assert correlated_inputs.selectivity(np.stack([weights, 2 * weights])).shape == (2, 3)


def test_rules_share_their_rate_constraint():
    for name in ("r0", "k_p", "k_i", "tau_r", "every", "step", "shrinkage"):
        values = {float(getattr(rule, name)) for rule in correlated_inputs.rules().values()}
        assert len(values) == 1, name


def test_output_and_resumption(tmp_path, monkeypatch, capsys):
    few = {"Convallis": correlated_inputs.rules()["Convallis"]}
    monkeypatch.setattr(correlated_inputs, "rules", lambda: few)
    monkeypatch.setattr(correlated_inputs, "SLICE", 0.2)
    monkeypatch.setattr(correlated_inputs, "CORRELATION_TIMES", (0.1,))
    original, calls = correlated_inputs.learn, []

    def one_slice(rule, correlation_time, n_cells, n_slices, seed):
        calls.append(n_cells)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return original(rule, correlation_time, n_cells, 1, seed)

    monkeypatch.setattr(correlated_inputs, "learn", one_slice)

    def run(output, *more):
        arguments = ["--output", str(output), "--device", "numpy", "--seeds", "1", "--cells", "2"]
        return correlated_inputs.main([*arguments, *more])

    assert run(tmp_path / "short", "--duration", "1") == 2
    assert "--duration 1 is too low" in capsys.readouterr().err
    assert run(tmp_path / "whole") == 0
    whole = json.loads((tmp_path / "whole" / "results.json").read_text())
    assert set(whole["results"]) == {"1 cell, 0.1 s", "2 cells, 0.1 s"}
    assert (tmp_path / "whole" / "correlated_inputs.png").exists()
    with np.load(tmp_path / "whole" / "weights.npz") as arrays:
        assert arrays["2 cells, 0.1 s|Convallis"].shape == (1, 2, 5, 2)
    assert "selectivity" in capsys.readouterr().out

    monkeypatch.setattr(OutputFolder, "figure", lambda *args: None)
    assert run(tmp_path / "broken") == 130
    assert run(tmp_path / "broken", "--resume") == 0
    assert calls == [1, 2, 1, 2, 2]
    again = json.loads((tmp_path / "broken" / "results.json").read_text())
    assert again["results"] == whole["results"]
