from __future__ import annotations

import pytest
from django.db import transaction
from django.urls import reverse

from tests.cast import MORNING, Cast
from tests.doors.conftest import SignIn
from warifu.foundation.actor import SYSTEM
from warifu.notices import actions, kinds, queries
from warifu.notices.links import LateLink
from warifu.notices.models import Letter, LetterText

pytestmark = pytest.mark.django_db

BODY = "{氏名}さんへ\n{リンク}\n"


@pytest.fixture
def letter(cast: Cast) -> Letter:
    """A letter to Inoue that was given up."""
    invitation = kinds.Invitation(
        organisation_name="株式会社青葉商会",
        name="井上 郁",
        due_on=MORNING.date(),
        valid_until=MORNING,
        contact="",
        link=LateLink(kind="page", reference="/"),
    )
    with transaction.atomic():
        actions.post(
            letter=invitation,
            organisation_id=cast.aoba,
            member_id=cast.inoue.id,
            to_mail="i002@example.jp",
            to_name="井上 郁",
            key="x",
            by=SYSTEM,
            at=MORNING,
        )
    Letter.objects.update(state="given_up", reason="メールサーバーにつながりません", settled_at=MORNING)
    return Letter.objects.get()


class TestListing:
    @pytest.mark.shows("A-03")
    def test_says_state_and_reason_in_words(self, cast: Cast, sign_in: SignIn, letter: Letter) -> None:
        page = sign_in(cast.eto).get(reverse("desk:letters.listing")).content.decode()
        assert "あきらめました" in page
        assert "メールサーバーにつながりません" in page
        assert reverse("desk:letters.resend", args=[letter.id]) in page
        assert reverse("desk:letters.texts") not in page

    def test_narrows_by_state(self, cast: Cast, sign_in: SignIn, letter: Letter) -> None:
        browser = sign_in(cast.aoki)
        assert "i002@example.jp" in browser.get(reverse("desk:letters.listing"), {"state": "given_up"}).content.decode()
        page = browser.get(reverse("desk:letters.listing"), {"state": "waiting"}).content.decode()
        assert "i002@example.jp" not in page
        assert "ここに並ぶメールはありません" in page

    def test_says_what_will_stand_here(self, cast: Cast, sign_in: SignIn) -> None:
        assert (
            "まだ、メールを送っていません" in sign_in(cast.aoki).get(reverse("desk:letters.listing")).content.decode()
        )

    def test_shows_nothing_of_others(self, cast: Cast, sign_in: SignIn, letter: Letter) -> None:
        assert "i002@example.jp" not in sign_in(cast.ueno).get(reverse("desk:letters.listing")).content.decode()

    def test_refuses_employees(self, cast: Cast, sign_in: SignIn) -> None:
        assert sign_in(cast.inoue).get(reverse("desk:letters.listing")).status_code == 403

    def test_pages_by_key(self, cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("warifu.web.desk.letters.PAGE", 2)
        for _ in range(3):
            actions.send_test(
                kind="verified", organisation_id=cast.aoba, to_mail="a001@example.jp", by=cast.aoki, at=MORNING
            )
        first = sign_in(cast.aoki).get(reverse("desk:letters.listing"))
        assert len(first.context["lines"]) == 2
        rest = sign_in(cast.aoki).get(reverse("desk:letters.listing") + first.context["older"])
        assert len(rest.context["lines"]) == 1
        assert rest.context["newer"]


class TestResend:
    def test_tries_again(self, cast: Cast, sign_in: SignIn, letter: Letter) -> None:
        answer = sign_in(cast.aoki).post(reverse("desk:letters.resend", args=[letter.id]))
        assert answer.status_code == 302
        assert Letter.objects.get().state == "waiting"

    def test_refuses_strangers_and_reading(self, cast: Cast, sign_in: SignIn, letter: Letter) -> None:
        address = reverse("desk:letters.resend", args=[letter.id])
        assert sign_in(cast.ueno).post(address).status_code == 404
        assert sign_in(cast.aoki).get(address).status_code == 405
        assert Letter.objects.get().state == "given_up"


class TestTexts:
    def test_lists_every_kind(self, cast: Cast, sign_in: SignIn) -> None:
        page = sign_in(cast.aoki).get(reverse("desk:letters.texts")).content.decode()
        for kind in kinds.BY_NAME:
            assert reverse("desk:letters.edit", args=[kind]) in page

    def test_refuses_handlers(self, cast: Cast, sign_in: SignIn) -> None:
        assert sign_in(cast.eto).get(reverse("desk:letters.texts")).status_code == 403


class TestEdit:
    @pytest.mark.parametrize("kind", list(kinds.BY_NAME))
    def test_shows_the_wording_as_computer_and_phone_do(self, cast: Cast, sign_in: SignIn, kind: str) -> None:
        page = sign_in(cast.aoki).get(reverse("desk:letters.edit", args=[kind])).content.decode()
        assert page.count('class="letter-drawn"') == 2
        assert "phone-preview" in page
        assert "{氏名}" in page

    def test_previews_without_saving(self, cast: Cast, sign_in: SignIn) -> None:
        words = {"subject": "お願いです", "body": BODY, "do": "preview"}
        page = sign_in(cast.aoki).post(reverse("desk:letters.edit", args=["invitation"]), words).content.decode()
        assert "青木 葵さんへ" in page
        assert not LetterText.objects.exists()

    def test_saves(self, cast: Cast, sign_in: SignIn) -> None:
        words = {"subject": "お願いです", "body": BODY, "do": "save"}
        answer = sign_in(cast.aoki).post(reverse("desk:letters.edit", args=["invitation"]), words)
        assert answer.status_code == 302
        assert queries.text_of(organisation_id=cast.aoba, kind="invitation").subject == "お願いです"

    @pytest.mark.parametrize("do", ["save", "preview"])
    def test_says_what_is_wrong_and_keeps_the_words(self, cast: Cast, sign_in: SignIn, do: str) -> None:
        words = {"subject": "お願い", "body": "リンクを消した文", "do": do}
        answer = sign_in(cast.aoki).post(reverse("desk:letters.edit", args=["invitation"]), words)
        assert answer.status_code == 422
        assert "「リンク」の差込みがありません" in answer.content.decode()
        assert "リンクを消した文" in answer.content.decode()
        assert not LetterText.objects.exists()

    def test_knows_no_other_letters(self, cast: Cast, sign_in: SignIn) -> None:
        assert sign_in(cast.aoki).get(reverse("desk:letters.edit", args=["unknown"])).status_code == 404


class TestReset:
    def test_goes_back_to_the_standard(self, cast: Cast, sign_in: SignIn) -> None:
        actions.edit_text(
            organisation_id=cast.aoba, kind="invitation", subject="x", body=BODY, by=cast.aoki, at=MORNING
        )
        sign_in(cast.aoki).post(reverse("desk:letters.reset", args=["invitation"]))
        assert not LetterText.objects.exists()


class TestTest:
    @pytest.mark.shows("001-11")
    def test_posts_a_letter_to_oneself(self, cast: Cast, sign_in: SignIn) -> None:
        sign_in(cast.aoki).post(reverse("desk:letters.test", args=["invitation"]))
        assert Letter.objects.get().to_mail == "a001@example.jp"
