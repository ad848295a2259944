"""The code that a page shows: derived from its question with the key of the house, so that no table holds it."""

from __future__ import annotations

import hashlib
import hmac
from uuid import UUID

from django.conf import settings

from warifu.cards.rules import signs


def code_of(pull_id: UUID) -> str:
    """Eight signs for one question."""
    proof = hmac.digest(settings.WARIFU.link_key_bytes, b"card code\n" + pull_id.bytes, "sha256")
    number, base = int.from_bytes(proof, "big"), len(signs.ALPHABET)
    return "".join(signs.ALPHABET[number // base**place % base] for place in range(signs.LENGTH))


def hidden(code: str) -> str:
    """What the table keeps of a code: it is short, so a keyed hash."""
    return hmac.new(settings.WARIFU.link_key_bytes, b"card pull\n" + code.encode(), hashlib.sha256).hexdigest()
