"""サインインと安全: ways of signing in, devices, history, one's own mail address (A4)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.cast import Cast
from tests.doors.conftest import SignIn
from tests.rooms.credentials.test_authenticators import enrol
from warifu.credentials.actions import mail_changes, sessions
from warifu.credentials.models import MailChange
from warifu.credentials.queries.sessions import SessionLine, sessions_of
from warifu.foundation.actor import Actor
from warifu.notices import links

pytestmark = pytest.mark.django_db


def another(actor: Actor, browser: str = "Mozilla/5.0 (iPhone) Safari", level: int = 1) -> None:
    """A second browser in which somebody signs in."""
    assert actor.id is not None
    sessions.start(
        member_id=actor.id, level=level, browser=browser, address="192.0.2.7", at=timezone.now(), factors=["password"]
    )


def running(cast: Cast, actor: Actor) -> list[SessionLine]:
    assert actor.id is not None
    return sessions_of(organisation_id=cast.aoba, member_id=actor.id, at=timezone.now())


def text_of(client: Client, name: str = "entrance:security.page") -> str:
    return client.get(reverse(name)).content.decode()


class TestPage:
    @pytest.mark.shows("L-21", "L-28")
    def test_lists_factors_and_devices_in_words(self, cast: Cast, sign_in: SignIn) -> None:
        enrol(cast.inoue, timezone.now(), "わたしの電話")
        client = sign_in(cast.inoue)
        another(cast.inoue)
        page = text_of(client)
        assert "わたしの電話" in page
        assert "Safari (iPhone)" in page
        assert "192.0.2.7" in page
        assert "パスワード・レベル1" not in page
        assert "レベル1(ふつう)" in page
        assert "レベル2(強い)" in page

    def test_warns_who_has_a_password_only(self, cast: Cast, sign_in: SignIn) -> None:
        assert "パスワードだけでサインインしています" in text_of(sign_in(cast.inoue))

    def test_shows_nobody_elses(self, cast: Cast, sign_in: SignIn) -> None:
        enrol(cast.eto, timezone.now(), "江藤の電話")
        another(cast.eto)
        page = text_of(sign_in(cast.inoue))
        assert "江藤の電話" not in page
        assert "192.0.2.7" not in page

    def test_says_why_office_people_do_not_change_their_mail(self, cast: Cast, sign_in: SignIn) -> None:
        assert reverse("entrance:mail_change.ask") in text_of(sign_in(cast.inoue))
        page = text_of(sign_in(cast.eto))
        assert reverse("entrance:mail_change.ask") not in page
        assert "管理者が変えます" in page

    def test_asks_few_questions_however_many_devices(
        self, cast: Cast, sign_in: SignIn, django_assert_max_num_queries: object
    ) -> None:
        client = sign_in(cast.inoue)
        for _number in range(3):
            another(cast.inoue)
        with django_assert_max_num_queries(18):  # type: ignore[operator]
            text_of(client)


class TestEndSession:
    @pytest.mark.shows("L-24")
    def test_ends_one_other_device(self, cast: Cast, sign_in: SignIn) -> None:
        client = sign_in(cast.inoue)
        another(cast.inoue)
        other = next(line for line in running(cast, cast.inoue) if line.address == "192.0.2.7")
        client.post(reverse("entrance:security.end_session", args=[other.id]))
        assert [line.address for line in running(cast, cast.inoue)] == ["127.0.0.1"]

    def test_ends_nobody_elses(self, cast: Cast, sign_in: SignIn) -> None:
        another(cast.eto)
        [other] = running(cast, cast.eto)
        answer = sign_in(cast.inoue).post(reverse("entrance:security.end_session", args=[other.id]))
        assert answer.status_code == 404
        assert len(running(cast, cast.eto)) == 1


class TestEndOthers:
    @pytest.mark.shows("L-24")
    def test_ends_all_but_this_one(self, cast: Cast, sign_in: SignIn) -> None:
        client = sign_in(cast.inoue)
        another(cast.inoue)
        another(cast.inoue)
        another(cast.eto)
        answer = client.post(reverse("entrance:security.end_others"), follow=True)
        assert "ほかの端末を2台サインアウトしました。" in answer.content.decode()
        assert [line.address for line in running(cast, cast.inoue)] == ["127.0.0.1"]
        assert len(running(cast, cast.eto)) == 1


@pytest.fixture
def inoue(cast: Cast, sign_in: SignIn) -> Client:
    """Inoue at her browser."""
    return sign_in(cast.inoue)


class TestMailChange:
    def ask(self, client: Client, mail: str = "kaoru@example.com") -> UUID | None:
        client.post(reverse("entrance:mail_change.ask"), {"mail": mail})
        return MailChange.objects.order_by("-id").values_list("id", flat=True).first()

    @pytest.mark.shows("L-12", "L-25")
    def test_is_done_with_the_code_from_the_new_mailbox(self, cast: Cast, inoue: Client) -> None:
        change_id = self.ask(inoue)
        code = links.resolve(links.LateLink(kind="mail_change", reference=str(change_id)))
        answer = inoue.post(reverse("entrance:mail_change.confirm", args=[change_id]), {"code": code}, follow=True)
        page = answer.content.decode()
        assert "メールアドレスを変えました" in page
        assert "kaoru@example.com" in page

    def test_a_wrong_code_says_so_and_changes_nothing(self, inoue: Client) -> None:
        change_id = self.ask(inoue)
        code = links.resolve(links.LateLink(kind="mail_change", reference=str(change_id)))
        wrong = f"{(int(code) + 1) % 1_000_000:06d}"
        answer = inoue.post(reverse("entrance:mail_change.confirm", args=[change_id]), {"code": wrong})
        assert answer.status_code == 422
        assert "まだ変わっていません" in answer.content.decode()
        assert "i002@example.jp" in text_of(inoue)

    def test_says_when_nothing_would_change(self, inoue: Client) -> None:
        answer = inoue.post(reverse("entrance:mail_change.ask"), {"mail": "i002@example.jp"})
        assert answer.status_code == 422
        assert not MailChange.objects.exists()

    @pytest.mark.shows("L-25")
    def test_wants_a_fresh_proof(self, cast: Cast, sign_in: SignIn) -> None:
        client = sign_in(cast.inoue, at=timezone.now() - timedelta(minutes=6))
        answer = client.post(reverse("entrance:mail_change.ask"), {"mail": "kaoru@example.com"})
        assert answer.status_code == 302
        assert reverse("entrance:relogin.ask") in answer["Location"]
        assert not MailChange.objects.exists()

    def test_is_no_office_persons(self, cast: Cast, sign_in: SignIn) -> None:
        client = sign_in(cast.eto)
        page = client.get(reverse("entrance:mail_change.ask")).content.decode()
        assert "管理者が変えます" in page
        assert 'name="mail"' not in page
        assert client.post(reverse("entrance:mail_change.ask"), {"mail": "a@example.com"}).status_code == 403

    def test_a_stranger_finds_nothing(self, cast: Cast, inoue: Client, sign_in: SignIn) -> None:
        change_id = self.ask(inoue)
        assert sign_in(cast.okada).get(reverse("entrance:mail_change.confirm", args=[change_id])).status_code == 404
        assert mail_changes.pending(change_id=change_id, by=cast.inoue, at=timezone.now())  # type: ignore[arg-type]
