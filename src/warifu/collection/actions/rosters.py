"""Verbs of 従業員名簿: receive a file, check, choose columns, mend, load, undo, discard (001-5 … 001-12)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from warifu.audit import actions as audit
from warifu.audit.events import Collection as Events
from warifu.collection.actions import roster_loading
from warifu.collection.models import Roster, RosterMend, RosterProblem
from warifu.collection.rules import roster as rules
from warifu.collection.rules import roster_file, roster_layout
from warifu.foundation.actor import SYSTEM, Actor, ActorKind, Role
from warifu.foundation.ids import new_id
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations import actions as members
from warifu.organisations.rules import Permission, require
from warifu.vault.actions import files

LEASE = timedelta(minutes=3)
"""How long a worker may be silent before another one starts the work anew."""

AT_ONCE = 300_000
"""Files up to so many bytes are checked in the request that brings them."""

State = Roster.State


class NotNow(Refused):
    """The roster's state does not allow this."""

    code = "WF-C116"
    sentence = _("この名簿はいま「{state}」のため、この操作はできません。")
    remedy = _("名簿の画面を読み込み直し、いまの状態を確かめてください。")


class NothingToLoad(Refused):
    """No row of the roster can be loaded."""

    code = "WF-C117"
    sentence = _("取り込める行がありません。")
    remedy = _("直すところを直すか、直した名簿をもう一度お送りください。")


class NothingNew(Refused):
    """Everybody on the roster is there already, unchanged."""

    code = "WF-C118"
    sentence = _("この名簿の人は、すべて同じ内容で登録されています。取り込んでも何も変わりません。")
    remedy = _("内容を直した名簿があれば、そちらをお送りください。")


class AlreadyAsked(Refused):
    """Somebody of the roster has been asked already, so that it cannot be undone."""

    code = "WF-C119"
    sentence = _("この名簿の人にすでに依頼を送ったか、入力が始まっているため、取込みを取り消せません。")
    remedy = _("要らない人は、一人ずつ「退職・退出を記録する」で外してください。")


class ValueTooLong(Refused):
    """A mended value is longer than any cell of a roster."""

    code = "WF-C120"
    sentence = _("直した値が長すぎます。{limit}文字までです。")
    remedy = _("短くして、もう一度お試しください。")
    status = 422


class PlaceUnknown(Refused):
    """A column was named by something that is no place in a row."""

    code = "WF-C121"
    sentence = _("列は、左から数えた番号（0から{last}まで）で指します。")
    remedy = _("いちばん左の列が0です。列の番号を確かめて、もう一度お試しください。")
    status = 422


def receive(*, organisation_id: UUID, file_name: str, content: bytes, by: Actor, at: datetime) -> UUID:
    """Take a file in, seal it, and have it checked; returns the roster's id. A small file is checked at once.

    Raises `NotPermitted` and, without keeping anything, what a file is refused for at first sight
    (`roster_file.open_file`). What only its rows show makes the roster REFUSED.
    """
    require(by=by, permission=Permission.ROSTER_LOAD, organisation_id=organisation_id)
    opened = roster_file.open_file(BytesIO(content))
    roster_id = new_id()
    laid = files.lay(
        content=content,
        media_type="text/csv" if opened.kind == "csv" else "application/x-xlsx",
        organisation_id=organisation_id,
        subject_id=roster_id,
        by=by,
        at=at,
    )
    with transaction.atomic():
        Roster.objects.create(
            id=roster_id,
            organisation_id=organisation_id,
            file_name=_base_name(file_name),
            file_ref=files.keep(laid=laid, by=by, at=at),
            file_hash=hashlib.sha256(content).hexdigest(),
            encoding=opened.encoding,
            uploaded_by=by.id,
            uploaded_at=at,
        )
        audit.record(
            event=Events.ROSTER_RECEIVED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=roster_id,
            file_name=_base_name(file_name),
        )
    if len(content) <= AT_ONCE:
        check(organisation_id=organisation_id, roster_id=roster_id, at=at)
    return roster_id


def check(*, organisation_id: UUID, roster_id: UUID, at: datetime) -> bool:
    """Check a roster that waits for it, row by row, and write down every problem; returns False if another does it.

    Progress is written as it goes. When it is interrupted, the next one starts anew; nothing counts until the end.
    """
    waiting = Q(state=State.RECEIVED) | Q(state=State.CHECKING, lease_until__lt=at)
    lease = at + LEASE
    taken = _rosters(organisation_id, roster_id).filter(waiting)
    if not taken.update(state=State.CHECKING, lease_until=lease, progress=0, rows=0):
        return False
    roster = _rosters(organisation_id, roster_id).get()
    mine = _rosters(organisation_id, roster_id).filter(state=State.CHECKING, lease_until=lease)
    try:
        result, kept = roster_loading.check(roster=roster, mine=mine, at=at)
    except Refused as refused:
        values = {key: str(value) for key, value in refused.values.items()}
        with transaction.atomic():
            RosterProblem.objects.filter(roster=roster).delete()
            _forget_check(roster, at=at)
            mine.update(state=State.REFUSED, lease_until=None, refusal=refused.code, refusal_values=values)
        return True
    checked = {"state": State.CHECKED, "lease_until": None, "refusal": "", "refusal_values": {}, **result}
    laid = _lay(roster, kept, at) if result["rows"] > roster_loading.SMALL else None
    with transaction.atomic():
        _forget_check(roster, at=at)
        if mine.update(checked_ref=laid.row.ref if laid else None, **checked) and laid:
            files.keep(laid=laid, by=SYSTEM, at=at)
    return True


def choose_columns(
    *,
    organisation_id: UUID,
    roster_id: UUID,
    mapping: Mapping[str, str],
    has_header: bool,
    encoding: str,
    by: Actor,
    at: datetime,
) -> None:
    """Say by hand which column is which field (`{"0": "mail", …}`), and in which encoding; then check again.

    An empty mapping leaves the columns to be found. Mends are forgotten, since they belong to the old columns. Raises
    `NotPermitted`, `NotFound`, `NotNow`, `PlaceUnknown` for a column that no file can have,
    `roster_layout.ColumnsUnknown` for a mapping without a name or with a field twice, `roster_file.WrongEncoding` for
    an encoding that is not read.
    """
    require(by=by, permission=Permission.ROSTER_LOAD, organisation_id=organisation_id)
    if mapping:
        width = max(_place(text) for text in mapping) + 1
        roster_layout.chosen(columns=[""] * width, mapping=mapping, has_header=has_header)
    if encoding and encoding not in roster_file.ENCODINGS:
        raise roster_file.WrongEncoding
    with transaction.atomic():
        _move(
            organisation_id,
            roster_id,
            (State.CHECKED, State.REFUSED),
            state=State.RECEIVED,
            mapping=dict(mapping),
            has_header=has_header,
            encoding=encoding,
        )
        RosterMend.objects.filter(roster_id=roster_id).delete()
        audit.record(event=Events.ROSTER_COLUMNS, by=by, at=at, organisation_id=organisation_id, subject_id=roster_id)
    _check_if_small(organisation_id, roster_id, at)


def mend(*, organisation_id: UUID, roster_id: UUID, row: int, column: str, value: str, by: Actor, at: datetime) -> None:
    """Put another value into a cell; the file itself stays as it came. A small roster is checked again at once.

    Raises `NotPermitted`, `NotFound` (also for a row or column that is not there), `NotNow`, `ValueTooLong`.
    """
    require(by=by, permission=Permission.ROSTER_LOAD, organisation_id=organisation_id)
    if len(value) > 300:
        raise ValueTooLong(limit=300)
    with transaction.atomic():
        roster = _move(organisation_id, roster_id, (State.CHECKED,))
        if not 1 <= row <= roster.rows or column not in {each["label"] for each in roster.columns}:
            raise NotFound
        RosterMend.objects.update_or_create(roster_id=roster_id, row=row, column=column, defaults={"value": value})
        audit.record(
            event=Events.ROSTER_MENDED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=roster_id,
            row=row,
            column=column,
        )
    if roster.rows <= roster_loading.SMALL:
        check_again(organisation_id=organisation_id, roster_id=roster_id, by=by, at=at)


def check_again(*, organisation_id: UUID, roster_id: UUID, by: Actor, at: datetime) -> None:
    """Have a checked roster checked once more, with its mends. Raises `NotPermitted`, `NotFound`, `NotNow`."""
    require(by=by, permission=Permission.ROSTER_LOAD, organisation_id=organisation_id)
    _move(organisation_id, roster_id, (State.CHECKED,), state=State.RECEIVED)
    _check_if_small(organisation_id, roster_id, at)


def load(*, organisation_id: UUID, roster_id: UUID, by: Actor, at: datetime) -> None:
    """Ask for a checked roster to be loaded; the worker does it (`work_due`). The second phase of 001-11.

    Raises `NotPermitted`, `NotFound`, `NotNow`, `NothingToLoad`, `NothingNew`.
    """
    require(by=by, permission=Permission.ROSTER_LOAD, organisation_id=organisation_id)
    with transaction.atomic():
        roster = _move(
            organisation_id,
            roster_id,
            (State.CHECKED,),
            state=State.LOADING,
            lease_until=None,
            progress=0,
            asked_by={"kind": by.kind.value, "id": str(by.id or ""), "label": by.label, "roles": int(by.roles)},
        )
        if not roster.accepted:
            raise NothingToLoad
        if not roster.added and not roster.changed:
            raise NothingNew


def work_due(*, at: datetime) -> int:
    """What the worker does: check rosters that wait, and load those whose loading was asked for; returns how many.

    Each is taken under a lease, so that several workers share the work and a killed one loses nothing.
    """
    late = Q(lease_until=None) | Q(lease_until__lt=at)
    wanted = Q(state=State.RECEIVED) | Q(state=State.CHECKING, lease_until__lt=at) | Q(state=State.LOADING) & late
    due = Roster.objects.filter(wanted).order_by("id").values_list("organisation_id", "id", "state")
    done = 0
    for organisation_id, roster_id, state in list(due):
        work = _load_now if state == State.LOADING else check
        done += work(organisation_id=organisation_id, roster_id=roster_id, at=at)
    return done


def _load_now(*, organisation_id: UUID, roster_id: UUID, at: datetime) -> bool:
    lease = at + LEASE
    free = Q(lease_until=None) | Q(lease_until__lt=at)
    if not _rosters(organisation_id, roster_id).filter(free, state=State.LOADING).update(lease_until=lease):
        return False
    roster = _rosters(organisation_id, roster_id).get()
    mine = _rosters(organisation_id, roster_id).filter(state=State.LOADING, lease_until=lease)
    try:
        with transaction.atomic():
            result = roster_loading.load(roster=roster, by=_who_asked(roster), at=at)
            _note_loaded(roster, mine, result, at=at)
    except members.MailTaken:
        mine.update(state=State.RECEIVED, lease_until=None)
    except NotNow:
        return False
    return True


def _note_loaded(roster: Roster, mine: QuerySet[Roster], result: dict[str, int], *, at: datetime) -> None:
    """Close the loading, inside its transaction; a lease that was lost meanwhile undoes all of it."""
    if not mine.update(state=State.LOADED, lease_until=None, loaded_at=at, progress=roster.rows, **result):
        raise NotNow(state=State.LOADING.label)
    _forget_check(roster, at=at)
    audit.record(
        event=Events.ROSTER_LOADED,
        by=_who_asked(roster),
        at=at,
        organisation_id=roster.organisation_id,
        subject_id=roster.id,
        added=result["added"],
        changed=result["changed"],
        unchanged=result["unchanged"],
    )


def undo(*, organisation_id: UUID, roster_id: UUID, by: Actor, at: datetime) -> None:
    """Undo a whole loading while nobody of it has been asked: its people go, changed values go back.

    A value that somebody has changed again since stays as it is. Raises `NotPermitted`, `NotFound`, `NotNow`,
    `AlreadyAsked`, `organisations.MemberInUse`; then nothing is undone.
    """
    require(by=by, permission=Permission.ROSTER_LOAD, organisation_id=organisation_id)
    with transaction.atomic():
        roster = _move(organisation_id, roster_id, (State.LOADED,), state=State.UNDONE, undone_at=at)
        if not roster_loading.is_untouched(roster=roster):
            raise AlreadyAsked
        removed, restored = roster_loading.undo(roster=roster, by=by, at=at)
        audit.record(
            event=Events.ROSTER_UNDONE,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=roster_id,
            removed=removed,
            restored=restored,
        )


def discard(*, organisation_id: UUID, roster_id: UUID, by: Actor, at: datetime) -> None:
    """Give a roster up before it is loaded: its file is destroyed, its problems and mends are forgotten.

    Raises `NotPermitted`, `NotFound`, `NotNow`.
    """
    require(by=by, permission=Permission.ROSTER_LOAD, organisation_id=organisation_id)
    with transaction.atomic():
        roster = _move(
            organisation_id,
            roster_id,
            (State.RECEIVED, State.CHECKED, State.REFUSED),
            state=State.DISCARDED,
        )
        RosterProblem.objects.filter(roster=roster).delete()
        RosterMend.objects.filter(roster=roster).delete()
        files.destroy(ref=roster.file_ref, organisation_id=organisation_id, by=by, at=at)
        _forget_check(roster, at=at)
        audit.record(event=Events.ROSTER_DISCARDED, by=by, at=at, organisation_id=organisation_id, subject_id=roster_id)


def first_lines(*, organisation_id: UUID, roster_id: UUID, encoding: str, by: Actor, at: datetime) -> list[list[str]]:
    """The first lines of a roster's file in an encoding, for choosing its columns by eye; numbers are masked.

    Raises `NotPermitted`, `NotFound`, and what reading a file raises.
    """
    require(by=by, permission=Permission.ROSTER_LOAD, organisation_id=organisation_id)
    roster = _rosters(organisation_id, roster_id).first()
    if roster is None or roster.state == State.DISCARDED:
        raise NotFound
    content = files.open(ref=roster.file_ref, organisation_id=organisation_id, by=by, at=at)
    return rules.first_lines(stream=BytesIO(content), encoding=encoding)


def problem_rows(*, organisation_id: UUID, roster_id: UUID, by: Actor, at: datetime) -> Iterator[list[str]]:
    """The rows that cannot be loaded, as they came, to be mended elsewhere and sent anew alone (C2).

    The first line is a header; the last two columns say the row in the file and the reasons. Twelve digits are masked.
    Raises `NotPermitted`, `NotFound`, and what reading a file raises.
    """
    require(by=by, permission=Permission.ROSTER_LOAD, organisation_id=organisation_id)
    roster = _rosters(organisation_id, roster_id).exclude(state=State.DISCARDED).first()
    if roster is None:
        raise NotFound
    return roster_loading.problem_rows(roster=roster, at=at)


def _place(text: str) -> int:
    """The place of a column, counted from 0, from what a door was given."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(roster_file.MAX_COLUMNS))
    if not is_number or str(int(text)) != text or int(text) >= roster_file.MAX_COLUMNS:
        raise PlaceUnknown(last=roster_file.MAX_COLUMNS - 1)
    return int(text)


def _lay(roster: Roster, kept: bytes, at: datetime) -> files.Laid:
    return files.lay(
        content=kept,
        media_type="application/json",
        organisation_id=roster.organisation_id,
        subject_id=roster.id,
        by=SYSTEM,
        at=at,
    )


def _forget_check(roster: Roster, *, at: datetime) -> None:
    """Destroy what an earlier check has kept, inside the caller's transaction."""
    if roster.checked_ref is not None:
        files.destroy(ref=roster.checked_ref, organisation_id=roster.organisation_id, by=SYSTEM, at=at)
        _rosters(roster.organisation_id, roster.id).update(checked_ref=None)


def _check_if_small(organisation_id: UUID, roster_id: UUID, at: datetime) -> None:
    roster = _rosters(organisation_id, roster_id).get()
    if 0 < roster.rows <= roster_loading.SMALL:
        check(organisation_id=organisation_id, roster_id=roster_id, at=at)


def _rosters(organisation_id: UUID, roster_id: UUID) -> QuerySet[Roster]:
    return Roster.objects.filter(organisation_id=organisation_id, id=roster_id)


def _move(organisation_id: UUID, roster_id: UUID, expected: tuple[str, ...], **values: Any) -> Roster:
    """The roster as it stands, moved on if its state allows it; raises `NotFound`, `NotNow`."""
    roster = _rosters(organisation_id, roster_id).first()
    if roster is None:
        raise NotFound
    values.setdefault("state", roster.state)
    if not _rosters(organisation_id, roster_id).filter(state__in=expected, lease_until=None).update(**values):
        raise NotNow(state=State(roster.state).label)
    return roster


def _who_asked(roster: Roster) -> Actor:
    asked = roster.asked_by
    kind = ActorKind(asked["kind"])
    return Actor(
        kind=kind,
        id=UUID(asked["id"]) if asked["id"] else None,
        label=asked["label"],
        organisation_id=roster.organisation_id if kind in (ActorKind.MEMBER, ActorKind.TOKEN) else None,
        roles=Role(asked["roles"]),
        scopes=frozenset() if asked["roles"] else frozenset((Permission.ROSTER_LOAD.value,)),
    )


def _base_name(file_name: str) -> str:
    """The name alone, without folders and unprintable characters (V-05)."""
    name = file_name.replace("\\", "/").rsplit("/", maxsplit=1)[-1]
    return "".join(char for char in name if char.isprintable())[:255] or "roster"
