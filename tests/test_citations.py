"""What to cite: BibTeX of every rule and model, and `spikeplast.cite` of networks."""

import inspect

import pytest
from brian2 import Hz, Network, NeuronGroup, PoissonGroup, Synapses, get_device, ms, second
from brian2.devices.device import all_devices

import spikeplast as sp
from spikeplast.neurons import ConductanceLIF, CurrentLIF, NeuronModel, NMDAInput
from spikeplast.plasticity import (
    Fixed,
    PairSTDP,
    PlasticityRule,
    TripletSTDP,
    TsodyksMarkram,
    normalise_incoming,
    scale_to_rate,
)
from spikeplast.references import _library, bibtex, entries, remember_source

EXPORTED = [
    item
    for part in (sp.neurons, sp.plasticity)
    for item in (getattr(part, name) for name in part.__all__)
    if inspect.isclass(item)
    and issubclass(item, (PlasticityRule, NeuronModel, TsodyksMarkram))
    and not inspect.isabstract(item)
    and item is not Fixed
]


@pytest.mark.parametrize("made", EXPORTED, ids=lambda made: made.__name__)
def test_every_rule_and_model_cites_papers(made):
    cited = entries(made.citation)
    assert cited
    assert "\n\n".join(cited.values()) == made.citation


def test_entries_of_the_bibliography_are_whole():
    library = _library()
    assert len(library) > 25
    for key, entry in library.items():
        assert entry.count("{") == entry.count("}"), key
        for field in ("author", "title", "year"):
            assert f"\n  {field} = {{" in entry, (key, field)
        # Books of that time have no DOI.
        assert entry.startswith("@book") or "\n  doi = {10." in entry, key


def test_an_unknown_key_is_an_error():
    with pytest.raises(KeyError, match="Nobody1900"):
        bibtex("Nobody1900")


def test_entries_on_one_line_and_text_around_them():
    text = "See also\n@article{A1, title={x @ y}}\n@book{B2,\n title = {z},\n}\n"
    assert entries(text) == {
        "A1": "@article{A1, title={x @ y}}",
        "B2": "@book{B2,\n title = {z},\n}",
    }


def test_cite_finds_rules_models_and_what_acts_on_synapses():
    inputs = PoissonGroup(3, rates=10 * Hz)
    cells = ConductanceLIF().group(2, extra_equations="w_total : 1\nrate_average : Hz", name="c")
    learning = TripletSTDP().synapses(
        inputs, cells, acts_on="g_e", short_term=TsodyksMarkram(), name="learning"
    )
    learning.connect()
    normalise_incoming(learning, total=1, every=1 * second)
    scale_to_rate(learning, rate=5 * Hz, tau=10 * second, tau_rate=1 * second, every=1 * second)
    twin = PairSTDP().synapses(inputs, cells, acts_on="g_e", name="twin")
    cited = sp.cite(Network(inputs, cells, learning, twin))
    assert set(cited.entries) == {
        "Brette2007", "Pfister2006", "Tsodyks1998", "Diehl2015", "Turrigiano1998", "VanRossum2000",
        "Song2000", "Guetig2003", "Stimberg2019", "spikeplast",
    }  # fmt: skip
    assert cited.uses["Brette2007"] == ["ConductanceLIF (c)"]
    assert cited.uses["Song2000"] == ["PairSTDP (twin)"]
    assert cited.uses["Diehl2015"] == ["normalise_incoming (learning)"]
    # Software comes last.
    assert list(cited.entries)[-2:] == ["Stimberg2019", "spikeplast"]


def test_the_text_is_a_bibtex_file():
    inputs = PoissonGroup(3, rates=10 * Hz)
    twin = PairSTDP().synapses(inputs, inputs, acts_on=None, name="twin")
    other = PairSTDP().synapses(inputs, inputs, acts_on=None, name="other")
    both = sp.cite(Network(inputs, twin, other))
    assert both.uses["Song2000"] == ["PairSTDP (other)", "PairSTDP (twin)"]
    text = str(both)
    assert entries(text) == both.entries
    assert "% PairSTDP (other), PairSTDP (twin)\n@article{Song2000," in text
    assert f"Version {sp.__version__}" in text
    assert repr(both) == text


def test_a_model_cites_its_synaptic_input_too():
    cells = sp.neurons.AdEx(inputs=NMDAInput()).group(1)
    assert {"Brette2005", "Jahr1990"} <= set(sp.cite(Network(cells)).entries)


def test_a_network_without_anything_of_ours_cites_brian(monkeypatch):
    cells = NeuronGroup(2, "dv/dt = -v/(10*ms) : 1", threshold="v > 1")
    synapses = Synapses(cells, cells, on_pre="v += 0.1")
    network = Network(cells, synapses)
    assert list(sp.cite(network).entries) == ["Stimberg2019"]
    assert get_device() is not all_devices["numba"]
    monkeypatch.setattr("spikeplast.citations.get_device", lambda: all_devices["numba"])
    assert list(sp.cite(network).entries) == ["Stimberg2019", "Lam2015", "spikeplast"]


def test_without_a_network_the_one_of_run_is_cited():
    cells = CurrentLIF().group(1, name="cells_of_run")  # noqa: F841
    assert sp.cite().uses["Vogels2005"] == ["CurrentLIF (cells_of_run)"]


@pytest.mark.parametrize("wrong", ["network", 3, [1], PairSTDP()])
def test_something_else_than_a_network_is_refused(wrong):
    with pytest.raises(TypeError, match=r"cite\(\) needs a Network, not"):
        sp.cite(wrong)


def test_a_citation_of_the_users_own_that_is_not_bibtex_is_a_comment():
    cells = NeuronGroup(1, "v : 1", name="cells")
    remember_source(cells, "MyRule", "Me & You\n(2020)")
    remember_source(cells, "Silent", "")
    cited = sp.cite(Network(cells))
    assert cited.others == [("MyRule (cells)", "Me & You\n(2020)")]
    assert str(cited).endswith("% MyRule (cells): Me & You (2020)")
    assert "Silent" not in str(cited)


def test_an_attribute_of_ours_does_not_hide_a_variable():
    cells = CurrentLIF().group(1, extra_equations="sources : 1")
    cells.sources = 2
    assert cells.sources[0] == 2
    assert 5 * ms == cells.namespace["tau_e"]
