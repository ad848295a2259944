"""Passwords for files: signs without look-alikes, in groups, and how they are read aloud."""

from __future__ import annotations

import secrets

SHORTEST = 12
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXY3456789"
"""Thirty signs, 4.9 bits each: no 0 and O, no 1 and I, no 2 and Z."""
_GROUPS = 6
_SPOKEN = {
    "A": "エー", "B": "ビー", "C": "シー", "D": "ディー", "E": "イー", "F": "エフ", "G": "ジー", "H": "エイチ",
    "J": "ジェイ", "K": "ケー", "L": "エル", "M": "エム", "N": "エヌ", "P": "ピー", "Q": "キュー", "R": "アール",
    "S": "エス", "T": "ティー", "U": "ユー", "V": "ブイ", "W": "ダブリュー", "X": "エックス", "Y": "ワイ",
    "3": "さん", "4": "よん", "5": "ご", "6": "ろく", "7": "なな", "8": "はち", "9": "きゅう",
}  # fmt: skip


def generated() -> str:
    """A password of 117 bits: `HJ4K-9PQR-…`."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(_GROUPS))


def read_aloud(password: str) -> str:
    """How a generated password is spelt on the telephone: `エイチ・ジェイ・よん・ケー、…`."""
    return "、".join("・".join(_SPOKEN.get(sign, sign) for sign in group) for group in password.split("-"))


def is_fit(password: str) -> bool:
    """Whether a chosen password can protect a file everywhere: long enough, printable ASCII (other signs are read
    differently by different systems)."""
    return len(password) >= SHORTEST and password.isascii() and password.isprintable()
