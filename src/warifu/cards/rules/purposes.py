"""What a card is asked for: the purpose, which the agent shows to the person and the card signs (cards.md 4.3)."""

from __future__ import annotations

import json
from enum import StrEnum
from uuid import UUID


class What(StrEnum):
    """用途: what somebody wants to do with the card."""

    LOGIN = "login"
    ENROL = "enrol"
    VERIFY = "verify"
    HAND_IN = "hand-in"
    MYKEY = "mykey"


class Order(StrEnum):
    """順番: the two ways of going, as on the two phones (004-5, 004-11)."""

    PIN_FIRST = "pin-first"
    CARD_FIRST = "card-first"


NEEDS_TOKEN = frozenset({What.LOGIN, What.ENROL, What.VERIFY, What.MYKEY})
"""What is answered with a signature of the authentication certificate."""

FILES: dict[What, tuple[str, ...]] = {
    What.VERIFY: ("0002", "0003", "0004", "0007"),
    What.HAND_IN: ("0001", "0002", "0003", "0004", "0007"),
}
"""Which files of the card-face input support are handed in; the number only where it is the point (I-13)."""


def canonical(*, what: What, member_id: UUID | None = None, name: str = "", order: str = "") -> str:
    """The purpose as it is signed: JSON with sorted keys and no spaces; what it names is what the person is shown."""
    parts = {"a": what.value, "n": name, "o": order, "u": member_id.hex if member_id else ""}
    kept = {key: value for key, value in parts.items() if value}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
