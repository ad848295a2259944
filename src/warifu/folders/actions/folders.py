"""Verbs of folders: open, change, end in the night, take that back, hand over with the keeper (B1, D-20, D-21)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from warifu.audit import actions as audit
from warifu.audit.events import Folders as Events
from warifu.folders.models import Folder, FolderAccess, FolderLink
from warifu.folders.queries.access import reach
from warifu.folders.rules import fields, keeping, search
from warifu.folders.rules.fields import GIB, MIB
from warifu.folders.rules.keeping import Keeping
from warifu.foundation import japanese
from warifu.foundation.actor import SYSTEM, Actor
from warifu.foundation.days import JST, jst_day
from warifu.foundation.ids import new_id
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, require

LARGEST_FILE = 2 * GIB
NIGHT = time(1, 0)
"""When an ending is carried out, in Japan."""

State = Folder.State


class FolderNameWrong(Refused):
    """A folder needs the customer's name."""

    code = "WF-F101"
    sentence = _("顧客の名前を入れてください。200文字までです。")
    remedy = _("会社の正式な名前か、個人の氏名を入れてください。")
    status = 422


class CodeTaken(Refused):
    """Another folder of the organisation has the customer code."""

    code = "WF-F102"
    sentence = _("顧客コード「{customer_code}」のフォルダは、すでにあります。")
    remedy = _("別の顧客コードにするか、空のままにしてください。")


class LimitsWrong(Refused):
    """Capacity, limit of a file or the years cannot be so."""

    code = "WF-F103"
    sentence = _("容量か保存期間の値を見直してください。")
    remedy = _(
        "容量の上限は1MB以上で、いま使っている量より小さくできません。1件の上限は1MBから2GBまで、保存する年数は5・7・10年、決算月は1から12です。"
    )
    status = 422


class NameDiffers(Refused):
    """The typed name is not the customer's."""

    code = "WF-F104"
    sentence = _("入れた名前が、このフォルダの顧客の名前と一致しません。")
    remedy = _("画面に表示されている顧客の名前を、一字ずつそのまま入れてください。")
    status = 422


class NotOpen(Refused):
    """The folder is being ended, or has ended."""

    code = "WF-F105"
    sentence = _("このフォルダはいま「{state}」のため、この操作はできません。")
    remedy = _("検索と書き出しは、いつでもできます。利用終了の前の夜までなら、利用終了を取り消せます。")


class NotEnding(Refused):
    """There is no ending to take back."""

    code = "WF-F106"
    sentence = _("取り消せる利用終了の予定がありません。")
    remedy = _("画面を読み込み直して、いまの状態を確かめてください。")


class CustomerHasFolder(Refused):
    """A running folder of the office is for the same customer."""

    code = "WF-F110"
    sentence = _("この顧問先のフォルダは、すでにあります。")
    remedy = _("フォルダの一覧で、この顧問先の名前を探してください。")


class NewOfficeUnknown(Refused):
    """No organisation has the code."""

    code = "WF-F107"
    sentence = _("組織コード「{code}」の組織が見つかりません。")
    remedy = _("新しい事務所の組織コードを確かめてください。御社自身で持つときは、御社の組織コードを入れます。")
    status = 422


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a folder shall be."""

    customer_name: str
    customer_code: str = ""
    registration_number: str = ""
    capacity: int = 10 * GIB
    file_limit: int = 100 * MIB
    keeping: Keeping = field(default_factory=Keeping)
    has_rules: bool = False
    customer_id: UUID | None = None
    keeper_id: UUID | None = None


def open_one(*, organisation_id: UUID, wish: Wish, by: Actor, at: datetime) -> UUID:
    """Make a folder; returns its id. Raises what `open_many` does."""
    return open_many(organisation_id=organisation_id, wishes=[wish], by=by, at=at)[0]


def open_many(*, organisation_id: UUID, wishes: Sequence[Wish], by: Actor, at: datetime) -> list[UUID]:
    """Make folders, all or none; returns their ids in the order of the wishes.

    Raises `NotPermitted`, `LevelTooLow`, `FolderNameWrong`, `CodeTaken`, `CustomerHasFolder`, `LimitsWrong`,
    `RegistrationNumberWrong`.
    """
    require(by=by, permission=Permission.FOLDERS_MANAGE, organisation_id=organisation_id)
    checked = [_checked(wish, used=0) for wish in wishes]
    with transaction.atomic():
        return [_made(organisation_id, wish, by, at) for wish in checked]


def _made(organisation_id: UUID, wish: Wish, by: Actor, at: datetime) -> UUID:
    keeper_id = wish.keeper_id if wish.keeper_id != organisation_id else None
    folder = Folder(
        id=new_id(),
        organisation_id=organisation_id,
        mail_code=secrets.token_hex(8),
        created_at=at,
        **_columns(wish),
        customer_id=wish.customer_id,
        keeper_id=keeper_id,
        keeper_since=at if keeper_id else None,
    )
    try:
        with transaction.atomic():
            folder.save(force_insert=True)
            audit.record(
                event=Events.OPENED,
                by=by,
                at=at,
                organisation_id=organisation_id,
                subject_id=folder.id,
                name=wish.customer_name,
                capacity=wish.capacity,
            )
    except IntegrityError:
        running = Folder.objects.filter(organisation_id=organisation_id).exclude(state=State.ENDED)
        if wish.customer_id and running.filter(customer_id=wish.customer_id).exists():
            raise CustomerHasFolder from None
        raise CodeTaken(customer_code=wish.customer_code) from None
    return folder.id


def change(*, organisation_id: UUID, folder_id: UUID, wish: Wish, by: Actor, at: datetime) -> None:
    """Change name, limits or years of a folder that has not ended; the keeper stays.

    Raises `NotPermitted`, `LevelTooLow`, `NotFound`, `NotOpen`, `CodeTaken`, `LimitsWrong`, `FolderNameWrong`.
    """
    folder = _reached(organisation_id, folder_id, by, at)
    wish = _checked(wish, used=folder.used)
    before, after = {name: getattr(folder, name) for name in _columns(wish)}, _columns(wish)
    changed = [name for name in after if before[name] != after[name]]
    if not changed:
        return
    with transaction.atomic():
        rows = Folder.objects.filter(id=folder_id, used__lte=wish.capacity).exclude(state=State.ENDED)
        try:
            with transaction.atomic():
                if rows.update(**after) != 1:
                    raise _why_not(folder_id)
        except IntegrityError:
            raise CodeTaken(customer_code=wish.customer_code) from None
        audit.record(
            event=Events.CHANGED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=folder_id,
            before={name: before[name] for name in changed if name != "customer_key"},
            after={name: after[name] for name in changed if name != "customer_key"},
        )


def end(*, organisation_id: UUID, folder_id: UUID, typed_name: str, by: Actor, at: datetime) -> None:
    """Ask for the end of use; it is carried out in the coming night, until then it can be taken back.

    The customer's name is typed as it stands; the door asks for a fresh sign-in. Raises `NotPermitted`, `LevelTooLow`,
    `NotFound`, `NameDiffers`, `NotOpen`.
    """
    folder = _reached(organisation_id, folder_id, by, at)
    if japanese.trim_name(typed_name) != folder.customer_name:
        raise NameDiffers
    with transaction.atomic():
        rows = Folder.objects.filter(id=folder_id, state=State.OPEN)
        if rows.update(state=State.ENDING, ending_since=at, ending_by=by.label) != 1:
            raise _why_not(folder_id)
        audit.record(event=Events.ENDING, by=by, at=at, organisation_id=organisation_id, subject_id=folder_id)


def cancel_end(*, organisation_id: UUID, folder_id: UUID, by: Actor, at: datetime) -> None:
    """Take the ending back before the night. Raises `NotPermitted`, `LevelTooLow`, `NotFound`, `NotEnding`."""
    _reached(organisation_id, folder_id, by, at)
    with transaction.atomic():
        rows = Folder.objects.filter(id=folder_id, state=State.ENDING)
        if rows.update(state=State.OPEN, ending_since=None, ending_by="") != 1:
            raise NotEnding
        audit.record(event=Events.END_CANCELLED, by=by, at=at, organisation_id=organisation_id, subject_id=folder_id)


def end_due(*, at: datetime) -> int:
    """Carry out the endings whose night has come: one o'clock after the day on which they were asked for.

    What ends is intake: links are stopped; records stay readable, searchable and exportable (D-20). Returns how many.
    """
    night = datetime.combine(jst_day(at), NIGHT, JST)
    last_night = night if at >= night else night - timedelta(days=1)
    due = list(Folder.objects.filter(state=State.ENDING, ending_since__lt=last_night).order_by("id"))
    return sum(_end(folder, at) for folder in due)


def _end(folder: Folder, at: datetime) -> bool:
    with transaction.atomic():
        rows = Folder.objects.filter(id=folder.id, state=State.ENDING, ending_since=folder.ending_since)
        if rows.update(state=State.ENDED, ended_at=at) != 1:
            return False
        FolderLink.objects.filter(folder=folder, ended_at=None).update(ended_at=at)
        audit.record(
            event=Events.ENDED,
            by=SYSTEM,
            at=at,
            organisation_id=folder.organisation_id,
            subject_id=folder.id,
            name=folder.customer_name,
        )
    return True


def hand_over(*, organisation_id: UUID, folder_id: UUID, to_code: str, by: Actor, at: datetime) -> None:
    """The keeper gives the folder to another office, or takes it to itself; history and records go along (D-21).

    `by` acts for the keeper's organisation; where the keeper has none here, the office itself does it on their wish.
    A company that gives its own folder to an office stays its keeper. The new office ties it to its own customer. The
    accesses and links that the old office gave end. Raises `NotPermitted`, `LevelTooLow`, `NotFound`,
    `NewOfficeUnknown`.
    """
    require(by=by, permission=Permission.FOLDERS_MANAGE, organisation_id=organisation_id)
    theirs = Q(keeper_id=organisation_id) | Q(keeper=None, organisation_id=organisation_id)
    folder = Folder.objects.filter(theirs, id=folder_id).first()
    if folder is None:
        raise NotFound
    to = organisations.organisation_by_code(code=to_code)
    if to is None:
        raise NewOfficeUnknown(code=to_code.strip()[:40])
    old = organisations.organisation(organisation_id=folder.organisation_id)
    if to.id == old.id:
        return
    moved: dict[str, Any] = {
        "organisation_id": to.id,
        "handed_over_at": at,
        "handed_over_from": old.name,
        "customer_id": None,
    }
    if folder.keeper_id is None and not old.is_office:
        moved |= {"keeper_id": old.id, "keeper_since": at}
    taken = Folder.objects.filter(organisation_id=to.id, customer_code=folder.customer_code).exclude(customer_code="")
    with transaction.atomic():
        if taken.exists():
            moved["customer_code"] = ""
        if Folder.objects.filter(id=folder_id, organisation_id=old.id).update(**moved) != 1:
            raise NotFound
        FolderAccess.objects.filter(folder=folder, ended_at=None).update(ended_at=at)
        FolderLink.objects.filter(folder=folder, ended_at=None).update(ended_at=at)
        for told in {organisation_id, old.id, to.id}:
            audit.record(
                event=Events.HANDED_OVER,
                by=by,
                at=at,
                organisation_id=told,
                subject_id=folder_id,
                name=folder.customer_name,
                before=old.name,
                after=to.name,
            )


def _reached(organisation_id: UUID, folder_id: UUID, by: Actor, at: datetime) -> Folder:
    permission = Permission.FOLDERS_MANAGE
    return reach(organisation_id=organisation_id, folder_id=folder_id, permission=permission, by=by, at=at).folder


def _why_not(folder_id: UUID) -> Refused:
    folder = Folder.objects.get(id=folder_id)
    return LimitsWrong() if folder.state == State.OPEN else NotOpen(state=folder.get_state_display())


def _checked(wish: Wish, *, used: int) -> Wish:
    name = japanese.trim_name(fields.visible(wish.customer_name))
    if not name or len(name) > fields.NAME_LENGTH:
        raise FolderNameWrong
    sizes = MIB <= wish.file_limit <= LARGEST_FILE and wish.capacity >= max(MIB, used)
    years = wish.keeping.years in keeping.YEARS and 1 <= wish.keeping.year_end_month <= 12
    if not (sizes and years and 0 <= wish.keeping.extension_months <= 4):
        raise LimitsWrong
    return replace(
        wish,
        customer_name=name,
        customer_code=japanese.to_half_width(fields.visible(wish.customer_code))[:40],
        registration_number=fields.registration_number(wish.registration_number),
    )


def _columns(wish: Wish) -> dict[str, Any]:
    return {
        "customer_name": wish.customer_name,
        "customer_key": search.folded(wish.customer_name),
        "customer_code": wish.customer_code,
        "registration_number": wish.registration_number,
        "capacity": wish.capacity,
        "file_limit": wish.file_limit,
        "year_end_month": wish.keeping.year_end_month,
        "keeping_years": wish.keeping.years,
        "extension_months": wish.keeping.extension_months,
        "is_sole_trader": wish.keeping.is_sole_trader,
        "has_rules": wish.has_rules,
    }
