"""Who beside the office's own people reaches a folder: customers, and auditors within a period and kinds (D-14)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from warifu.audit import actions as audit
from warifu.audit.events import Folders as Events
from warifu.folders.models import FolderAccess
from warifu.folders.queries.access import reach
from warifu.folders.rules.fields import Kind
from warifu.foundation.actor import Actor, Role
from warifu.foundation.ids import new_id
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission

ROLES = {FolderAccess.Way.CUSTOMER: Role.CUSTOMER, FolderAccess.Way.AUDITOR: Role.AUDITOR}


class RoleMissing(Refused):
    """The person does not hold the role that this access is for."""

    code = "WF-F603"
    sentence = _("この人は、選んだ見せ方に合う役割（顧客または監査人）を持っていません。")
    remedy = _("先に「利用者と役割」で顧客または監査人の役割を加えてください。所長と職員は、加えなくても見られます。")
    status = 422


class AccessGivenBefore(Refused):
    """The person reaches the folder already."""

    code = "WF-F604"
    sentence = _("この人は、すでにこのフォルダを見られます。")
    remedy = _("範囲を変えるときは、いまのものを外してから加え直してください。")


class PeriodWrong(Refused):
    """The period ends before it begins."""

    code = "WF-F605"
    sentence = _("期間の終わりが、始まりより前です。")
    remedy = _("取引年月日の範囲と期限を見直してください。")
    status = 422


def give(
    *,
    organisation_id: UUID,
    folder_id: UUID,
    member_id: UUID,
    way: FolderAccess.Way,
    traded_from: date | None,
    traded_until: date | None,
    kinds: Collection[Kind],
    valid_until: date | None,
    by: Actor,
    at: datetime,
) -> UUID:
    """Let a member reach a folder; the period and kinds limit auditors only. Returns the access's id.

    Raises `NotPermitted`, `LevelTooLow`, `NotFound`, `RoleMissing`, `AccessGivenBefore`, `PeriodWrong`.
    """
    permission = Permission.FOLDERS_MANAGE
    reached = reach(organisation_id=organisation_id, folder_id=folder_id, permission=permission, by=by, at=at)
    member = organisations.member(organisation_id=organisation_id, member_id=member_id)
    if not member.is_active or not ROLES[way] & member.roles:
        raise RoleMissing
    if traded_from and traded_until and traded_until < traded_from:
        raise PeriodWrong
    is_auditor = way is FolderAccess.Way.AUDITOR
    access = FolderAccess(
        id=new_id(),
        folder=reached.folder,
        member_id=member_id,
        way=way,
        traded_from=traded_from if is_auditor else None,
        traded_until=traded_until if is_auditor else None,
        kinds=sorted(kind.value for kind in kinds) if is_auditor else [],
        valid_until=valid_until,
        given_at=at,
        given_by=by.label,
    )
    try:
        with transaction.atomic():
            access.save(force_insert=True)
            audit.record(
                event=Events.ACCESS_GIVEN,
                by=by,
                at=at,
                organisation_id=organisation_id,
                subject_id=folder_id,
                name=member.full_name,
                kind=way.value,
                range=f"{traded_from or ''}〜{traded_until or ''}" if is_auditor else "",
            )
    except IntegrityError:
        raise AccessGivenBefore from None
    return access.id


def end(*, organisation_id: UUID, folder_id: UUID, access_id: UUID, by: Actor, at: datetime) -> None:
    """Take an access back at once. Raises `NotPermitted`, `LevelTooLow`, `NotFound`."""
    permission = Permission.FOLDERS_MANAGE
    reached = reach(organisation_id=organisation_id, folder_id=folder_id, permission=permission, by=by, at=at)
    with transaction.atomic():
        rows = FolderAccess.objects.filter(id=access_id, folder=reached.folder, ended_at=None)
        if rows.update(ended_at=at) != 1:
            raise NotFound
        audit.record(event=Events.ACCESS_ENDED, by=by, at=at, organisation_id=organisation_id, subject_id=folder_id)
