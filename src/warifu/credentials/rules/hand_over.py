"""The steps of a hand-over between administrators, in order (000-40)."""

from __future__ import annotations

from enum import StrEnum


class Step(StrEnum):
    """One step; the value stands in the table and in the address of its page."""

    SIGNED_IN = "signed-in"
    ROLES = "roles"
    CERTIFICATES = "certificates"
    DEVICES = "devices"
    CONTACTS = "contacts"
    TOKENS = "tokens"


REST = frozenset({Step.CERTIFICATES, Step.DEVICES, Step.CONTACTS, Step.TOKENS})
"""What follows once the rights have moved, in any order."""
