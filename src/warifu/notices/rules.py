"""Rules of the room お知らせ: which addresses can be written to, when to try again, what an edited text may say."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from warifu.foundation.masking import mask_numbers

LASTS = timedelta(days=3)
"""How long delivery is tried before it is given up."""

LEASE = timedelta(minutes=5)
"""How long a batch belongs to the worker that took it."""

_PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=60),
    timedelta(hours=4),
    timedelta(hours=12),
)

_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_MAIL = re.compile(rf"(?P<local>{_LOCAL})@(?P<domain>{_LABEL}(?:\.{_LABEL})*)")
_DOT_ATOM = re.compile(r"[^.]+(?:\.[^.]+)*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def next_attempt(*, attempts: int, at: datetime, give_up_at: datetime) -> datetime | None:
    """When to try again after `attempts` tries: 1, 5, 15, 60 minutes, 4 hours, then every 12; None when it is over."""
    following = at + _PAUSES[min(attempts, len(_PAUSES)) - 1]
    return following if following <= give_up_at else None


def is_mail_address(text: str) -> bool:
    """Whether a letter can be sent to an address; the dots that old Japanese mobile addresses allow are accepted."""
    return len(text) <= 254 and _MAIL.fullmatch(text) is not None


def envelope_address(text: str) -> str:
    """An address as SMTP wants it: a local part with stray dots is quoted (RFC 5321, 4.1.2)."""
    local, domain = text.rsplit("@", 1)
    return text if _DOT_ATOM.fullmatch(local) else f'"{local}"@{domain}'


def is_header_text(text: str) -> bool:
    """Whether a text may stand in a mail header: no line break nor other control sign (V-07)."""
    return _CONTROL.search(text) is None


def placeholders_in(text: str) -> list[str]:
    """The names that stand between braces in an edited text, in order."""
    return _PLACEHOLDER.findall(text)


def unknown_placeholders(text: str, *, known: Collection[str]) -> list[str]:
    """The names between braces that are not in `known`."""
    return [name for name in placeholders_in(text) if name not in known]


def fill(text: str, *, words: Mapping[str, str]) -> str:
    """An edited text with its placeholders filled, once: a value that holds braces stays as it is."""
    return _PLACEHOLDER.sub(lambda match: words[match[1]], text)


def message_id(*, letter_hex: str, domain: str) -> str:
    """The Message-ID of a letter: the same each time it is sent, and without digits that could look like a number."""
    name = letter_hex.translate(str.maketrans("0123456789", "ghijklmnop"))
    return f"<{name}@{domain}>"


_MOBILE = re.compile(r"0[789]0[0-9]{8}")
_TEXT_PAUSES = (5, 15, 30, 60, 120)
LONGEST_TEXT = 70
"""Signs of one text message that is not in Latin letters alone (UCS-2)."""
_TEXT = "【{sender}】確認コード {code} です。だれにも教えないでください。職員がお尋ねすることはありません。"


def mobile_number(text: str) -> str | None:
    """A Japanese mobile number as E.164 wants it, `+819012345678`, from what people type; None for all else.

    Full-width digits, hyphens of any kind, blanks, brackets and a leading +81 are understood; only 070, 080 and 090
    are taken, for other numbers receive no text messages.
    """
    typed = unicodedata.normalize("NFKC", text).strip()
    digits = "".join(sign for sign in typed if sign.isdecimal())
    others = set(typed) - set("0123456789")
    if others - set(_MOBILE_SEPARATORS) or not digits.isascii():
        return None
    if typed.startswith("+"):
        digits = f"0{digits[2:].removeprefix('0')}" if digits.startswith("81") else ""
    return f"+81{digits[1:]}" if _MOBILE.fullmatch(digits) else None


def hidden_phone(phone: str) -> str:
    """A mobile number of which its owner knows the rest: `090-****-5678`."""
    return f"0{phone[3:5]}-****-{phone[-4:]}" if phone.startswith("+81") and len(phone) == 13 else ""


def shown_phone(phone: str) -> str:
    """A mobile number as people write it: `090-1234-5678`."""
    return f"0{phone[3:5]}-{phone[5:9]}-{phone[9:]}" if phone.startswith("+81") and len(phone) == 13 else phone


def text_words(*, sender: str, code: str) -> str:
    """The words of a text message: who sends it, the code, and that nobody is to be told; at most 70 signs (UTF-16).

    A sender's name that is too long is cut, never the warning.
    """
    room = LONGEST_TEXT - _utf16(_TEXT.format(sender="", code=code))
    while _utf16(sender) > room:
        sender = sender[: -2 if sender.endswith("…") else -1].rstrip() + "…"
    return _TEXT.format(sender=sender, code=code)


def text_pause(*, attempts: int) -> timedelta:
    """How long to wait after so many tries of a text message: 5, 15, 30 seconds, 1 minute, then every 2."""
    return timedelta(seconds=_TEXT_PAUSES[min(attempts, len(_TEXT_PAUSES)) - 1])


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


_MOBILE_SEPARATORS = "+-()‐‑‒–—―−ー 　"

_REASONS = (
    ("5.1.2", "宛先のドメイン(@の後ろ)が見つかりません。"),
    ("5.1", "宛先のメールアドレスが見つかりません。"),
    ("5.2.1", "宛先の受信箱は使われていません。"),
    ("5.2.2", "宛先の受信箱がいっぱいです。"),
    ("5.3.4", "メールが大きすぎて受け取られませんでした。"),
    ("5.7", "相手のサーバーが受取りを拒みました。受信の設定(指定受信など)を確かめてもらってください。"),
    ("550", "宛先のメールアドレスが見つかりません。"),
    ("551", "宛先のメールアドレスが見つかりません。"),
    ("553", "宛先のメールアドレスの形を、相手のサーバーが受け付けませんでした。"),
    ("552", "宛先の受信箱がいっぱいです。"),
    ("4.2.2", "宛先の受信箱がいっぱいです。しばらくしてからもう一度送ります。"),
    ("5", "相手のサーバーが受け取りませんでした。"),
    ("4", "相手のサーバーが、いまは受け取れないと答えました。もう一度送ります。"),
)


def reason_of(*, code: str, text: str) -> str:
    """Why a letter was not taken, in words: from the reply's code, its enhanced status (RFC 3463) and its text."""
    found = re.search(r"\b([245]\.\d{1,3}\.\d{1,3})\b", text)
    status = found[1] if found else ""
    said = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    detail = mask_numbers(f"{code} {said}".strip())[:150]
    for start, sentence in _REASONS:
        if (status and f"{status}.".startswith(f"{start}.")) or (start.isdigit() and code.startswith(start)):
            return f"{sentence}({detail})"
    return f"{_UNREADABLE}({detail})"


_UNREADABLE = "相手のサーバーの答えを読み取れませんでした。"
