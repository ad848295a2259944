"""利用者ID: what is proposed, which signs it may have, how it is read aloud, what a month counts (003-6, 003-11)."""

from __future__ import annotations

import re
from datetime import date
from enum import Enum

from warifu.foundation import japanese
from warifu.foundation.actor import Role
from warifu.foundation.refusals import translatable as _

SHORTEST, LONGEST = 4, 254
HOURS = range(1, 9)
"""The log-out times that an ID may have, in hours (B3-1)."""
MOST = 200
"""IDs that are issued at a time."""

OFFICE_ROLES = Role.HEAD | Role.ADMINISTRATOR | Role.IT | Role.PAYROLL | Role.STAFF
"""Who gets a 職員ID: whoever works in the office."""

_SIGNS = re.compile(r"[a-z0-9][a-z0-9._@+-]*")
_SPOKEN = {
    "a": "エー", "b": "ビー", "c": "シー", "d": "ディー", "e": "イー", "f": "エフ", "g": "ジー", "h": "エイチ",
    "i": "アイ", "j": "ジェイ", "k": "ケー", "l": "エル", "m": "エム", "n": "エヌ", "o": "オー", "p": "ピー",
    "q": "キュー", "r": "アール", "s": "エス", "t": "ティー", "u": "ユー", "v": "ブイ", "w": "ダブリュー",
    "x": "エックス", "y": "ワイ", "z": "ゼット",
    "0": "ゼロ", "1": "いち", "2": "に", "3": "さん", "4": "よん", "5": "ご", "6": "ろく", "7": "なな", "8": "はち",
    "9": "きゅう", "-": "ハイフン", ".": "ドット", "_": "アンダーバー", "@": "アットマーク", "+": "プラス",
}  # fmt: skip
_MIXED_UP = (("0", "o"), ("1", "l"), ("1", "i"), ("l", "i"))


class Fault(Enum):
    """What is the matter with an ID; the value is said beside the field."""

    MISSING = _("利用者IDを入れてください。")
    SHORT = _("4文字以上にしてください。")
    LONG = _("254文字までにしてください。")
    SIGNS = _("使えるのは、半角の英字と数字、. _ - @ + です。はじめの文字は英字か数字にしてください。")
    USED = _("この事務所で、前に使われたことのあるIDです。人が替わっても、同じIDは二度と使えません。")
    TWICE = _("この表の中で、二人に同じIDが入っています。")
    MAIL = _("ほかの人のメールアドレスと同じです。")
    CODE = _("ほかの人の職員番号(社員番号)と同じです。")


def normal(text: str) -> str:
    """An ID as it is kept and compared: half width, small letters."""
    return japanese.to_half_width(text).lower()


def proposed(*, is_staff: bool, office_code: str, employee_code: str, mail: str) -> str:
    """What stands in the field at first: the office's access name and the staff code, or the mail address.

    Staff without a code get the access name and a hyphen to go on from; customers without mail get the office's form.
    """
    if not is_staff and mail:
        return normal(mail)
    return normal(f"{office_code}-{employee_code}") if employee_code else f"{office_code}-"


def fault(text: str) -> Fault | None:
    """What is the matter with an ID by itself, or None."""
    if not text:
        return Fault.MISSING
    if not _SIGNS.fullmatch(text):
        return Fault.SIGNS
    if len(text) < SHORTEST:
        return Fault.SHORT
    return Fault.LONG if len(text) > LONGEST else None


def is_misread(text: str, *, office_code: str) -> bool:
    """Whether an ID holds signs that people mix up with one another: 0 and o, 1 and l (a hint, not a fault).

    The office's own name and a mail address are known to those who type them.
    """
    own = text.removeprefix(office_code)
    return "@" not in own and any(one in own and other in own for one, other in _MIXED_UP)


def spoken(text: str) -> str:
    """How an ID is spelt on the telephone: `エー・オー・ビー・エー・ハイフン・ゼロ・よん`."""
    return "・".join(_SPOKEN.get(sign, sign) for sign in normal(text))


def months_back(*, today: date, count: int) -> list[tuple[date, date]]:
    """The newest months up to today's: the first day of each, and the first day of the month after it."""
    found = []
    year, month = today.year, today.month
    for _number in range(count):
        after = date(year + month // 12, month % 12 + 1, 1)
        found.append((date(year, month, 1), after))
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return found
