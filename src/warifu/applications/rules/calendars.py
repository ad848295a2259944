"""The days of an application as entries of a calendar, and as the text that calendar programs read (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from types import MappingProxyType

from warifu.applications.rules.planner import Plan
from warifu.foundation.refusals import translatable as _

LINE = 75
"""Octets of a line before it is folded (RFC 5545, 3.1)."""
AGAIN = "PT12H"
"""How often a calendar program may ask again (RFC 7986)."""


class Certainty(Enum):
    """How far a day can be relied on; the values are those of STATUS."""

    ASSUMED = "TENTATIVE"
    SETTLED = "CONFIRMED"
    CALLED_OFF = "CANCELLED"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One day of an application: which, what it is called, what to do by then or from then on."""

    key: str
    day: date
    title: str
    words: str


WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "secret_visible_from": (
            _("封緘通知（初期パスワード）を開けるようになる日"),
            _("申し込んだ人が、自分のページの「封緘通知」から開けます。"),
        ),
        "settings_deadline": (
            _("システム設定の申込みの期限"),
            _("この日までに申し込まれないと、申込みは無効になります。"),
        ),
        "start": (_("利用開始日"), _("この日から、発行された利用者IDを使えます。")),
        "approval_pdf_from": (
            _("承諾通知書を出せるようになる日"),
            _("「審査の結果」のページから、PDFで出して保管します。"),
        ),
        "secret_visible_until": (
            _("封緘通知（初期パスワード）を開ける最後の日"),
            _("次の日からは開けません。あとからは、出し直しの手続きがいります。"),
        ),
    }
)
"""Title and further words of each day; the keys but `start` are those of `warifu plan --json`."""
_WITHOUT_IDS = ("start", "approval_pdf_from")


def entries(*, plan: Plan, starts_on: date, gives_ids: bool = True) -> tuple[Entry, ...]:
    """The days of a plan in order; an application that gives no new IDs has no secrets and no settings."""
    days = {
        "secret_visible_from": plan.secret_visible_from,
        "settings_deadline": plan.settings_deadline,
        "start": starts_on,
        "approval_pdf_from": plan.approval_pdf_from,
        "secret_visible_until": plan.secret_visible_until,
    }
    keys = list(WORDS) if gives_ids else list(_WITHOUT_IDS)
    found = [Entry(key=key, day=days[key], title=WORDS[key][0], words=WORDS[key][1]) for key in keys]
    return tuple(sorted(found, key=lambda entry: (entry.day, keys.index(entry.key))))


def feed(
    *,
    name: str,
    place: str,
    certainty: Certainty,
    entries: Iterable[Entry],
    changed_at: datetime,
    at: datetime,
    address: str = "",
) -> bytes:
    """A calendar of whole days.

    `name` heads the calendar and each entry; `place` makes the entries' UIDs one of their kind in the world (an id and
    a host name: the same day of the same application keeps its UID when it moves); `address` is the page to open.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Warifu//Application days//JA",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{_text(name)}",
        f"X-WR-CALNAME:{_text(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{AGAIN}",
        f"X-PUBLISHED-TTL:{AGAIN}",
    ]
    made, changed = (f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}" for moment in (at, changed_at))
    for entry in entries:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{entry.key}.{place}",
            f"DTSTAMP:{made}",
            f"LAST-MODIFIED:{changed}",
            f"DTSTART;VALUE=DATE:{entry.day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{entry.day + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_text(f'{name} {entry.title}')}",
            f"DESCRIPTION:{_text(entry.words)}",
            *([f"URL:{address}"] if address else []),
            f"STATUS:{certainty.value}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return b"".join(part + b"\r\n" for line in lines for part in _folded(line))


def _text(words: str) -> str:
    """A value of type TEXT (3.3.11): backslash, semicolon, comma and line breaks escaped, other controls left out."""
    escaped = words.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    escaped = escaped.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")
    return "".join(sign for sign in escaped if sign.isprintable() or sign == "\t")


def _folded(line: str) -> Iterator[bytes]:
    """A line in pieces of at most `LINE` octets, never inside a character; each further piece begins with a blank."""
    piece = b""
    for sign in line:
        octets = sign.encode()
        if len(piece) + len(octets) > LINE:
            yield piece
            piece = b" "
        piece += octets
    yield piece
