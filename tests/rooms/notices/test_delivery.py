"""お知らせ: delivery over a real SMTP server; nothing is lost, nothing is sent twice, and the state is the truth."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from tests.cast import MORNING, Cast
from tests.rooms.notices.conftest import Server, addressed, invitation
from warifu.audit.models import Entry
from warifu.notices import actions, carriers, links, queries, wording
from warifu.notices.actions import delivery
from warifu.notices.models import Letter

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def post(cast: Cast, *letters: actions.Addressed, at: datetime = MORNING) -> None:
    with transaction.atomic():
        actions.post_many(letters=letters or [addressed(cast)], organisation_id=cast.aoba, by=cast.aoki, at=at)


def post_numbered(cast: Cast, count: int) -> None:
    post(cast, *(addressed(cast, key=f"x:{n}", to_mail=f"x{n:02}@example.jp") for n in range(count)))


def the_letter() -> Letter:
    return Letter.objects.get()


class TestAccepted:
    @pytest.mark.shows("J-14")
    def test_the_mail_is_what_was_promised(self, cast: Cast, server: Server) -> None:
        post(cast)
        assert actions.deliver_due(at=MORNING) == 1
        (mail,) = server.mails()
        assert str(mail["From"]) == "株式会社青葉商会 <number@example.jp>"
        assert str(mail["To"]) == "井上 郁 <i002@example.jp>"
        assert mail["Message-ID"] == the_letter().message_id
        assert mail["Auto-Submitted"] == "auto-generated"
        assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
        text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        html = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
        for said in (
            "井上 郁 様",
            "株式会社青葉商会",
            "http://localhost:8000/a/abc",
            "リンクの有効期限",
            "問合せ先: 総務課",
        ):
            assert said in text
            assert said in html
        assert "src=" not in html
        assert not list(mail.iter_attachments())

    def test_is_written_down_with_one_entry(self, cast: Cast, server: Server) -> None:
        post(cast)
        actions.deliver_due(at=MORNING)
        letter = the_letter()
        assert (letter.state, letter.settled_at, letter.reason) == ("accepted", MORNING, "")
        assert Entry.objects.filter(event="notices.letter.accepted", subject_id=cast.inoue.id).count() == 1

    def test_a_batch_takes_one_connection(self, cast: Cast, server: Server) -> None:
        post_numbered(cast, 7)
        assert actions.deliver_due(at=MORNING) == 7
        assert server.connections == 1

    def test_a_second_round_sends_nothing(self, cast: Cast, server: Server) -> None:
        post(cast)
        actions.deliver_due(at=MORNING)
        assert actions.deliver_due(at=MORNING + timedelta(days=1)) == 0
        assert len(server.accepted) == 1

    def test_lines_that_start_with_a_dot_arrive_whole(self, cast: Cast, server: Server) -> None:
        actions.edit_text(
            organisation_id=cast.aoba, kind="invitation", subject="x", body=".\n..\n{link}", by=cast.aoki, at=MORNING
        )
        post(cast)
        actions.deliver_due(at=MORNING)
        assert server.mails()[0].get_body(("plain",)).get_content().startswith(".\r\n..\r\n")  # type: ignore[union-attr]

    def test_old_mobile_addresses_are_quoted(self, cast: Cast, server: Server) -> None:
        post(cast, addressed(cast, to_mail="a..b.@docomo.example"))
        assert actions.deliver_due(at=MORNING) == 1
        assert server.recipients() == ["a..b.@docomo.example"]


class TestRefusedForGood:
    @pytest.mark.shows("001-22")
    def test_bounces_with_a_reason(self, cast: Cast, server: Server) -> None:
        server.answers["i002@example.jp"] = ["550 5.1.1 no such user"]
        post(cast)
        assert actions.deliver_due(at=MORNING) == 1
        assert the_letter().state == "bounced"
        assert the_letter().reason.startswith("宛先のメールアドレスが見つかりません。")
        bounce = queries.bounced_since(organisation_id=cast.aoba, since=MORNING)[0]
        assert (bounce.member_id, bounce.at) == (cast.inoue.id, MORNING)
        assert Entry.objects.filter(event="notices.letter.bounced").count() == 1

    def test_the_next_letter_of_the_batch_still_leaves(self, cast: Cast, server: Server) -> None:
        server.answers["x00@example.jp"] = ["550 no"]
        post_numbered(cast, 2)
        actions.deliver_due(at=MORNING)
        assert server.recipients() == ["x01@example.jp"]

    def test_a_mail_that_returns_later(self, cast: Cast, server: Server) -> None:
        post(cast)
        actions.deliver_due(at=MORNING)
        message_id = the_letter().message_id
        assert actions.record_bounce(message_id=message_id, reason="宛先がありません", at=MORNING + MINUTE)
        assert not actions.record_bounce(message_id=message_id, reason="もう一度", at=MORNING + MINUTE)
        assert (the_letter().state, the_letter().reason) == ("bounced", "宛先がありません")
        assert not actions.record_bounce(message_id="<unknown@example.jp>", reason="", at=MORNING)


class TestNotNow:
    def test_waits_and_is_accepted_later(self, cast: Cast, server: Server) -> None:
        server.answers["i002@example.jp"] = ["451 4.3.0 try again later"]
        post(cast)
        assert actions.deliver_due(at=MORNING) == 0
        letter = the_letter()
        assert (letter.state, letter.attempts, letter.next_at) == ("waiting", 1, MORNING + MINUTE)
        assert "もう一度送ります" in letter.reason
        assert actions.deliver_due(at=MORNING + MINUTE) == 1
        assert the_letter().state == "accepted"
        assert len(server.accepted) == 1

    def test_a_refused_sender_is_our_fault_and_no_bounce(
        self, cast: Cast, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def refuse(*_: Any) -> str:
            return "550 5.7.1 sender not allowed"

        monkeypatch.setattr(Server, "handle_MAIL", refuse, raising=False)
        post(cast)
        actions.deliver_due(at=MORNING)
        assert the_letter().state == "waiting"

    def test_pauses_grow_and_end_after_three_days(self, cast: Cast, settings: Any) -> None:
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", 9, False
        post(cast)
        tries = []
        at = MORNING
        while the_letter().state == "waiting":
            at = the_letter().next_at
            tries.append(at)
            actions.deliver_due(at=at)
        pauses = [int((later - earlier) / MINUTE) for earlier, later in pairwise(tries)]
        assert pauses == [1, 5, 15, 60, 240, 720, 720, 720, 720, 720]
        assert the_letter().state == "given_up"
        assert the_letter().reason.startswith("3日のあいだ送れなかったため")
        assert tries[-1] <= MORNING + timedelta(days=3)
        assert Entry.objects.filter(event="notices.letter.given_up").count() == 1


class TestServerDown:
    def test_an_hour_loses_nothing_and_sends_nothing_twice(self, cast: Cast, server: Server, settings: Any) -> None:
        port, settings.EMAIL_PORT = settings.EMAIL_PORT, 9
        post_numbered(cast, 12)
        for minute in range(60):
            assert actions.deliver_due(at=MORNING + minute * MINUTE) == 0
        reasons = set(Letter.objects.values_list("state", "reason"))
        assert reasons == {
            ("waiting", "メールサーバーにつながりません。つながりしだい送ります。(ConnectionRefusedError)")
        }
        settings.EMAIL_PORT = port
        for minute in range(60, 180):
            actions.deliver_due(at=MORNING + minute * MINUTE)
        assert sorted(server.recipients()) == [f"x{n:02}@example.jp" for n in range(12)]
        assert set(Letter.objects.values_list("state", flat=True)) == {"accepted"}

    def test_a_wrong_password_keeps_the_letter(self, cast: Cast, server: Server, settings: Any) -> None:
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "user", "wrong"
        post(cast)
        assert actions.deliver_due(at=MORNING) == 0
        assert the_letter().state == "waiting"


class TestTwoWorkers:
    def test_at_the_same_moment_send_once(self, cast: Cast, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        post_numbered(cast, 6)
        real = carriers.SmtpCarrier.carry
        others: list[int] = []

        def carry(self: carriers.SmtpCarrier, mail: carriers.Mail, *, hand_over: Any) -> carriers.Result:
            if not others:
                others.append(0)
                others.append(actions.deliver_due(at=MORNING, limit=10))
            return real(self, mail, hand_over=hand_over)

        monkeypatch.setattr(carriers.SmtpCarrier, "carry", carry)
        assert actions.deliver_due(at=MORNING, limit=4) == 4
        assert others == [0, 2]
        assert sorted(server.recipients()) == [f"x{n:02}@example.jp" for n in range(6)]

    def test_a_slow_worker_whose_lease_ended_sends_nothing(
        self, cast: Cast, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        post(cast)
        real = carriers.SmtpCarrier.carry
        later: list[int] = []

        def carry(self: carriers.SmtpCarrier, mail: carriers.Mail, *, hand_over: Any) -> carriers.Result:
            if not later:
                later.append(0)
                later.append(actions.deliver_due(at=MORNING + timedelta(hours=1)))
            return real(self, mail, hand_over=hand_over)

        monkeypatch.setattr(carriers.SmtpCarrier, "carry", carry)
        assert actions.deliver_due(at=MORNING) == 0
        assert later == [0, 1]
        assert len(server.accepted) == 1


class Killed(BaseException):
    """kill -9: nothing that follows is done."""


def killed_at(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """A round of delivery whose worker dies at a step."""

    def die(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(delivery, step, die)
        with pytest.raises(Killed):
            actions.deliver_due(at=MORNING)


class TestKilled:
    def test_before_the_text_left_it_is_sent_once(
        self, cast: Cast, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        post_numbered(cast, 3)
        killed_at(monkeypatch, "_hand_over")
        assert set(Letter.objects.values_list("state", flat=True)) == {"sending"}
        assert actions.deliver_due(at=MORNING + MINUTE) == 0
        assert actions.deliver_due(at=MORNING + 6 * MINUTE) == 3
        assert len(server.accepted) == 3

    def test_after_the_text_left_nobody_knows_and_it_says_so(
        self, cast: Cast, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        post(cast)
        killed_at(monkeypatch, "_settle")
        assert len(server.accepted) == 1
        actions.deliver_due(at=MORNING + 6 * MINUTE)
        assert the_letter().state == "uncertain"
        assert "自動では送り直しません" in the_letter().reason
        actions.deliver_due(at=MORNING + timedelta(days=4))
        assert len(server.accepted) == 1
        assert Entry.objects.filter(event="notices.letter.uncertain").count() == 1

    def test_an_answer_that_never_came_is_uncertain(self, cast: Cast, server: Server) -> None:
        server.data_answers = ["vanish"]
        post(cast)
        actions.deliver_due(at=MORNING)
        assert the_letter().state == "uncertain"
        actions.resend(organisation_id=cast.aoba, letter_id=the_letter().id, by=cast.aoki, at=MORNING)
        actions.deliver_due(at=MORNING)
        assert the_letter().state == "accepted"
        first, second = server.mails()
        assert first["Message-ID"] == second["Message-ID"]


class TestLinks:
    def test_a_dead_link_cancels_its_letter(self, cast: Cast, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        def dead(_: str) -> str:
            raise links.LinkDead("このリンクは使われました。")

        monkeypatch.setitem(links._resolvers, "used", dead)
        letter = invitation()
        post(
            cast,
            addressed(
                cast, letter=type(letter)(**{**vars(letter), "link": links.LateLink(kind="used", reference="1")})
            ),
        )
        actions.deliver_due(at=MORNING)
        assert (the_letter().state, the_letter().reason) == ("cancelled", "このリンクは使われました。")
        assert not server.accepted

    @pytest.mark.shows("L-06")
    def test_no_table_holds_the_link(self, cast: Cast, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(links._resolvers, "secret", lambda reference: f"https://example.jp/a/token-of-{reference}")
        letter = invitation()
        late = links.LateLink(kind="secret", reference="7")
        post(cast, addressed(cast, letter=type(letter)(**{**vars(letter), "link": late})))
        actions.deliver_due(at=MORNING)
        assert "token-of-7" in server.mails()[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert "token-of" not in str(Letter.objects.values().get())


class TestBuild:
    def build(self, **changes: Any) -> EmailMessage:
        written = wording.write(invitation())
        values: dict[str, Any] = {
            "letter_id": uuid4(),
            "message_id": "<x@example.jp>",
            "from_name": "青葉",
            "to_mail": "i002@example.jp",
            "to_name": "井上 郁",
            "language": "ja",
            "written": written,
            "at": MORNING,
        }
        content = carriers.build(carriers.Mail(**(values | changes)))
        assert all(len(line) <= 998 for line in content.split(b"\r\n"))
        assert b"\n" not in content.replace(b"\r\n", b"")
        mail = email.message_from_bytes(content, policy=email.policy.default)
        assert not mail.defects
        assert not any(header.defects for header in mail.values())
        return mail

    @pytest.mark.parametrize(
        "name",
        ["株式会社青葉商会", "あ" * 200, 'Aoba "Trading", Inc. (Tokyo) <x@y>', "𠮷田 直樹", "髙橋\\", "a" * 200, ""],
    )
    def test_any_name_comes_out_as_it_went_in(self, name: str) -> None:
        mail = self.build(from_name=name, to_name=name)
        for header in ("From", "To"):
            (address,) = mail[header].addresses
            assert address.display_name.replace(" ", "") == name.replace(" ", "")
        assert mail["To"].addresses[0].addr_spec == "i002@example.jp"

    @pytest.mark.parametrize("subject", ["【青葉】提出のお願い", "あ" * 300, "plain", "a" * 300])
    def test_any_subject_comes_out_as_it_went_in(self, subject: str) -> None:
        assert self.build(written=replace(wording.write(invitation()), subject=subject))["Subject"] == subject

    @pytest.mark.parametrize(
        "changes", [{"from_name": "a\r\nBcc: b@example.jp"}, {"to_name": "a\nb"}, {"to_name": "あ\rい"}]
    )
    @pytest.mark.shows("V-07")
    def test_a_line_break_in_a_header_is_refused(self, changes: dict[str, str]) -> None:
        with pytest.raises(ValueError, match="line break"):
            self.build(**changes)

    def test_the_date_is_the_moment_of_sending(self) -> None:
        assert self.build()["Date"].datetime == MORNING


def test_the_demo_keeps_mails_in_its_mailbox(cast: Cast) -> None:
    post(cast)
    assert actions.deliver_due(at=MORNING) == 1
    (message,) = queries.mailbox(to_mail="i002@example.jp")
    assert queries.mailbox_message(message_id=message.id) == message
    assert "http://localhost:8000/a/abc" in message.body
