"""One search over all help: titles first, then leads and keywords, then texts (003-1, 003-3).

The database gives at most `MOST` candidates of each rank; they are weighed here. Questions are compared by their normal
forms, so kana, width and long marks do not matter, and two letters are enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from warifu.help.articles import synonyms
from warifu.help.models import IndexEntry, SynonymGroup
from warifu.help.rules import searching
from warifu.help.rules.searching import Fields, Piece, Term
from warifu.help.rules.volumes import Kind, Reader

PAGE = 20
MOST = 200
EXCERPT = 110
_WEIGHTS = {
    Kind.FAQ.value: 3.0,
    Kind.MANUAL.value: 2.5,
    Kind.TIP.value: 1.5,
    Kind.PROCEDURE.value: 0.5,
    Kind.REFUSAL.value: -4.0,
}
"""What lifts a kind of document among equals: what people wrote to explain comes before refusals."""
_COLUMNS = ("id", "kind", "normal_title", "normal_head", "normal_text")


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A document that answers, as the list of results shows it."""

    key: str
    kind: Kind
    reader: Reader
    volume: str
    chapter: str
    title: tuple[Piece, ...]
    lead: tuple[Piece, ...]
    excerpt: tuple[Piece, ...]
    pictures: int


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a search found: one page of it, how many in all, and whether words had to be left out to find anything."""

    hits: tuple[Hit, ...]
    count: int
    is_more: bool
    is_partial: bool
    has_next: bool


@dataclass(frozen=True, slots=True)
class _Row:
    id: int
    kind: str
    fields: Fields


NOTHING = Found(hits=(), count=0, is_more=False, is_partial=False, has_next=False)


def search(
    *,
    query: str,
    organisation_id: UUID | None,
    reader: Reader | None = None,
    kind: Kind | None = None,
    page: int = 1,
    in_english: bool = False,
) -> Found:
    """A page of what answers a question, for a reader of an organisation, or of none.

    Where no document answers every word, those that answer some are found, and `is_partial` says so. Words
    put together are taken apart where they find nothing. Three to eleven queries, each with an end.
    """
    groups = searching.groups_of([*synonyms(), *_own_groups()])
    terms = searching.terms_of(query, groups)
    if not terms:
        return NOTHING
    rows, is_more = _candidates(terms, organisation_id, reader, kind, is_any=False)
    if not rows and (parts := searching.terms_of(query, groups, in_parts=True)) != terms:
        terms = parts
        rows, is_more = _candidates(terms, organisation_id, reader, kind, is_any=False)
    is_partial = not rows and sum(term.is_required for term in terms) > 1
    if is_partial:
        rows, is_more = _candidates(terms, organisation_id, reader, kind, is_any=True)
    weighed = sorted(rows, key=lambda row: (-searching.score(row.fields, terms) - _WEIGHTS[row.kind], row.id))
    start = (max(page, 1) - 1) * PAGE
    part = [row.id for row in weighed[start : start + PAGE]]
    shown = IndexEntry.objects.in_bulk(part)
    return Found(
        hits=tuple(_hit(shown[id_], terms, in_english=in_english) for id_ in part if id_ in shown),
        count=len(weighed),
        is_more=is_more,
        is_partial=is_partial and bool(rows),
        has_next=len(weighed) > start + PAGE,
    )


def _own_groups() -> list[list[str]]:
    return list(SynonymGroup.objects.values_list("words", flat=True))


def _candidates(
    terms: Sequence[Term],
    organisation_id: UUID | None,
    reader: Reader | None,
    kind: Kind | None,
    *,
    is_any: bool,
) -> tuple[list[_Row], bool]:
    required = [term for term in terms if term.is_required]
    found: dict[int, _Row] = {}
    is_more = False
    for column in ("title", "head", "body"):
        rows = _asked(column, required, organisation_id, reader, kind, is_any=is_any)
        is_more = is_more or len(rows) == MOST
        found.update((row.id, row) for row in rows)
        if len(found) >= MOST:
            break
    if not is_any:
        return [row for row in found.values() if searching.fits(row.fields, required)], is_more
    return [row for row in found.values() if searching.score(row.fields, required)], is_more


def _asked(
    column: str,
    terms: Sequence[Term],
    organisation_id: UUID | None,
    reader: Reader | None,
    kind: Kind | None,
    *,
    is_any: bool,
) -> list[_Row]:
    is_postgresql = connection.vendor == "postgresql"
    condition, values = (_arrays if is_postgresql else _match)(column, terms, is_any=is_any)
    conditions = [condition]
    if organisation_id is None:
        conditions.append("e.organisation_id IS NULL")
    else:
        conditions.append("(e.organisation_id IS NULL OR e.organisation_id = %s)")
        values.append(organisation_id if is_postgresql else organisation_id.hex)
    if reader is not None:
        conditions.append("e.reader IN (%s, 'everybody')")
        values.append(reader.value)
    if kind is not None:
        conditions.append("e.kind = %s")
        values.append(kind.value)
    sql = (
        f"SELECT {', '.join(f'e.{name}' for name in _COLUMNS)} FROM help_tokens t"  # noqa: S608
        f" JOIN help_indexentry e ON e.id = {'t.entry_id' if is_postgresql else 't.rowid'}"
        f" WHERE {' AND '.join(conditions)} LIMIT {MOST}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [
            _Row(id_, kind, Fields(title=title, head=head, text=text))
            for id_, kind, title, head, text in cursor.fetchall()
        ]


def _match(column: str, terms: Sequence[Term], *, is_any: bool) -> tuple[str, list[Any]]:
    """The condition for SQLite's FTS5: phrases of tokens, in some columns of the table."""
    groups = [" OR ".join(_phrase(form) for form, _weight in term.forms) for term in terms]
    joined = (" OR " if is_any else " AND ").join(f"({group})" for group in groups)
    columns = {"title": "{title} : ", "head": "{title head} : ", "body": ""}[column]
    return "help_tokens MATCH %s", [f"{columns}({joined})"]


def _phrase(form: str) -> str:
    listed, is_beginning = searching.phrase(form)
    words = " ".join(listed).replace('"', '""')
    return f'"{words}"{" *" if is_beginning else ""}'


def _arrays(column: str, terms: Sequence[Term], *, is_any: bool) -> tuple[str, list[Any]]:
    """The condition for PostgreSQL: arrays of tokens that hold those wanted, and the words side by side."""
    groups, values = [], []
    for term in terms:
        held = []
        for form, _weight in term.forms:
            held.append(
                f"(t.{column} @> %s::text[] AND"
                " position(%s in concat_ws(' ', e.normal_title, e.normal_head, e.normal_text)) > 0)"
            )
            values += [searching.wanted_grams(form), form]
        groups.append(f"({' OR '.join(held)})")
    return f"({(' OR ' if is_any else ' AND ').join(groups)})", values


def _hit(row: IndexEntry, terms: Sequence[Term], *, in_english: bool) -> Hit:
    title, lead = row.title, row.lead
    if in_english:
        title, lead = row.title_en or title, row.lead_en or lead
    return Hit(
        key=row.key,
        kind=Kind(row.kind),
        reader=Reader(row.reader),
        volume=row.volume,
        chapter=row.chapter,
        title=tuple(searching.marked(title, terms)),
        lead=tuple(searching.marked(lead, terms)),
        excerpt=tuple(searching.marked(row.text, terms, width=EXCERPT)) if row.text else (),
        pictures=row.pictures,
    )
