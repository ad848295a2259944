"""Electronic certificates: how long they live, when they may be renewed, whom a letter reminds, why one is stopped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from warifu.foundation.refusals import translatable as _

LIFE = timedelta(days=390)
"""Of a member's certificate: never more than thirteen months, however short those are (C-02)."""
ROOT_LIFE = timedelta(days=20 * 365)
ISSUING_LIFE = timedelta(days=5 * 365)
ISSUING_SPARE = timedelta(days=30)
"""How long before an issuing authority could no longer give a whole `LIFE` the next one is made."""
CLOCKS_DIFFER = timedelta(minutes=10)
"""So much earlier a certificate begins than it was made, for computers whose clock is behind."""
WINDOW = timedelta(days=60)
"""The renewal window opens so long before the end, or at two thirds of the life when that is later (C-06)."""
OVERLAP = timedelta(days=14)
"""How long a replaced certificate goes on, unless the new one is used earlier (C-06)."""
REMINDERS = (60, 28, 7, 1)
"""Days before the end on which a letter leaves; NACCS opens its renewal 28 days before (seeds.md B2-4)."""
UNUSED = timedelta(days=61)
"""A certificate that was not used for so long after its making is pointed out (seeds.md B2-4: two months)."""
LIST_LIFE = timedelta(hours=24)
"""A list of revoked certificates holds so long at most (C-05)."""
LIST_RENEWED = timedelta(hours=12)
"""So long before its end the next list is made."""
MOST = 20
"""Certificates of one person that run at the same time."""
COMMON_NAME_LENGTH = 64
"""Longest name in a certificate (RFC 5280, upper bound of a common name)."""


class Reason(Enum):
    """Why a certificate is stopped: the house's word, RFC 5280's reason, and what screens call it."""

    LOST = "lost", "key_compromise", _("端末をなくした・盗まれた")
    EXPOSED = "exposed", "key_compromise", _("秘密鍵を他人に知られたおそれがある")
    REPLACED = "replaced", "superseded", _("新しい電子証明書に替えた")
    LEFT = "left", "affiliation_changed", _("退職・異動・担当替え")
    UNUSED = "unused", "cessation_of_operation", _("もう使わない")
    OTHER = "other", "unspecified", _("そのほか")

    def __init__(self, word: str, flag: str, label: str) -> None:
        self.word = word
        self.flag = flag
        self.label = label


def reason_of(word: str) -> Reason | None:
    """The reason of a word, or None when the list does not know it."""
    return next((reason for reason in Reason if reason.word == word), None)


def flag_of(word: str) -> str:
    """RFC 5280's name of a reason."""
    found = reason_of(word)
    return found.flag if found else "unspecified"


@dataclass(frozen=True)
class Span:
    """From when until when a certificate is valid, and when it was replaced or stopped."""

    valid_from: datetime
    valid_until: datetime
    replaced_at: datetime | None = None
    revoked_at: datetime | None = None


def renewable_from(span: Span) -> datetime:
    """When the renewal window opens: the later of two thirds of the life and `WINDOW` before the end (C-06)."""
    life = span.valid_until - span.valid_from
    return max(span.valid_from + life * 2 / 3, span.valid_until - WINDOW)


def holds(span: Span, *, at: datetime) -> bool:
    """Whether a certificate lets its holder in at a moment: in its dates, not stopped, its overlap not over."""
    if span.revoked_at is not None or not span.valid_from <= at < span.valid_until:
        return False
    return span.replaced_at is None or at < span.replaced_at + OVERLAP


def state_of(span: Span, *, at: datetime) -> str:
    """What lists call it: `revoked`, `over`, `replaced` (in its overlap), `ending` (renewable) or `running`."""
    if span.revoked_at is not None:
        return "revoked"
    if not holds(span, at=at):
        return "over"
    if span.replaced_at is not None:
        return "replaced"
    return "ending" if at >= renewable_from(span) else "running"
