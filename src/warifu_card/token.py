"""What agent and server agree upon: the bytes that a card signs, and the answer that travels (cards.md 4.3).

Signed are a prefix of our own, which keeps these signatures apart from anybody else's, and the hashes of origin, nonce
and purpose. The server rebuilds them from what it knows itself; origin and nonce are in no token.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from warifu_card.evidence import strict_bytes, strict_object
from warifu_card.faults import TokenMalformed

FORMAT = "warifu-card:1"
ALGORITHMS = ("RS256", "ES384")
"""The algorithms of the vocabulary; cards of today make the first (cards.md 2.3)."""
LARGEST = 16 * 1024
"""Characters of a token."""
_PREFIX = b"warifu-card:1\0"
_ORIGIN = re.compile(r"https://[a-z0-9.-]+(:[0-9]{1,5})?|http://(localhost|127\.0\.0\.1)(:[0-9]{1,5})?")
_NONCE = re.compile(r"[A-Za-z0-9+/]{43}=")


@dataclass(frozen=True)
class Token:
    """A card's answer to a challenge: nothing in it is to be believed before the server has verified it."""

    algorithm: str
    certificate: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    def to_json(self) -> str:
        """The text that travels."""
        encoded = [base64.b64encode(value).decode("ascii") for value in (self.certificate, self.signature)]
        return json.dumps(
            {
                "format": FORMAT,
                "algorithm": self.algorithm,
                "unverifiedCertificate": encoded[0],
                "signature": encoded[1],
            },
            separators=(",", ":"),
        )

    @classmethod
    def parse(cls, text: str) -> Token:
        """The token in a text. Raises `TokenMalformed`: too long, unknown or missing or repeated keys, odd base64."""
        given = strict_object(text, keys={"format", "algorithm", "unverifiedCertificate", "signature"}, largest=LARGEST)
        if given["format"] != FORMAT or given["algorithm"] not in ALGORITHMS:
            raise TokenMalformed
        return cls(given["algorithm"], strict_bytes(given["unverifiedCertificate"]), strict_bytes(given["signature"]))


def signed_bytes(*, origin: str, nonce: str, purpose: str) -> bytes:
    """What the card's key signs.

    `origin` is scheme, host and port as the browser states it; `nonce` is 32 bytes in base64, hashed as text;
    `purpose` is the canonical JSON that the server made (`purpose_text`). Raises `TokenMalformed`.
    """
    if not _ORIGIN.fullmatch(origin) or not _NONCE.fullmatch(nonce):
        raise TokenMalformed
    read_purpose(purpose)
    parts = (origin.encode("ascii"), nonce.encode("ascii"), purpose.encode("utf-8"))
    return _PREFIX + b"".join(hashlib.sha256(part).digest() for part in parts)


def purpose_text(purpose: Mapping[str, str]) -> str:
    """A purpose as canonical JSON: `{"a":"login"}`, `{"a":"enrol","u":"…"}`. Raises `TokenMalformed`."""
    if "a" not in purpose or any(not isinstance(value, str) for value in purpose.values()):
        raise TokenMalformed
    return json.dumps(dict(purpose), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read_purpose(text: str) -> dict[str, str]:
    """The purpose in its one canonical text, to be shown to the person. Raises `TokenMalformed`."""
    try:
        given = json.loads(text) if len(text) <= 2048 else None
        if isinstance(given, dict) and purpose_text(given) == text:
            return given
    except (ValueError, RecursionError) as error:
        raise TokenMalformed from error
    raise TokenMalformed
