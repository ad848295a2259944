"""A security key in software: makes passkeys and answers questions as a browser would, right or wrong on purpose."""

from __future__ import annotations

import hashlib
import json
import os
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor

PRESENT, VERIFIED, MAY_BACK_UP, BACKED_UP, WITH_CREDENTIAL = 0x01, 0x04, 0x08, 0x10, 0x40


@dataclass
class SecurityKey:
    """One passkey of a person. `flags` and `counter` are its claims, `origin` and `site` where it believes to be."""

    origin: str = "http://localhost:8000"
    site: str = "localhost"
    flags: int = PRESENT | VERIFIED
    counter: int = 0
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    user_handle: bytes | None = None
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, options: dict[str, Any], **changes: Any) -> str:
        """The answer to a question for a new passkey, as the page sends it."""
        self.user_handle = _bytes(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        credential = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id + cbor.encode(public)
        signed = self._signed(WITH_CREDENTIAL) + credential
        parts = {
            "clientDataJSON": _text(self._client("webauthn.create", options, changes)),
            "attestationObject": _text(cbor.encode({"fmt": "none", "attStmt": {}, "authData": signed})),
            "transports": ["internal", "telepathy"],
        }
        return self._answer(parts)

    def sign(self, options: dict[str, Any], **changes: Any) -> str:
        """The answer to a question for a passkey that exists, as the page sends it."""
        client, signed = self._client("webauthn.get", options, changes), self._signed(0)
        signature = self.key.sign(signed + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        parts = {
            "clientDataJSON": _text(client),
            "authenticatorData": _text(signed),
            "signature": _text(signature),
        }
        if self.user_handle is not None:
            parts["userHandle"] = _text(self.user_handle)
        return self._answer(parts)

    def _client(self, kind: str, options: dict[str, Any], changes: dict[str, Any]) -> bytes:
        client = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(client | changes).encode()

    def _signed(self, more: int) -> bytes:
        return hashlib.sha256(self.site.encode()).digest() + struct.pack(">BI", self.flags | more, self.counter)

    def _answer(self, parts: dict[str, Any]) -> str:
        text = _text(self.credential_id)
        return json.dumps({"id": text, "rawId": text, "type": "public-key", "response": parts})


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
