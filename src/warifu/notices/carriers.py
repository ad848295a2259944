"""Who carries a letter away: an SMTP server over one connection, or the mailbox of the demo.

A carrier's answer is one of four, and never a guess: accepted; refused for good; not now; uncertain, which is only
said when the whole text was handed over and the server's answer did not come back.
"""

from __future__ import annotations

import base64
import re
import secrets
import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from enum import Enum
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from warifu.foundation.refusals import translatable as _
from warifu.notices import rules
from warifu.notices.models import MailboxMessage
from warifu.notices.wording import Written

ANSWER_WITHIN = 300.0
"""Seconds to wait for the answer to a handed-over text: long, since haste breeds duplicates (RFC 5321, 4.5.3.2.6)."""


class Outcome(Enum):
    """What became of one attempt."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_NOW = "not_now"
    UNCERTAIN = "uncertain"
    TAKEN_OVER = "taken_over"


@dataclass(frozen=True, kw_only=True)
class Result:
    """An attempt's outcome and, unless it was accepted, why."""

    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A written letter with its addresses."""

    letter_id: UUID
    message_id: str
    from_name: str
    to_mail: str
    to_name: str
    language: str
    written: Written
    at: datetime


class Unreachable(Exception):
    """The carrier itself cannot be reached; no letter of the batch can leave now."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Carrier(Protocol):
    """Carries letters one after another."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def carry(self, mail: Mail, *, hand_over: Callable[[], bool]) -> Result:
        """Try to deliver one mail.

        `hand_over` is called just before the text goes out; when it returns False the letter belongs to another
        worker and nothing is sent. Raises `Unreachable`.
        """
        ...


def choose() -> Carrier:
    """The carrier of this installation: practice never writes to the outside."""
    practice = settings.WARIFU.mode == "demo" or (settings.WARIFU.mode == "test" and not settings.EMAIL_HOST)
    return MailboxCarrier() if practice else SmtpCarrier()


class MailboxCarrier:
    """練習用メール箱: keeps each mail as a row, once, under the letter's id."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def carry(self, mail: Mail, *, hand_over: Callable[[], bool]) -> Result:
        """Put the mail into the mailbox."""
        message = MailboxMessage(
            id=mail.letter_id,
            to_mail=mail.to_mail,
            subject=mail.written.subject[:300],
            body=mail.written.text,
            html=mail.written.html,
            at=mail.at,
        )
        MailboxMessage.objects.bulk_create([message], ignore_conflicts=True)
        return Result(outcome=Outcome.ACCEPTED)


class SmtpCarrier:
    """An SMTP server; connects with the first mail and keeps the connection until the batch ends."""

    def __init__(self) -> None:
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._smtp is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
        self._smtp = None

    def carry(self, mail: Mail, *, hand_over: Callable[[], bool]) -> Result:
        """Speak SMTP step by step, so that each failure is known for what it is."""
        smtp = self._smtp or self._connect()
        try:
            return self._speak(smtp, mail, hand_over)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return Result(outcome=Outcome.NOT_NOW, reason=_BROKEN.format(detail=type(error).__name__))

    def check(self) -> None:
        """Connect and sign in, and no more; raises `Unreachable` with what is the matter."""
        self._connect()

    def _speak(self, smtp: smtplib.SMTP, mail: Mail, hand_over: Callable[[], bool]) -> Result:
        text = build(mail)
        code, answer = smtp.mail(sender_address())
        if code != 250:
            return self._answered(smtp, code, answer, may_be_final=False)
        code, answer = smtp.rcpt(rules.envelope_address(mail.to_mail))
        if code not in (250, 251):
            return self._answered(smtp, code, answer, may_be_final=code != 530)
        if not hand_over():
            self._reset(smtp)
            return Result(outcome=Outcome.TAKEN_OVER)
        code, answer = smtp.docmd("DATA")
        if code != 354:
            return self._answered(smtp, code, answer, may_be_final=True)
        smtp.send(re.sub(rb"(?m)^\.", b"..", text))
        return self._finish(smtp)

    def _finish(self, smtp: smtplib.SMTP) -> Result:
        """Send the closing dot; from here on, silence means that nobody knows."""
        try:
            if smtp.sock is not None:
                smtp.sock.settimeout(ANSWER_WITHIN)
            smtp.send(b".\r\n")
            code, answer = smtp.getreply()
            if smtp.sock is not None:
                smtp.sock.settimeout(settings.EMAIL_TIMEOUT)
        except (OSError, smtplib.SMTPException):
            self._drop()
            return Result(outcome=Outcome.UNCERTAIN, reason=_NO_ANSWER)
        if code == 250:
            return Result(outcome=Outcome.ACCEPTED)
        return self._answered(smtp, code, answer, may_be_final=True)

    def _answered(self, smtp: smtplib.SMTP, code: int, answer: bytes, *, may_be_final: bool) -> Result:
        reason = rules.reason_of(code=str(code), text=answer.decode("utf-8", "replace"))
        if code == 421:
            self._drop()
        else:
            self._reset(smtp)
        final = may_be_final and 500 <= code < 600
        return Result(outcome=Outcome.REFUSED if final else Outcome.NOT_NOW, reason=reason)

    def _reset(self, smtp: smtplib.SMTP) -> None:
        """Make the connection ready for the next letter; what is known about this one stays known."""
        try:
            smtp.rset()
        except (OSError, smtplib.SMTPException):
            self._drop()

    def _connect(self) -> smtplib.SMTP:
        host, port, within = settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT
        own_name = urlsplit(settings.WARIFU.site_url).hostname
        try:
            context = ssl.create_default_context()
            smtp: smtplib.SMTP
            if settings.EMAIL_USE_SSL:
                smtp = smtplib.SMTP_SSL(host, port, local_hostname=own_name, timeout=within, context=context)
            else:
                smtp = smtplib.SMTP(host, port, local_hostname=own_name, timeout=within)
            self._smtp = smtp
            if smtp.sock is not None:
                smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if settings.EMAIL_USE_TLS:
                smtp.starttls(context=context)
            smtp.ehlo_or_helo_if_needed()
            if settings.EMAIL_HOST_USER:
                smtp.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
        except smtplib.SMTPAuthenticationError:
            self._drop()
            raise Unreachable(_NOT_LET_IN) from None
        except smtplib.SMTPNotSupportedError:
            self._drop()
            raise Unreachable(_NO_TLS) from None
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise Unreachable(_NOT_THERE.format(detail=type(error).__name__)) from None
        return smtp

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None


_NOT_THERE = _("メールサーバーにつながりません。つながりしだい送ります。({detail})")
_NOT_LET_IN = _("メールサーバーが、設定されたユーザー名とパスワードを受け付けません。")
_NO_TLS = _("メールサーバーが、設定された保護(STARTTLS)または認証に対応していません。")
_BROKEN = _("送信の途中で接続が切れました。もう一度送ります。({detail})")
_NO_ANSWER = _("相手のサーバーに渡したあと、答えを受け取れませんでした。二重に送らないよう、自動では送り直しません。")


def sender_address() -> str:
    """The bare address of the sender."""
    return settings.DEFAULT_FROM_EMAIL


def build(mail: Mail) -> bytes:
    """The mail as bytes: a text part and an HTML part, no attachment, nothing from outside (J-14).

    The sender's name is the organisation's. A line break in any header raises ValueError (V-07). Put together by hand
    because the general way costs more than delivering the mail.
    """
    boundary = f"=_{secrets.token_urlsafe(18)}"
    headers = {
        "From": _person(mail.from_name, sender_address()),
        "To": _person(mail.to_name, rules.envelope_address(mail.to_mail)),
        "Subject": _words(mail.written.subject, indent=len("Subject: ")),
        "Date": format_datetime(mail.at),
        "Message-ID": mail.message_id,
        "MIME-Version": "1.0",
        "Auto-Submitted": "auto-generated",
        "Content-Language": mail.language,
        "Content-Type": f'multipart/alternative; boundary="{boundary}"',
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode("ascii")
    parts = (("plain", mail.written.text), ("html", mail.written.html))
    body = b"".join(_part(boundary, kind, text) for kind, text in parts)
    return head + b"\r\n" + body + f"--{boundary}--\r\n".encode("ascii")


def _part(boundary: str, kind: str, text: str) -> bytes:
    head = f"--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    lines = text.replace("\r\n", "\n").replace("\n", "\r\n").encode()
    return head.encode("ascii") + base64.encodebytes(lines).replace(b"\n", b"\r\n")


def _person(name: str, address: str) -> str:
    if not name:
        return address
    if name.isascii():
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{_words(quoted, indent=0)}" <{address}>'
    return f"{_words(name, indent=8)}\r\n <{address}>"


def _words(text: str, *, indent: int) -> str:
    """A text as a header may hold it: encoded words of 75 characters at most (RFC 2047)."""
    if not rules.is_header_text(text):
        raise ValueError("a line break or control sign in a header")
    if text.isascii():
        return text
    return Header(text, "utf-8", header_name=" " * indent).encode(linesep="\r\n")
