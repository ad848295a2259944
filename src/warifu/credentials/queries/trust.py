"""Reads for TLS: whose signatures on electronic certificates are ours."""

from __future__ import annotations

from datetime import datetime

from warifu.credentials import authority
from warifu.credentials.models import Authority


def authorities(*, at: datetime) -> list[bytes]:
    """The certificates (DER) of the root and the issuing authorities that hold at a moment. One query.

    Retired authorities belong to them: what they have signed is good until it ends.
    """
    rows = Authority.objects.filter(valid_until__gt=at).order_by("id")
    return [bytes(der) for der in rows.values_list("der", flat=True)]


def authorities_in_pem(*, at: datetime) -> bytes:
    """The same in PEM, one below the other, as proxies read them. One query."""
    return authority.in_pem(*authorities(at=at))
