"""券面事項確認AP: what is printed on the card, as pictures and bytes (cards.md 1.6).

Documented by few: read with care.
"""

from __future__ import annotations

from dataclasses import dataclass

from warifu_card import tlv
from warifu_card.card import Card
from warifu_card.layout import FACE_KEY, NUMBER_KEY, SURFACE_AP

_FACE, _NUMBER = 0x0002, 0x0005


@dataclass(frozen=True, repr=False)
class Face:
    """The front side. Expiry and security code lie behind the signature and are not covered by it."""

    birth_date: bytes
    sex: bytes
    name_image: bytes
    address_image: bytes
    photo: bytes
    signature: bytes
    expiry: bytes

    def __repr__(self) -> str:
        return "Face(…)"


def read_face(card: Card, key: str, *, use_last_try: bool = False) -> Face:
    """The front side, with key B (生年月日・有効期限・セキュリティコード).

    Raises the faults of `Card.verify`, `MalformedData`.
    """
    card.verify(FACE_KEY, key, use_last_try=use_last_try)
    inside = tlv.first(card.read(SURFACE_AP, _FACE), tag=0xFF20).children()
    tags = (0xDF22, 0xDF23, 0xDF25, 0xDF26, 0xDF27, 0xDF28, 0xDF29)
    return Face(*(tlv.only(inside, tag).value for tag in tags))


def read_number_image(card: Card, key: str, *, use_last_try: bool = False) -> bytes:
    """The picture of the number, with key A (the number itself). Raises like `read_face`."""
    card.verify(NUMBER_KEY, key, use_last_try=use_last_try)
    inside = tlv.first(card.read(SURFACE_AP, _NUMBER), tag=0xFF40).children()
    return tlv.only(inside, 0xDF41).value
