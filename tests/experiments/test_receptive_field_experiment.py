"""The receptive-field experiment: its measures on known fields, its command, bad input."""

import json
from dataclasses import fields

import numpy as np
import pytest
from brian2 import pA
from PIL import Image

from experiments import _fields_rate, _fields_spiking, receptive_fields
from experiments._fields_data import SIZE, load_pictures, white_patches
from experiments._fields_measures import measured
from experiments._fields_rate import candidates, objectives, primitive
from experiments.common.output import OutputFolder
from models.brito_gerstner_2016 import Learned
from spikeplast.analysis.gabor import GaborFit, gabor
from spikeplast.plasticity.nonlinear_hebbian import NONLINEARITIES
from spikeplast.stimuli.photographs import bundled_photographs

RNG = np.random.default_rng(1)


def stripes(degrees):
    shape = {"width": 1.5, "length": 2.5, "frequency": 0.2, "phase": 0.3, "goodness": 1}
    fit = GaborFit(1, 7, 8, orientation=np.deg2rad(degrees), **shape)
    return gabor(fit, (SIZE, SIZE))


def test_measures_of_known_fields():
    upright = np.array([stripes(angle) for angle in (1, 89, 92, 178)])
    noise = RNG.normal(size=(4, SIZE, SIZE))
    found = measured(np.concatenate([upright, noise, np.zeros((2, SIZE, SIZE))]))
    assert found["cells"] == 10
    assert found["silent_fields"] == 2
    for name in ("oriented_and_localised", "compact", "oriented_localised_and_compact"):
        assert found[name] == 0.4, name
    assert found["cardinal"]["share"] == 1
    assert found["cardinal"]["p"] == pytest.approx(3**-4)
    assert found["by_cell"]["spread"].shape == (8,)
    oblique = measured(np.array([stripes(angle) for angle in (30, 45, 60, 130)]))
    assert oblique["cardinal"]["share"] == 0
    nothing = measured(np.zeros((2, SIZE, SIZE)))
    assert nothing["oriented"] == 0
    assert nothing["spread"] is None


def test_primitives_beside_closed_forms():
    u = np.array([-3.0, -0.5, 0.0, 2.0, 3.5, 7.0])
    closed = {
        "linear rectifier": np.maximum(u - 3, 0) ** 2 / 2,
        "L0": np.where(u > 3, (u**2 - 9) / 2, 0),
        "negative sigmoid": -0.5 * np.log(np.cosh(u)),
        "cubic": u**4 / 400,
    }
    for name, expected in closed.items():
        found = primitive(NONLINEARITIES[name])(u)
        np.testing.assert_allclose(found, expected, atol=0.01, err_msg=name)


def test_the_gabor_has_the_largest_objective_on_the_bundled_photographs():
    pictures = load_pictures("photographs", None, reduction=3, rotations=1, skip_bad=False)
    patches = white_patches(pictures, 4000, 1)
    found = objectives(patches, 1)
    assert {item["best"] for item in found.values()} == {"Gabor"}
    assert set(candidates(1)) == set(found["L0"]["objective"])
    # Not so where only the power is natural.
    noise = objectives(white_patches(pictures, 4000, 1, shuffled=True), 1)
    assert max(item["lead"] for item in noise.values()) < min(
        item["lead"] for item in found.values()
    )


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photographs")
    for number, image in enumerate(bundled_photographs()):
        Image.fromarray(image[:120, :160].astype(np.uint8)).save(folder / f"{number}.png")
    return folder


def run(data, output, *more):
    arguments = ["--data", str(data), "--output", str(output), "--quick", "--cells", "2"]
    return receptive_fields.main([*arguments, "--reduction", "1", "--rotations", "2", *more])


@pytest.fixture
def made_up(monkeypatch):
    """Trainings that cost nothing: fields from the seed, one loop less to compile."""
    calls = []

    def train(parameters, patches, duration, seed, aim=None):
        calls.append(aim)
        rng = np.random.default_rng(seed + len(patches))
        made = rng.normal(size=(_fields_spiking.SAMPLES + 1, parameters.n_cells, SIZE, SIZE))
        rates = np.full((_fields_spiking.SAMPLES, parameters.n_cells), 3.0)
        more = {"rho_0": 5.0, "factor": 1.0, "first_rate": 2.0}
        return {"fields": made, "rates": rates} | more

    def filters(patches, name, sign, samples, seed):
        calls.append(name)
        return np.random.default_rng(seed + len(name)).normal(size=(9, SIZE, SIZE))

    monkeypatch.setattr(_fields_spiking, "train", train)
    monkeypatch.setattr(_fields_rate, "filters", filters)
    return calls


def test_interrupted_and_resumed_is_equal_to_uninterrupted(
    photographs, made_up, tmp_path, monkeypatch, capsys
):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert run(photographs, whole) == 0
    figures = {"rate.png", "whitening.png", "objectives.png", "fields.png", "measures.png"}
    assert {p.name for p in whole.iterdir()} == figures | {
        "results.json",
        "fields.npz",
        "summary.txt",
    }
    results = json.loads((whole / "results.json").read_text())
    assert results["data"]["pictures"] == 4
    assert set(results["results"]) == set(receptive_fields.PARTS)
    spiking = results["results"]["spiking"]
    assert spiking["untrained"]["cells"] == 2
    assert len(spiking["triplet STDP"]["course"]) == _fields_spiking.SAMPLES + 1
    # One way of whitening is that of the first part, whose filters serve again. Controls get the
    # rate of the first one to fire at, the other cells do not.
    assert made_up[9:14] == [None, (2.0, 3.0), (2.0, 3.0), None, None]
    with np.load(whole / "fields.npz") as arrays:
        assert arrays["spiking|triplet STDP"].shape == (2, SIZE, SIZE)
        assert arrays["ica|FastICA"].shape == (10, SIZE, SIZE)
    assert "GIF cells" in capsys.readouterr().out

    # The figures are there once.
    monkeypatch.setattr(OutputFolder, "figure", lambda *args: None)
    original = _fields_spiking.train

    def interrupted(*args):
        if len(made_up) == 26:
            raise KeyboardInterrupt
        return original(*args)

    with monkeypatch.context() as patch:
        patch.setattr(_fields_spiking, "train", interrupted)
        assert run(photographs, broken) == 130
    assert [p.name for p in broken.iterdir()] == ["unfinished"]
    assert run(photographs, broken, "--resume", "--seed", "2") == 2
    assert "seed = 1, this one has 2" in capsys.readouterr().err
    assert run(photographs, broken, "--resume") == 0
    again = json.loads((broken / "results.json").read_text())
    assert again["results"] == results["results"]


def test_bad_images_end_it_or_are_counted(photographs, made_up, tmp_path, capsys):
    for path in photographs.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "bad.jpg").write_bytes(b"no image")
    assert run(tmp_path, tmp_path / "out") == 2
    error = capsys.readouterr().err
    assert "bad.jpg: cannot be read as an image" in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()
    assert run(tmp_path, tmp_path / "out", "--skip-bad", "--part", "objectives, ica") == 0
    captured = capsys.readouterr()
    assert "warning: skipped" in captured.err
    assert "1 files were skipped as bad" in captured.err
    assert "objectives" in captured.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--reduction", "5"], "120 x 160 pixels; expected at least 160 x 160"),
        (["--part", "rate,nothing"], "--part 'nothing' is unknown; give all, or some of rate,"),
        (["--arbor", "-1"], "--arbor -1 is too low"),
        (["--data", "nowhere"], "nowhere: no such folder"),
        (["--stimuli", "speech"], "no spoken digit in it"),
    ],
)
def test_bad_options_end_with_status_2_one_line_and_no_output(
    photographs, tmp_path, capsys, arguments, message
):
    assert run(photographs, tmp_path / "out", *arguments) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_help_names_every_option(capsys):
    with pytest.raises(SystemExit):
        receptive_fields.main(["--help"])
    text = capsys.readouterr().out
    for item in fields(receptive_fields.Configuration):
        assert f"--{item.name.replace('_', '-')}" in text


def test_controls_are_brought_to_the_rates(monkeypatch):
    asked = []

    class Network:
        """Fires by its gain at first, and by rho_0 after learning."""

        def __init__(self, parameters, patches, seed):
            self.gain, self.rho_0 = float(parameters.gain / pA), float(parameters.rule.rho_0)

        def run(self, duration, samples=1, learning=True):
            if not learning:
                return Learned(np.zeros(1), np.full((1, 2), (self.gain / 40) ** 2))
            asked.append((float(duration), self.rho_0))
            weights = np.zeros((samples + 1, 2, SIZE**2, 2))
            return Learned(weights, np.full((samples, 2), 0.6 * self.rho_0))

    monkeypatch.setattr(_fields_spiking, "FieldNetwork", Network)
    parameters = _fields_spiking.conditions(2, None)[0].parameters
    patches = np.zeros((1, SIZE, SIZE))
    found = _fields_spiking.train(parameters, patches, 8.0, 1, (4.0, 3.9))
    # A square root of 4 gives 4 Hz; 6.5 Hz gives 3.9 Hz.
    assert found["factor"] == pytest.approx(2, rel=0.03)
    assert np.array(asked) == pytest.approx(np.array([(2, 5), (2, 6.5), (8, 6.5)]))
    assert found["rho_0"] == pytest.approx(6.5)
    assert found["fields"].shape == (_fields_spiking.SAMPLES + 1, 2, SIZE, SIZE)
    asked.clear()
    same = _fields_spiking.train(parameters, patches, 8.0, 1)
    assert (same["factor"], same["rho_0"], asked) == (1, 5, [(8, 5)])
