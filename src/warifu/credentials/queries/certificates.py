"""Reads of electronic certificates: a person's own, and the list of the desk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from warifu.credentials import authority
from warifu.credentials.models import Certificate
from warifu.credentials.rules import certificates as rules
from warifu.foundation.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class CertificateLine:
    """A certificate as lists show it."""

    id: UUID
    member_id: UUID
    member_name: str
    issued_to: str
    device_name: str
    way: str
    serial: str
    issued_at: datetime
    valid_from: datetime
    valid_until: datetime
    first_used_at: datetime | None
    used_at: datetime | None
    replaces: UUID | None
    replaced_at: datetime | None
    revoked_at: datetime | None
    reason: str
    unused_noted_at: datetime | None

    @property
    def span(self) -> rules.Span:
        """Its dates, for the rules."""
        return rules.Span(
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            replaced_at=self.replaced_at,
            revoked_at=self.revoked_at,
        )

    def state(self, at: datetime) -> str:
        """What lists call it at a moment (`rules.state_of`)."""
        return rules.state_of(self.span, at=at)

    def renewable_from(self) -> datetime:
        """When its renewal window opens."""
        return rules.renewable_from(self.span)

    def reason_label(self) -> str:
        """What screens call the reason of its end."""
        found = rules.reason_of(self.reason)
        return found.label if found else ""


def certificates_of(*, organisation_id: UUID, member_id: UUID) -> list[CertificateLine]:
    """A member's certificates, the newest first, those that are over included (L-21). One query."""
    rows = Certificate.objects.filter(organisation_id=organisation_id, member_id=member_id)
    return [line_of(row=row) for row in rows.select_related("member").defer("der").order_by("-id")[:200]]


def certificate_der(*, organisation_id: UUID, certificate_id: UUID, member_id: UUID | None = None) -> bytes:
    """A certificate itself, of one member only when one is named. Raises `NotFound`."""
    rows = Certificate.objects.filter(organisation_id=organisation_id, id=certificate_id)
    if member_id is not None:
        rows = rows.filter(member_id=member_id)
    der = rows.values_list("der", flat=True).first()
    if der is None:
        raise NotFound
    return bytes(der)


def in_pem(*, ders: Iterable[bytes]) -> list[str]:
    """Certificates as texts that programs take, each by itself."""
    return [authority.in_pem(der).decode() for der in ders]


def line_of(*, row: Certificate) -> CertificateLine:
    """A row with its member as lists show it."""
    assert row.member is not None  # noqa: S101
    return CertificateLine(
        id=row.id,
        member_id=row.member.id,
        member_name=row.member.full_name,
        issued_to=row.issued_to,
        device_name=row.device_name,
        way=row.way,
        serial=row.serial,
        issued_at=row.issued_at,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        first_used_at=row.first_used_at,
        used_at=row.used_at,
        replaces=row.replaces_id,
        replaced_at=row.replaced_at,
        revoked_at=row.revoked_at,
        reason=row.reason,
        unused_noted_at=row.unused_noted_at,
    )
