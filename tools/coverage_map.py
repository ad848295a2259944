"""Write docs/coverage.md: every seed item and rule with the tests that show it (`make map`).

Reads the ids from docs/requirements/ and the marks `@pytest.mark.shows(...)` from the tests' syntax trees. With
`--check` nothing is written: the page must be fresh and every id must be known.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "coverage.md"
LINE = re.compile(r"^- ((?:00\d-\d+)|(?:[A-Z]-\d\d)) (.+)$")


def requirements() -> dict[str, tuple[str, str]]:
    """Each id with its section's title and its text, in the order of the lists."""
    found: dict[str, tuple[str, str]] = {}
    for name in ("seeds", "rules"):
        section = ""
        for line in (ROOT / "docs" / "requirements" / f"{name}.md").read_text(encoding="utf-8").splitlines():
            if line.startswith("## "):
                section = line[3:]
            elif match := LINE.match(line):
                found[match[1]] = (section, match[2])
    return found


def shown() -> dict[str, list[str]]:
    """Each id with the tests that carry it: functions, classes and whole modules (`pytestmark`)."""
    tests: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for name, marks in _marked(tree.body, ""):
            for requirement in marks:
                tests.setdefault(requirement, []).append(f"{path.relative_to(ROOT)}::{name}")
    return tests


def _marked(body: list[ast.stmt], prefix: str) -> list[tuple[str, list[str]]]:
    cases = {
        target.id: _ids(node.value, {})
        for node in body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id != "pytestmark"
    }
    found = []
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            marks = [mark for decorator in node.decorator_list for mark in _ids(decorator, cases)]
            if marks:
                found.append((f"{prefix}{node.name}", marks))
            if isinstance(node, ast.ClassDef):
                found.extend(_marked(node.body, f"{prefix}{node.name}::"))
    return found


def _ids(part: ast.expr, cases: dict[str, list[str]]) -> list[str]:
    """The ids of the marks in an expression: a test's own, those of single cases (`pytest.param(…, marks=…)`), and
    those of the lists of cases that it names."""
    found: list[str] = []
    for node in ast.walk(part):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "shows":
            found += [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
        elif isinstance(node, ast.Name):
            found += cases.get(node.id, [])
    return found


def page() -> tuple[str, list[str]]:
    """The page, and the ids that tests name but no list knows."""
    wanted, tests = requirements(), shown()
    open_count = sum(1 for key in wanted if key not in tests and not wanted[key][1].startswith("refused:"))
    lines = [
        "# What works: every item and rule, and the tests that show it",
        "",
        "Made by `make map` from docs/requirements/ and the tests' marks; do not edit.",
        "",
        f"{len(wanted)} ids: {sum(1 for key in wanted if key in tests)} shown, {open_count} not yet.",
    ]
    section = None
    for key, (title, text) in wanted.items():
        if title != section:
            section = title
            lines += ["", f"## {title}", "", "| id | what | shown by |", "|---|---|---|"]
        if text.startswith("refused:"):
            where = "refused, because " + text.removeprefix("refused:").strip().rstrip(".")
        else:
            where = "<br>".join(f"`{test}`" for test in tests.get(key, [])) or "not yet"
        lines.append(f"| {key} | {text} | {where} |")
    return "\n".join(lines) + "\n", sorted(set(tests) - set(wanted))


def main() -> int:
    """Write the page, or check it; returns the exit code."""
    text, unknown = page()
    if unknown:
        print(f"Tests show ids that docs/requirements/ does not know: {', '.join(unknown)}")
        return 1
    if "--check" in sys.argv:
        if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
            print("docs/coverage.md is stale: run `make map`.")
            return 1
        return 0
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
