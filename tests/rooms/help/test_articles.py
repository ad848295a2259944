"""Editors write, another examines, readers find it: for the own organisation, or for everybody."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from PIL import Image

from tests.cast import Cast
from tests.cast import test_number as practice_number
from tests.rooms.applications.office import open_office
from warifu.audit import queries as audit
from warifu.foundation.actor import SYSTEM, Actor, Role
from warifu.foundation.refusals import NotFound
from warifu.help.actions import answers, articles, manuals, synonyms
from warifu.help.models import ArticleVersion, UnansweredQuestion, Verdict
from warifu.help.queries import articles as reading
from warifu.help.queries import editing
from warifu.help.queries import manuals as manual_queries
from warifu.help.queries.search import search
from warifu.help.rules.articles import HoldsNumber, PlaceUnknown, State, Words
from warifu.organisations import actions as organisations
from warifu.organisations import queries
from warifu.organisations.rules import NotPermitted

pytestmark = pytest.mark.django_db
WORDS = Words(title="名札をなくしたとき", lead="総務課に知らせてください。", body="**「総務課」**は三階です。")


def begin(cast: Cast, at: datetime, *, by: Actor | None = None, words: Words = WORDS) -> UUID:
    return articles.start(
        organisation_id=(by or cast.aoki).organisation_id,  # type: ignore[arg-type]
        kind="faq",
        reader="employee",
        volume="submitting",
        chapter="begin",
        words=words,
        by=by or cast.aoki,
        at=at,
    )


@pytest.fixture
def second(cast: Cast, at: datetime) -> Actor:
    """A second administrator of Aoba."""
    member_id = organisations.add_member(
        organisation_id=cast.aoba,
        roles=Role.ADMINISTRATOR,
        family_name="菊池",
        mail="k009@example.jp",
        by=SYSTEM,
        at=at,
    )
    member = queries.member(organisation_id=cast.aoba, member_id=member_id)
    return queries.actor_of(member=member, level=2, authenticated_at=at)


def found(query: str, organisation_id: UUID | None) -> list[str]:
    return [hit.key for hit in search(query=query, organisation_id=organisation_id).hits]


def test_what_another_editor_has_published_is_found_by_the_own_people_only(
    cast: Cast, second: Actor, at: datetime
) -> None:
    article_id = begin(cast, at)
    here = {"organisation_id": cast.aoba, "article_id": article_id, "at": at}
    articles.hand_in(**here, by=cast.aoki)
    with pytest.raises(articles.OwnWords):
        articles.publish(**here, by=cast.aoki)
    assert found("名札", cast.aoba) == []
    articles.publish(**here, by=second)
    assert found("名札", cast.aoba) == [f"written:{article_id}"]
    assert found("名札", cast.ueda) == found("名札", None) == []
    assert reading.written(article_id=article_id, organisation_id=cast.aoba).title == WORDS.title
    for stranger in (cast.ueda, None):
        with pytest.raises(NotFound):
            reading.written(article_id=article_id, organisation_id=stranger)
    lines = audit.timeline(organisation_id=cast.aoba, event_prefix="help.")
    assert [line.event for line in lines] == [
        "help.article.published",
        "help.article.handed_in",
        "help.article.written",
    ]


def test_the_next_version_replaces_the_one_before_only_when_published(cast: Cast, second: Actor, at: datetime) -> None:
    article_id = begin(cast, at)
    here = {"organisation_id": cast.aoba, "article_id": article_id, "at": at}
    articles.hand_in(**here, by=cast.aoki)
    articles.publish(**here, by=second)
    newer = Words(title="社員証をなくしたとき", lead="総務課へ。", body="四階です。")
    articles.write(**here, words=newer, by=second)
    assert found("名札", cast.aoba)
    articles.hand_in(**here, by=second)
    articles.send_back(**here, remark="階を確かめてください", by=cast.aoki)
    articles.write(**here, words=newer, by=second)
    articles.hand_in(**here, by=second)
    articles.publish(**here, by=cast.aoki)
    assert found("名札", cast.aoba) == []
    assert found("社員証", cast.aoba) == [f"written:{article_id}"]
    view = editing.article(organisation_id=cast.aoba, article_id=article_id)
    assert [version.state for version in view.versions] == [State.PUBLISHED, State.REPLACED]
    articles.retire(**here, by=cast.aoki)
    assert found("社員証", cast.aoba) == []
    with pytest.raises(NotFound):
        reading.written(article_id=article_id, organisation_id=cast.aoba)


def test_an_editor_alone_may_publish_and_the_trail_says_so(cast: Cast, at: datetime) -> None:
    article_id = begin(cast, at)
    here = {"organisation_id": cast.aoba, "article_id": article_id, "by": cast.aoki, "at": at}
    articles.hand_in(**here)
    articles.publish(**here)
    assert audit.timeline(organisation_id=cast.aoba, event_prefix="help.")[0].values["alone"] is True


def test_what_the_operator_publishes_is_for_everybody(cast: Cast, at: datetime) -> None:
    office = open_office(at)
    article_id = begin(cast, at, by=office.kato)
    here = {"organisation_id": office.kato.organisation_id, "article_id": article_id, "at": at}
    articles.hand_in(**here, by=office.kato)  # type: ignore[arg-type]
    articles.publish(**here, by=office.kimura)  # type: ignore[arg-type]
    assert found("名札", None) == found("名札", cast.ueda) == [f"written:{article_id}"]


@pytest.mark.shows("N-06")
def test_refusals_change_nothing(cast: Cast, at: datetime) -> None:
    with pytest.raises(NotPermitted):
        begin(cast, at, by=cast.inoue)
    number = practice_number("24681357902")
    with pytest.raises(HoldsNumber):
        begin(cast, at, words=Words(title="例", lead="例", body=f"番号は {number[:4]} {number[4:8]} {number[8:]}"))
    with pytest.raises(PlaceUnknown):
        articles.start(
            organisation_id=cast.aoba,
            kind="refusal",
            reader="employee",
            volume="submitting",
            chapter="begin",
            words=WORDS,
            by=cast.aoki,
            at=at,
        )
    assert not ArticleVersion.objects.exists()
    article_id = begin(cast, at)
    with pytest.raises(articles.NotInThisState):
        articles.publish(organisation_id=cast.aoba, article_id=article_id, by=cast.aoki, at=at)
    with pytest.raises(NotFound):
        articles.hand_in(organisation_id=cast.ueda, article_id=article_id, by=cast.ueno, at=at)


def test_pictures_are_drawn_anew_without_hidden_data(cast: Cast, at: datetime) -> None:
    article_id = begin(cast, at)
    with io.BytesIO() as made:
        picture = Image.new("RGB", (60, 40), "navy")
        exif = picture.getexif()
        exif[0x010E] = "secret place"
        picture.save(made, "JPEG", exif=exif)
        content = made.getvalue()
    here = {"organisation_id": cast.aoba, "article_id": article_id, "by": cast.aoki, "at": at}
    picture_id = articles.add_picture(**here, content=content, alt="名札")
    kept = reading.picture(picture_id=picture_id, organisation_id=cast.aoba)
    assert b"secret place" in content
    assert b"secret place" not in kept
    assert Image.open(io.BytesIO(kept)).size == (60, 40)
    with pytest.raises(NotFound):
        reading.picture(picture_id=picture_id, organisation_id=cast.ueda)
    with pytest.raises(articles.PictureUnusable):
        articles.add_picture(**here, content=b"<svg onload=alert(1)>", alt="")


@pytest.mark.shows("003-1", "N-06")
def test_questions_without_answer_are_counted_without_who_asked(cast: Cast, at: datetime) -> None:
    on = at.date()
    note = answers.note_unanswered
    assert note(query="マイナ免許証", organisation_id=None, on=on)
    assert note(query="ﾏｲﾅ免許証", organisation_id=cast.aoba, on=on)
    for query in ("1234 5678 9012", "井上 郁", "井上", "ikuko@example.jp", "電話 090-1111"):
        assert not note(query=query, organisation_id=cast.aoba, on=on)
    office = open_office(at)
    (line,) = editing.unanswered(by=office.kato)
    assert (line.words, line.count) == ("マイナ免許証", 2)
    with pytest.raises(NotPermitted):
        editing.unanswered(by=cast.aoki)
    answers.settle(question_id=line.id, by=office.kato, at=at)
    assert editing.unanswered(by=office.kato) == []
    note(query="マイナ免許証", organisation_id=None, on=on)
    assert editing.unanswered(by=office.kato)[0].count == 3
    assert answers.tidy(at=at + timedelta(days=366)) == 1


def test_a_flood_of_questions_ends(cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MOST", 2)
    for query in ("あ", "い", "う"):
        answers.note_unanswered(query=query, organisation_id=None, on=at.date())
    assert UnansweredQuestion.objects.count() == 2


def test_synonyms_of_the_operator_work_at_once(cast: Cast, at: datetime) -> None:
    office = open_office(at)
    article_id = begin(cast, at)
    here = {"organisation_id": cast.aoba, "article_id": article_id, "by": cast.aoki, "at": at}
    articles.hand_in(**here)
    articles.publish(**here)
    assert found("ネームプレート", cast.aoba) == []
    group_id = synonyms.add(words=["名札", "ネームプレート"], by=office.kato, at=at)
    assert found("ネームプレート", cast.aoba) == [f"written:{article_id}"]
    synonyms.remove(group_id=group_id, by=office.kato, at=at)
    assert found("ネームプレート", cast.aoba) == []
    with pytest.raises(synonyms.GroupUnusable):
        synonyms.add(words=["サーバー", "さーば"], by=office.kato, at=at)
    with pytest.raises(NotPermitted):
        synonyms.add(words=["a", "b"], by=cast.aoki, at=at)


def test_verdicts_are_counted_for_documents_that_are_there(cast: Cast, at: datetime) -> None:
    article_id = begin(cast, at)
    key = f"written:{article_id}"
    with pytest.raises(NotFound):
        answers.judge(key=key, is_helpful=True)
    here = {"organisation_id": cast.aoba, "article_id": article_id, "by": cast.aoki, "at": at}
    articles.hand_in(**here)
    articles.publish(**here)
    for is_helpful in (True, True, False):
        answers.judge(key=key, is_helpful=is_helpful)
    assert reading.judged(key=key) == reading.Judged(helpful=2, unhelpful=1)
    assert editing.listing(organisation_id=cast.aoba)[0].helpful == 2
    assert Verdict.objects.count() == 1


@pytest.mark.shows("000-43")
def test_the_manual_is_chosen_by_those_who_ask_and_kept(cast: Cast, at: datetime) -> None:
    now = manual_queries.choices(organisation_id=cast.aoba)
    assert now.sender_name == "株式会社青葉商会"
    chosen = type(now)(**{**now.__dict__, "deadline": "12月4日まで"})
    with pytest.raises(NotPermitted):
        manuals.choose(organisation_id=cast.aoba, choices=chosen, by=cast.inoue, at=at)
    manuals.choose(organisation_id=cast.aoba, choices=chosen, by=cast.eto, at=at)
    assert manual_queries.choices(organisation_id=cast.aoba) == chosen
    assert manual_queries.choices(organisation_id=cast.ueda).deadline == now.deadline
