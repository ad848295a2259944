"""顧問先と保存義務者: whose folder it is, at the office and in the law (D-21).

The customer's organisation is named as the keeper with both sides' will: the office ties the folder to its customer,
the customer's organisation has agreed to an entrustment. From then on it reads, searches and writes out the folder by
itself, also after a change of office; so the office can put a mistake right for some days only.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from warifu.audit import actions as audit
from warifu.audit.events import Event
from warifu.audit.events import Folders as Events
from warifu.folders.actions.folders import CustomerHasFolder
from warifu.folders.models import Folder
from warifu.folders.queries.access import reach
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations.rules import Permission, require

CORRECTABLE = timedelta(days=14)
"""How long the office may correct a keeper that it named by mistake."""


class KeeperStays(Refused):
    """Another organisation is the keeper, and has been for longer than a mistake takes to be seen."""

    code = "WF-F111"
    sentence = _("このフォルダの保存義務者は、もう変えられません。")
    remedy = _(
        "保存義務者の会社は、自分のデータをいつでも見られる必要があります。別の事務所への引継ぎは、その会社が自分の画面で行います。"
    )


def tie(
    *,
    organisation_id: UUID,
    folder_id: UUID,
    customer_id: UUID,
    customer_code: str,
    keeper_id: UUID | None,
    by: Actor,
    at: datetime,
) -> None:
    """Say for which of the office's customers a folder is, and with it who its keeper is here (None: nobody yet).

    A keeper that came with the folder from another office stays. One that this office named by a mistaken customer can
    be put right within `CORRECTABLE`, and both organisations read it in their trails. The customer's code is taken
    where the folder has none.
    Raises `NotPermitted`, `LevelTooLow`, `NotFound`, `KeeperStays`, `CustomerHasFolder`.
    """
    permission = Permission.FOLDERS_MANAGE
    folder = reach(organisation_id=organisation_id, folder_id=folder_id, permission=permission, by=by, at=at).folder
    keeper_id = keeper_id if keeper_id != organisation_id else None
    old_id = folder.keeper_id
    is_corrected = _is_correction(folder, customer_id, keeper_id, at)
    is_named = keeper_id is not None and old_id is None
    changes: dict[str, Any] = (
        {"keeper_id": keeper_id, "keeper_since": at if keeper_id else None} if is_named or is_corrected else {}
    )
    if not folder.customer_code and customer_code and not _is_taken(organisation_id, customer_code):
        changes["customer_code"] = customer_code
    rows = Folder.objects.filter(id=folder_id, organisation_id=organisation_id, keeper_id=old_id)
    try:
        with transaction.atomic():
            if rows.update(customer_id=customer_id, **changes) != 1:
                raise KeeperStays
            _record(Events.TIED, folder, {organisation_id}, by, at)
            if is_named or is_corrected:
                event = Events.KEEPER_CORRECTED if is_corrected else Events.KEEPER_NAMED
                _record(event, folder, {one for one in (organisation_id, old_id, keeper_id) if one}, by, at)
    except IntegrityError:
        raise CustomerHasFolder from None


def name_keeper(*, office_id: UUID, customer_id: UUID, keeper_id: UUID, by: Actor, at: datetime) -> int:
    """Name a customer's organisation the keeper of the folders that its office has for it; returns how many.

    `by` acts for that organisation, which has just agreed to work with the office; folders that have a keeper stay as
    they are. Raises `NotPermitted`, `LevelTooLow`.
    """
    require(by=by, permission=Permission.HANDLING_MANAGE, organisation_id=keeper_id)
    rows = Folder.objects.filter(organisation_id=office_id, customer_id=customer_id, keeper=None)
    with transaction.atomic():
        named = list(rows.select_for_update())
        for folder in named:
            Folder.objects.filter(id=folder.id).update(keeper_id=keeper_id, keeper_since=at)
            _record(Events.KEEPER_NAMED, folder, {office_id, keeper_id}, by, at)
    return len(named)


def _is_correction(folder: Folder, customer_id: UUID, keeper_id: UUID | None, at: datetime) -> bool:
    """Whether a tie takes the place of a keeper that was named. Raises `KeeperStays` where it may not."""
    if folder.keeper_id in (None, keeper_id) or folder.customer_id == customer_id:
        return False
    if folder.customer_id is None and keeper_id is None:
        return False
    if folder.customer_id is None or folder.keeper_since is None or at - folder.keeper_since > CORRECTABLE:
        raise KeeperStays
    return True


def _is_taken(organisation_id: UUID, customer_code: str) -> bool:
    return Folder.objects.filter(organisation_id=organisation_id, customer_code=customer_code).exists()


def _record(event: Event, folder: Folder, told: set[UUID], by: Actor, at: datetime) -> None:
    for organisation_id in told:
        audit.record(
            event=event,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=folder.id,
            name=folder.customer_name,
        )
