"""Articles that editors write in the browser: drafts, review by another editor, publishing, withdrawing.

Who wrote a version does not publish it, unless nobody else could: then the trail says so.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from warifu.audit import actions as audit
from warifu.audit.events import Help as Events
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.help.actions import index
from warifu.help.models import Article, ArticlePicture, ArticleVersion
from warifu.help.queries.editing import has_other_editor, insist_editor
from warifu.help.rules import markdown
from warifu.help.rules.articles import CHANGEABLE, State, Words, insist_on_place, insist_on_words
from warifu.help.rules.documents import Document
from warifu.help.rules.volumes import Kind, Reader
from warifu.organisations import queries as organisations
from warifu.vault.actions import files

MOST_PICTURES = 20
LARGEST = 10 * 1024 * 1024


class NotInThisState(Refused):
    """The version is not where the wish supposes it, or somebody was faster."""

    code = "WF-H201"
    sentence = _("この記事は、いまの状態ではその操作ができません。")
    remedy = _("画面を読み込み直して、状態を確かめてください。ほかの人が先に進めたのかもしれません。")


class OwnWords(Refused):
    """Another editor has to examine what one has written."""

    code = "WF-H202"
    sentence = _("自分で書いた版は、自分では公開できません。")
    remedy = _("ほかの管理者かIT担当者に、確認と公開を頼んでください。")
    status = 403


class PictureUnusable(Refused):
    """The picture cannot be read, is too large, or there are too many."""

    code = "WF-H203"
    sentence = _("画像を加えられませんでした。")
    remedy = _("JPEGかPNGで、{megabytes}MBまでの画像を、1つの記事に{most}枚まで加えられます。")
    status = 422


def start(
    *,
    organisation_id: UUID,
    kind: str,
    reader: str,
    volume: str,
    chapter: str,
    words: Words,
    by: Actor,
    at: datetime,
) -> UUID:
    """Begin an article with a first draft.

    Raises `NotPermitted`, `PlaceUnknown`, `HoldsNumber`, `EnglishUnfinished`.
    """
    insist_editor(organisation_id=organisation_id, by=by)
    insist_on_place(volume_key=volume, chapter=chapter, kind=kind)
    insist_on_words(words=words)
    with transaction.atomic():
        article = Article.objects.create(
            organisation_id=organisation_id,
            kind=Kind(kind).value,
            reader=Reader(reader).value,
            volume=volume,
            chapter=chapter,
            created_at=at,
        )
        _add_version(article, 1, words, by, at)
    return article.id


def write(*, organisation_id: UUID, article_id: UUID, words: Words, by: Actor, at: datetime) -> None:
    """Change the draft, or begin the next version of a published article.

    Raises `NotPermitted`, `NotFound`, `HoldsNumber`, `EnglishUnfinished`, `NotInThisState` while it is being examined.
    """
    insist_editor(organisation_id=organisation_id, by=by)
    insist_on_words(words=words)
    with transaction.atomic():
        article = _article(organisation_id, article_id)
        changed = article.versions.filter(state__in=[state.value for state in CHANGEABLE]).update(
            **asdict(words), written_by=by.id, written_at=at, state="draft"
        )
        if changed:
            _record(Events.WRITTEN, article, by, at, title=words.title)
            return
        if article.retired_at or article.versions.filter(state=State.REVIEWING.value).exists():
            raise NotInThisState
        number = article.versions.aggregate(last=Max("number"))["last"] or 0
        _add_version(article, number + 1, words, by, at)


def hand_in(*, organisation_id: UUID, article_id: UUID, by: Actor, at: datetime) -> None:
    """Ask for the draft to be examined. Raises `NotPermitted`, `NotFound`, `NotInThisState`."""
    insist_editor(organisation_id=organisation_id, by=by)
    with transaction.atomic():
        article = _article(organisation_id, article_id)
        _move(article, CHANGEABLE, state=State.REVIEWING.value)
        _record(Events.HANDED_IN, article, by, at)


def send_back(*, organisation_id: UUID, article_id: UUID, remark: str, by: Actor, at: datetime) -> None:
    """Send a version back to its author. Raises `NotPermitted`, `NotFound`, `NotInThisState`."""
    insist_editor(organisation_id=organisation_id, by=by)
    with transaction.atomic():
        article = _article(organisation_id, article_id)
        _move(
            article,
            (State.REVIEWING,),
            state=State.SENT_BACK.value,
            remark=remark[:300],
            decided_by=by.id,
            decided_at=at,
        )
        _record(Events.SENT_BACK, article, by, at, reason=remark[:300])


def publish(*, organisation_id: UUID, article_id: UUID, by: Actor, at: datetime) -> None:
    """Publish the examined version; the one before is kept as replaced.

    Raises `NotPermitted`, `NotFound`, `NotInThisState`, `OwnWords` for its author while another editor could.
    """
    insist_editor(organisation_id=organisation_id, by=by)
    with transaction.atomic():
        article = _article(organisation_id, article_id)
        waiting = article.versions.select_for_update().filter(state=State.REVIEWING.value).first()
        if waiting is None:
            raise NotInThisState
        is_own = waiting.written_by == by.id
        if is_own and has_other_editor(organisation_id=organisation_id, member_id=by.id):
            raise OwnWords
        article.versions.filter(state=State.PUBLISHED.value).update(state=State.REPLACED.value)
        _move(article, (State.REVIEWING,), state=State.PUBLISHED.value, decided_by=by.id, decided_at=at)
        index.put(documents=[_document(article, waiting)])
        _record(Events.PUBLISHED, article, by, at, title=waiting.title, version=waiting.number, alone=is_own)


def retire(*, organisation_id: UUID, article_id: UUID, by: Actor, at: datetime) -> None:
    """Take an article away from readers; its versions stay. Raises `NotPermitted`, `NotFound`, `NotInThisState`."""
    insist_editor(organisation_id=organisation_id, by=by)
    with transaction.atomic():
        article = _article(organisation_id, article_id)
        if Article.objects.filter(id=article.id, retired_at=None).update(retired_at=at) != 1:
            raise NotInThisState
        index.drop(key=f"{index.WRITTEN}{article.id}")
        _record(Events.RETIRED, article, by, at)


def add_picture(*, organisation_id: UUID, article_id: UUID, content: bytes, alt: str, by: Actor, at: datetime) -> UUID:
    """Add a picture, drawn anew without hidden data; `![alt](picture:<id>)` shows it.

    Raises `NotPermitted`, `NotFound`, `PictureUnusable`.
    """
    insist_editor(organisation_id=organisation_id, by=by)
    article = _article(organisation_id, article_id)
    drawn = files.tidied(content=content) if len(content) <= LARGEST else None
    with transaction.atomic():
        if drawn is None or article.pictures.count() >= MOST_PICTURES:
            raise PictureUnusable(megabytes=LARGEST // 1024 // 1024, most=MOST_PICTURES)
        row = ArticlePicture.objects.create(article=article, alt=alt[:200], content=drawn, added_at=at)
        _record(Events.PICTURE_ADDED, article, by, at)
    return row.id


def _article(organisation_id: UUID, article_id: UUID) -> Article:
    found = Article.objects.filter(organisation_id=organisation_id, id=article_id).first()
    if found is None:
        raise NotFound
    return found


def _add_version(article: Article, number: int, words: Words, by: Actor, at: datetime) -> None:
    ArticleVersion.objects.create(
        article=article,
        number=number,
        **asdict(words),
        written_by=by.id,
        written_at=at,
    )
    _record(Events.WRITTEN, article, by, at, title=words.title)


def _move(article: Article, states: tuple[State, ...], **values: object) -> None:
    if article.versions.filter(state__in=[state.value for state in states]).update(**values) != 1:
        raise NotInThisState


def _document(article: Article, version: ArticleVersion) -> Document:
    is_for_all = organisations.organisation(organisation_id=article.organisation_id).is_operator
    return Document(
        key=f"{index.WRITTEN}{article.id}",
        kind=Kind(article.kind),
        reader=Reader(article.reader),
        volume=article.volume,
        chapter=article.chapter,
        order=10_000,
        organisation_id=None if is_for_all else article.organisation_id,
        title=version.title,
        lead=version.lead,
        title_en=version.title_en,
        lead_en=version.lead_en,
        text_en=markdown.plain(version.body_en),
        text=markdown.plain(version.body),
        pictures=markdown.pictures(version.body),
    )


def _record(event: Events, article: Article, by: Actor, at: datetime, **values: object) -> None:
    audit.record(event=event, by=by, at=at, organisation_id=article.organisation_id, subject_id=article.id, **values)
