"""The recurrent part of the spoken-digit experiment: splits, equal effort, and resumption."""

from dataclasses import replace

import numpy as np
import pytest

from experiments import _speech_recurrent as recurrent
from experiments import _speech_recurrent_training as training
from experiments._speech_data import Inputs, Utterances, folds
from experiments._speech_recurrent_conditions import CONDITIONS, UNTRAINED, drawn_condition
from experiments.common.command_line import InputError
from experiments.common.jobs import Jobs
from experiments.common.output import OutputFolder
from models.yger_harris_2013_recurrent import RecurrentNetwork, RecurrentState
from spikeplast.stimuli.spike_encoding import InputRates


@pytest.fixture(scope="module")
def data():
    """Words whose channels differ, from three speakers, 0.1 s each."""
    rng = np.random.default_rng(1)
    kinds = [
        (word, speaker, index)
        for word in (0, 1)
        for speaker in ("ann", "bob", "cy")
        for index in range(10)
    ]
    frames = [rng.uniform(0.2, 1, (10, 100)) for _ in kinds]
    for (word, _, _), values in zip(kinds, frames, strict=True):
        values[:, 50 * word : 50 * word + 50] += 2
    return Utterances(
        [f"{word}_{speaker}_{index}" for word, speaker, index in kinds],
        np.array([word for word, _, _ in kinds]),
        np.array([speaker for _, speaker, _ in kinds]),
        np.array([index < 2 for _, _, index in kinds]),
        frames,
        "test",
    )


def test_nobody_is_on_both_sides_of_any_split(data):
    for fold in folds(data, (0, 1), 6, 1):
        first, second = recurrent.inner_split(data, fold.train, 1)
        sets = [set(rows.tolist()) for rows in (first, second, fold.held_out, fold.unseen)]
        assert sum(map(len, sets)) == len(set.union(*sets)) == len(data.names)
        assert sets[0] | sets[1] == set(fold.train.tolist())
        heard = set(data.speakers[[*sets[0], *sets[1], *sets[2]]].tolist())
        assert not heard & set(data.speakers[fold.unseen].tolist())
        # Each word by each speaker is chosen by.
        assert len({(data.digits[k], data.speakers[k]) for k in second.tolist()}) == 4


def test_configurations_of_a_number_share_their_network():
    for number in range(6):
        drawn = [drawn_condition(rule, number, 100, 1) for rule in CONDITIONS]
        assert [c.learns for c in drawn] == [rule != UNTRAINED for rule in CONDITIONS]
        for c in drawn:
            for name in ("r0", "step", "k_p", "k_i", "shrinkage"):
                assert getattr(c.parameters.rule, name) == getattr(drawn[0].parameters.rule, name)
            assert replace(c.parameters, rule=drawn[0].parameters.rule) == drawn[0].parameters
    with pytest.raises(ValueError, match="rule 'none'"):
        drawn_condition("none", 0, 100, 1)


def tiny(rule="Convallis"):
    made = drawn_condition(rule, 0, 100, 1)
    return replace(made, parameters=replace(made.parameters, n_cells=80))


def test_an_interrupted_training_goes_on_to_the_same_state(data, tmp_path, monkeypatch):
    monkeypatch.setattr(training, "SLICE", 2)
    rows = folds(data, (0, 1), 6, 1)[0].train[:4]
    inputs = Inputs(data, InputRates.fit([data.cochleograms[row] for row in rows]), 5)
    condition = tiny()

    def learn(name):
        return training.train(condition, inputs, rows, 2, training.Checkpoint(folder, name))

    folder = OutputFolder(tmp_path)
    whole = learn("whole")
    assert whole.slices == 4
    assert whole.biological == pytest.approx(3 * 0.4)
    assert not np.array_equal(whole.state.psi_input, np.zeros_like(whole.state.psi_input))

    present, calls = RecurrentNetwork.present, []

    def interrupted(*args):
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return present(*args)

    with monkeypatch.context() as patch:
        patch.setattr(RecurrentNetwork, "present", interrupted)
        with pytest.raises(KeyboardInterrupt):
            learn("broken")
    kept = training.Checkpoint(folder, "broken").load()
    assert kept is not None
    assert kept.slices == 3
    again = learn("broken")
    assert again.slices == 4
    assert again.rates == whole.rates
    for name in RecurrentState.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(again.state, name), getattr(whole.state, name))

    next(tmp_path.glob("training_*.npz")).write_bytes(b"PK cut")
    with pytest.raises(InputError, match="is damaged"):
        for name in ("whole", "broken"):
            training.Checkpoint(folder, name).load()


@pytest.mark.slow
def test_untrained_weights_are_brought_to_the_target_rate(data):
    rows = folds(data, (0, 1), 6, 1)[0].train
    inputs = Inputs(data, InputRates.fit([data.cochleograms[row] for row in rows]), 5)
    condition = tiny(UNTRAINED)
    state = training.first_state(condition, inputs, rows)
    found = training.watch(condition, inputs, state, rows)
    assert found.counts.shape == (len(rows), 64)
    assert found.rate_e == pytest.approx(float(condition.parameters.rule.r0), rel=0.3)


@pytest.mark.slow
def test_conditions_are_searched_trained_and_compared(data, tmp_path, monkeypatch):
    two = (UNTRAINED, "Convallis")
    monkeypatch.setattr(recurrent, "CONDITIONS", two)
    monkeypatch.setattr(training, "SCALED_ON", 5)
    monkeypatch.setattr(recurrent, "drawn_condition", lambda rule, *rest: tiny(rule))
    chosen = folds(data, (0, 1), 6, 1)[:1]
    jobs, count = Jobs(OutputFolder(tmp_path), {}, resume=False), []
    found = recurrent.recurrent(data, chosen, 80, 1, 1, (1, 2), jobs, lambda: count.append(1))
    assert len(count) == recurrent.n_jobs(1, 2, 1)
    assert not list(jobs.folder.path.glob("training_*.npz"))
    for name in two:
        item = found["conditions"][name]
        by_fold = item["decoder"]["all cells"]["unseen"]["by_fold"]
        assert np.shape(by_fold) == (1, 2)
        # Words in channels of their own: whatever was learned, they can be told apart.
        assert item["decoder"]["all cells"]["held_out"]["mean"] > 0.9
        gain = item["gain_over_untrained"]["all cells"]["unseen"]["mean"]
        theirs = found["conditions"][UNTRAINED]["decoder"]["all cells"]["unseen"]["mean"]
        assert gain == pytest.approx(np.mean(by_fold) - theirs)
    assert found["baselines"]["input spikes, count"]["held_out"]["mean"] > 0.9
