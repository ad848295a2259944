"""The house's own lints: each takes the text of a module and yields `(line, what is the matter)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src" / "warifu"
ROOMS = (
    "audit",
    "organisations",
    "notices",
    "cards",
    "credentials",
    "vault",
    "collection",
    "licences",
    "applications",
    "help",
    "folders",
    "customers",
)

Finding = tuple[int, str]


def no_clock(text: str) -> Iterator[Finding]:
    """A room never reads the clock: time enters at the door."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = f"{ast.unparse(node.func)}"
            if name in {"timezone.now", "datetime.now", "datetime.utcnow", "date.today", "datetime.today"}:
                yield node.lineno, f"{name}() in a room"


def keyword_only(text: str) -> Iterator[Finding]:
    """Public functions of `actions` and `queries` take keyword-only arguments."""
    for node in ast.parse(text).body:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        if node.args.args or node.args.posonlyargs or node.args.vararg:
            yield node.lineno, f"{node.name} takes positional arguments"


def documented(text: str) -> Iterator[Finding]:
    """Every public function and class says what it is for."""
    for node in ast.parse(text).body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        if ast.get_docstring(node) is None:
            yield node.lineno, f"{node.name} has no docstring"


def no_writing_outside_actions(text: str) -> Iterator[Finding]:
    """Doors and queries write nothing: no manager, no save, no delete of rows."""
    writing = {"save", "bulk_create", "bulk_update", "update_or_create", "get_or_create"}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute):
            if node.attr == "objects":
                yield node.lineno, "a manager outside a room"
            if node.attr in writing:
                yield node.lineno, f".{node.attr} outside actions"


def no_formatted_log(text: str) -> Iterator[Finding]:
    """A log line names its values; it is never put together from them (V-09, S-16)."""
    for node in ast.walk(ast.parse(text)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"debug", "info", "warning", "error", "exception", "critical"}
            and ast.unparse(node.func.value) in {"log", "_log", "logger", "logging"}
            and node.args
            and isinstance(node.args[0], ast.JoinedStr)
        ):
            yield node.lineno, "an f-string as a log event"


def no_bare_except(text: str) -> Iterator[Finding]:
    """Nothing is caught without being named."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ExceptHandler) and node.type is None:
            yield node.lineno, "a bare except"


def no_printing(text: str) -> Iterator[Finding]:
    """PDFs are made in `notices/papers.py` only, which fetches nothing."""
    for node in ast.walk(ast.parse(text)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        if any(name.split(".")[0] == "weasyprint" for name in names):
            yield node.lineno, "weasyprint outside notices/papers.py"


def modules(*folders: str, names: tuple[str, ...] = ()) -> Iterator[Path]:
    """The Python modules of some folders of the source; with `names`, only those in files or folders so named."""
    for folder in folders:
        for path in sorted((SOURCE / folder).rglob("*.py")):
            inside = path.relative_to(SOURCE / folder).parts
            if "migrations" in inside:
                continue
            if not names or inside[0].removesuffix(".py") in names:
                yield path
