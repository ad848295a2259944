"""Reads for editors: their articles and versions, what readers did not find, the dictionary of synonyms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from warifu.foundation.actor import Actor
from warifu.foundation.refusals import NotFound
from warifu.help.models import Article, ArticlePicture, ArticleVersion, SynonymGroup, UnansweredQuestion, Verdict
from warifu.help.rules.articles import State
from warifu.help.rules.volumes import Kind, Reader
from warifu.organisations import queries as organisations
from warifu.organisations.rules import NotPermitted, Permission, may, require

AT_WORK = (State.DRAFT.value, State.REVIEWING.value, State.SENT_BACK.value)


@dataclass(frozen=True, kw_only=True)
class VersionView:
    """One version of an article as its editors see it."""

    id: UUID
    number: int
    state: State
    title: str
    lead: str
    body: str
    title_en: str
    lead_en: str
    body_en: str
    written_by: UUID | None
    written_by_name: str
    written_at: datetime
    decided_by_name: str
    decided_at: datetime | None
    remark: str


@dataclass(frozen=True, kw_only=True)
class PictureLine:
    """A picture of an article."""

    id: UUID
    alt: str


@dataclass(frozen=True, kw_only=True)
class ArticleView:
    """An article with all its versions, the newest first; `at_work` is the one that is not yet published."""

    id: UUID
    kind: Kind
    reader: Reader
    volume: str
    chapter: str
    retired_at: datetime | None
    versions: tuple[VersionView, ...]
    pictures: tuple[PictureLine, ...]

    @property
    def at_work(self) -> VersionView | None:
        """The version that is being written or examined."""
        return next((one for one in self.versions if one.state.value in AT_WORK), None)

    @property
    def published(self) -> VersionView | None:
        """The version that readers see."""
        return next((one for one in self.versions if one.state is State.PUBLISHED), None)


@dataclass(frozen=True, kw_only=True)
class ArticleLine:
    """An article as the editors' list shows it, with the newest version's words."""

    id: UUID
    title: str
    volume: str
    chapter: str
    kind: Kind
    state: State
    is_published: bool
    is_retired: bool
    written_at: datetime
    helpful: int
    unhelpful: int


@dataclass(frozen=True, kw_only=True)
class QuestionLine:
    """A question that found nothing."""

    id: UUID
    words: str
    count: int
    first_on: date
    last_on: date


@dataclass(frozen=True, kw_only=True)
class GroupLine:
    """Words that mean the same to the search."""

    id: UUID
    words: tuple[str, ...]


def insist_editor(*, organisation_id: UUID, by: Actor) -> None:
    """Raise `NotPermitted` for everybody but the organisation's editors."""
    require(by=by, permission=Permission.HELP_WRITE, organisation_id=organisation_id)


def insist_operator(*, by: Actor) -> UUID:
    """Raise `NotPermitted` for everybody but the operator's own people; the id of the operator's organisation."""
    organisation_id = by.organisation_id or organisations.operator().id
    require(by=by, permission=Permission.HELP_KEEP, organisation_id=organisation_id)
    if not organisations.organisation(organisation_id=organisation_id).is_operator:
        raise NotPermitted
    return organisation_id


def listing(*, organisation_id: UUID) -> list[ArticleLine]:
    """An organisation's articles, those changed last first. Three queries."""
    newest: dict[UUID, ArticleVersion] = {}
    published: set[UUID] = set()
    rows = ArticleVersion.objects.filter(article__organisation_id=organisation_id).select_related("article")
    for row in rows.order_by("number"):
        newest[row.article_id] = row
        if row.state == State.PUBLISHED.value:
            published.add(row.article_id)
    verdicts = {
        row.key: row for row in Verdict.objects.filter(key__in=[f"written:{article_id}" for article_id in newest])
    }
    found = []
    for article_id, row in newest.items():
        verdict = verdicts.get(f"written:{article_id}")
        found.append(
            ArticleLine(
                id=article_id,
                title=row.title,
                volume=row.article.volume,
                chapter=row.article.chapter,
                kind=Kind(row.article.kind),
                state=State(row.state),
                is_published=article_id in published,
                is_retired=row.article.retired_at is not None,
                written_at=row.written_at,
                helpful=verdict.helpful if verdict else 0,
                unhelpful=verdict.unhelpful if verdict else 0,
            )
        )
    return sorted(found, key=lambda line: line.written_at, reverse=True)


def article(*, organisation_id: UUID, article_id: UUID) -> ArticleView:
    """One article of an organisation with its versions and pictures. Four queries. Raises `NotFound`."""
    row = Article.objects.filter(organisation_id=organisation_id, id=article_id).first()
    if row is None:
        raise NotFound
    versions = list(row.versions.order_by("-number"))
    people = {one.written_by for one in versions} | {one.decided_by for one in versions}
    names = organisations.names_of(organisation_id=organisation_id, member_ids={one for one in people if one})
    return ArticleView(
        id=row.id,
        kind=Kind(row.kind),
        reader=Reader(row.reader),
        volume=row.volume,
        chapter=row.chapter,
        retired_at=row.retired_at,
        versions=tuple(
            VersionView(
                id=one.id,
                number=one.number,
                state=State(one.state),
                title=one.title,
                lead=one.lead,
                body=one.body,
                title_en=one.title_en,
                lead_en=one.lead_en,
                body_en=one.body_en,
                written_by=one.written_by,
                written_by_name=names.get(one.written_by, "") if one.written_by else "",
                written_at=one.written_at,
                decided_by_name=names.get(one.decided_by, "") if one.decided_by else "",
                decided_at=one.decided_at,
                remark=one.remark,
            )
            for one in versions
        ),
        pictures=tuple(
            PictureLine(id=picture_id, alt=alt)
            for picture_id, alt in ArticlePicture.objects.filter(article=row).order_by("id").values_list("id", "alt")
        ),
    )


def has_other_editor(*, organisation_id: UUID, member_id: UUID | None) -> bool:
    """Whether somebody else of the organisation could examine an article. One query."""
    others = (one for one in organisations.office_members(organisation_id=organisation_id) if one.id != member_id)
    return any(
        may(
            by=organisations.actor_of(member=one),
            permission=Permission.HELP_WRITE,
            organisation_id=organisation_id,
        )
        for one in others
    )


def unanswered(*, by: Actor, limit: int = 200) -> list[QuestionLine]:
    """The questions without answer that are still open, the most frequent first. Raises `NotPermitted`."""
    insist_operator(by=by)
    rows = UnansweredQuestion.objects.filter(is_settled=False).order_by("-count", "-last_on", "id")
    return [
        QuestionLine(id=row.id, words=row.words, count=row.count, first_on=row.first_on, last_on=row.last_on)
        for row in rows[:limit]
    ]


def synonyms(*, by: Actor) -> list[GroupLine]:
    """The groups of synonyms beside those of the repository. Raises `NotPermitted`."""
    insist_operator(by=by)
    return [GroupLine(id=row.id, words=tuple(row.words)) for row in SynonymGroup.objects.order_by("id")]
