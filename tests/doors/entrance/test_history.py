"""サインインの履歴: one's own, with failures, filtered, paged, as a file (A4, L-12)."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.cast import MORNING, Cast
from tests.doors.conftest import SignIn
from warifu.audit import actions as audit
from warifu.audit.events import Collection, Credentials
from warifu.foundation.actor import SYSTEM, Actor

pytestmark = pytest.mark.django_db

CHROME = "Mozilla/5.0 (Windows NT 10.0) Chrome/130"


def note(cast: Cast, actor: Actor, event: Any, at: datetime = MORNING, **values: Any) -> None:
    """An entry of the trail about somebody."""
    with transaction.atomic():
        audit.record(event=event, by=SYSTEM, at=at, organisation_id=cast.aoba, subject_id=actor.id, **values)


@pytest.fixture
def told(cast: Cast) -> None:
    """A success, a failure, a change, somebody else's success, and something that is no sign-in."""
    common = {"address": "192.0.2.1", "browser": CHROME}
    note(cast, cast.inoue, Credentials.SIGNED_IN, factors=["password", "authenticator"], level=2, **common)
    note(cast, cast.inoue, Credentials.SIGN_IN_FAILED, factor="password", **common)
    note(cast, cast.inoue, Credentials.FACTOR_ADDED, factor="passkey", name="PC", at=MORNING + timedelta(days=3))
    note(cast, cast.eto, Credentials.SIGNED_IN, factors=["password"], level=1, address="198.51.100.9")
    note(cast, cast.inoue, Collection.STARTED)


@pytest.mark.usefixtures("told")
class TestPage:
    def page(self, cast: Cast, sign_in: SignIn, **asked: str) -> str:
        return sign_in(cast.inoue).get(reverse("entrance:history.page"), asked).content.decode()

    @pytest.mark.shows("V-09", "L-28")
    def test_tells_successes_and_failures_with_factors_level_and_place(self, cast: Cast, sign_in: SignIn) -> None:
        page = self.page(cast, sign_in)
        assert "サインインしました" in page
        assert "パスワード・認証アプリ" in page
        assert "レベル2(強い)" in page
        assert "サインインに失敗しました" in page
        assert "192.0.2.1" in page
        assert "Chrome (Windows)" in page
        assert "入力を始めました" not in page

    def test_is_ones_own(self, cast: Cast, sign_in: SignIn) -> None:
        assert "198.51.100.9" not in self.page(cast, sign_in)

    def test_can_be_narrowed(self, cast: Cast, sign_in: SignIn) -> None:
        failures = self.page(cast, sign_in, kind="failed")
        assert "サインインに失敗しました" in failures
        assert "サインインしました" not in failures
        later = self.page(cast, sign_in, since="2026-11-26")
        assert "確認の方法を登録しました" in later
        assert "サインインに失敗しました" not in later
        assert "この条件の記録はありません" in self.page(cast, sign_in, until="2026-11-01")

    def test_has_pages(self, cast: Cast, sign_in: SignIn) -> None:
        for minute in range(31):
            note(cast, cast.inoue, Credentials.SIGNED_OUT, at=MORNING + timedelta(minutes=minute))
        client = sign_in(cast.inoue)
        first = client.get(reverse("entrance:history.page"), {"kind": "out"})
        assert len(first.context["lines"]) == 30
        rest = client.get(reverse("entrance:history.page") + first.context["older"])
        assert len(rest.context["lines"]) == 1
        assert rest.context["newest"]

    def test_forgives_a_filter_that_makes_no_sense(self, cast: Cast, sign_in: SignIn) -> None:
        assert "サインインしました" in self.page(cast, sign_in, kind="nonsense", since="x", before="y")


@pytest.mark.usefixtures("told")
class TestExport:
    @pytest.mark.shows("V-06")
    def test_holds_the_same_lines(self, cast: Cast, sign_in: SignIn) -> None:
        answer = sign_in(cast.inoue, at=timezone.now()).get(reverse("entrance:history.export"), {"kind": "failed"})
        content = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        header, *rows = list(csv.reader(io.StringIO(content)))
        assert header[:3] == ["日時", "出来事", "確かめ方"]
        assert [row[1:6] for row in rows] == [
            ["サインインに失敗しました", "パスワード", "", "192.0.2.1", "Chrome (Windows)"]
        ]


@pytest.mark.shows("V-09")
def test_a_wrong_password_stands_there_with_place_and_browser(cast: Cast, sign_in: SignIn) -> None:
    given = {"organisation": "aoba", "identifier": "i002", "password": "nobody's password at all"}
    assert Client(HTTP_USER_AGENT=CHROME).post(reverse("entrance:signin.ask"), given).status_code == 422
    [line] = sign_in(cast.inoue).get(reverse("entrance:history.page"), {"kind": "failed"}).context["lines"]
    assert (line.factors, line.address, line.browser) == ("パスワード", "127.0.0.1", "Chrome (Windows)")
