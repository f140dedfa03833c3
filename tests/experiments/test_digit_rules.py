"""The comparison of the digit network's rules: what is run, what is not, and the table."""

import json

import numpy as np
import pytest

from experiments import digit_rules, handwritten_digits
from experiments.common.command_line import to_json
from models.diehl_cook_2015_parameters import RULES

ACCURACY = dict(zip(RULES, (0.8, 0.75, 0.7, 0.65), strict=True))


def results(configuration, fingerprint="f"):
    return {
        "configuration": to_json(configuration),
        "seed": configuration.seed,
        "data": {
            "fingerprint": fingerprint,
            "training_images": 40,
            "epochs": configuration.epochs,
            "labelling_images": 20,
            "held_out_images": 100,
        },
        "results": {
            "accuracy": ACCURACY[configuration.rule],
            "accuracy_on_labelling_images": 0.9,
            "clustering": {"nmi": 0.5},
            "spikes_per_image": {"test": 12.34},
            "weights": {"at_lower_bound": 0.25},
            "accuracy_over_training": {"images": [10, 20], "accuracy": [0.4, 0.6]},
        },
        "speed": {"cpu_seconds": {"train": 50.0}},
    }


@pytest.fixture
def ran(monkeypatch):
    """The rules that were run, in order; nothing is simulated."""
    names = []

    def run(configuration):
        names.append(configuration.rule)
        if names.count("exponential") == 1 and configuration.rule == "exponential":
            raise KeyboardInterrupt
        configuration.output.mkdir()
        (configuration.output / "results.json").write_text(json.dumps(results(configuration)))
        np.savez(configuration.output / "weights.npz", w=np.eye(4), image_shape=[2, 2])
        return 0

    monkeypatch.setattr(handwritten_digits, "run", run)
    return names


def test_goes_on_where_it_was_stopped_and_tells_all_rules(ran, tmp_path, capsys):
    arguments = ["--output", str(tmp_path / "out"), "--epochs", "2"]
    assert digit_rules.main(arguments) == 130
    assert digit_rules.main(arguments) == 0
    assert ran == ["triplet", "power_law", "exponential", "exponential", "pre_and_post"]
    text = (tmp_path / "out" / "summary.txt").read_text()
    assert text.startswith("100 cells, 2 passes over 40 images, cells labelled on 20 of these, ")
    assert "\n| triplet | 0.8000 ± 0.0400 | 0.9000 | 0.500 | 12.3 | 0.25 | 25 |\n" in text
    assert "\n| Diehl & Cook 2015, 100 cells | 0.829 |" in text
    assert text in capsys.readouterr().out
    assert (tmp_path / "out" / "rules.png").read_bytes().startswith(b"\x89PNG")
    assert digit_rules.main([*arguments, "--seed", "2"]) == 2
    assert "had seed = 1, this one has 2" in capsys.readouterr().err


def test_other_data_and_broken_results_are_refused(ran, tmp_path, capsys):
    arguments = ["--output", str(tmp_path)]
    ran.append("exponential")
    assert digit_rules.main(arguments) == 0
    path = tmp_path / "power_law" / "results.json"
    told = json.loads(path.read_text())
    told["data"]["fingerprint"] = "g"
    path.write_text(json.dumps(told))
    assert digit_rules.main(arguments) == 2
    assert "different data" in capsys.readouterr().err
    path.write_text("{")
    assert digit_rules.main(arguments) == 2
    error = capsys.readouterr().err
    assert "results.json cannot be read" in error and error.count("\n") == 1
