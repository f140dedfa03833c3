"""Dopamine that carries an error: what is learned, the command, resumption, bad input."""

import json
from dataclasses import fields, replace

import numpy as np
import pytest

from experiments import _dopamine_amount as amount
from experiments import _dopamine_chain as chain
from experiments import _dopamine_instrumental as instrumental
from experiments import dopamine_error
from experiments.common.devices import use_device
from experiments.common.output import OutputFolder


def test_values_of_the_chain_are_a_fixed_point_of_its_error():
    values = np.append(chain.EXPECTED, 0)
    reward = np.arange(chain.N_STATES) == chain.N_STATES - 1
    np.testing.assert_allclose(reward[1:] + chain.GAMMA * values[1:], values[:-1])


def test_each_state_of_the_chain_is_read_in_its_turn(monkeypatch):
    """On NumPy: without learning, the value of a state is its own cells', whatever the order."""
    monkeypatch.setattr(chain, "N_STATES", 3)
    monkeypatch.setattr(chain, "PAUSE", 1)
    original = chain._Chain

    class Silenced(original):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            # Only the second state's cells reach the critics.
            self.synapses.w = 1.5 * (np.array(self.synapses.i) >= chain.CELLS)

    monkeypatch.setattr(chain, "_Chain", Silenced)
    monkeypatch.setattr(chain, "RULE", replace(chain.RULE, eta=0))
    found = chain.learn_chain("random order", 1, 1, 2)
    values = np.concatenate([found["values"], found["tested"]])
    assert values.shape == (2, 2)
    assert (values[:, 0] < 0.05).all()
    assert (values[:, 1] > 0.5).all()


def test_rate_units_on_the_same_trials():
    found = amount.learn_rates(amount.RATE_UNITS["FA_Ex-100 %, rate units"](), 4000, 100, 20, 1)
    assert found["test"].mean() < 0.05
    assert found["right"].mean() == 1
    assert found["learning"][:200].mean() == pytest.approx(1, abs=0.2)


def test_shares_and_verdicts_by_hand():
    def runs(a, b):
        return [{"spikes": np.array([a] * 8 + [b] * 8)}]

    items, verdicts = dopamine_error.measure_instrumental({
        "reward": runs([2, 1], [2, 1]), "reward by chance": runs([1, 1], [0, 3])
    })  # fmt: skip
    assert items["reward"]["share of A, A rewarded"]["mean"] == 1
    assert items["reward"]["share of B, B rewarded"]["mean"] == 0
    assert [v.reached for v in verdicts] == [True, False, True]
    tested = np.array([chain.EXPECTED, chain.EXPECTED + 0.08])
    _, verdicts = dopamine_error.measure_chain({
        "TD error": [{"tested": tested}], "random order": [{"tested": tested}]
    })  # fmt: skip
    assert [v.reached for v in verdicts] == [True, False]
    assert verdicts[0].found == pytest.approx(0.04)


@pytest.fixture
def made_up(monkeypatch):
    """Networks that cost nothing; a list of the seeds that they were given."""
    seeds = []

    def made(*sizes):
        seeds.append(sizes[-1])
        return np.random.default_rng(sizes[-1])

    def amounts(_, n_trials, n_test, n_distractors, seed):
        rng = made(seed)
        test = rng.random(n_test)
        return {"learning": rng.random(n_trials), "test": test, "right": test > 0.5}

    def walk(kind, n_walks, n_test, seed):
        rng, n = made(seed), chain.N_STATES - 1
        return {"values": rng.random((n_walks, n)), "tested": rng.random((n_test, n))}

    monkeypatch.setattr(amount, "learn_amounts", amounts)
    monkeypatch.setattr(amount, "learn_rates", amounts)
    monkeypatch.setattr(chain, "learn_chain", walk)
    monkeypatch.setattr(
        instrumental, "condition", lambda _, n, s: {"spikes": made(s).integers(9, size=(2 * n, 2))}
    )
    return seeds


def run(output, *more):
    return dopamine_error.main(["--output", str(output), "--quick", "--device", "numpy", *more])


def test_interrupted_and_resumed_is_equal_to_uninterrupted(made_up, tmp_path, monkeypatch, capsys):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert run(whole) == 0
    assert {p.name for p in whole.iterdir()} == {
        "results.json", "summary.txt", "amount.png", "instrumental.png", "chain.png"
    }  # fmt: skip
    results = json.loads((whole / "results.json").read_text())
    assert set(results["results"]) == set(dopamine_error.PARTS)
    assert results["results"]["chain"]["TD error"]["state 5"]["expected"] == 1
    assert "NOT REACHED" in capsys.readouterr().out
    n = len(made_up)

    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(OutputFolder, "figure", lambda *args: None)
    with monkeypatch.context() as patch:
        patch.setattr(chain, "learn_chain", interrupted)
        assert run(broken) == 130
    assert [p.name for p in broken.iterdir()] == ["unfinished"]
    with monkeypatch.context() as patch:
        patch.setattr(OutputFolder, "figure", interrupted)
        assert run(broken, "--resume") == 130
    assert [p.name for p in broken.iterdir()] == ["unfinished"]
    n_broken = len(made_up)
    assert run(broken, "--resume", "--seed", "2") == 2
    assert "seed = 1, this one has 2" in capsys.readouterr().err
    assert run(broken, "--resume") == 0
    assert len(made_up) == n_broken == 2 * n
    again = json.loads((broken / "results.json").read_text())
    assert again["results"] == results["results"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--part", "amount,nothing"], "--part 'nothing' is unknown; give all, or some of amount,"),
        (["--trials", "1"], "--trials 1 is too low; give 2 or more"),
        (["--device", "gpu"], "invalid choice: 'gpu'"),
    ],
)
def test_bad_options_end_with_status_2_one_line_and_no_output(tmp_path, capsys, arguments, message):
    assert dopamine_error.main(["--output", str(tmp_path / "out"), *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_help_names_every_option(capsys):
    with pytest.raises(SystemExit):
        dopamine_error.main(["--help"])
    text = capsys.readouterr().out
    for item in fields(dopamine_error.Configuration):
        assert f"--{item.name.replace('_', '-')}" in text


@pytest.mark.slow
def test_few_distractors_are_learned_by_dopamine_and_not_by_another_trials():
    use_device("numba")
    made = amount.conditions()
    own, shuffled = (
        amount.learn_amounts(made[name], 2500, 200, 20, 1)
        for name in (amount.SPIKING, "shuffled dopamine")
    )
    assert own["test"].mean() < 0.3
    assert own["right"].mean() > 0.9
    assert shuffled["test"].mean() > 0.9


@pytest.mark.slow
def test_values_of_the_chain_are_learned():
    use_device("numba")
    found = chain.learn_chain("TD error", 150, 50, 1)
    np.testing.assert_allclose(found["tested"].mean(axis=0), chain.EXPECTED, atol=0.08)


@pytest.mark.slow
def test_the_rewarded_response_wins():
    use_device("numba")
    spikes = instrumental.condition("reward less its mean", 100, 1)["spikes"]
    last = spikes[75:100]
    assert (last[:, 0] > last[:, 1]).mean() > 0.7
