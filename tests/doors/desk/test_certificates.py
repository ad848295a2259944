"""電子証明書: the desk's list, one certificate, stopping it."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.cast import MORNING, Cast
from tests.doors.conftest import signed_in_client
from tests.rooms.credentials.test_certificates import issue
from warifu.credentials.actions import authorities, certificate_letters, certificates
from warifu.credentials.models import Certificate
from warifu.credentials.queries import certificate_list as queries
from warifu.credentials.queries.certificate_list import Sort, Tab, Wanted
from warifu.foundation.actor import OPERATOR


@pytest.fixture(autouse=True)
def _ca(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: MORNING)
    authorities.init(name="Root", by=OPERATOR, at=MORNING - timedelta(hours=1))


@pytest.fixture
def aoki(cast: Cast) -> Client:
    return signed_in_client(cast.aoki, at=MORNING)


def names(answer: object) -> list[str]:
    return re.findall(r'class="sub">([^<]+)</span></th>', answer.content.decode())  # type: ignore[attr-defined]


class TestListing:
    def test_shows_whose_where_and_when_last_used(self, cast: Cast, aoki: Client) -> None:
        made = issue(cast, cast.inoue, by=cast.aoki, device_name="受付のPC")
        certificates.note_use(certificate_id=made.id, at=MORNING)
        page = aoki.get("/desk/certificates/").content.decode()
        for word in ("井上 郁", "受付のPC", "Aoba Trading", "使えます"):
            assert word in page
        assert "まだ使われていません" not in page

    def test_is_kind_when_empty(self, aoki: Client) -> None:
        page = aoki.get("/desk/certificates/").content.decode()
        assert "使える電子証明書は、まだありません" in page

    def test_tabs_divide_them_by_state(self, cast: Cast, aoki: Client) -> None:
        old = issue(cast, cast.aoki, device_name="期限切れ", at=MORNING - timedelta(days=395))
        soon = issue(cast, cast.aoki, device_name="まもなく", at=MORNING - timedelta(days=340))
        unused = issue(cast, cast.aoki, device_name="使わない", at=MORNING - timedelta(days=70))
        stopped = issue(cast, cast.aoki, device_name="止めた")
        issue(cast, cast.aoki, device_name="新しい")
        certificates.note_use(certificate_id=soon.id, at=MORNING)
        certificates.revoke(
            organisation_id=cast.aoba, certificate_id=stopped.id, reason="lost", by=cast.aoki, at=MORNING
        )
        assert certificate_letters.note_unused(at=MORNING) == 1
        shown = {tab.value: names(aoki.get(f"/desk/certificates/?tab={tab.value}")) for tab in Tab}
        assert shown == {
            "live": ["新しい", "使わない", "まもなく"],
            "ending": ["まもなく"],
            "unused": ["使わない"],
            "over": ["期限切れ"],
            "revoked": ["止めた"],
            "all": ["新しい", "止めた", "使わない", "まもなく", "期限切れ"],
        }
        counts = queries.counts(organisation_id=cast.aoba, at=MORNING)
        assert {tab.value: count for tab, count in counts.items()} == {tab: len(found) for tab, found in shown.items()}
        assert "2か月使われていません" in aoki.get("/desk/certificates/?tab=unused").content.decode()
        assert "端末をなくした・盗まれた" in aoki.get("/desk/certificates/?tab=revoked").content.decode()
        assert (old.id, unused.id) == tuple(
            Certificate.objects.filter(device_name__in=("期限切れ", "使わない"))
            .order_by("id")
            .values_list("id", flat=True)
        )

    @pytest.mark.parametrize(
        ("word", "found"), [("イノウエ", ["甲"]), ("乙", ["乙"]), ("b trading", ["乙"]), ("無い", [])]
    )
    def test_search(self, cast: Cast, aoki: Client, word: str, found: list[str]) -> None:
        issue(cast, cast.inoue, by=cast.aoki, device_name="甲", issued_to="A Trading")
        issue(cast, cast.aoki, device_name="乙", issued_to="B Trading")
        assert names(aoki.get("/desk/certificates/", {"q": word})) == found

    def test_finds_a_serial_number(self, cast: Cast, aoki: Client) -> None:
        issue(cast, cast.aoki, device_name="甲")
        wanted = issue(cast, cast.aoki, device_name="乙")
        assert names(aoki.get("/desk/certificates/", {"q": wanted.serial.upper()[:20]})) == ["乙"]

    @pytest.mark.parametrize("sort", list(Sort))
    def test_pages_by_key_to_the_end_and_back(self, cast: Cast, sort: Sort) -> None:
        people = (cast.aoki, cast.eto, cast.inoue)
        for number in range(7):
            issue(
                cast, people[number % 3], by=cast.aoki, device_name=f"{number}", at=MORNING + timedelta(days=number % 2)
            )
        wanted = Wanted(sort=sort)
        there: list[list[UUID]] = []
        cursor, pages = "", []
        while True:
            page = queries.page(
                organisation_id=cast.aoba, wanted=wanted, at=MORNING + timedelta(days=2), cursor=cursor, limit=3
            )
            pages.append(page)
            there.append([line.id for line in page.lines])
            if not page.after:
                break
            cursor = page.after
        assert [len(ids) for ids in there] == [3, 3, 1]
        assert len({one for ids in there for one in ids}) == 7
        everything = [
            line.id for line in queries.export(organisation_id=cast.aoba, wanted=wanted, at=MORNING + timedelta(days=2))
        ]
        assert [one for ids in there for one in ids] == everything
        back = queries.page(
            organisation_id=cast.aoba, wanted=wanted, at=MORNING + timedelta(days=2), cursor=pages[-1].before, limit=3
        )
        assert [line.id for line in back.lines] == there[1]
        first = queries.page(
            organisation_id=cast.aoba, wanted=wanted, at=MORNING + timedelta(days=2), cursor=back.before, limit=3
        )
        assert ([line.id for line in first.lines], first.before) == (there[0], "")

    def test_a_row_costs_no_query(self, cast: Cast, aoki: Client) -> None:
        counts = []
        for _ in range(2):
            for number in range(6):
                issue(cast, (cast.aoki, cast.inoue)[number % 2], by=cast.aoki)
            with CaptureQueriesContext(connection) as done:
                assert aoki.get("/desk/certificates/").status_code == 200
            counts.append(len(done))
        assert counts[0] == counts[1] <= 8


class TestExport:
    def test_writes_what_the_list_shows(self, cast: Cast, aoki: Client) -> None:
        made = issue(cast, cast.inoue, by=cast.aoki, device_name="=cmd")
        answer = aoki.get("/desk/certificates/export.csv")
        lines = list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))  # type: ignore[arg-type]
        assert lines[1][:6] == ["井上 郁", "'=cmd", "Aoba Trading", "電子証明書ツール", made.serial, "使えます"]
        from warifu.audit.models import Entry

        assert Entry.objects.filter(event="credentials.certificates.exported").count() == 1


class TestPage:
    @pytest.mark.shows("000-35")
    def test_shows_what_the_certificate_says(self, cast: Cast, aoki: Client) -> None:
        made = issue(cast, cast.inoue, by=cast.aoki)
        row = Certificate.objects.get(id=made.id)
        page = aoki.get(f"/desk/certificates/{made.id}/").content.decode()
        for word in ("井上 郁", row.serial, row.fingerprint, "localhost Issuing CA G1", "失効させる"):
            assert word in page

    def test_leads_to_the_one_that_replaced_it(self, cast: Cast, aoki: Client) -> None:
        old = issue(cast, cast.aoki, at=MORNING - timedelta(days=340))
        new = issue(cast, cast.aoki, replaces=old.id)
        assert f"/desk/certificates/{new.id}/" in aoki.get(f"/desk/certificates/{old.id}/").content.decode()


class TestRevoke:
    @pytest.mark.shows("C-05")
    def test_it_holds_at_once(self, cast: Cast, aoki: Client) -> None:
        made = issue(cast, cast.inoue, by=cast.aoki)
        answer = aoki.post(f"/desk/certificates/{made.id}/revoke/", {"reason": "lost"}, follow=True)
        assert "電子証明書を失効させました" in answer.content.decode()
        assert certificates.presented(der=made.der, at=MORNING) is None
        assert "/revoke/" not in answer.content.decode()

    def test_wants_a_reason(self, cast: Cast, aoki: Client) -> None:
        made = issue(cast, cast.inoue, by=cast.aoki)
        for reason in ("", "because"):
            answer = aoki.post(f"/desk/certificates/{made.id}/revoke/", {"reason": reason})
            assert answer.status_code == 422
        assert certificates.presented(der=made.der, at=MORNING) is not None

    @pytest.mark.shows("L-25")
    def test_wants_a_recent_proof(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        made = issue(cast, cast.inoue, by=cast.aoki)
        client = signed_in_client(cast.aoki, at=MORNING)
        monkeypatch.setattr(timezone, "now", lambda: MORNING + timedelta(minutes=6))
        answer = client.post(f"/desk/certificates/{made.id}/revoke/", {"reason": "lost"})
        assert answer.headers["Location"].startswith("/relogin/")
        assert Certificate.objects.get(id=made.id).revoked_at is None
