"""公的個人認証AP (JPKI): two certificates with their keys, their authorities' certificates (cards.md 1.2, 1.4).

The authentication certificate is read without a PIN; a signing certificate, which holds name and address, is read with
its password only. What the card signs is always made here from a message: no caller hands in a DigestInfo.
"""

from __future__ import annotations

from dataclasses import dataclass

from warifu_card import certificate as certificates
from warifu_card.card import Card
from warifu_card.certificate import Certificate
from warifu_card.digests import digest_info
from warifu_card.faults import CardFault, MalformedData, NoSuchCertificate, NotOnThisCard, PinRequired
from warifu_card.layout import AUTH_PIN, JPKI_AP, LABELS, SIGN_PASSWORD, Kind, Secret
from warifu_card.words import Words

ALGORITHM = "RS256"
_TOKEN_INFO, _PRESENCE = 0x0006, 0x0008
_PRESENT = 0x8F


@dataclass(frozen=True)
class Which:
    """One of the two certificates and where its parts lie."""

    name: str
    words: Words
    certificate: int
    authority: int
    key: int
    secret: Secret
    place: int
    is_private: bool


AUTH = Which(
    "auth", Words("利用者証明用電子証明書", "authentication certificate"), 0x000A, 0x000B, 0x0017, AUTH_PIN, 1, False
)
SIGN = Which("sign", Words("署名用電子証明書", "signing certificate"), 0x0001, 0x0002, 0x001A, SIGN_PASSWORD, 0, True)
BOTH = (AUTH, SIGN)


def kind(card: Card) -> Kind:
    """What lies on the reader, by the token's label. Raises `WrongCard` when there is no JPKI on it."""
    label = card.read_bytes(JPKI_AP, _TOKEN_INFO, 32).decode("ascii", "replace").rstrip(" \0")
    return LABELS.get(label, Kind.UNKNOWN)


def is_present(card: Card, which: Which) -> bool:
    """Whether the certificate is on the card (EF 0008); costs nothing. Raises `WrongCard`."""
    try:
        marks = card.read_bytes(JPKI_AP, _PRESENCE, 2)
    except NotOnThisCard:
        return True  # a card that does not say is asked for the certificate itself
    if len(marks) < 2:
        raise MalformedData
    return marks[which.place] == _PRESENT


def require_present(card: Card, which: Which) -> None:
    """Raises `NoSuchCertificate` when it is not on the card: before a PIN is asked for in vain. Costs nothing."""
    if not is_present(card, which):
        raise NoSuchCertificate(which=which.words)


def certificate(card: Card, which: Which, secret: str | None = None, *, use_last_try: bool = False) -> Certificate:
    """Read a certificate; `secret` is needed for the signing certificate, and for the one in a phone.

    Raises `NoSuchCertificate`, `PinRequired` (nothing was sent), the faults of `Card.verify`, `MalformedData`.
    """
    if secret is not None or which.is_private:
        _unlock(card, which, secret, use_last_try=use_last_try)
    try:
        return certificates.read(card.read(JPKI_AP, which.certificate))
    except NotOnThisCard as fault:
        raise NoSuchCertificate(which=which.words) from fault


def authority(card: Card, which: Which) -> Certificate:
    """The authority's certificate as the card holds it. It is no trust anchor: it comes from what is being checked."""
    return certificates.read(card.read(JPKI_AP, which.authority))


def sign(card: Card, which: Which, secret: str, message: bytes, *, use_last_try: bool = False) -> bytes:
    """The card's RS256 signature over the message. The PIN is shown to the card every time.

    Raises `NoSuchCertificate`, the faults of `Card.verify`, `CardRefused`.
    """
    _unlock(card, which, secret, use_last_try=use_last_try)
    try:
        return card.sign(which.key, digest_info(message))
    finally:
        _lock(card)


def _unlock(card: Card, which: Which, secret: str | None, *, use_last_try: bool) -> None:
    require_present(card, which)
    if secret is not None:
        card.verify(which.secret, secret, use_last_try=use_last_try)
    elif not card.has_verified(which.secret):
        raise PinRequired


def _lock(card: Card) -> None:
    """Let the card forget the PIN; a card that is gone has forgotten it already."""
    try:
        card.reopen()
    except CardFault:
        return
