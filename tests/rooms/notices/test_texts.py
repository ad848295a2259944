"""お知らせ: every kind of letter can be written, and an organisation's own wording can do no harm."""

from __future__ import annotations

import typing
from dataclasses import fields
from datetime import date, datetime

import pytest
from django.core.checks import run_checks

from tests.cast import MORNING, Cast
from warifu.audit.models import Entry
from warifu.foundation.masking import twelve_digit_runs
from warifu.foundation.refusals import NotFound, Refused
from warifu.notices import actions, kinds, queries, wording
from warifu.notices.links import LateLink
from warifu.notices.models import LetterText
from warifu.notices.wording import LinkMissing, PlaceholderUnknown, TextUnusable
from warifu.organisations.rules import NotPermitted

pytestmark = pytest.mark.django_db

BODY = "{氏名}さん\n{リンク}\n{提出期限}まで\n"


def sample(kind: type[kinds.Letter]) -> kinds.Letter:
    return kinds.sample(kind, organisation_name="株式会社<青葉>商会", name="井上 郁", at=MORNING)


def edit(cast: Cast, *, subject: str = "お願い {組織名}", body: str = BODY, kind: str = "invitation") -> None:
    actions.edit_text(organisation_id=cast.aoba, kind=kind, subject=subject, body=body, by=cast.aoki, at=MORNING)


@pytest.mark.parametrize("kind", kinds.ALL, ids=lambda kind: kind.kind())
class TestEveryKind:
    def test_says_all_its_fields(self, kind: type[kinds.Letter]) -> None:
        written = wording.write(sample(kind))
        said = wording.named(kind, {field.name: field.name for field in fields(kind)})
        standard = wording.standard(kind)
        for name in kinds.names_of_fields(kind):
            placeholder = f"{{{kinds.PLACEHOLDERS[name]}}}"
            assert placeholder in standard.body + standard.subject, name
        assert set(said) >= set(kinds.names_of_fields(kind))
        assert "{" not in written.text
        assert "{" not in written.subject
        assert "\n" not in written.subject

    def test_is_written_in_english_too(self, kind: type[kinds.Letter]) -> None:
        letter = sample(kind)
        written = wording.write(letter, language="en")
        assert written.subject
        assert letter.name in written.text
        assert '<html lang="en">' in written.html
        if kinds.has_link(kind):
            assert "http://localhost:8000/" in written.text

    @pytest.mark.shows("J-14")
    def test_has_no_field_that_could_hold_a_number(self, kind: type[kinds.Letter]) -> None:
        allowed = {str, date, datetime, tuple[str, ...], LateLink}
        hints = typing.get_type_hints(kind)
        assert {hints[field.name] for field in fields(kind)} <= allowed
        assert set(kinds.names_of_fields(kind)) <= set(kinds.PLACEHOLDERS)
        assert not {"number", "my_number", "password", "attachment"} & set(kinds.names_of_fields(kind))
        assert hints.get("code", LateLink) is LateLink  # a code is made when its letter leaves, and is in no table

    def test_is_safe_html_without_anything_from_outside(self, kind: type[kinds.Letter]) -> None:
        html = wording.write(sample(kind)).html
        assert "<青葉>" not in html
        assert "src=" not in html
        assert "url(" not in html
        assert html.count("http") == (2 if kinds.has_link(kind) else 0)

    def test_holds_no_run_of_twelve_digits(self, kind: type[kinds.Letter]) -> None:
        written = wording.write(sample(kind))
        assert twelve_digit_runs(written.text + written.html) == []

    def test_comes_back_from_its_values(self, kind: type[kinds.Letter]) -> None:
        letter = sample(kind)
        assert kinds.from_values(kind.kind(), kinds.to_values(letter)) == letter

    def test_its_standard_wording_may_be_saved_as_ones_own(self, cast: Cast, kind: type[kinds.Letter]) -> None:
        view = queries.text_of(organisation_id=cast.aoba, kind=kind.kind())
        edit(cast, kind=kind.kind(), subject=view.subject, body=view.body)
        own = queries.text_of(organisation_id=cast.aoba, kind=kind.kind())
        letter = sample(kind)
        written = wording.write(letter, edited=wording.Wording(subject=own.subject, body=own.body))
        assert written == wording.write(letter)


class TestEditText:
    def test_the_letter_speaks_the_organisations_words(self, cast: Cast) -> None:
        edit(cast)
        actions.send_test(
            kind="invitation", organisation_id=cast.aoba, to_mail="a001@example.jp", by=cast.aoki, at=MORNING
        )
        actions.deliver_due(at=MORNING)
        message = queries.mailbox()[0]
        assert message.subject == "【テスト】お願い 株式会社青葉商会"
        assert message.body == "青木 葵さん\nhttp://localhost:8000/\n2026年12月8日(火)まで\n"
        assert Entry.objects.filter(event="notices.text.changed").count() == 1

    def test_replaces_an_earlier_wording(self, cast: Cast) -> None:
        edit(cast)
        edit(cast, subject="二度目")
        assert LetterText.objects.get().subject == "二度目"

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"body": BODY + "{個人番号}"}, PlaceholderUnknown),
            ({"body": BODY + "{理由}"}, PlaceholderUnknown),
            ({"subject": "{リンク}"}, PlaceholderUnknown),
            ({"body": BODY + "{0.__class__}"}, PlaceholderUnknown),
            ({"body": "リンクのない文"}, LinkMissing),
            ({"subject": ""}, TextUnusable),
            ({"subject": "一行目\nBcc: a@example.jp"}, TextUnusable),
            ({"body": BODY + "あ" * 5001}, TextUnusable),
            ({"body": BODY + "番号は 1234 5678 9013"}, TextUnusable),
            ({"kind": "unknown"}, NotFound),
        ],
    )
    @pytest.mark.shows("V-07")
    def test_refuses_what_would_do_harm(self, cast: Cast, changes: dict[str, str], refusal: type[Refused]) -> None:
        with pytest.raises(refusal):
            edit(cast, **changes)
        assert not LetterText.objects.exists()

    def test_never_meets_the_template_engine(self, cast: Cast) -> None:
        with pytest.raises(PlaceholderUnknown):
            edit(cast, body=BODY + "{% load i18n %}")
        edit(cast, body=BODY + "%(name)s %s <b>")
        own = queries.text_of(organisation_id=cast.aoba, kind="invitation")
        written = wording.write(sample(kinds.Invitation), edited=wording.Wording(subject=own.subject, body=own.body))
        assert "%(name)s %s <b>" in written.text
        assert "<b>" not in written.html

    def test_a_value_with_braces_stays_as_it_is(self) -> None:
        letter = kinds.sample(kinds.Invitation, organisation_name="青葉", name="{リンク}", at=MORNING)
        written = wording.write(letter, edited=wording.Wording(subject="x", body="{氏名}"))
        assert written.text == "{リンク}"

    def test_refuses_those_without_the_role(self, cast: Cast) -> None:
        for by in (cast.eto, cast.inoue, cast.ueno):
            with pytest.raises(NotPermitted):
                actions.edit_text(
                    organisation_id=cast.aoba, kind="invitation", subject="x", body=BODY, by=by, at=MORNING
                )
        assert not LetterText.objects.exists()


class TestResetText:
    def test_goes_back_to_ours(self, cast: Cast) -> None:
        edit(cast)
        actions.reset_text(organisation_id=cast.aoba, kind="invitation", by=cast.aoki, at=MORNING)
        assert not queries.text_of(organisation_id=cast.aoba, kind="invitation").is_edited
        assert Entry.objects.filter(event="notices.text.reset").count() == 1
        with pytest.raises(NotFound):
            actions.reset_text(organisation_id=cast.aoba, kind="invitation", by=cast.aoki, at=MORNING)


def test_one_query_lists_all_wordings(cast: Cast, django_assert_num_queries: typing.Any) -> None:
    with django_assert_num_queries(1):
        views = queries.texts_of(organisation_id=cast.aoba)
    assert [view.kind for view in views] == list(kinds.BY_NAME)


def test_the_system_checks_are_content() -> None:
    assert [found for found in run_checks() if str(found.id).startswith("warifu.notices")] == []
