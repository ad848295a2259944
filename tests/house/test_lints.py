"""The house's own lints, each shown on a good and a bad example and then run over the house."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from tests.house import lints
from tests.house.lints import ROOMS, SOURCE, Finding, modules

Lint = Callable[[str], Iterator[Finding]]

EXAMPLES: list[tuple[Lint, str, str]] = [
    (
        lints.no_clock,
        "def f(*, at): return at",
        "from django.utils import timezone\ndef f(): return timezone.now()",
    ),
    (lints.keyword_only, "def f(*, at): ...", "def f(at): ..."),
    (lints.documented, 'def f():\n    """Say."""', "def f(): ..."),
    (lints.no_writing_outside_actions, "rows = queries.people()", "rows = Member.objects.all()"),
    (lints.no_writing_outside_actions, "rows = form.cleaned_data", "member.save()"),
    (lints.no_formatted_log, "log.info('done', count=3)", "log.info(f'done {count}')"),
    (lints.no_printing, "from warifu.notices import papers", "def f():\n    from weasyprint.urls import URLFetcher"),
    (lints.no_bare_except, "try: ...\nexcept ValueError: ...", "try: ...\nexcept: ..."),
]


@pytest.mark.parametrize(("lint", "good", "bad"), EXAMPLES)
def test_it_tells_good_from_bad(lint: Lint, good: str, bad: str) -> None:
    assert list(lint(good)) == []
    assert list(lint(bad)) != []


def findings(lint: Lint, paths: Iterable[Path]) -> list[str]:
    return [
        f"{path.relative_to(SOURCE)}:{line} {what}"
        for path in paths
        for line, what in lint(path.read_text(encoding="utf-8"))
    ]


def test_no_room_reads_the_clock() -> None:
    assert findings(lints.no_clock, modules(*ROOMS, "foundation")) == []


def test_actions_and_queries_take_keyword_only_arguments() -> None:
    assert findings(lints.keyword_only, modules(*ROOMS, names=("actions", "queries"))) == []


def test_doors_of_rooms_are_documented() -> None:
    assert findings(lints.documented, modules(*ROOMS, names=("actions", "queries", "rules"))) == []


@pytest.mark.shows("V-01")
def test_only_actions_write() -> None:
    doors = modules("web", "api", "cli", "config")
    assert findings(lints.no_writing_outside_actions, doors) == []


@pytest.mark.shows("S-16")
def test_no_log_line_is_put_together_from_values() -> None:
    assert findings(lints.no_formatted_log, modules(".")) == []


def test_nothing_is_caught_unnamed() -> None:
    assert findings(lints.no_bare_except, modules(".")) == []


def test_only_papers_makes_pdfs() -> None:
    others = [path for path in modules(".") if path != SOURCE / "notices" / "papers.py"]
    assert findings(lints.no_printing, others) == []
