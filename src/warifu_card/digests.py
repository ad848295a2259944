"""What a card signs: always a DigestInfo made here (cards.md 1.4)."""

from __future__ import annotations

import hashlib

_SHA256_PREFIX = bytes.fromhex("3031300D060960864801650304020105000420")


def digest_info(message: bytes) -> bytes:
    """The DER DigestInfo of the message's SHA-256, 51 bytes."""
    return digest_info_of(hashlib.sha256(message).digest())


def digest_info_of(digest: bytes) -> bytes:
    """The DER DigestInfo of a SHA-256 that was made already."""
    return _SHA256_PREFIX + digest
