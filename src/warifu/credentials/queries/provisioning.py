"""Reads of the members whom another system keeps up to date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from warifu.credentials.models import ProvisionedMember
from warifu.foundation.actor import Role
from warifu.foundation.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class ProvisionedPerson:
    """A member as the other system knows them; there is no place for a number in it (P-07)."""

    member_id: UUID
    external_id: str
    user_name: str
    family_name: str
    given_name: str
    mail: str
    employee_code: str
    department: str
    roles: Role
    is_active: bool
    version: int
    created_at: datetime
    changed_at: datetime


def person(*, organisation_id: UUID, member_id: UUID) -> ProvisionedPerson:
    """One member of an organisation; raises `NotFound` also for those whom the other system has removed."""
    row = _rows(organisation_id).filter(member_id=member_id).first()
    if row is None:
        raise NotFound
    return _person(row)


def people(
    *, organisation_id: UUID, field: str, value: str, offset: int, limit: int
) -> tuple[int, list[ProvisionedPerson]]:
    """How many there are, and a page of them in a lasting order; `field` may narrow it. Two queries.

    `field` is `user_name`, `external_id`, `id`, or empty.
    """
    rows = _rows(organisation_id)
    if field == "id":
        rows = rows.filter(member_id=value) if _is_id(value) else rows.none()
    elif field == "user_name":
        rows = rows.filter(user_name=value.casefold())
    elif field:
        rows = rows.filter(external_id=value)
    return rows.count(), [_person(row) for row in rows.order_by("member_id")[offset : offset + limit]]


def _rows(organisation_id: UUID):  # type: ignore[no-untyped-def]
    return ProvisionedMember.objects.filter(organisation_id=organisation_id, removed_at=None).select_related("member")


def _is_id(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True


def _person(row: ProvisionedMember) -> ProvisionedPerson:
    member = row.member
    return ProvisionedPerson(
        member_id=member.id,
        external_id=row.external_id,
        user_name=row.user_name,
        family_name=member.family_name,
        given_name=member.given_name,
        mail=member.mail,
        employee_code=member.employee_code,
        department=member.department,
        roles=Role(member.roles),
        is_active=member.state == "active",
        version=row.version,
        created_at=row.created_at,
        changed_at=row.changed_at,
    )
