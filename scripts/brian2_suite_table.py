"""The outcomes of Brian 2's test suite as a document.

    python scripts/brian2_suite_table.py RESULT.json [RESULT.json ...] > docs/brian2_suite.md

Each RESULT.json comes from `brian2_suite.py --json` with another version of Brian 2 or another part
of its suite.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

EXPECTED = Path(__file__).with_name("brian2_suite_expected.toml")
PARTS = {
    "all": "all",
    "generating": "that generate code",
    "independent": "independent of code generation",
}


def document(results: list[dict]) -> str:
    """Markdown: the counts of each version, and every test that does not pass, with its reason."""
    reasons = {
        item["test"]: " ".join(item["reason"].split())
        for item in tomllib.loads(EXPECTED.read_text(encoding="utf-8"))["not_passing"]
    }
    lines = [
        "# Brian 2's own tests on the device `numba`",
        "",
        "Written by `scripts/brian2_suite_table.py` from the files of `brian2_suite.py --json`.",
        "",
        "| Brian 2 | tests | passes of the engine | passed | failed | skipped |",
        "|---|---|---|---:|---:|---:|",
    ]
    for result in results:
        counts = result["counts"]
        lines.append(
            f"| {result['brian2']} | {PARTS[result['part']]} "
            f"| {'all' if result['optimize'] else 'none'} "
            f"| {counts['passed']} | {counts['failed']} | {counts['skipped']} |"
        )
    lines += ["", "| test | outcome | Brian 2 | reason |", "|---|---|---|---|"]
    found: dict[tuple[str, str], list[str]] = {}
    for result in results:
        for outcome in result["outcomes"]:
            if outcome["outcome"] != "passed":
                key = (outcome["test"], outcome["outcome"])
                found.setdefault(key, []).append(result["brian2"])
    for (test, outcome), versions in sorted(found.items()):
        reason = reasons.get(test, "not understood yet")
        lines.append(f"| `{test}` | {outcome} | {', '.join(versions)} | {reason} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the document; a file that is missing or no result is one line and exit 2."""
    parser = argparse.ArgumentParser(prog="brian2_suite_table", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("results", nargs="+", type=Path, metavar="RESULT.json")
    found = []
    for path in parser.parse_args(arguments).results:
        try:
            found.append(json.loads(path.read_text(encoding="utf-8")))
            found[-1]["brian2"], found[-1]["outcomes"]
        except (OSError, ValueError, TypeError, KeyError) as error:
            parser.error(f"{path} is no result of brian2_suite.py --json: {error}")
    print(document(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
