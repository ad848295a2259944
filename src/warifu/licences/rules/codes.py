"""Numbers that people copy from cards and letters: their signs, their checks, how they are read when typed (A1).

Each code begins with the letter of its kind and ends with a check sign, so that a mistyped code, or the other
confirmation number typed in its place, is recognised before a table is asked (000-8).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from enum import Enum

from warifu.credentials.rules.secrets import ALPHABET, bare, grouped
from warifu.foundation.refusals import Named, Refused
from warifu.foundation.refusals import translatable as _

_MODULUS = 31
_BASE = 3


class Code(Enum):
    """The kinds of codes: first letter, how many signs in all, salt of the check sign."""

    NUMBER = "R", 12, 1
    REGISTERING = "T", 8, 2
    SUPPORT = "H", 8, 3
    KEY = "L", 20, 4
    SUPPORT_ID = "S", 8, 5

    def __init__(self, letter: str, length: int, salt: int) -> None:
        self.letter, self.length, self.salt = letter, length, salt

    @property
    def label(self) -> str:
        """What people call it."""
        return _LABELS[self]


_LABELS = {
    Code.NUMBER: _("製品登録番号"),
    Code.REGISTERING: _("登録用の確認番号"),
    Code.SUPPORT: _("保守契約用の確認番号"),
    Code.KEY: _("ライセンスキー"),
    Code.SUPPORT_ID: _("サポートID"),
}


class CodeMistyped(Refused):
    """The signs do not fit together: at least one was copied wrongly."""

    code = "WF-L101"
    sentence = _("{label}に、写しまちがいがあります。")
    remedy = _("カードまたはメールを見て、もう一度入れてください。0とO、1とI、2とZは使われていません。")
    status = 422


class CodesMixedUp(Refused):
    """A code of another kind was typed: most often the other confirmation number (000-8)."""

    code = "WF-L102"
    sentence = _("入れられたのは「{typed}」です。ここに要るのは「{wanted}」です。")
    remedy = _("カードで「{wanted}」と書いてある番号を入れてください。")
    status = 422


def made(*, kind: Code) -> str:
    """A random code, as tables keep it."""
    while True:
        found = _checked(kind, "".join(secrets.choice(ALPHABET) for _sign in range(kind.length - 2)))
        if found:
            return found


def derived(*, kind: Code, key: bytes, reference: str) -> str:
    """The code of one row, made from a key and the row's id, so that no table holds it (L-20)."""
    attempt = 0
    while True:
        found = _checked(kind, _signs(key, f"licences\n{kind.name}\n{reference}\n{attempt}", kind.length - 2))
        if found:
            return found
        attempt += 1


def read(*, kind: Code, typed: str) -> str:
    """A code as it was typed, in any width, case and grouping. Raises `CodeMistyped`, `CodesMixedUp`."""
    text = bare(typed)
    for other in Code:
        if other is not kind and _is_whole(other, text):
            raise CodesMixedUp(typed=Named(other.label), wanted=Named(kind.label))
    if not _is_whole(kind, text):
        raise CodeMistyped(label=Named(kind.label))
    return text


def shown(code: str) -> str:
    """A code in groups of four, as it is printed."""
    return grouped(code)


def _is_whole(kind: Code, text: str) -> bool:
    if len(text) != kind.length or text[0] != kind.letter or not set(text) <= set(ALPHABET):
        return False
    return _sum(kind, text) == 0


def _checked(kind: Code, middle: str) -> str:
    """The code around random signs; empty when its check would be the sign that the alphabet does not have."""
    body = kind.letter + middle
    check = -_sum(kind, body + ALPHABET[0]) % _MODULUS
    return body + ALPHABET[check] if check < len(ALPHABET) else ""


def _sum(kind: Code, text: str) -> int:
    """Weights are powers of three, a primitive root of 31: one wrong sign or two swapped neighbours change it."""
    total = kind.salt
    for place, sign in enumerate(reversed(text)):
        total += ALPHABET.index(sign) * pow(_BASE, place, _MODULUS)
    return total % _MODULUS


def _signs(key: bytes, text: str, count: int) -> str:
    number = int.from_bytes(hmac.digest(key, text.encode(), hashlib.sha512), "big")
    signs = ""
    for _place in range(count):
        number, value = divmod(number, len(ALPHABET))
        signs += ALPHABET[value]
    return signs
