"""What a card says of itself, and whether to believe it: agent and server share this form (cards.md 1.5).

The chain: a configured key of the cards' issuers signs EF 0004; the key in EF 0004 signs EF 0003 (hashes of number and
attributes) and EF 0007 (the card's own key); the card's own key signs the server's challenge. RSA itself is done by
whoever checks (`Verify`): this library needs no cryptography.

Nothing known binds EF 0007 to EF 0003: both are signed by the municipality, separately. Who once copied another card's
files with its PIN could show them with a true card of their own from the same issuer. What is proven is that the issuer
wrote the files and that some card of that issuer is here now; whose data they should be, the roster must say [INF].

EF 0004's inner form is documented nowhere in the open: a card-verifiable certificate of ISO 7816-8 is assumed (7F4E
with 42, 5F20, 7F49 {90, 91}; 5F37), which fits its 568 bytes [INF]. EF 0005's meaning is unknown; it is carried, not
judged.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from warifu_card import tlv
from warifu_card.faults import MalformedData, NotAuthentic, TokenMalformed
from warifu_card.particulars import Attributes, attributes_in, number_in

FORMAT = "warifu-card-profile:1"
LARGEST = 24 * 1024
"""Characters of an evidence as JSON."""
_PARTS = ("number", "attributes", "signature", "issuer", "info", "cardKey", "answer")


@dataclass(frozen=True)
class PublicKey:
    """An RSA key."""

    modulus: int
    exponent: int


Verify = Callable[[PublicKey, bytes, bytes], bool]
"""Whether (key, signature, message) is a PKCS#1 v1.5 signature with SHA-256."""


@dataclass(frozen=True, repr=False)
class Proven:
    """What the card has proven: its signature and its possession, not that it was not reported lost (I-12)."""

    number: str | None
    attributes: Attributes
    issuer_id: bytes

    def __repr__(self) -> str:
        return "Proven(…)"


@dataclass(frozen=True, repr=False)
class Evidence:
    """Files of 券面事項入力補助 and the answer to a challenge. `number` is EF 0001 with its filler, or None."""

    number: bytes | None
    attributes: bytes
    signature: bytes
    issuer: bytes
    info: bytes
    card_key: bytes
    answer: bytes

    def __repr__(self) -> str:
        return "Evidence(…)"

    def to_json(self) -> str:
        """For the collection endpoint, and for nothing else: there is a number in it."""
        values = (
            self.number, self.attributes, self.signature, self.issuer, self.info, self.card_key, self.answer
        )  # fmt: skip
        encoded = [None if value is None else base64.b64encode(value).decode("ascii") for value in values]
        return json.dumps({"format": FORMAT, **dict(zip(_PARTS, encoded, strict=True))}, separators=(",", ":"))

    @classmethod
    def parse(cls, text: str) -> Evidence:
        """The evidence in a JSON text, exactly as `to_json` writes it. Raises `TokenMalformed`."""
        given = strict_object(text, keys={"format", *_PARTS}, largest=LARGEST)
        if given["format"] != FORMAT:
            raise TokenMalformed
        number = None if given["number"] is None else strict_bytes(given["number"])
        others = [strict_bytes(given[name]) for name in _PARTS[1:]]
        return cls(number, *others)

    def check(self, *, challenge: bytes, issuers: Mapping[bytes, PublicKey], verify: Verify) -> Proven:
        """Follow the chain from the issuers' keys to the challenge; each key has the id that EF 0004 names in tag 42.

        Raises `NotAuthentic` for anything that is not as it must be, `MalformedData` for what cannot be read.
        """
        issued = read_issuer(self.issuer)
        anchor = issuers.get(issued.signed_by)
        if anchor is None or not verify(anchor, issued.signature, issued.signed):
            raise NotAuthentic
        signed = read_signature(self.signature)
        if not verify(issued.key, signed.signature, signed.signed):
            raise NotAuthentic
        if self.number is not None and hashlib.sha256(self.number).digest() != signed.number_digest:
            raise NotAuthentic
        if hashlib.sha256(after_offsets(self.attributes)).digest() != signed.attributes_digest:
            raise NotAuthentic
        own = read_card_key(self.card_key)
        if not verify(issued.key, own.signature, own.signed):
            raise NotAuthentic
        if not verify(own.key, self.answer, challenge):
            raise NotAuthentic
        number = None if self.number is None else number_in(self.number)
        return Proven(number, attributes_in(self.attributes), issued.signed_by)


@dataclass(frozen=True)
class ProfileSignature:
    """EF 0003: hashes of the number file and of the attributes, and the issuer's signature over both objects."""

    number_digest: bytes = field(repr=False)
    attributes_digest: bytes = field(repr=False)
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)


@dataclass(frozen=True)
class SignedKey:
    """EF 0004 and EF 0007: a key, who signed it, what was signed."""

    key: PublicKey
    signed_by: bytes
    name: bytes
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)


def read_signature(file: bytes) -> ProfileSignature:
    """EF 0003. Raises `MalformedData`."""
    number, attributes, signature = _exactly(tlv.first(file, tag=0xFF30), 0xDF31, 0xDF32, 0xDF33)
    if len(number.value) != 32 or len(attributes.value) != 32:
        raise MalformedData
    return ProfileSignature(number.value, attributes.value, number.raw + attributes.raw, signature.value)


def read_issuer(file: bytes) -> SignedKey:
    """EF 0004. Raises `MalformedData`."""
    body, signature = _exactly(tlv.first(file, tag=0x7F21), 0x7F4E, 0x5F37)
    signer, holder, key = _exactly(body, 0x42, 0x5F20, 0x7F49)
    return SignedKey(_key(key), signer.value, holder.value, body.raw, signature.value)


def read_card_key(file: bytes) -> SignedKey:
    """EF 0007. Raises `MalformedData`."""
    key, signature = _exactly(tlv.first(file, tag=0xFF50), 0xDF51, 0xDF52)
    return SignedKey(_key(key), b"", b"", key.raw, signature.value)


def after_offsets(file: bytes) -> bytes:
    """What of EF 0002 is hashed: its value after the table of offsets. Raises `MalformedData`."""
    whole = tlv.first(file, tag=0xFF20)
    table = tlv.first(whole.value, tag=0xDF21)
    return whole.value[len(table.raw) :]


def strict_object(text: str, *, keys: set[str], largest: int) -> dict[str, Any]:
    """A JSON object with exactly these keys, none of them twice. Raises `TokenMalformed`."""

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _value in found}) != len(found):
            raise TokenMalformed
        return dict(found)

    if len(text) > largest:
        raise TokenMalformed
    try:
        given = json.loads(text, object_pairs_hook=pairs)
    except (ValueError, RecursionError) as error:
        raise TokenMalformed from error
    if not isinstance(given, dict) or set(given) != keys:
        raise TokenMalformed
    return given


def strict_bytes(value: object) -> bytes:
    """The bytes of a base64 text in its one right form. Raises `TokenMalformed`."""
    if not isinstance(value, str) or not value:
        raise TokenMalformed
    try:
        decoded = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise TokenMalformed from error
    if base64.b64encode(decoded).decode("ascii") != value:
        raise TokenMalformed
    return decoded


def _key(holder: tlv.Tlv) -> PublicKey:
    exponent, modulus = _exactly(holder, 0x90, 0x91)
    key = PublicKey(int.from_bytes(modulus.value, "big"), int.from_bytes(exponent.value, "big"))
    if key.modulus.bit_length() != 2048 or key.exponent != 65537:
        raise MalformedData
    return key


def _exactly(holder: tlv.Tlv, *tags: int) -> list[tlv.Tlv]:
    found = holder.children()
    if [one.tag for one in found] != list(tags):
        raise MalformedData
    return found
