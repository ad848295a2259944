"""再開のための割符 on paper: how a share is written, read again, and a slip of the pen noticed.

A slip is its number (one byte) and its share (sixteen) in 28 signs without look-alikes, then four signs that check
them: a mistyped slip is named before anything is looked up, but for one in 810,000.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from warifu.credentials.rules.secrets import ALPHABET, bare, grouped

SHARE_BYTES = 16
LEAST_NEEDED = 2
MOST_PRINTED = 9
_BODY = 28
_CHECK = 4


class SlipUnreadable(ValueError):
    """What was typed is no slip: signs are missing, do not belong there, or do not fit the check."""


@dataclass(frozen=True, kw_only=True)
class Slip:
    """One share with its number; its text form shows no secret."""

    number: int
    share: bytes

    def __repr__(self) -> str:
        return f"Slip(number={self.number})"


def written(slip: Slip) -> str:
    """The signs to print, in eight groups of four."""
    value = int.from_bytes(bytes([slip.number]) + slip.share, "big")
    body = _in_signs(value, _BODY)
    return grouped(body + _check_of(body))


def read(typed: str) -> Slip:
    """The slip that somebody typed. Raises `SlipUnreadable`."""
    signs = bare(typed)
    if len(signs) != _BODY + _CHECK or set(signs) - set(ALPHABET):
        raise SlipUnreadable
    body, check = signs[:_BODY], signs[_BODY:]
    if _check_of(body) != check:
        raise SlipUnreadable
    value = 0
    for sign in body:
        value = value * len(ALPHABET) + ALPHABET.index(sign)
    if value >> 8 * (SHARE_BYTES + 1):
        raise SlipUnreadable
    whole = value.to_bytes(SHARE_BYTES + 1, "big")
    return Slip(number=whole[0], share=whole[1:])


def is_allowed(*, needed: int, printed: int) -> bool:
    """Whether so many of so many slips make sense: at least two, and one more printed than needed, at most nine."""
    return LEAST_NEEDED <= needed < printed <= MOST_PRINTED


def _check_of(body: str) -> str:
    proof = hashlib.sha256(f"warifu slip\n{body}".encode("ascii")).digest()
    return _in_signs(int.from_bytes(proof[:8], "big") % len(ALPHABET) ** _CHECK, _CHECK)


def _in_signs(value: int, count: int) -> str:
    signs = ""
    for _ in range(count):
        value, place = divmod(value, len(ALPHABET))
        signs = ALPHABET[place] + signs
    return signs
