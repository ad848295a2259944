"""Mails as they came: what a kept .eml says, and what it suggests (D-06)."""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime
from typing import cast

from warifu.folders.rules import fields, suggesting
from warifu.folders.rules.files import Media, media_of, plain_name
from warifu.folders.rules.suggesting import Suggested
from warifu.foundation.days import jst_day

LONGEST_BODY = 20_000


class NoMail(ValueError):
    """The bytes are no mail."""


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """One attachment of a mail, by its place."""

    place: int
    name: str
    media: Media
    size: int


@dataclass(frozen=True, kw_only=True)
class Mail:
    """What the screen shows of a mail: plain text only, no picture and no link of it is loaded."""

    subject: str
    sender: str
    sender_name: str
    recipient: str
    sent_at: datetime | None
    message_id: str
    body: str
    attachments: tuple[Attachment, ...]


def read(content: bytes) -> Mail:
    """A mail's headers, text and attachments. Raises `NoMail`."""
    message = _parsed(content)
    body = message.get_body(preferencelist=("plain", "html"))
    name, address = parseaddr(_header(message, "From"))
    return Mail(
        subject=_header(message, "Subject"),
        sender=address,
        sender_name=name,
        recipient=_header(message, "To"),
        sent_at=_moment(_header(message, "Date")),
        message_id=_header(message, "Message-ID"),
        body=_words(cast(EmailMessage | None, body)),
        attachments=tuple(
            Attachment(
                place=place,
                name=plain_name(part.get_filename() or "attachment"),
                media=media_of(head=_bytes(part)[:8192], file_name=part.get_filename() or ""),
                size=len(_bytes(part)),
            )
            for place, part in enumerate(message.iter_attachments())
        ),
    )


def attachment(content: bytes, *, place: int) -> tuple[str, bytes]:
    """Name and bytes of an attachment. Raises `NoMail` when there is none at the place."""
    for number, part in enumerate(_parsed(content).iter_attachments()):
        if number == place:
            return plain_name(part.get_filename() or "attachment"), _bytes(part)
    raise NoMail("no such attachment")


def suggested(mail: Mail) -> Suggested:
    """What headers and text suggest: the day of sending, the sender, sums in the text."""
    found = suggesting.from_text(f"{mail.subject}\n{mail.body[:4000]}")
    own = Suggested(
        source="mail",
        traded_on=found.traded_on or (jst_day(mail.sent_at) if mail.sent_at else None),
        counterparty=(found.counterparty or mail.sender_name or mail.sender)[: fields.NAME_LENGTH],
        kind=suggesting.kind_in(mail.subject) or found.kind,
    )
    return suggesting.joined(own, found)


def _parsed(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    if not isinstance(message, EmailMessage) or not any(message.get(name) for name in ("From", "Date", "Message-ID")):
        raise NoMail("no headers of a mail")
    return message


def _header(message: EmailMessage, name: str) -> str:
    try:
        return " ".join(str(message.get(name, "")).split())[:500]
    except (ValueError, IndexError, AttributeError, LookupError):
        return ""


def _moment(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _words(body: EmailMessage | None) -> str:
    if body is None:
        return ""
    try:
        text = str(body.get_content())
    except (LookupError, ValueError, KeyError):
        text = _bytes(body).decode("utf-8", "replace")
    return text[:LONGEST_BODY]


def _bytes(part: EmailMessage) -> bytes:
    inner = part.get_payload(decode=True)
    if isinstance(inner, bytes):
        return inner
    return part.as_bytes() if part.is_multipart() else b""
