"""券面事項入力補助AP: the number, four attributes, and the card's own signature over them (cards.md 1.4, 1.5).

What is read here is a 個人番号 and a person's particulars; nothing of it is logged.
"""

from __future__ import annotations

from warifu_card.card import Card
from warifu_card.digests import digest_info
from warifu_card.evidence import Evidence
from warifu_card.layout import PROFILE_AP, PROFILE_PIN
from warifu_card.particulars import Attributes, attributes_in, number_in

NUMBER, ATTRIBUTES, SIGNATURE, ISSUER, INFO, CARD_KEY = 0x0001, 0x0002, 0x0003, 0x0004, 0x0005, 0x0007
NUMBER_LENGTH = 17
"""EF 0001 is signed with its filler, all 17 bytes."""


def read_number(card: Card, pin: str, *, use_last_try: bool = False) -> str:
    """The twelve digits of EF 0001. Raises the faults of `Card.verify`, `MalformedData`."""
    card.verify(PROFILE_PIN, pin, use_last_try=use_last_try)
    return number_in(card.read_bytes(PROFILE_AP, NUMBER, NUMBER_LENGTH))


def read_attributes(card: Card, pin: str, *, use_last_try: bool = False) -> Attributes:
    """Name, address, birth date and sex of EF 0002. Raises the faults of `Card.verify`, `MalformedData`."""
    card.verify(PROFILE_PIN, pin, use_last_try=use_last_try)
    return attributes_in(card.read(PROFILE_AP, ATTRIBUTES))


def read_evidence(
    card: Card, pin: str, *, challenge: bytes, with_number: bool = True, use_last_try: bool = False
) -> Evidence:
    """Everything a server needs to believe the card: files 0001 … 0005 and 0007, and the card's own signature.

    `challenge` is what the card's own key signs (`token.signed_bytes`), so that the files cannot be shown again later.
    Without `with_number` EF 0001 is not even read. Raises the faults of `Card.verify`, `MalformedData`.
    """
    card.verify(PROFILE_PIN, pin, use_last_try=use_last_try)
    return Evidence(
        number=card.read_bytes(PROFILE_AP, NUMBER, NUMBER_LENGTH) if with_number else None,
        attributes=card.read(PROFILE_AP, ATTRIBUTES),
        signature=card.read(PROFILE_AP, SIGNATURE),
        issuer=card.read(PROFILE_AP, ISSUER),
        info=card.read(PROFILE_AP, INFO),
        card_key=card.read(PROFILE_AP, CARD_KEY),
        answer=card.sign_with_own_key(digest_info(challenge)),
    )
