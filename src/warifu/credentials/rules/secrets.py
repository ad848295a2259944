"""Secrets that the house makes: which signs they use, how they are read aloud, what a table keeps of them."""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets

from warifu.foundation import japanese

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXY3456789"
"""Thirty signs without look-alikes: no 0 and O, no 1 and I, no 2 and Z (seeds.md 002-35, C-9). 4.9 bits each."""
_SPOKEN = {
    "A": "エー", "B": "ビー", "C": "シー", "D": "ディー", "E": "イー", "F": "エフ", "G": "ジー", "H": "エイチ",
    "J": "ジェイ", "K": "ケー", "L": "エル", "M": "エム", "N": "エヌ", "P": "ピー", "Q": "キュー", "R": "アール",
    "S": "エス", "T": "ティー", "U": "ユー", "V": "ブイ", "W": "ダブリュー", "X": "エックス", "Y": "ワイ",
    "3": "さん", "4": "よん", "5": "ご", "6": "ろく", "7": "なな", "8": "はち", "9": "きゅう",
}  # fmt: skip


def digest(token: str) -> str:
    """What a table keeps of a random secret of 112 bits or more: its SHA-256 (L-20)."""
    return hashlib.sha256(token.encode()).hexdigest()


def generated(*, bits: int) -> str:
    """A random secret of at least so many bits, in groups of four signs of `ALPHABET`: `HJ4K-9PQR-…`."""
    count = math.ceil(bits / math.log2(len(ALPHABET)))
    signs = "".join(secrets.choice(ALPHABET) for _ in range(count))
    return grouped(signs)


def grouped(signs: str) -> str:
    """Signs in groups of four, so that eyes do not lose their place."""
    return "-".join(signs[start : start + 4] for start in range(0, len(signs), 4))


def bare(typed: str) -> str:
    """A typed secret as it was made: capitals, half width, without the hyphens and blanks between its groups."""
    return "".join(sign for sign in japanese.to_half_width(typed).upper() if sign.isascii() and sign.isalnum())


def read_aloud(secret: str) -> str:
    """How a secret is spelt on the telephone: `エイチ・ジェイ・よん・ケー、…`; groups end with 、."""
    groups = ("・".join(_SPOKEN.get(sign, sign) for sign in group) for group in secret.split("-"))
    return "、".join(groups)


def short_code(*, key: bytes, purpose: str, reference: str, digits: int = 6) -> str:
    """A code of so many digits for one row: derived from a key, so that no table holds it (L-15).

    Guessing it is kept off by few tries and a short life, as for every code that a person types.
    """
    proof = hmac.digest(key, f"{purpose}\n{reference}".encode(), "sha256")
    return str(int.from_bytes(proof[:16], "big") % 10**digits).zfill(digits)
