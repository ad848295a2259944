"""だれが何を示してサインインするか (L-14, L-19, 000-28)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.cast import Cast
from tests.doors.conftest import SignIn
from warifu.organisations import queries as organisations

pytestmark = pytest.mark.django_db


def kept(cast: Cast) -> dict[str, dict[str, bool]]:
    return organisations.organisation(organisation_id=cast.aoba).sign_in_policy


@pytest.fixture
def aoki(cast: Cast, sign_in: SignIn) -> Client:
    """The administrator."""
    return sign_in(cast.aoki)


class TestPage:
    def post(self, client: Client, **changed: str) -> tuple[int, str]:
        """Send the form as it stands, but for some boxes."""
        form = client.get(reverse("desk:sign_in_policy.page")).context["form"]
        stands = {box.html_name: "on" for box in form if box.value()}
        given = stands | {name.replace("__", "."): value for name, value in changed.items()}
        answer = client.post(
            reverse("desk:sign_in_policy.page"), {name: value for name, value in given.items() if value}, follow=True
        )
        return answer.status_code, answer.content.decode()

    @pytest.mark.shows("L-13", "L-14")
    def test_says_what_a_mailed_code_is_and_is_not(self, aoki: Client) -> None:
        page = aoki.get(reverse("desk:sign_in_policy.page")).content.decode()
        assert "登録メールを受け取れることの確認です。メールが乗っ取られると破られます。" in page
        assert "マイナンバーの閲覧には、パスキーまたは認証アプリが必要です。" in page
        assert "二要素" not in page

    def test_ticks_what_holds(self, aoki: Client) -> None:
        rows = aoki.get(reverse("desk:sign_in_policy.page")).context["rows"]
        ticked = {row.name: [box.value() if box else None for _words, box in row.cells] for row in rows}
        assert ticked["管理者"] == [True, True, False]
        assert ticked["従業員"] == [False, None, None]
        assert "所長" not in ticked

    @pytest.mark.shows("000-28", "L-14")
    def test_decides(self, cast: Cast, aoki: Client) -> None:
        status, page = self.post(aoki, employee__mail_code="on", handler__certificate="on")
        assert status == 200
        assert "サインインの決まりを変えました" in page
        assert kept(cast)["employee"]["mail_code"] is True
        assert kept(cast)["handler"]["certificate"] is True

    @pytest.mark.shows("L-19")
    def test_warns_before_it_lowers(self, cast: Cast, aoki: Client) -> None:
        status, page = self.post(aoki, handler__second_factor="")
        assert status == 422
        assert "事務取扱担当者: 標準で求める「もう一つの確認」を求めなくなります。" in page
        assert kept(cast) == {}
        status, _page = self.post(aoki, handler__second_factor="", accepts_lower="on")
        assert status == 200
        assert kept(cast)["handler"]["second_factor"] is False

    def test_locks_nobody_out_by_their_own_hand(self, cast: Cast, aoki: Client) -> None:
        status, page = self.post(aoki, administrator__certificate="on")
        assert status == 409
        assert "あなた自身が担当者の画面に入れなくなります" in page
        assert kept(cast) == {}

    def test_tells_what_each_door_demands(self, aoki: Client) -> None:
        doors = aoki.get(reverse("desk:sign_in_policy.page")).context["doors"]
        by_words = {line.sentence: line for line in doors}
        assert "/desk/members/" in by_words["利用者を加え、役割を変える"].second
        assert "/desk/members/<uuid:member_id>/roles/" in by_words["利用者を加え、役割を変える"].recent
        assert "/my/" in by_words["自分の記録を見る、提出を取り下げる、自分のサインインを整える"].by_role

    def test_is_for_leaders_who_have_just_proven_themselves(self, cast: Cast, sign_in: SignIn) -> None:
        assert sign_in(cast.okada).get(reverse("desk:sign_in_policy.page")).status_code == 403
        tired = sign_in(cast.aoki, at=timezone.now() - timedelta(minutes=6))
        assert reverse("entrance:relogin.ask") in tired.get(reverse("desk:sign_in_policy.page"))["Location"]

    def test_permissions_page_leads_here(self, cast: Cast, sign_in: SignIn, aoki: Client) -> None:
        here = f'<a href="{reverse("desk:sign_in_policy.page")}">だれが何を示してサインインするか'
        assert here in aoki.get(reverse("desk:permissions.page")).content.decode()
        assert here not in sign_in(cast.eto).get(reverse("desk:permissions.page")).content.decode()
