"""Mails as they came: what a kept .eml says, and what it suggests (D-06).

Nothing is believed of a mail: headers are decoded here from their raw bytes, because the parser of the standard
library stumbles over broken ones and takes seconds for long ones.
"""

from __future__ import annotations

import email
import email.message
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime
from html.parser import HTMLParser
from itertools import islice
from typing import Any

from warifu.folders.rules import fields, suggesting
from warifu.folders.rules.files import Media, media_of, plain_name
from warifu.folders.rules.suggesting import Suggested
from warifu.foundation.days import jst_day

LONGEST_BODY = 20_000
LONGEST_HEADER = 4_000
MOST_ATTACHMENTS = 200
MOST_PARTS = 2_000
DEEPEST = 3
"""How many mails inside one another are opened."""


class NoMail(ValueError):
    """The bytes are no mail."""


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """One attachment of a mail, by its place; those of a forwarded mail stand behind it."""

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
    """A mail's headers, text and attachments. Raises `NoMail`, also for what would take too long to take apart."""
    try:
        return _read(_parsed(content))
    except RecursionError:
        raise NoMail("parts within parts without an end") from None


def _read(message: EmailMessage) -> Mail:
    name, address = _sender(message)
    return Mail(
        subject=_header(message, "Subject")[:500],
        sender=address,
        sender_name=name,
        recipient=_header(message, "To")[:500],
        sent_at=_moment(_header(message, "Date")),
        message_id=_header(message, "Message-ID")[:500],
        body=_words(message),
        attachments=tuple(
            Attachment(place=place, name=name, media=media_of(head=inner[:8192], file_name=name), size=len(inner))
            for place, (name, inner) in enumerate(_attachments(message))
        ),
    )


def attachment(content: bytes, *, place: int) -> tuple[str, bytes]:
    """Name and bytes of an attachment. Raises `NoMail` when there is none at the place."""
    try:
        for number, found in enumerate(_attachments(_parsed(content))):
            if number == place:
                return found
    except RecursionError:
        raise NoMail("parts within parts without an end") from None
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
    if content.count(b"\n--") > MOST_PARTS:
        raise NoMail("too many parts")
    message = email.message_from_bytes(content, policy=email.policy.default)
    if not isinstance(message, EmailMessage) or not any(_raw(message, name) for name in ("From", "Date", "Message-ID")):
        raise NoMail("no headers of a mail")
    return message


def _raw(part: EmailMessage, name: str) -> str:
    """A header as it stands in the bytes, its letters beyond ASCII as some writer's charset may have meant them."""
    for key, value in part.raw_items():
        if key.lower() == name.lower():
            return _decoded(str(value).encode("ascii", "surrogateescape"))[:LONGEST_HEADER]
    return ""


def _decoded(raw: bytes, charset: str = "") -> str:
    usual = ["iso2022_jp_ext"] if b"\x1b$" in raw else ["utf-8", "cp932"]
    for name in [charset, *usual] if charset else usual:
        try:
            return raw.decode(name)
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    return raw.decode(usual[0], "replace")


def _header(part: EmailMessage, name: str) -> str:
    """A header as people read it, in one line."""
    return " ".join(fields.visible(_unfolded(_raw(part, name))).split())


def _unfolded(text: str) -> str:
    """A header's text with its encoded words (RFC 2047) decoded; what cannot be decoded stays as it is."""
    text = re.sub(r"\r?\n[ \t]*", " ", text)
    if "=?" not in text:
        return text
    try:
        pieces = decode_header(text)
    except (HeaderParseError, ValueError):
        return text
    return "".join(piece if isinstance(piece, str) else _decoded(piece, charset or "") for piece, charset in pieces)


def _sender(message: EmailMessage) -> tuple[str, str]:
    name, address = parseaddr(re.sub(r"\r?\n[ \t]*", " ", _raw(message, "From")))
    return (" ".join(fields.visible(_unfolded(name)).split())[:200], fields.visible(address)[:254])


def _moment(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        jst_day(found)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found


def _words(message: EmailMessage) -> str:
    """The text of a mail; of one in HTML only, the words without its marks."""
    try:
        body = message.get_body(preferencelist=("plain", "html"))
    except (ValueError, IndexError, AttributeError, KeyError, LookupError, HeaderParseError):
        return ""
    if not isinstance(body, EmailMessage) or body.is_multipart():
        return ""
    raw = _bytes(body)[: 4 * LONGEST_BODY]
    text = _decoded(raw, _parameter(body, "charset"))
    return fields.visible(_without_marks(text) if _type(body) == "text/html" else text)[:LONGEST_BODY]


def _attachments(message: EmailMessage) -> Iterator[tuple[str, bytes]]:
    """Names and bytes, at most `MOST_ATTACHMENTS`; behind a forwarded mail what is attached to that."""
    yield from islice(_parts(message, DEEPEST), MOST_ATTACHMENTS)


def _parts(message: EmailMessage, depth: int) -> Iterator[tuple[str, bytes]]:
    if not message.is_multipart():
        if not _type(message).startswith("text/"):
            yield _name(message), _bytes(message)
        return
    try:
        parts = list(message.iter_attachments())
    except (ValueError, IndexError, AttributeError, KeyError, LookupError, HeaderParseError):
        return
    for part in parts:
        inner = part.get_payload(0) if _type(part) == "message/rfc822" and part.is_multipart() else None
        if isinstance(inner, EmailMessage):
            yield plain_name(_given_name(part) or f"{_header(inner, 'Subject')[:100] or 'mail'}.eml"), _bytes(part)
            if depth > 1:
                yield from _parts(inner, depth - 1)
        else:
            yield _name(part), _bytes(part)


def _name(part: EmailMessage) -> str:
    return plain_name(_given_name(part) or "attachment")


def _given_name(part: EmailMessage) -> str:
    """The file's name in the headers, however its writer has encoded it."""
    return _unfolded(_parameter(part, "filename"))


def _parameter(part: EmailMessage, name: str) -> str:
    plain = email.message.Message()
    for header in ("Content-Disposition", "Content-Type"):
        plain[header] = re.sub(r"\r?\n[ \t]*", " ", _raw(part, header))
    found: Any
    try:
        found = plain.get_filename() if name == "filename" else plain.get_content_charset()
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""
    return str(found or "")


def _type(part: EmailMessage) -> str:
    plain = email.message.Message()
    plain["Content-Type"] = re.sub(r"\r?\n[ \t]*", " ", _raw(part, "Content-Type")) or "text/plain"
    return plain.get_content_type()


def _bytes(part: EmailMessage) -> bytes:
    if part.is_multipart():
        inner = part.get_payload(0) if _type(part) == "message/rfc822" else part
        return _flat(inner if isinstance(inner, EmailMessage) else part)
    try:
        found = part.get_payload(decode=True)
    except (ValueError, IndexError, AttributeError, LookupError):
        return b""
    return found if isinstance(found, bytes) else b""


def _flat(message: EmailMessage) -> bytes:
    try:
        return message.as_bytes(policy=email.policy.compat32)
    except (ValueError, IndexError, AttributeError, KeyError, LookupError, TypeError):
        return b""


def _without_marks(text: str) -> str:
    reader = _Words()
    reader.feed(text)
    reader.close()
    return re.sub(r"\n\s*\n\s*", "\n\n", "".join(reader.words)).strip()


class _Words(HTMLParser):
    """The words of a page, a line for each block; scripts and styles are none."""

    _LINES = frozenset({"p", "div", "br", "tr", "li", "table", "h1", "h2", "h3", "h4", "blockquote"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("script", "style", "head")
        if tag in self._LINES:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in ("script", "style", "head")))
        if tag in self._LINES:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(re.sub(r"[ \t\r\n]+", " ", data))
