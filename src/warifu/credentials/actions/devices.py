"""Known devices: a browser in which a member has signed in before (L-11, L-12)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import datetime
from uuid import UUID

from django.conf import settings

from warifu.credentials.models import Password

_NONCE = 16


def token(*, member_id: UUID, password_set_at: datetime | None) -> str:
    """A token by which a device is known again for one member until the password changes; it lets nobody in.

    It only keeps the owner's own devices out of the queue that strangers' guesses cause (L-11).
    """
    nonce = secrets.token_bytes(_NONCE)
    return base64.urlsafe_b64encode(nonce + _proof(nonce, member_id, password_set_at)).decode()


def token_of(*, member_id: UUID) -> str:
    """The token for a member's present password."""
    set_at = Password.objects.filter(member_id=member_id).values_list("set_at", flat=True).first()
    return token(member_id=member_id, password_set_at=set_at)


def is_known(*, token: str, member_id: UUID, password_set_at: datetime | None) -> bool:
    """Whether a token was made for this member and this password."""
    try:
        raw = base64.urlsafe_b64decode(token)
    except (ValueError, binascii.Error):
        return False
    return hmac.compare_digest(raw[_NONCE:], _proof(raw[:_NONCE], member_id, password_set_at))


def _proof(nonce: bytes, member_id: UUID, password_set_at: datetime | None) -> bytes:
    since = password_set_at.isoformat() if password_set_at else ""
    text = b"device" + nonce + member_id.bytes + since.encode()
    return hmac.new(settings.WARIFU.link_key_bytes, text, hashlib.sha256).digest()
