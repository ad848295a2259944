"""住基AP and 共通カードAP, as far as they are documented (cards.md 1.3, 1.6): a record each."""

from __future__ import annotations

from warifu_card.card import Card
from warifu_card.faults import MalformedData
from warifu_card.layout import COMMON_AP, RESIDENT_AP, RESIDENT_PIN

_RECORD_LENGTH = 16


def read_record(card: Card, pin: str, *, use_last_try: bool = False) -> bytes:
    """The 16 bytes of EF 0002 in the resident register's application. Raises the faults of `Card.verify`."""
    card.verify(RESIDENT_PIN, pin, use_last_try=use_last_try)
    return card.read_bytes(RESIDENT_AP, 0x0002, _RECORD_LENGTH)


def read_card_number(card: Card) -> str:
    """The 13 characters of the card's number, without a PIN. Raises `MalformedData`."""
    record = card.read_record(COMMON_AP, 0x0001, 1)
    number = record[2:15]
    if len(number) != 13 or not number.isascii():
        raise MalformedData
    return number.decode("ascii")
