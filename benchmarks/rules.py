"""What each spiking rule of the library costs, and where its traces are kept.

    python -m benchmarks.rules [RULE ...] [--seconds T] [--repeats N] [--document FILE.md]

Each rule runs on the same feed-forward network (`workloads/rule`), on the engine, on Brian 2's
NumPy target and, if there is a compiler, on C++ standalone; what is timed is what
`benchmarks.measure` says. Results are kept in results/rule_costs.json, where those of rules
not named stay, so that rules can be measured one after the other; `--document` writes the table of
all that is there.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from brian2 import Network, prefs, set_device

import spikeplast
from benchmarks.session import ROOT, MeasurementError, run_workload
from benchmarks.workloads.rule import SPIKING_RULES, FeedForwardRule
from experiments.common.command_line import OneLineParser, exit_status
from experiments.common.output import OutputFolder

KEPT = ROOT / "results" / "rule_costs.json"
#: How much longer the engine runs: in the time of the others it would need too little to be timed.
LONGER = 20
TITLES = {"numba": "engine", "cpp_standalone": "C++ standalone", "numpy": "NumPy"}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = OneLineParser(prog="python -m benchmarks.rules", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("rules", nargs="*", metavar="RULE", help="default: all")
    parser.add_argument("--seconds", type=float, default=FeedForwardRule.seconds)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--document", type=Path, help="Markdown file to write the table to")
    parser.add_argument("--kept", type=Path, default=KEPT, help="file of results")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.rules) - set(SPIKING_RULES))
    if unknown:
        parser.error(f"no rule {', '.join(unknown)}; there are {', '.join(SPIKING_RULES)}")
    if options.repeats < 1 or not options.seconds >= 2 * FeedForwardRule.short:
        parser.error(f"--repeats has to be at least 1, --seconds {2 * FeedForwardRule.short}")
    return exit_status("benchmarks.rules", lambda: run(options))


def run(options: argparse.Namespace) -> int:
    """Measure, print and write what the command line says; 0, or 1 if a measurement fails."""
    folder = OutputFolder(options.kept.resolve().parent)
    document_folder = OutputFolder(options.document.resolve().parent) if options.document else None
    kept = json.loads(options.kept.read_text()) if options.kept.exists() else {}
    for name in options.rules or SPIKING_RULES:
        try:
            kept[name] = measured(name, options.seconds, options.repeats)
        except MeasurementError as error:
            print(f"benchmarks.rules: {error}", file=sys.stderr)
            return 1
        folder.json(options.kept.name, kept)
    print(table(kept))
    if document_folder is not None:
        text = document({name: kept[name] for name in SPIKING_RULES if name in kept})
        document_folder.text(options.document.name, text)
    return 0


def measured(name: str, seconds: float, repeats: int) -> dict[str, Any]:
    """The results of `run_workload` for a rule in one, and where the engine keeps its variables."""
    others = [*(["cpp_standalone"] if shutil.which("g++") else []), "numpy"]
    result = run_workload("rule", {"rule": name}, others, seconds, repeats)
    engine = run_workload("rule", {"rule": name}, ["numba"], LONGER * seconds, repeats)
    return result | {
        "targets": engine["targets"] | result["targets"],
        "load_average": {
            "before": result["load_average"]["before"],
            "after": engine["load_average"]["after"],
        },
        "kept": where_kept(name),
    }


def where_kept(name: str) -> dict[str, str]:
    """Variables of a rule's synapses by name, with what `spikeplast.explain` says of them."""
    workload = FeedForwardRule(rule=name)
    prefs.codegen.target = "numpy"
    set_device("numba")
    try:
        network: Network = workload.build(workload.draw(seed=1)).network
        told = {
            variable: where
            for owner, variable, where in spikeplast.explain(network, namespace={}).variables
            if owner == "synapses"
        }
        synapses = next(obj for obj in network.objects if obj.name == "synapses")
        names = {*synapses.equations, *(synapses.event_driven or {})} - {"learning_rate"}
        ordered = sorted(names, key=lambda name: (name == "w", name))
        return {name: told.get(name, "per synapse") for name in ordered}
    finally:
        set_device("runtime")


def nanoseconds(result: dict[str, Any], target: str) -> float:
    """Median CPU time per weight update."""
    figures = result["targets"][target]
    sizes = {name: result["settings"][name] for name in ("n_inputs", "n_neurons")}
    updates = FeedForwardRule(**sizes).updates(figures["rate_post_hz"]["median"])
    return 1e9 * figures["cpu_s_per_bio_s"]["median"] / updates


def table(kept: dict[str, Any]) -> str:
    """Nanoseconds per weight update of all rules, as a Markdown table."""
    targets = [target for target in TITLES if all(target in r["targets"] for r in kept.values())]
    others = targets[1:]
    heads = ["rule", *(f"{TITLES[target]}, ns" for target in targets)]
    heads += [f"x {TITLES[target]}" for target in others] + ["where the engine keeps it"]
    lines = [f"| {' | '.join(heads)} |", f"|---|{'---:|' * (len(targets) + len(others))}---|"]
    for name, result in kept.items():
        costs = {target: nanoseconds(result, target) for target in targets}
        cells = [f"`{name}`", *(f"{cost:.3g}" for cost in costs.values())]
        cells += [f"{costs[other] / costs['numba']:.3g}" for other in others]
        places: dict[str, list[str]] = {}
        for variable, where in result["kept"].items():
            places.setdefault(where, []).append(f"`{variable}`")
        cells.append("; ".join(f"{', '.join(names)}: {where}" for where, names in places.items()))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def document(kept: dict[str, Any]) -> str:
    """The page `docs/rule_costs.md`."""
    first = next(iter(kept.values()))
    settings, machine = first["settings"], first["machine"]
    loads = [load for result in kept.values() for load in result["load_average"].values()]
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    return f"""# CPU cost per weight update

Written by `python -m benchmarks.rules --document docs/rule_costs.md`: CPU time of the whole time
loop divided by the number of weight updates, which are counted alike for all rules: each spike of
an input or of a cell is one at each of its synapses. `Fixed`, weights that do not change, is what
the network costs without a rule. Rules that also act in each time step do more than is counted; on
the engine most of that is done per neuron, as the last column says, in the words of
`spikeplast.explain`.

{settings["n_inputs"]} Poisson inputs at 10 Hz on {settings["n_neurons"]} cells at about
{first["targets"]["numba"]["rate_post_hz"]["median"]:.0f} Hz, all to all, steps of 0.1 ms, default
parameters; medians of {settings["repeats"]} measurements of {settings["seconds"]:g} biological
seconds, {LONGER} times as long for the engine, one thread. {machine["cpu"]},
Python {machine["python"]}, {versions}; load average {min(loads):.1f} to {max(loads):.1f} on
{machine["cores"]} cores (other work ran at the same time if it was above 1).

{table(kept)}

x TARGET: how many times less CPU time the engine took.
{_missing(kept)}"""


def _missing(kept: dict[str, Any]) -> str:
    names = [f"`{name}`" for name in SPIKING_RULES if name not in kept]
    return f"\nNot measured yet: {', '.join(names)}.\n" if names else ""


if __name__ == "__main__":
    sys.exit(main())
