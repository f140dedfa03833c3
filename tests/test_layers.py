"""Who imports whom, as docs/architecture.md says: read from the sources, nothing is run."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
#: What models and rules share.
SHARED = {"spikeplast.exact_solution", "spikeplast.parameters", "spikeplast.references"}
#: What the files of a folder may import of ours.
MAY_IMPORT = {
    "spikeplast/engine": {"spikeplast.engine"},
    "spikeplast/neurons": {"spikeplast.neurons", *SHARED},
    "spikeplast/plasticity": {"spikeplast.plasticity", *SHARED},
    "spikeplast/analysis": {"spikeplast.analysis"},
    "spikeplast/stimuli": {"spikeplast.stimuli"},
    "spikeplast/plotting": {"spikeplast.plotting"},
    "spikeplast/credit": {"spikeplast.credit"},
    "spikeplast": {"spikeplast"},
    "models": {"models", "spikeplast"},
    "experiments": {"experiments", "models", "spikeplast"},
}
OURS = ("spikeplast", "models", "experiments", "benchmarks", "documentation", "scripts", "tests")


def imported(file):
    """Modules that a file imports, with dots; relative imports as absolute ones."""
    package = file.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            module = [*start, *(node.module.split(".") if node.module else [])]
            # What is imported from a package may be a module of it.
            yield from (".".join([*module, alias.name]) for alias in node.names)


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_arrows_point_down_only(folder):
    files = sorted((ROOT / folder).rglob("*.py"))
    assert files
    for file in files:
        for name in imported(file):
            if name.split(".")[0] in OURS:
                allowed = any(f"{name}.".startswith(f"{part}.") for part in MAY_IMPORT[folder])
                assert allowed, f"{file.relative_to(ROOT)} imports {name}"


@pytest.mark.parametrize("folder", ["analysis", "stimuli", "credit"])
def test_what_knows_arrays_only_does_without_brian(folder):
    for file in sorted((ROOT / "spikeplast" / folder).rglob("*.py")):
        assert not any(name.split(".")[0] == "brian2" for name in imported(file)), file


def test_the_architecture_names_every_module_of_the_engine():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for path in sorted((ROOT / "spikeplast" / "engine").glob("[!_]*")):
        name = f"{path.name}/" if path.is_dir() else path.stem
        assert f"`{name}`" in text, name
