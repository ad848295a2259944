"""One search over all help: titles first, then leads and keywords, then texts (003-1, 003-3).

The database gives at most `MOST` candidates of each rank; they are weighed here. Questions are compared by their normal
forms, so kana, width and long marks do not matter, and two letters are enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from warifu.help.articles import synonyms
from warifu.help.models import IndexEntry, SynonymGroup
from warifu.help.rules import searching
from warifu.help.rules.documents import ENGLISH, JAPANESE
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


class _Row(NamedTuple):
    id: int
    kind: str
    fields: Fields


class _Shown(NamedTuple):
    language: str
    key: str
    kind: str
    reader: str
    volume: str
    chapter: str
    title: str
    lead: str
    title_en: str
    lead_en: str
    text: str
    pictures: int


@dataclass(frozen=True, slots=True)
class _Wish:
    """Which entries may be found."""

    organisation_id: UUID | None
    reader: Reader | None
    kind: Kind | None
    language: str


@dataclass(frozen=True, slots=True)
class _Try:
    """One way to answer: these terms, all of them or any, in this language."""

    terms: Sequence[Term]
    language: str
    is_any: bool = False


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

    English readers find English texts, and Japanese ones by Japanese words or where nothing English answers. Words put
    together are taken apart where they find nothing; where no document answers every word, those that answer some are
    found, and `is_partial` says so. Three to seventeen queries, most often three, each with an end.
    """
    for one in _tries(query, in_english=in_english):
        wish = _Wish(organisation_id=organisation_id, reader=reader, kind=kind, language=one.language)
        rows, is_more = _candidates(one.terms, wish, is_any=one.is_any)
        if rows:
            return _found(one, rows, is_more=is_more, page=max(page, 1), in_english=in_english)
    return NOTHING


def _tries(query: str, *, in_english: bool) -> list[_Try]:
    groups = _groups(tuple(map(tuple, SynonymGroup.objects.values_list("words", flat=True))))
    terms = searching.terms_of(query, groups)
    if not terms:
        return []
    languages = [ENGLISH, JAPANESE] if in_english and not searching.is_japanese(query) else [JAPANESE]
    parts = searching.terms_of(query, groups, in_parts=True)
    found = [_Try(terms, language) for language in languages]
    if parts != terms:
        found.append(_Try(parts, JAPANESE))
    if sum(term.is_required for term in parts) > 1:
        found += [_Try(parts, language, is_any=True) for language in languages]
    return found


@lru_cache(maxsize=8)
def _groups(own: tuple[tuple[str, ...], ...]) -> dict[str, tuple[str, ...]]:
    return searching.groups_of([*synonyms(), *own])


def _found(one: _Try, rows: Sequence[_Row], *, is_more: bool, page: int, in_english: bool) -> Found:
    weighed = sorted(rows, key=lambda row: (-searching.score(row.fields, one.terms) - _WEIGHTS[row.kind], row.id))
    start = (page - 1) * PAGE
    part = weighed[start : start + PAGE]
    entries = IndexEntry.objects.filter(id__in=[row.id for row in part]).values_list("id", *_Shown._fields)
    shown = {id_: _Shown(*values) for id_, *values in entries}
    return Found(
        hits=tuple(
            _hit(shown[row.id], row.fields, one.terms, in_english=in_english) for row in part if row.id in shown
        ),
        count=len(weighed),
        is_more=is_more,
        is_partial=one.is_any,
        has_next=len(weighed) > start + PAGE,
    )


def _candidates(terms: Sequence[Term], wish: _Wish, *, is_any: bool) -> tuple[list[_Row], bool]:
    """What answers: titles where they are enough, else everything, with leads before texts where that is too much.

    Tokens in order (SQLite) find what a scan finds; without order (PostgreSQL) they find more, looked at here.
    """
    required = [term for term in terms if term.is_required]
    rows = _asked("title", required, wish, is_any=is_any)
    is_more = len(rows) == MOST
    if not is_more:
        everywhere = _asked("body", required, wish, is_any=is_any)
        is_more = len(everywhere) == MOST
        rows += _asked("head", required, wish, is_any=is_any) if is_more else []
        rows += everywhere
    found = {row.id: row for row in rows}.values()
    if connection.vendor != "postgresql":
        return list(found), is_more
    if is_any:
        return [row for row in found if searching.score(row.fields, required)], is_more
    return [row for row in found if searching.fits(row.fields, required)], is_more


def _asked(column: str, terms: Sequence[Term], wish: _Wish, *, is_any: bool) -> list[_Row]:
    is_postgresql = connection.vendor == "postgresql"
    condition, values = (_lexemes if is_postgresql else _match)(column, terms, is_any=is_any)
    conditions = [condition, "e.language IN (%s, '')"]
    values.append(wish.language)
    if wish.organisation_id is None:
        conditions.append("e.organisation_id IS NULL")
    else:
        conditions.append("(e.organisation_id IS NULL OR e.organisation_id = %s)")
        values.append(wish.organisation_id if is_postgresql else wish.organisation_id.hex)
    if wish.reader is not None:
        conditions.append("e.reader IN (%s, 'everybody')")
        values.append(wish.reader.value)
    if wish.kind is not None:
        conditions.append("e.kind = %s")
        values.append(wish.kind.value)
    sql = (
        f"SELECT {', '.join(f'e.{name}' for name in _COLUMNS)} FROM help_tokens t"  # noqa: S608
        f" CROSS JOIN help_indexentry e WHERE e.id = {'t.entry_id' if is_postgresql else 't.rowid'}"
        f" AND {' AND '.join(conditions)} LIMIT {MOST}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [_Row(id_, kind, Fields(title, head, text)) for id_, kind, title, head, text in cursor.fetchall()]


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


def _lexemes(column: str, terms: Sequence[Term], *, is_any: bool) -> tuple[str, list[Any]]:
    """The condition for PostgreSQL: vectors that have the tokens wanted, wherever these stand."""
    groups = [" | ".join(_together(form) for form, _weight in term.forms) for term in terms]
    joined = (" | " if is_any else " & ").join(f"({group})" for group in groups)
    return f"t.{column} @@ %s::tsquery", [joined]


def _together(form: str) -> str:
    grams = (gram.replace("\\", "\\\\").replace("'", "''") for gram in searching.wanted_grams(form))
    return "(" + " & ".join(f"'{gram}'" for gram in grams) + ")"


def _hit(shown: _Shown, fields: Fields, terms: Sequence[Term], *, in_english: bool) -> Hit:
    title, lead, folded_title = shown.title, shown.lead, fields.title
    if in_english and shown.title_en and shown.language != ENGLISH:
        title, lead = shown.title_en, shown.lead_en or lead
        folded_title = searching.normal(title)
    return Hit(
        key=shown.key,
        kind=Kind(shown.kind),
        reader=Reader(shown.reader),
        volume=shown.volume,
        chapter=shown.chapter,
        title=tuple(searching.marked(title, terms, folded=folded_title)),
        lead=tuple(searching.marked(lead, terms, folded=fields.head)),
        excerpt=tuple(searching.marked(shown.text, terms, folded=fields.text, width=EXCERPT)) if shown.text else (),
        pictures=shown.pictures,
    )
