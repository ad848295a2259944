"""Which passwords are good (L-01 … L-03)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

import jaconv

from warifu.foundation.days import ERAS
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _

SHORTEST = 15
"""Code points of a password that is the only factor (L-01; 63B-4 3.1.1.2)."""
LONGEST = 256
"""Code points at most: far above the 64 that must be allowed, low enough to hash quickly (L-01)."""
STRONG_ENOUGH = 40.0
"""Bits of guessing work below which a password counts as easily guessed (L-03)."""


class PasswordTooShort(Refused):
    """The password has too few characters (L-01)."""

    code = "WF-S101"
    sentence = _("パスワードは{shortest}文字以上にしてください。いまは{length}文字です。")
    remedy = _("いくつかの言葉を空白でつないだ文にすると、長くても覚えやすくなります。")
    status = 422


class PasswordTooLong(Refused):
    """The password has too many characters (L-01)."""

    code = "WF-S102"
    sentence = _("パスワードは{longest}文字までです。")
    remedy = _("短くして、もう一度お試しください。")
    status = 422


class PasswordUnprintable(Refused):
    """The password holds a character that cannot be seen, such as a line break (L-01)."""

    code = "WF-S103"
    sentence = _("パスワードに、改行などの目に見えない文字が入っています。")
    remedy = _("貼り付けたときに余分な文字が入っていないか、「表示する」で確かめてください。空白は使えます。")
    status = 422


class PasswordAboutYou(Refused):
    """The password is made mostly of names, addresses, codes or birthdays known to others (L-03)."""

    code = "WF-S104"
    sentence = _(
        "組織や利用者の名前、メールアドレス、社員番号、生年月日から作られているため、推測されやすいパスワードです。"
    )
    remedy = _("ご自分や会社と関わりのない言葉を、いくつかつないでください。")
    status = 422


class PasswordCommon(Refused):
    """The password is made mostly of words that lists of leaked passwords hold (L-03)."""

    code = "WF-S105"
    sentence = _("流出したパスワードの一覧にある言葉でできているため、推測されやすいパスワードです。")
    remedy = _("関わりのない言葉を四つ以上つなぐか、パスワード管理ソフトで作ってください。")
    status = 422


class PasswordPattern(Refused):
    """The password is a walk on the keyboard, a sequence, a repetition or a day (L-03)."""

    code = "WF-S106"
    sentence = _("キーボードの並び、続き番号、くり返し、日付でできているため、推測されやすいパスワードです。")
    remedy = _("関わりのない言葉を四つ以上つなぐか、パスワード管理ソフトで作ってください。")
    status = 422


@dataclass(frozen=True, kw_only=True)
class Owner:
    """What others may know of a password's owner, and so guess first (L-03)."""

    words: tuple[str, ...] = ()
    born_on: date | None = None


def normal(password: str) -> str:
    """The form that is measured and hashed: composed (NFC), so that か+゛ typed elsewhere is the same password."""
    return unicodedata.normalize("NFC", password)


def insist_good(*, password: str, owner: Owner, common: Collection[str]) -> None:
    """Refuse a password that is too short, too long, unprintable or easily guessed; says why (L-01 … L-03).

    No composition rules: letters, digits, signs, spaces and kana are all welcome and none is demanded. `common` are
    words from lists of leaked passwords. Raises a `Password…` refusal.
    """
    text = normal(password)
    if len(text) < SHORTEST:
        raise PasswordTooShort(shortest=SHORTEST, length=len(text))
    if len(text) > LONGEST:
        raise PasswordTooLong(longest=LONGEST)
    if any(unicodedata.category(char).startswith("C") for char in text):
        raise PasswordUnprintable
    bits, kinds = _guessing_work(_plain(text), own=_own_words(owner), common=common)
    if bits < STRONG_ENOUGH:
        raise _weakest(kinds)


_PRODUCT = (
    "warifu",
    "割符",
    "わりふ",
    "mynumber",
    "マイナンバー",
    "まいなんばー",
    "個人番号",
    "password",
    "パスワード",
)
_WALKS = (
    "1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "qazwsxedcrfvtgbyhnujmikolp", "zaq1xsw2cde3vfr4bgt5nhy6mju7", "147258369", "741852963", "789456123",
    "ちとしはきくまのりれけむ", "abcdefghijklmnopqrstuvwxyz", "01234567890123456789",
    "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん",
    "いろはにほへとちりぬるを",
)  # fmt: skip
_ALL_WALKS = tuple(walk for line in _WALKS for walk in (line, line[::-1]))
_LEET = str.maketrans("@4031!$57", "aaoeiisst")
_DAY = re.compile(r"(?:19|20)\d\d[-/.年]?(?:0?[1-9]|1[0-2])[-/.月]?(?:0?[1-9]|[12]\d|3[01])日?|(?:19|20)\d\d")
_LONGEST_PART = 40

_OWN, _COMMON, _PATTERN, _FREE = "own", "common", "pattern", "free"
_BITS = {_OWN: 4.0, _COMMON: 12.0, _PATTERN: 7.0}


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _own_words(owner: Owner) -> frozenset[str]:
    words = [*_PRODUCT]
    for text in owner.words:
        plain = _plain(text)
        hiragana = jaconv.kata2hira(plain)
        words += [*re.split(r"[\s@.・_-]+", plain), re.sub(r"\s|(株式|有限|合同)会社", "", plain)]
        words += [hiragana, jaconv.kana2alphabet(hiragana)]
    if owner.born_on:
        words += _ways_to_write(owner.born_on)
    return frozenset(word for word in words if len(word) >= 2)


def _ways_to_write(day: date) -> list[str]:
    """A birthday as people put it into passwords: western and in its era, with and without zeros and signs (L-03)."""
    era = next(era for era in ERAS if day >= era.starts_on)
    year = day.year - era.starts_on.year + 1
    years = [f"{day.year}", f"{day.year % 100:02}", *(f"{name}{year}" for name in (era.letter.lower(), era.name))]
    years += [f"{era.letter.lower()}{year:02}", f"{era.name}{year}年", f"{day.year}年"]
    tails = [f"{day.month:02}{day.day:02}", f"{day.month}{day.day}", f"{day.month}月{day.day}日"]
    signed = [
        f"{year}{sign}{day.month:0{width}}{sign}{day.day:0{width}}"
        for year in years
        for sign in "-/."
        for width in (1, 2)
    ]
    return [*(year + tail for year in years for tail in tails), *tails, *signed, f"{day.year}"]


def _guessing_work(text: str, *, own: frozenset[str], common: Collection[str]) -> tuple[float, list[str]]:
    """The cheapest way to build a password from guessable parts and free characters: its bits and the kinds used."""
    best: list[tuple[float, list[str]]] = [(0.0, [])]
    for end in range(1, len(text) + 1):
        bits, kinds = best[end - 1]
        found = (bits + _free_bits(text[end - 1]), [*kinds, _FREE])
        for start in range(max(0, end - _LONGEST_PART), end - 1):
            kind = _kind_of(text[start:end], own, common)
            if kind and best[start][0] + _BITS[kind] < found[0]:
                found = (best[start][0] + _BITS[kind], [*best[start][1], kind])
        if repeated := _repeated_unit(text[:end]):
            bits, kinds = best[repeated]
            found = min(found, (bits + 3.0, [*kinds, _PATTERN]), key=lambda way: way[0])
        best.append(found)
    return best[-1]


def _kind_of(part: str, own: frozenset[str], common: Collection[str]) -> str:
    unleet = part.translate(_LEET)
    if part in own or unleet in own:
        return _OWN
    if len(part) >= 3 and _is_pattern(part):
        return _PATTERN
    if len(part) >= 4 and (part in common or unleet in common):
        return _COMMON
    return ""


def _is_pattern(part: str) -> bool:
    return len(set(part)) == 1 or any(part in walk for walk in _ALL_WALKS) or bool(_DAY.fullmatch(part))


def _repeated_unit(text: str) -> int:
    """The length of the piece that a text is repeated from, or 0."""
    where = (text + text).find(text, 1)
    return where if where < len(text) else 0


def _free_bits(char: str) -> float:
    if char.isdigit():
        return 3.3
    return 4.7 if char.isascii() else 6.0


def _weakest(kinds: Iterable[str]) -> Refused:
    used = list(kinds)
    if _OWN in used:
        return PasswordAboutYou()
    return PasswordCommon() if _COMMON in used else PasswordPattern()
