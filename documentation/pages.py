"""What a page of a rule or a neuron model says by itself: everything that the class knows."""

import inspect
import posixpath
from dataclasses import MISSING, fields
from itertools import product
from textwrap import dedent
from typing import Any

from brian2 import (
    NeuronGroup,
    Quantity,
    Synapses,
    get_unit,
    have_same_dimensions,
    ms,
    start_scope,
)

from documentation.catalogue import DOCS, PAGES
from documentation.docstrings import markdown
from spikeplast.neurons.adex import PATTERNS, AdEx
from spikeplast.neurons.izhikevich import TYPES, Izhikevich
from spikeplast.parameters import Parameters
from spikeplast.plasticity import (
    ClockDrivenRule,
    PlasticityRule,
    RateRule,
    TripletSTDP,
    TsodyksMarkram,
)
from spikeplast.plasticity.rule import PAIRINGS
from spikeplast.plasticity.triplet_stdp import MODELS

#: Arguments of the named parameter sets that need some.
_NAMES: dict[Any, list[tuple[Any, ...]]] = {
    (TripletSTDP, "visual_cortex"): list(product(PAIRINGS, MODELS)),
    (TripletSTDP, "hippocampus"): list(product(PAIRINGS, MODELS)),
    (Izhikevich, "named"): [(kind,) for kind in TYPES],
    (AdEx, "naud"): [(pattern,) for pattern in PATTERNS],
}


def generated(folder: str, name: str) -> str:
    """The part of `docs/FOLDER/NAME.md` below its text by hand, as Markdown."""
    made = PAGES[folder][name]()
    script = (DOCS / folder / f"{name}.py").read_text(encoding="utf-8")
    parts = [
        f"![Figure made by the script below.]({name}.png)",
        f"## Script\n\n[Download]({name}.py)\n\n{_code(script, 'python')}",
        f"## What it does\n\n{markdown(type(made))}",
        f"## Equations\n\n{equations(made)}",
        f"## Parameters\n\n{parameters(type(made))}",
        sets(type(made)),
        _source(made),
    ]
    return "\n\n".join(part for part in parts if part)


def index(folder: str, start: str) -> str:
    """A table of the folder's pages, linked from the folder `start`, with what each class is."""
    path = posixpath.relpath(folder, start)
    rows = [
        f"| [{name}]({path}/{name}.md) | {markdown(item).splitlines()[0].rstrip('.')} |"
        for name, item in PAGES[folder].items()
    ]
    return "\n".join(["| class | |", "|---|---|", *rows])


def parameters(item: type) -> str:
    """A table of the parameters with default, unit and allowed range."""
    rows = []
    for field in fields(item):  # type: ignore[arg-type]
        default = field.default if field.default_factory is MISSING else field.default_factory()
        expected = field.metadata.get("expected")
        if expected is None:
            shown = f"`{default!r}`" if isinstance(default, (str, int)) else _kind(default)
            rows.append(f"| `{field.name}` | {shown} | | see above |")
            continue
        limits = [
            f"{sign} {limit:g}"
            for sign, limit in (
                (">", expected.above),
                ("≥", expected.at_least),
                ("≤", expected.at_most),
            )
            if limit is not None
        ]
        if expected.optional:
            limits.append("or None")
        unit = "" if expected.unit is None else _unit(expected.unit)
        rows.append(
            f"| `{field.name}` | {_number(default, expected.unit)} | {unit} "
            f"| {', '.join(limits) or 'any'} |"
        )
    if not rows:
        return "None."
    return "\n".join(["| name | default | unit | allowed |", "|---|---:|---|---|", *rows])


def sets(item: type) -> str:
    """A table of the named parameter sets, with what differs from the defaults; "" if none."""
    default = item()
    made: dict[str, Any] = {}
    for name, method in vars(item).items():
        if not isinstance(method, classmethod) or name.startswith("_"):
            continue
        bound = getattr(item, name)
        needed = [
            parameter.name
            for parameter in inspect.signature(bound).parameters.values()
            if parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD
        ]
        for arguments in _NAMES.get((item, name), [()]):
            if not needed or arguments:
                made[f"{name}({', '.join(map(repr, arguments))})"] = bound(*arguments)
            else:
                made[f"{name}({', '.join(f'{given}=...' for given in needed)})"] = None
    if not made:
        return ""
    units = {
        field.name: field.metadata["expected"].unit if "expected" in field.metadata else None
        for field in fields(item)  # type: ignore[arg-type]
    }
    shown = [
        name
        for name in units
        if any(
            _differs(getattr(other, name), getattr(default, name))
            for other in made.values()
            if other
        )
    ]
    heads = [
        f"`{name}`" + (f" ({_unit(units[name])})" if units[name] is not None else "")
        for name in shown
    ]
    lines = [
        f"| {' | '.join(['set', *heads])} |",
        "|---|" + "---:|" * len(heads),
    ]
    for call, other in made.items():
        values = [
            "see above" if other is None else _number(getattr(other, name), units[name])
            for name in shown
        ]
        lines.append(f"| {' | '.join([f'`{call}`', *values])} |")
    return (
        f"## Named parameter sets\n\nOf `{item.__name__}`; what is not in the table is as above."
        "\n\n" + "\n".join(lines)
    )


def equations(made: Parameters) -> str:
    """The equations with default parameters, as Brian 2 gets them."""
    if isinstance(made, PlasticityRule):
        return _of_rule(made)
    if isinstance(made, TsodyksMarkram):
        return "\n\n".join(
            [
                "For each synapse:",
                _code(made.equations),
                "At a presynaptic spike, which then has the effect `gain * w * released`:",
                _code("\n".join(made.on_spike)),
            ]
        )
    return _of_model(made)


def _of_model(made: Any) -> str:
    parts = ["With the default parameters:", _code(made.equations)]
    parts += [f"Spike where `{made.threshold}`; no other for `{made.refractory_text}`."]
    if made.reset:
        parts += ["Then:", _code(made.reset)]
    method = made.method
    step = f"`{method}`" if isinstance(method, str) else "a step of the model's own (see above)"
    parts.append(f"Integration: {step}.")
    return "\n\n".join(parts)


def _of_rule(rule: PlasticityRule) -> str:
    start_scope()
    synapses = _synapses(rule)
    target = synapses.target
    # Those that are event-driven Brian 2 keeps apart, with the others once more.
    own = dict(synapses.equations) | dict(synapses.event_driven or {})
    text = "\n".join(map(str, own.values()))
    parts = ["With the default parameters, and without transmission. For each synapse:"]
    parts.append(_code(text))
    for pathway in synapses._pathways:
        if pathway.code:
            side = "presynaptic" if pathway.prepost == "pre" else "postsynaptic"
            late = ", after all spikes of the same step" if pathway.order > 1 else ""
            parts += [f"At a {side} spike{late}:", _code(pathway.code)]
    parts += _regularly(synapses, "each synapse")
    if isinstance(rule, ClockDrivenRule):
        if rule.target_equations:
            parts += ["The target gets", _code(rule.target_equations)]
        parts += _regularly(target, "each target neuron")
    derived = [
        f"`{name}` = {_number(value, None)}"
        for name, value in synapses.namespace.items()
        if name not in {field.name for field in fields(rule)} | {"gain", "w_min", "w_max"}
    ]
    if derived:
        parts.append(f"With {', '.join(derived)}.")
    return "\n\n".join(parts)


def _synapses(rule: PlasticityRule) -> Synapses:
    """Synapses of the rule between groups that have whatever it needs."""
    activity = "x : 1\nexplained : 1" if isinstance(rule, RateRule) else "unused : 1"
    source = NeuronGroup(1, activity, threshold="False", reset="", name="inputs")
    lines = ["y : 1"]
    if isinstance(rule, ClockDrivenRule):
        lines = [
            f"{name} : {1 if have_same_dimensions(unit, 1) else repr(get_unit(unit.dim))}"
            for name, unit in rule.needs.items()
            if name != "lastspike"
        ]
        lines.append(rule.target_equations)
    target = NeuronGroup(2, "\n".join(lines), threshold="False", refractory=1 * ms, name="cells")
    return rule.synapses(source, target, acts_on=None, name="synapses")


def _regularly(owner: Any, where: str) -> list[str]:
    parts = []
    for operation in owner.contained_objects:
        if not hasattr(operation, "abstract_code") or operation in getattr(owner, "_pathways", ()):
            continue
        if operation.name.endswith(("stateupdater", "thresholder", "resetter")):
            continue
        dt = operation.clock.dt
        often = "In each time step" if operation.clock is owner.clock else f"Every {dt / ms:g} ms"
        parts += [
            f"{often}, at {where} (slot `{operation.when}`, order {operation.order}):",
            _code(operation.abstract_code),
        ]
    return parts


def _differs(a: Any, b: Any) -> bool:
    # Quantities cannot be compared with None.
    return a is not b and (a is None or b is None or bool(a != b))


def _source(made: Any) -> str:
    if not made.citation:
        return ""
    return f"## Source\n\n{_code(made.citation, 'bibtex')}"


def _code(text: str, language: str = "text") -> str:
    return f"```{language}\n{dedent(text).strip()}\n```"


def _kind(value: Any) -> str:
    return "None" if value is None else f"`{type(value).__name__}()`"


def _number(value: Any, unit: Any) -> str:
    if value is None or isinstance(value, str):
        return str(value)
    if unit is not None:
        return f"{float(value / unit):.6g}"
    return str(value) if isinstance(value, Quantity) else f"{float(value):.6g}"


def _unit(unit: Any) -> str:
    return "" if have_same_dimensions(unit, 1) else str(unit)
