"""What may be told to a sister service, and in which words: names and roles, never numbers (P-07)."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Collection, Iterable
from urllib.parse import urlsplit
from uuid import UUID

from warifu.foundation.actor import Role

SCOPES = ("openid", "profile", "email", "roles")
"""What a service may ask for: who it is, the name, the mail address, the roles."""
_METHODS = {
    "password": "pwd",
    "authenticator": "otp",
    "recovery_code": "otp",
    "card": "sc",
    "mail_code": "otp",
    "passkey": "pop",
    "device_passkey": "hwk",
    "certificate": "pop",
}
_NEAR = ("localhost", "127.0.0.1", "::1")


def shared_scope(*, asked: str | None, shares_roles: bool) -> str | None:
    """What a service gets of what it asks for; None when it does not ask who the person is."""
    wanted = (asked or "").split()
    if "openid" not in wanted:
        return None
    return " ".join(scope for scope in SCOPES if scope in wanted and (scope != "roles" or shares_roles))


def covers(*, given: str, asked: str) -> bool:
    """Whether what somebody once agreed to includes what is asked now."""
    return set(asked.split()) <= set(given.split())


def subject(*, service_id: UUID, member_id: UUID) -> str:
    """The name of a member for one service alone: two services cannot compare their people by it (pairwise)."""
    proof = hmac.digest(service_id.bytes, b"subject\n" + member_id.bytes, "sha256")
    return base64.urlsafe_b64encode(proof).decode().rstrip("=")


def level_name(level: int) -> str:
    """How a session's strength is called in `acr`."""
    return f"urn:warifu:level:{level}"


def methods(factors: Iterable[str]) -> list[str]:
    """How a session's factors are called in `amr` (RFC 8176)."""
    found = sorted({_METHODS[factor] for factor in factors if factor in _METHODS})
    return [*found, "mfa"] if len(found) > 1 else found


def role_codes(roles: Role) -> list[str]:
    """Roles by the names that services see: `employee`, `administrator` …"""
    return [str(role.name).lower() for role in Role if role in roles]


def is_address_of_service(address: str) -> bool:
    """Whether browsers may be sent to an address: https, or http on the person's own machine; exact, no fragment."""
    if not address.isascii() or not address.isprintable() or "\\" in address or " " in address or len(address) > 500:
        return False
    parts = urlsplit(address)
    is_protected = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _NEAR)
    return bool(is_protected and parts.hostname and not parts.username and not parts.password and not parts.fragment)


def is_registered(address: str, registered: Collection[str]) -> bool:
    """Whether an address is one of the registered ones, sign by sign."""
    return address in registered
