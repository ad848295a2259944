"""お知らせ: addresses, pauses, placeholders and the words for a refusal."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import MORNING
from warifu.foundation.masking import twelve_digit_runs
from warifu.notices import returned, rules

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    "text", ["a@example.jp", "a.b+c@example.co.jp", "a..b.@docomo.example", "number@localhost", "x@" + "a" * 63 + ".jp"]
)
def test_addresses_that_can_be_written_to(text: str) -> None:
    assert rules.is_mail_address(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "a",
            "@example.jp",
            "a@",
            "a b@example.jp",
            "a@example..jp",
            "a@-example.jp",
            "井上@example.jp",
            "a@例え.jp",
        ),
        *(
            "a@example.jp\n",
            "a@example.jp\r\nBcc: b@example.jp",
            "<a@example.jp>",
            "a@b@c.jp",
            "a" * 250 + "@example.jp",
        ),
    ],
)
@pytest.mark.shows("V-07")
def test_addresses_that_cannot(text: str) -> None:
    assert not rules.is_mail_address(text)


@given(st.text())
@pytest.mark.shows("V-07")
def test_no_address_carries_a_line_break(text: str) -> None:
    if rules.is_mail_address(text):
        assert text.isascii()
        assert text.isprintable()
        assert " " not in text


def test_stray_dots_are_quoted() -> None:
    assert rules.envelope_address("a.b@example.jp") == "a.b@example.jp"
    assert rules.envelope_address("a..b@example.jp") == '"a..b"@example.jp'
    assert rules.envelope_address("a.@example.jp") == '"a."@example.jp'


@pytest.mark.parametrize("text", ["a\nb", "a\rb", "a\x00b", "a\u2028b", "a\x85b"])
@pytest.mark.shows("V-07")
def test_header_text_has_no_control_signs(text: str) -> None:
    assert not rules.is_header_text(text)
    assert rules.is_header_text("株式会社青葉商会 総務課")


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(1, 1), (2, 5), (3, 15), (4, 60), (5, 240), (6, 720), (7, 720), (99, 720)]
)
def test_pauses(attempts: int, minutes: int) -> None:
    give_up_at = MORNING + timedelta(days=9)
    assert rules.next_attempt(attempts=attempts, at=MORNING, give_up_at=give_up_at) == MORNING + minutes * MINUTE


def test_pauses_end() -> None:
    assert rules.next_attempt(attempts=6, at=MORNING, give_up_at=MORNING + timedelta(hours=11)) is None


def test_placeholders_are_filled_once() -> None:
    assert rules.fill("{a} {b}", words={"a": "{b}", "b": "x"}) == "{b} x"
    assert rules.unknown_placeholders("{a} {c} { }", known={"a"}) == ["c", " "]


@given(st.uuids())
@pytest.mark.shows("N-06")
def test_a_message_id_cannot_look_like_a_number(value: UUID) -> None:
    message_id = rules.message_id(letter_hex=value.hex, domain="example.jp")
    assert twelve_digit_runs(message_id) == []
    assert message_id == rules.message_id(letter_hex=value.hex, domain="example.jp")


@pytest.mark.parametrize(
    ("code", "text", "start"),
    [
        ("550", "5.1.1 no such user", "宛先のメールアドレスが見つかりません。"),
        ("550", "5.1.2 bad destination", "宛先のドメイン"),
        ("552", "5.2.2 over quota", "宛先の受信箱がいっぱいです。"),
        ("550", "5.7.1 blocked", "相手のサーバーが受取りを拒みました。"),
        ("550", "no", "宛先のメールアドレスが見つかりません。"),
        ("554", "nothing said", "相手のサーバーが受け取りませんでした。"),
        ("451", "4.3.0 later", "相手のサーバーが、いまは受け取れない"),
        ("xyz", "", "相手のサーバーの答えを読み取れませんでした。"),
    ],
)
def test_refusals_in_words(code: str, text: str, start: str) -> None:
    assert rules.reason_of(code=code, text=text).startswith(start)


@pytest.mark.shows("N-06")
def test_a_servers_words_are_short_and_masked() -> None:
    reason = rules.reason_of(code="550", text="5.1.1 1234 5678 9013\r\n" + "x" * 999)
    assert twelve_digit_runs(reason) == []
    assert "\n" not in reason
    assert len(reason) < 250


NOTIFICATION = """\
From: MAILER-DAEMON@relay.example
To: number@example.jp
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example

Final-Recipient: rfc822; i002@example.jp
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <i002@example.jp>: user unknown

--b
Content-Type: {kind}

From: number@example.jp
Message-ID: <abc@example.jp>
Subject: x

{body}
--b--
"""


class TestReturned:
    @pytest.mark.parametrize(("kind", "body"), [("message/rfc822", "text"), ("text/rfc822-headers", "")])
    def test_names_the_letter_and_says_why(self, kind: str, body: str) -> None:
        found = returned.read(NOTIFICATION.format(action="failed", kind=kind, body=body).encode())
        assert found is not None
        assert found.message_id == "<abc@example.jp>"
        assert found.reason.startswith("宛先のメールアドレスが見つかりません。")

    def test_a_mere_delay_is_no_bounce(self) -> None:
        assert returned.read(NOTIFICATION.format(action="delayed", kind="message/rfc822", body="").encode()) is None

    @pytest.mark.parametrize(
        "content", [b"", b"\x00\xff", b"Subject: holiday\n\nI am away.", "会議の件".encode("cp932")]
    )
    def test_other_mail_is_no_bounce(self, content: bytes) -> None:
        assert returned.read(content) is None
