"""The obtaining of a certificate: which name is proposed for it (発行先; 000-22, 000-24), and who has shown enough."""

from __future__ import annotations

from collections.abc import Collection

from warifu.credentials.rules.certificates import COMMON_NAME_LENGTH

MAILBOX = frozenset({"mail_code", "mail_link"})
"""Factors that show that the registered mailbox is read."""


def proposed(*, organisation_name: str, person_name: str) -> str:
    """The name offered until another was applied for: organisation and person, cut to what fits."""
    return " ".join(f"{organisation_name} {person_name}".split())[:COMMON_NAME_LENGTH].rstrip()


def has_shown_enough(*, factors: Collection[str], level: int) -> bool:
    """Whether a certificate may be made after these factors: a password alone never makes one (000-28, L-09)."""
    return level >= 2 or bool(MAILBOX & set(factors))
