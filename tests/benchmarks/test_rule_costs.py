"""The table of what each rule costs."""

import json

import pytest
from brian2 import second

from benchmarks import rules
from benchmarks.workloads.rule import SPIKING_RULES, FeedForwardRule


def made_up(name, **seconds):
    """A result of `run_workload` with CPU seconds per biological second by target."""
    figures = {
        target: {
            "cpu_s_per_bio_s": {"median": cpu},
            "rate_post_hz": {"median": 15.0},
        }
        for target, cpu in seconds.items()
    }
    return {
        "settings": {"rule": name, "n_inputs": 10, "n_neurons": 4, "repeats": 3, "seconds": 1.0},
        "machine": {"cpu": "a processor", "cores": 2, "python": "3.11", "versions": {"numba": "1"}},
        "load_average": {"before": 0.5, "after": 1.25},
        "targets": figures,
        "kept": {"o1": "per postsynaptic neuron", "r1": "per presynaptic neuron", "w": "waits"},
    }


def test_costs_are_per_spike_and_synapse():
    result = made_up("PairSTDP", numba=1e-6, numpy=4e-6)
    # 40 synapses, 10 Hz of inputs and 15 Hz of cells: 1000 updates a second.
    assert rules.nanoseconds(result, "numba") == pytest.approx(1.0)
    assert rules.table({"PairSTDP": result}).splitlines()[2] == (
        "| `PairSTDP` | 1 | 4 | 4 | `o1`: per postsynaptic neuron; `r1`: per presynaptic neuron; "
        "`w`: waits |"
    )


def test_the_document_has_all_that_was_measured(tmp_path, monkeypatch, capsys):
    measured = {"PairSTDP": 2e-6, "Fixed": 1e-6}
    monkeypatch.setattr(
        rules,
        "measured",
        lambda name, seconds, repeats: made_up(name, numba=measured[name], numpy=8e-6),
    )
    kept, document = tmp_path / "kept.json", tmp_path / "costs.md"
    arguments = ["--kept", str(kept), "--document", str(document)]
    assert rules.main(["PairSTDP", *arguments]) == 0
    assert rules.main(["Fixed", *arguments]) == 0
    assert set(json.loads(kept.read_text())) == {"PairSTDP", "Fixed"}
    text = document.read_text()
    assert text.endswith("`Zenke`.\n") and "Not measured yet: `Clopath`, " in text
    assert text.index("| `Fixed` | 1 | 8 | 8 |") < text.index("| `PairSTDP` | 2 | 8 | 4 |")
    assert "load average 0.5 to 1.2 on\n2 cores" in text


@pytest.mark.parametrize("wrong", [["Nothing"], ["--repeats", "0"], ["--seconds", "0.1"]])
def test_wrong_options_are_refused(wrong, capsys):
    with pytest.raises(SystemExit) as stopped:
        rules.main(wrong)
    assert stopped.value.code == 2


def test_a_workload_for_every_spiking_rule():
    assert {"Fixed", "PairSTDP", "Clopath", "TDSTDP"} <= set(SPIKING_RULES)
    assert not {"Oja", "PlasticityRule"} & set(SPIKING_RULES)
    with pytest.raises(ValueError, match="rule must be one of Fixed, "):
        FeedForwardRule(rule="Oja")
    for name in SPIKING_RULES:
        workload = FeedForwardRule(rule=name, n_inputs=3, n_neurons=2)
        brian = workload.build(workload.draw(seed=1))
        assert len(brian.plastic) == 6


def test_rates_do_not_depend_on_the_weights():
    workload = FeedForwardRule(rule="PairSTDP", n_inputs=5, n_neurons=3)
    counts = []
    for scale in (0.0, 1.0):
        drawn = workload.draw(seed=1)
        brian = workload.build(drawn._replace(w=scale * drawn.w))
        brian.network.run(0.3 * second)
        counts.append(list(brian.monitor.count))
    assert counts[0] == counts[1]
    assert min(counts[0]) > 2


def test_where_the_engine_keeps_a_rules_variables():
    kept = rules.where_kept("PairSTDP")
    assert list(kept) == ["o1", "r1", "w"]
    assert kept["r1"] == "per presynaptic neuron"
