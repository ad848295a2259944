"""Who reaches a folder, and how much of it they see: the one place that decides (D-14, D-21)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from warifu.folders.models import Folder, FolderAccess
from warifu.folders.rules.fields import Kind
from warifu.folders.rules.search import NO_LIMITS, Limits
from warifu.foundation.actor import Actor, ActorKind, Role
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import NotFound
from warifu.organisations.rules import NotPermitted, Permission, require

FolderRow = Folder
"""A folder as it passes from one query or action to the next; doors read it and never write it."""
_HOUSE = Role.ADMINISTRATOR | Role.HEAD | Role.STAFF | Role.PAYROLL


@dataclass(frozen=True, kw_only=True)
class Reached:
    """A folder that an actor reaches, what they may see of it, and whether they look at it as its keeper."""

    folder: Folder
    limits: Limits
    is_keeper: bool


def reach(*, organisation_id: UUID, folder_id: UUID, permission: Permission, by: Actor, at: datetime) -> Reached:
    """A folder for one of the permissions of folders.

    The organisation that looks after a folder reaches it by its roles; the keeper's organisation may always read it and
    say who looks after it; customers and auditors need an access, which also limits what they see. Raises
    `NotPermitted`; `NotFound` for folders that are not for this actor.
    """
    require(by=by, permission=permission, organisation_id=organisation_id)
    folders = Folder.objects.select_related("organisation", "keeper")
    folder = folders.filter(_visible(organisation_id), id=folder_id).first()
    if folder is None:
        raise NotFound
    is_keeper = folder.organisation_id != organisation_id
    if is_keeper and permission is not Permission.FOLDERS_READ:
        raise NotPermitted
    if not _is_outsider(by):
        return Reached(folder=folder, limits=NO_LIMITS, is_keeper=is_keeper)
    access = _running(by=by, on=jst_day(at)).filter(folder=folder).first()
    if access is None:
        raise NotFound
    if access.way == FolderAccess.Way.AUDITOR and permission is not Permission.FOLDERS_READ:
        raise NotPermitted
    return Reached(folder=folder, limits=_limits(access), is_keeper=is_keeper)


def reachable(*, organisation_id: UUID, by: Actor, at: datetime) -> QuerySet[Folder]:
    """The folders that an actor may read. Raises `NotPermitted`."""
    require(by=by, permission=Permission.FOLDERS_READ, organisation_id=organisation_id)
    folders = Folder.objects.filter(_visible(organisation_id))
    if _is_outsider(by):
        folders = folders.filter(id__in=_running(by=by, on=jst_day(at)).values("folder_id"))
    return folders


def _visible(organisation_id: UUID) -> Q:
    return Q(organisation_id=organisation_id) | Q(keeper_id=organisation_id)


def _is_outsider(by: Actor) -> bool:
    return by.kind is ActorKind.MEMBER and not by.roles & _HOUSE


def _running(*, by: Actor, on: date) -> QuerySet[FolderAccess]:
    assert by.id is not None  # noqa: S101
    running = FolderAccess.objects.filter(member_id=by.id, ended_at=None)
    return running.filter(Q(valid_until=None) | Q(valid_until__gte=on))


def _limits(access: FolderAccess) -> Limits:
    return Limits(
        traded_from=access.traded_from,
        traded_until=access.traded_until,
        kinds=frozenset(Kind(kind) for kind in access.kinds),
    )
