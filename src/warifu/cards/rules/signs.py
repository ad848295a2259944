"""Signs that people read, type and say: no look-alikes (seeds.md C-9), and how what was typed is read."""

from __future__ import annotations

import secrets

from warifu.foundation import japanese

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXY3456789"
"""Thirty signs: no 0 and O, no 1 and I, no 2 and Z. 4.9 bits each."""
LENGTH = 8
"""Signs of a code and of a MyKey ID: 39 bits."""


def drawn() -> str:
    """Eight random signs."""
    return "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))


def grouped(signs: str) -> str:
    """Signs in two groups of four, as they are shown."""
    return f"{signs[:4]}-{signs[4:]}"


def bare(typed: str) -> str:
    """What somebody typed, in capitals and half width, without hyphens and blanks."""
    return "".join(sign for sign in japanese.to_half_width(typed).upper() if sign.isascii() and sign.isalnum())
