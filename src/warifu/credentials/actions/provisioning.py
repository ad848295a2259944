"""Members kept up to date by another system (SCIM 2.0): added, changed, left; never deleted nor given power (000-18).

The other system comes with a token of the scope `scim:write`. It may make employees, and staff of an office, and no
more. It cannot redirect the mail of somebody who works with others' data, and nothing that it sends is a number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.credentials.actions import activation
from warifu.credentials.models import ProvisionedMember
from warifu.credentials.queries import provisioning as queries
from warifu.foundation import japanese
from warifu.foundation.actor import NO_ROLE, Actor, Role
from warifu.foundation.days import jst_day
from warifu.foundation.masking import twelve_digit_runs
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.notices import actions as notices
from warifu.notices import kinds
from warifu.organisations import actions as organisations
from warifu.organisations import queries as organisation_queries
from warifu.organisations.queries import KnownMember, MemberView
from warifu.organisations.rules import Permission, require

GIVEN = Role.EMPLOYEE | Role.STAFF
"""The roles that another system may give and take; all others are given by an administrator, here."""
Leaves = Callable[..., None]


class NumberRefused(Refused):
    """A value looks like a number of twelve digits; it was read no further and kept nowhere (N-06)."""

    code = "WF-S860"
    sentence = _("12桁の数字が含まれているため、受け取れません。個人番号は、この口では扱いません。")
    remedy = _("送る項目から12桁の数字を除いてください。社員番号や識別の値が12桁のときは、文字を足してください。")
    status = 400


class RoleNotGiven(Refused):
    """Another system may not give this role."""

    code = "WF-S861"
    sentence = _("この役割は、外部の人事システムからは渡せません。")
    remedy = _("employee（事務所では staff も）だけを送ってください。ほかの役割は、割符の画面で管理者が付けます。")
    status = 403


class NameTaken(Refused):
    """The user name or the external id belongs to another member."""

    code = "WF-S862"
    sentence = _("userName または externalId が、ほかの利用者と重なっています。")
    remedy = _("いまの登録を GET で確かめ、同じ人なら PUT か PATCH で変えてください。")
    status = 409


class VersionOther(Refused):
    """Somebody changed the member meanwhile (If-Match)."""

    code = "WF-S863"
    sentence = _("ほかの人が先に変えたため、この変更を受け付けませんでした。")
    remedy = _("GET で新しい内容と ETag を受け取り、もう一度送ってください。")
    status = 412


class DoesNotReturn(Refused):
    """Somebody who has left does not come back by a switch: there is a new start, with a new check."""

    code = "WF-S864"
    sentence = _("退職・退出した人を、active を true にして戻すことはできません。")
    remedy = _("再入社のときは、割符の画面で管理者が利用者として加え直してください。")
    status = 400


class OfficeMailKept(Refused):
    """The mail address of somebody who works with others' data is not changed from outside."""

    code = "WF-S865"
    sentence = _("会社側の役割を持つ人のメールアドレスは、外部の人事システムからは変えられません。")
    remedy = _("サインインのリンクが届く先のためです。割符の画面で管理者が変えてください。")
    status = 403


@dataclass(frozen=True, kw_only=True)
class Particulars:
    """What the other system says about a person. `roles` is None when it says nothing about them."""

    user_name: str
    external_id: str = ""
    family_name: str = ""
    given_name: str = ""
    mail: str = ""
    employee_code: str = ""
    department: str = ""
    roles: Role | None = None
    is_active: bool = True


def insist_no_number(*, texts: list[str]) -> None:
    """Refuse what holds twelve digits in a row, however written. Raises `NumberRefused`."""
    if any(twelve_digit_runs(text) for text in texts):
        raise NumberRefused


def add(*, organisation_id: UUID, person: Particulars, leaves: Leaves, by: Actor, at: datetime) -> tuple[UUID, bool]:
    """Add a member, or take over one who is there with the same employee code or mail address.

    Returns the member's id, and False when this very registration (external id and user name) stood already: a
    repeated request changes nothing. `leaves` is `collection.actions.leaving.record`. Raises `NotPermitted`,
    `NameTaken`, `RoleNotGiven`, `NumberRefused`, `OfficeMailKept`, `MailTaken`, `EmployeeCodeTaken`.
    """
    person = _clean(organisation_id, person, by)
    try:
        with transaction.atomic():
            standing = _standing(organisation_id, person)
            if standing is not None:
                return standing, False
            member = _there(organisation_id, person)
            member_id = member.id if member else _made(organisation_id, person, by, at)
            ProvisionedMember.objects.create(
                member_id=member_id,
                organisation_id=organisation_id,
                external_id=person.external_id,
                user_name=person.user_name,
                created_at=at,
                changed_at=at,
            )
            audit.record(
                event=Events.PROVISIONED,
                by=by,
                at=at,
                organisation_id=organisation_id,
                subject_id=member_id,
                taken_over=member is not None,
            )
            if member is not None:
                _carry_over(organisation_id, member, person, by, at)
            if not person.is_active:
                _leave(organisation_id, member_id, leaves, by, at)
    except IntegrityError:
        raise NameTaken from None
    return member_id, True


def change(
    *,
    organisation_id: UUID,
    member_id: UUID,
    person: Particulars,
    version: int | None,
    leaves: Leaves,
    by: Actor,
    at: datetime,
) -> None:
    """Give a member the particulars that the other system has; nothing happens when they are the same.

    `version` is what the other system has seen, None when it does not care. Raises as `add` does, and `NotFound`,
    `VersionOther`, `DoesNotReturn`, `LastAdministrator`.
    """
    person = _clean(organisation_id, person, by)
    try:
        with transaction.atomic():
            row = _locked(organisation_id, member_id, version)
            before = queries.person(organisation_id=organisation_id, member_id=member_id)
            if person.is_active and not before.is_active:
                raise DoesNotReturn
            member = organisation_queries.member(organisation_id=organisation_id, member_id=member_id)
            changed = _carry_over(organisation_id, member, person, by, at)
            names = (row.external_id, row.user_name) != (person.external_id, person.user_name)
            if before.is_active and not person.is_active:
                _leave(organisation_id, member_id, leaves, by, at)
                changed = True
            if changed or names:
                _note_changed(row, person, by, at)
    except IntegrityError:
        raise NameTaken from None


def remove(
    *, organisation_id: UUID, member_id: UUID, version: int | None, leaves: Leaves, by: Actor, at: datetime
) -> None:
    """The other system forgets a member: they have left; the record stays. Raises `NotFound`, `VersionOther`."""
    require(by=by, permission=Permission.PROVISION, organisation_id=organisation_id)
    with transaction.atomic():
        row = _locked(organisation_id, member_id, version)
        if organisation_queries.member(organisation_id=organisation_id, member_id=member_id).is_active:
            _leave(organisation_id, member_id, leaves, by, at)
        ProvisionedMember.objects.filter(member_id=row.member_id).update(removed_at=at, changed_at=at)
        audit.record(
            event=Events.PROVISION_CHANGED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=member_id,
            removed=True,
        )


def _clean(organisation_id: UUID, person: Particulars, by: Actor) -> Particulars:
    require(by=by, permission=Permission.PROVISION, organisation_id=organisation_id)
    insist_no_number(texts=[value for value in vars(person).values() if isinstance(value, str)])
    if person.roles is not None:
        organisation = organisation_queries.organisation(organisation_id=organisation_id)
        allowed = GIVEN if organisation.is_office else Role.EMPLOYEE
        if person.roles & ~allowed or person.roles == NO_ROLE:
            raise RoleNotGiven
    return replace(
        person,
        user_name=person.user_name.strip().casefold()[:255],
        external_id=person.external_id.strip()[:255],
        family_name=japanese.trim_name(person.family_name)[:100],
        given_name=japanese.trim_name(person.given_name)[:100],
        mail=japanese.to_half_width(person.mail).lower(),
        employee_code=japanese.to_half_width(person.employee_code)[:40],
        department=japanese.trim_name(person.department)[:100],
    )


def _standing(organisation_id: UUID, person: Particulars) -> UUID | None:
    rows = ProvisionedMember.objects.filter(organisation_id=organisation_id, removed_at=None)
    row = rows.filter(user_name=person.user_name).first()
    if row is None:
        return None
    if not person.external_id or row.external_id != person.external_id:
        raise NameTaken
    return row.member_id


def _there(organisation_id: UUID, person: Particulars) -> MemberView | None:
    """The active member with the same employee code or mail address whom no other registration has."""
    found = None
    if person.employee_code:
        found = organisation_queries.member_by_employee_code(
            organisation_id=organisation_id, employee_code=person.employee_code
        )
    if found is None and person.mail:
        found = organisation_queries.member_by_mail(organisation_id=organisation_id, mail=person.mail)
    if found and ProvisionedMember.objects.filter(member_id=found.id, removed_at=None).exists():
        raise NameTaken
    return found


def _made(organisation_id: UUID, person: Particulars, by: Actor, at: datetime) -> UUID:
    return organisations.add_member(
        organisation_id=organisation_id,
        roles=person.roles or Role.EMPLOYEE,
        family_name=person.family_name or person.user_name[:100],
        given_name=person.given_name,
        mail=person.mail,
        employee_code=person.employee_code,
        department=person.department,
        by=_with(by, Permission.MEMBERS_MANAGE),
        at=at,
    )


def _carry_over(organisation_id: UUID, member: MemberView, person: Particulars, by: Actor, at: datetime) -> bool:
    """Write what differs; returns whether anything did.

    An empty family name leaves the one that stands. Of those who have left, names and the like may still be put right.
    """
    (known,) = organisation_queries.known_members_by_id(
        organisation_id=organisation_id, member_ids=[member.id]
    ).values()
    wanted = {
        "family_name": person.family_name or known.family_name,
        "given_name": person.given_name,
        "mail": person.mail,
        "employee_code": person.employee_code,
        "department": person.department,
    }
    is_changed = any(getattr(known, name) != value for name, value in wanted.items())
    if wanted["mail"] != known.mail:
        _redirect_mail(organisation_id, member, by, at)
    if is_changed:
        organisations.change_members(
            organisation_id=organisation_id,
            people=[(member.id, _renewed(known, wanted))],
            by=_with(by, Permission.ROSTER_LOAD),
            at=at,
        )
    keeps = person.roles is None or not member.is_active
    roles = member.roles if keeps else member.roles & ~GIVEN | (person.roles or NO_ROLE)
    if roles != member.roles:
        organisations.change_roles(
            organisation_id=organisation_id,
            member_id=member.id,
            roles=roles,
            by=_with(by, Permission.MEMBERS_MANAGE),
            at=at,
        )
    return is_changed or roles != member.roles


def _renewed(known: KnownMember, wanted: dict[str, str]) -> organisations.NewMember:
    kept: dict[str, Any] = {field.name: getattr(known, field.name) for field in fields(organisations.NewMember)}
    return organisations.NewMember(**(kept | wanted))


def _redirect_mail(organisation_id: UUID, member: MemberView, by: Actor, at: datetime) -> None:
    """Links that are on their way to the old address die, and the old address hears of it (L-12)."""
    if member.roles & ~(Role.EMPLOYEE | Role.CUSTOMER):
        raise OfficeMailKept
    activation.end_links(organisation_id=organisation_id, member_id=member.id, at=at)
    if not member.mail:
        return
    organisation = organisation_queries.organisation(organisation_id=organisation_id)
    notices.post(
        letter=kinds.MailChanged(
            organisation_name=organisation.name,
            name=member.full_name,
            changed_at=at,
            contact=organisation.contact,
        ),
        organisation_id=organisation_id,
        member_id=member.id,
        to_mail=member.mail,
        to_name=member.full_name,
        key=f"mail_changed:{member.id}:{at.isoformat()}",
        by=by,
        at=at,
    )


def _leave(organisation_id: UUID, member_id: UUID, leaves: Leaves, by: Actor, at: datetime) -> None:
    leaves(
        organisation_id=organisation_id,
        member_id=member_id,
        left_on=jst_day(at),
        by=_with(by, Permission.MEMBERS_MANAGE),
        at=at,
    )


def _locked(organisation_id: UUID, member_id: UUID, version: int | None) -> ProvisionedMember:
    queries.person(organisation_id=organisation_id, member_id=member_id)
    row = ProvisionedMember.objects.select_for_update().get(member_id=member_id)
    if version is not None and row.version != version:
        raise VersionOther
    return row


def _note_changed(row: ProvisionedMember, person: Particulars, by: Actor, at: datetime) -> None:
    same = ProvisionedMember.objects.filter(member_id=row.member_id, version=row.version, removed_at=None)
    changed = same.update(
        external_id=person.external_id, user_name=person.user_name, version=row.version + 1, changed_at=at
    )
    if changed != 1:
        raise VersionOther
    audit.record(
        event=Events.PROVISION_CHANGED,
        by=by,
        at=at,
        organisation_id=row.organisation_id,
        subject_id=row.member_id,
        version=row.version + 1,
    )


def _with(by: Actor, permission: Permission) -> Actor:
    """The same hand, for one verb of another room that provisioning stands above."""
    return replace(by, scopes=frozenset({permission.value}))
