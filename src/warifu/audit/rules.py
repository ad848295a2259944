"""Rules of the room 監査証跡: what bytes an entry is, and how entries are chained."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from typing import Any

_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def canonical(values: Mapping[str, Any]) -> str:
    """The one text form of an entry: JSON with sorted keys and no spaces; what `mac` authenticates."""
    return _encode(values)


def mac(*, key: bytes, text: str) -> str:
    """HMAC-SHA-256 of a text, as 64 hexadecimal digits."""
    return hmac.digest(key, text.encode(), "sha256").hex()


def root(*, links: Iterable[tuple[int, str]]) -> str:
    """The hash of a batch: SHA-256 over `position:mac` of its entries, in order."""
    digest = hashlib.sha256()
    for position, entry_mac in links:
        digest.update(f"{position}:{entry_mac}\n".encode())
    return digest.hexdigest()


def chain(*, previous: str, number: int, first: int, last: int, batch_root: str) -> str:
    """The hash that links a seal to the one before it (`previous` is empty for the first)."""
    return hashlib.sha256(f"{previous}\n{number}\n{first}\n{last}\n{batch_root}".encode()).hexdigest()
