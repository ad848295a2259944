"""Reads of articles: contents by volume, what explains a screen, what editors have published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q

from warifu.foundation.refusals import NotFound
from warifu.help.articles import sources
from warifu.help.models import ArticlePicture, ArticleVersion, IndexEntry, Verdict
from warifu.help.rules.articles import Source, State
from warifu.help.rules.documents import ENGLISH
from warifu.help.rules.volumes import Kind, Reader
from warifu.organisations import queries as organisations


@dataclass(frozen=True, kw_only=True)
class Line:
    """An article as contents list it."""

    key: str
    kind: Kind
    reader: Reader
    volume: str
    chapter: str
    title: str
    lead: str
    title_en: str
    lead_en: str
    pictures: int


@dataclass(frozen=True, kw_only=True)
class Written:
    """An article that editors have published."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    kind: Kind
    reader: Reader
    volume: str
    chapter: str
    title: str
    lead: str
    body: str
    title_en: str
    lead_en: str
    body_en: str
    published_at: datetime


@dataclass(frozen=True, kw_only=True)
class Judged:
    """How many readers found a document helpful."""

    helpful: int
    unhelpful: int


def source(*, slug: str) -> Source:
    """An article of the repository. Raises `NotFound`."""
    found = next((one for one in sources() if one.slug == slug), None)
    if found is None:
        raise NotFound
    return found


def explaining(*, screen: str) -> list[Source]:
    """The articles of the repository that explain a screen, by its URL name; those that name it closest first."""
    found = [one for one in sources() if one.explains(screen)]
    return sorted(found, key=lambda one: (screen not in one.screens, one.order))


def contents(*, volume: str, organisation_id: UUID | None) -> list[Line]:
    """The articles of a volume for a reader of an organisation, or of none, in their order. One query."""
    rows = IndexEntry.objects.filter(_readable(organisation_id), volume=volume)
    return [_line(row) for row in rows.order_by("order", "id")]


def beside(*, key: str, volume: str, chapter: str, organisation_id: UUID | None, limit: int = 5) -> list[Line]:
    """Others of the same chapter. One query."""
    rows = IndexEntry.objects.filter(_readable(organisation_id), volume=volume, chapter=chapter).exclude(key=key)
    return [_line(row) for row in rows.order_by("order", "id")[:limit]]


def counts(*, organisation_id: UUID | None) -> dict[str, int]:
    """How many articles each volume has. One query."""
    rows = IndexEntry.objects.filter(_readable(organisation_id)).exclude(volume="")
    return dict(rows.values_list("volume").annotate(total=Count("id")))


def titled(*, keys: list[str], organisation_id: UUID | None) -> list[Line]:
    """Some documents by their keys, in that order. One query."""
    rows = {row.key: row for row in IndexEntry.objects.filter(_readable(organisation_id), key__in=keys)}
    return [_line(rows[key]) for key in keys if key in rows]


def written(*, article_id: UUID, organisation_id: UUID | None) -> Written:
    """A published article of the reader's own organisation or of the operator. One query. Raises `NotFound`."""
    row = (
        ArticleVersion.objects.select_related("article")
        .filter(article_id=article_id, state=State.PUBLISHED.value, article__retired_at=None)
        .first()
    )
    if row is None:
        raise NotFound
    home = organisations.organisation(organisation_id=row.article.organisation_id)
    if home.id != organisation_id and not home.is_operator:
        raise NotFound
    return Written(
        id=row.article_id,
        organisation_id=home.id,
        organisation_name=home.name,
        kind=Kind(row.article.kind),
        reader=Reader(row.article.reader),
        volume=row.article.volume,
        chapter=row.article.chapter,
        title=row.title,
        lead=row.lead,
        body=row.body,
        title_en=row.title_en,
        lead_en=row.lead_en,
        body_en=row.body_en,
        published_at=row.decided_at or row.written_at,
    )


def picture(*, picture_id: UUID, organisation_id: UUID | None) -> bytes:
    """A picture of an article, for the same readers; editors see it before. Raises `NotFound`."""
    row = ArticlePicture.objects.select_related("article").filter(id=picture_id).first()
    if row is None:
        raise NotFound
    if row.article.organisation_id != organisation_id:
        home = organisations.organisation(organisation_id=row.article.organisation_id)
        is_public = row.article.versions.filter(state=State.PUBLISHED.value).exists() and not row.article.retired_at
        if not (home.is_operator and is_public):
            raise NotFound
    return bytes(row.content)


def judged(*, key: str) -> Judged:
    """What readers said of a document. One query."""
    row = Verdict.objects.filter(key=key).first()
    return Judged(helpful=row.helpful, unhelpful=row.unhelpful) if row else Judged(helpful=0, unhelpful=0)


def _readable(organisation_id: UUID | None) -> Q:
    """One entry of each document that a reader of an organisation, or of none, may read."""
    everybodys = Q(organisation_id=None) & ~Q(language=ENGLISH)
    return everybodys | Q(organisation_id=organisation_id) & ~Q(language=ENGLISH) if organisation_id else everybodys


def _line(row: IndexEntry) -> Line:
    return Line(
        key=row.key,
        kind=Kind(row.kind),
        reader=Reader(row.reader),
        volume=row.volume,
        chapter=row.chapter,
        title=row.title,
        lead=row.lead,
        title_en=row.title_en,
        lead_en=row.lead_en,
        pictures=row.pictures,
    )
