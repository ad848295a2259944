"""Handing in by card, and MyKey ID, on a person's own pages (004; I-12, I-13)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.cast import MORNING, Cast
from tests.doors.conftest import signed_in_client
from tests.rooms.cards import wallet as cards
from tests.rooms.cards.wallet import INOUE, wallet
from tests.rooms.collection.test_submissions import Hand
from warifu.cards.actions import pulls
from warifu.cards.models import MyKey, MyKeyStage, MyKeyTicket
from warifu.collection.actions import submissions
from warifu.collection.models import RosterEntry, Verification
from warifu.collection.queries import submissions as queries

__all__ = ["wallet"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wallet")]


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    now = [MORNING]
    monkeypatch.setattr(timezone, "now", lambda: now[0])
    return now


def code_on(page: Any) -> str:
    found = re.search(r"<code>(\w{4}-\w{4})</code>", page.content.decode())
    assert found, page.content.decode()[:2000]
    return found[1]


def answered(page: Any, persona: Any = INOUE, *, at: datetime = MORNING, **parts: Any) -> Any:
    """Let the agent take the code of a page and answer it."""
    taken = pulls.take(code=code_on(page), at=at)
    body: dict[str, Any] = {"process": taken.process}
    if parts.get("token", True):
        body["token"] = cards.token(taken, persona)
    if "profile" in parts:
        body["profile"] = cards.profile(taken, persona, with_number=parts["profile"] == "number")
    return Client().post("/api/v1/agent/card/answer", body, content_type="application/json")


class TestHandIn:
    @pytest.mark.shows("004-6", "I-12", "I-13", "P-06")
    def test_by_card_the_whole_way_to_the_checker(self, cast: Cast) -> None:
        hand = Hand(cast, MORNING).listed().start().read().person()
        client = signed_in_client(cast.inoue, at=MORNING)
        assert "/my/card/number/" in client.get("/my/submission/number").content.decode()
        page = client.post("/my/card/number/", follow=True)
        assert answered(page, token=False, profile="number").status_code == 200
        done = client.get(page.redirect_chain[-1][0])
        assert done.headers["Location"] == "/my/submission/number"
        hand.family()
        review = client.get("/my/submission/review").content.decode()
        assert "カードから読み取りました" in review
        assert INOUE.number not in review
        assert client.post("/my/submission/submit").headers["Location"] == "/my/submission/receipt"
        entry = RosterEntry.objects.get()
        checker = signed_in_client(cast.eto, at=MORNING)
        shown = checker.get(f"/desk/verification/{entry.id}/").content.decode()
        assert "有効性未確認" in shown
        assert "井上　郁" in shown
        assert INOUE.number not in shown
        answers = {"self.card.name": "on", "self.card.birth": "on"}
        body = {"submission": str(hand.submission_id), "confirmed_on_year": "2026", "confirmed_on_month": "11"}
        body |= {"confirmed_on_day": "24"}
        refused = checker.post(f"/desk/verification/{entry.id}/confirm/", body | answers)
        assert "有効性未確認の読み取りとして記録する" in refused.content.decode()
        taken = checker.post(
            f"/desk/verification/{entry.id}/confirm/", body | answers | {"self.card.unconfirmed": "on"}
        )
        assert taken.status_code == 302, taken.content.decode()
        record = Verification.objects.get()
        assert record.method == "card_read"
        assert "card_unconfirmed" in record.papers[0]["notes"]

    def test_somebody_elses_card_is_told_on_the_page(self, cast: Cast) -> None:
        Hand(cast, MORNING).listed().start().read().person()
        client = signed_in_client(cast.inoue, at=MORNING)
        page = client.post("/my/card/number/?order=pin-first", follow=True)
        assert "先に入れます" in page.content.decode()
        other = replace(INOUE, id="other", name="別府　郁")
        assert answered(page, other, token=False, profile="number").status_code == 422
        text = client.get(page.redirect_chain[-1][0]).content.decode()
        assert "WF-K909" in text

    def test_without_a_draft_one_is_led_home(self, cast: Cast) -> None:
        assert signed_in_client(cast.inoue, at=MORNING).get("/my/card/number/").headers["Location"] == "/my/"

    def test_nobody_tricks_the_choice_of_papers(self, cast: Cast) -> None:
        Hand(cast, MORNING).listed().start().read().person().number().family()
        client = signed_in_client(cast.inoue, at=MORNING)
        answer = client.post("/my/submission/papers", {"method": "card_read", "card": "number_card"})
        assert answer.status_code == 422
        with pytest.raises(submissions.SomethingMissing):
            submissions.submit(
                organisation_id=cast.aoba,
                submission_id=_draft(cast),
                by=cast.inoue,
                at=MORNING,
            )


def _draft(cast: Cast) -> Any:
    return queries.draft_id(organisation_id=cast.aoba, member_id=cast.inoue.id)


def opened(**values: Any) -> None:
    MyKeyStage.objects.update_or_create(
        id=1, defaults={"reserve_from": MORNING - timedelta(days=1), "apply_from": None, "slots": 1} | values
    )


def reserved(client: Client, persona: Any = INOUE, order: str = "card-first") -> str:
    """From the start to 予約完了; returns the address of the ticket."""
    start = client.post("/my/mykey/", {"order": order})
    assert start.status_code == 302, start.content.decode()
    ticket = start.headers["Location"]
    page = client.post(ticket, follow=True)
    assert answered(page, persona).status_code == 200
    assert "パスワードの確認に成功" in client.get(ticket).content.decode()
    assert client.post(f"{ticket}issue/").headers["Location"] == "/my/mykey/"
    return str(ticket)


class TestMyKey:
    @pytest.mark.shows("004-1", "004-4", "004-5", "004-7", "004-9")
    def test_pin_first_to_the_end(self, cast: Cast) -> None:
        opened()
        client = signed_in_client(cast.inoue, at=MORNING)
        start = client.post("/my/mykey/", {"order": "pin-first"})
        page = client.post(start.headers["Location"], follow=True)
        text = page.content.decode()
        assert text.index("先に入れます") < text.index("カードを置きます")
        assert "置いて読み取るときにわかります" in text
        assert answered(page).status_code == 200
        client.post(f"{start.headers['Location']}issue/")
        text = client.get("/my/mykey/").content.decode()
        row = MyKey.objects.get()
        assert f"{row.text[:4]}-{row.text[4:]}" in text
        assert "予約が完了しました" in text

    @pytest.mark.shows("004-10", "004-11", "004-12")
    def test_card_first_to_the_end(self, cast: Cast) -> None:
        opened()
        client = signed_in_client(cast.inoue, at=MORNING)
        start = client.post("/my/mykey/", {"order": "card-first"})
        text = client.post(start.headers["Location"], follow=True).content.decode()
        assert text.index("カードを先に置きます") < text.index("カードを置いたまま")
        assert "カードを動かしません" in text

    @pytest.mark.shows("004-3")
    def test_before_the_day_it_says_from_when_and_after_it_applies(self, cast: Cast, clock: list[datetime]) -> None:
        opened(reserve_from=MORNING + timedelta(days=1), apply_from=MORNING + timedelta(days=3))
        client = signed_in_client(cast.inoue, at=MORNING)
        text = client.get("/my/mykey/").content.decode()
        assert "11/25(水) 10:00 から受け付けます" in text
        refused = client.post("/my/mykey/", {"order": "pin-first"})
        assert refused.status_code == 403
        assert "WF-K304" in refused.content.decode()
        clock[0] += timedelta(days=1)
        client = signed_in_client(cast.inoue, at=clock[0])
        ticket = client.post("/my/mykey/", {"order": "pin-first"}).headers["Location"]
        page = client.post(ticket, follow=True)
        assert answered(page, at=clock[0]).status_code == 200
        client.post(f"{ticket}issue/")
        assert "まだ始まっていません" in client.get("/my/mykey/").content.decode()
        assert client.post("/my/mykey/apply/").status_code == 403
        clock[0] += timedelta(days=2)
        client = signed_in_client(cast.inoue, at=clock[0])
        assert client.post("/my/mykey/apply/").status_code == 302
        assert MyKey.objects.get().applied_at == clock[0]

    @pytest.mark.shows("004-16")
    def test_a_card_that_has_an_id_leads_to_those_who_have_reserved(self, cast: Cast) -> None:
        opened(slots=5)
        reserved(signed_in_client(cast.inoue, at=MORNING))
        again = signed_in_client(cast.inoue, at=MORNING).post("/my/mykey/", {"order": "pin-first"})
        assert again.status_code == 409
        assert "MKCZ302E" in again.content.decode()
        aoki = signed_in_client(cast.aoki, at=MORNING)
        ticket = aoki.post("/my/mykey/", {"order": "pin-first"}).headers["Location"]
        page = aoki.post(ticket, follow=True)
        told = answered(page, INOUE)
        assert (told.status_code, told.json()["known_code"]) == (409, "MKCZ302E")
        text = aoki.get(page.redirect_chain[-1][0]).content.decode()
        assert "予約済みのマイキーIDを見る" in text
        assert MyKey.objects.count() == 1

    @pytest.mark.shows("004-17")
    def test_a_newer_try_ends_the_one_in_hand(self, cast: Cast) -> None:
        opened(slots=5)
        first, second = signed_in_client(cast.inoue, at=MORNING), signed_in_client(cast.inoue, at=MORNING)
        old = first.post("/my/mykey/", {"order": "pin-first"}).headers["Location"]
        reserved(second)
        text = first.get(old).content.decode()
        assert "MKCZ372E" in text
        assert "はじめからやり直す" in text
        assert first.post(f"{old}issue/").status_code == 409
        assert MyKey.objects.count() == 1

    @pytest.mark.shows("004-13")
    def test_in_the_crowd_one_waits_and_is_told_honestly(self, cast: Cast, clock: list[datetime]) -> None:
        opened()
        aoki, inoue = signed_in_client(cast.aoki, at=MORNING), signed_in_client(cast.inoue, at=MORNING)
        ahead = aoki.post("/my/mykey/", {"order": "pin-first"}).headers["Location"]
        mine = inoue.post("/my/mykey/", {"order": "pin-first"}).headers["Location"]
        text = inoue.get(mine).content.decode()
        assert "待ち時間はまだ言えません" in text
        assert inoue.get(f"{mine}state/").json()["state"] == "waiting"
        answered(aoki.post(ahead, follow=True), cards.AOKI)
        aoki.post(f"{ahead}issue/")
        assert inoue.get(f"{mine}state/").json()["state"] == "done"
        eto = signed_in_client(cast.eto, at=MORNING)
        behind = eto.post("/my/mykey/", {"order": "pin-first"}).headers["Location"]
        assert "およそ 15 分" in eto.get(behind).content.decode()

    @pytest.mark.shows("004-13")
    def test_a_place_that_is_not_used_goes_to_the_next(self, cast: Cast, clock: list[datetime]) -> None:
        opened()
        aoki, inoue = signed_in_client(cast.aoki, at=MORNING), signed_in_client(cast.inoue, at=MORNING)
        lost = aoki.post("/my/mykey/", {"order": "pin-first"}).headers["Location"]
        mine = inoue.post("/my/mykey/", {"order": "pin-first"}).headers["Location"]
        for _minute in range(4):
            clock[0] += timedelta(minutes=1)
            inoue.get(f"{mine}state/")
        assert MyKeyTicket.objects.get(member_id=cast.inoue.id).state == "called"
        text = aoki.get(lost).content.decode()
        assert "MKCZ802E" in text
        assert "少し待って、もう一度読み取る" in text

    def test_an_id_is_changed_by_the_rules_and_ended(self, cast: Cast) -> None:
        opened(slots=5)
        client = signed_in_client(cast.inoue, at=MORNING)
        reserved(client)
        aoki = signed_in_client(cast.aoki, at=MORNING)
        reserved(aoki, cards.AOKI)
        taken = MyKey.objects.get(member_id=cast.aoki.id).text
        assert client.post("/my/mykey/change/", {"wish": "O0I1Z2AB"}).status_code == 422
        assert client.post("/my/mykey/change/", {"wish": "hime8345"}).status_code == 422
        assert client.post("/my/mykey/change/", {"wish": "yame-8345"}).status_code == 302
        assert MyKey.objects.get(member_id=cast.inoue.id).text == "YAME8345"
        for _each in range(2):
            assert client.post("/my/mykey/change/", {"wish": taken}).status_code == 422
        client.post("/my/mykey/change/", {"wish": taken})
        assert MyKey.objects.get(member_id=cast.inoue.id).text not in ("YAME8345", taken)
        for _each in range(3):
            assert client.post("/my/mykey/change/", {"generate": "1"}).status_code == 302
        before = MyKey.objects.get(member_id=cast.inoue.id).text
        client.post("/my/mykey/change/", {"generate": "1"})
        assert MyKey.objects.get(member_id=cast.inoue.id).text == before
        client.post("/my/mykey/end/")
        assert MyKey.objects.get(text=before).ended_at == MORNING
        reserved(client)

    def test_another_persons_ticket_is_nowhere(self, cast: Cast) -> None:
        opened()
        ticket = signed_in_client(cast.inoue, at=MORNING).post("/my/mykey/", {"order": "pin-first"}).headers["Location"]
        aoki = signed_in_client(cast.aoki, at=MORNING)
        assert aoki.get(ticket).status_code == 404
        assert aoki.post(f"{ticket}issue/").status_code == 404
        assert not MyKey.objects.exists()
