"""A card's answer, examined: token and certificate, or the card-face data with the card's own signature.

Origin, nonce and purpose come from the house's own row; nothing in an answer says what it is an answer to.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from django.conf import settings

from warifu.cards import anchors, revocation
from warifu.cards.revocation import Finding
from warifu.cards.rules import certificates
from warifu.cards.rules.refusals import AnswerUnreadable, ProfileForged
from warifu_card.evidence import Evidence, PublicKey
from warifu_card.faults import MalformedData, NotAuthentic, TokenMalformed
from warifu_card.token import LARGEST, Token, signed_bytes

LARGEST_ANSWER = LARGEST + 4096
"""Characters of an answer as a browser sends it: the token, quoted once more, and the id of the question."""


@dataclass(frozen=True, kw_only=True)
class Credential:
    """A card that has answered: the keyed hash by which it is known again, its end, what is known of its validity."""

    hash: str
    valid_until: datetime
    finding: Finding


@dataclass(frozen=True, kw_only=True, repr=False)
class Profile:
    """What the card says of its holder, with the issuer's and its own signature checked. `number` is not kept here."""

    name: str
    address: str
    born_on: date
    number: str | None

    def __repr__(self) -> str:
        return "Profile(…)"


def origin() -> str:
    """The one origin that answers are made for: scheme, host and port of the site, as a browser states it."""
    site = urlsplit(settings.WARIFU.site_url)
    usual = {"https": 443, "http": 80}[site.scheme]
    port = f":{site.port}" if site.port and site.port != usual else ""
    return f"{site.scheme}://{site.hostname}{port}"


def question(*, nonce: bytes, purpose: str) -> bytes:
    """The bytes that the answer to a question must be signed over."""
    return signed_bytes(origin=origin(), nonce=written(nonce), purpose=purpose)


def written(nonce: bytes) -> str:
    """A nonce as it travels and is hashed."""
    return base64.b64encode(nonce).decode()


def credential(*, token: str, signed: bytes, at: datetime) -> Credential:
    """The card behind a token: form, chain, dates, use, signature, and what the source of revocations says.

    Raises the faults of `rules.refusals` (9xx), `CardsNotSetUp`.
    """
    trusted = anchors.authorities()
    try:
        given = Token.parse(token)
    except TokenMalformed:
        raise AnswerUnreadable from None
    if given.algorithm != "RS256":
        raise AnswerUnreadable
    found = certificates.examined(der=given.certificate, anchors=trusted, policies=settings.WARIFU.card_policies, at=at)
    certificates.insist_signed(certificate=found, signature=given.signature, signed=signed)
    return Credential(
        hash=_keyed(found.key_info),
        valid_until=found.valid_until,
        finding=revocation.ask(certificate=found, at=at),
    )


def profile(*, text: str, signed: bytes) -> Profile:
    """The card-face data: the issuer's signature over number and attributes, and the card's own over the question.

    Raises `AnswerUnreadable`, `ProfileForged`, `CardsNotSetUp`.
    """
    issuers = anchors.profile_keys()
    try:
        proven = Evidence.parse(text).check(challenge=signed, issuers=issuers, verify=_fits)
    except (TokenMalformed, MalformedData):
        raise AnswerUnreadable from None
    except NotAuthentic:
        raise ProfileForged from None
    told = proven.attributes
    return Profile(name=told.name, address=told.address, born_on=told.birth_date, number=proven.number)


def _keyed(key_info: bytes) -> str:
    """What a table keeps of a card: without the key of the house nobody can look a certificate up in it."""
    return hmac.new(settings.WARIFU.link_key_bytes, b"card\n" + key_info, hashlib.sha256).hexdigest()


def _fits(key: PublicKey, signature: bytes, message: bytes) -> bool:
    try:
        RSAPublicNumbers(key.exponent, key.modulus).public_key().verify(
            signature, message, padding.PKCS1v15(), hashes.SHA256()
        )
    except (InvalidSignature, ValueError):
        return False
    return True
