"""Verbs of many members at once, for rosters: few statements for any number of people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import lru_cache
from itertools import islice
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import ManyToOneRel

from warifu.audit import actions as audit
from warifu.audit.events import Organisations as Events
from warifu.foundation import japanese
from warifu.foundation.actor import Actor, Role
from warifu.foundation.ids import new_ids
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations.actions.members import MailTaken
from warifu.organisations.actions.shared import insist_own_mails
from warifu.organisations.models import Member
from warifu.organisations.rules import Permission, require


class MemberInUse(Refused):
    """A member cannot be removed any more: something refers to them."""

    code = "WF-O206"
    sentence = _("もう使われている利用者が含まれているため、取り消せません。")
    remedy = _("一人ずつ「退職・退出を記録する」をお使いください。")


@dataclass(slots=True)
class NewMember:
    """An employee to be added with many others, cleaned and compared; empty means unknown."""

    family_name: str
    given_name: str = ""
    middle_name: str = ""
    family_kana: str = ""
    given_kana: str = ""
    born_on: date | None = None
    hired_on: date | None = None
    employee_code: str = ""
    department: str = ""
    mail: str = ""
    phone: str = ""
    employment: str = Member.Employment.WORKING.value


BATCH = 2_000
"""Members written by one statement."""


def add_members(*, organisation_id: UUID, people: Iterable[NewMember], by: Actor, at: datetime) -> list[UUID]:
    """Add many employees in one transaction and a few statements; returns their ids in the given order.

    The people are taken as they are: whoever makes a `NewMember` has cleaned and compared it. Memory holds one batch
    and the ids. Raises `NotPermitted`; `MailTaken` when a mail or code of theirs is in use by now (and adds nobody).
    """
    require(by=by, permission=Permission.ROSTER_LOAD, organisation_id=organisation_id)
    ids: list[UUID] = []
    waiting = iter(people)
    with transaction.atomic():
        while batch := list(islice(waiting, BATCH)):
            batch_ids = new_ids(len(batch))
            try:
                _insert(batch_ids, batch, organisation_id=organisation_id, at=at)
            except IntegrityError:
                raise MailTaken from None
            ids += batch_ids
        if ids:
            audit.record(event=Events.MEMBERS_ADDED, by=by, at=at, organisation_id=organisation_id, count=len(ids))
    return ids


def change_members(*, organisation_id: UUID, people: Sequence[tuple[UUID, NewMember]], by: Actor, at: datetime) -> None:
    """Give many members new values, with one entry of the trail for each.

    Raises `NotPermitted`, `MailTaken`, and `OfficeMail` when a handler's list would redirect an office person's mail.
    """
    require(by=by, permission=Permission.ROSTER_LOAD, organisation_id=organisation_id)
    insist_own_mails(organisation_id=organisation_id, mails={id_: one.mail for id_, one in people}, by=by)
    names = (*(field.name for field in fields(NewMember)), "search_text")
    columns = ", ".join(f"{name} = %s" for name in names)
    is_text = connection.vendor == "sqlite"
    key = organisation_id.hex if is_text else organisation_id
    rows = [(*_columns(one, as_text=is_text), id_.hex if is_text else id_, key) for id_, one in people]
    with transaction.atomic():
        try:
            with connection.cursor() as cursor:
                cursor.executemany(
                    f"UPDATE {Member._meta.db_table} SET {columns} WHERE id = %s AND organisation_id = %s",  # noqa: S608
                    rows,
                )
        except IntegrityError:
            raise MailTaken from None
        audit.record_many(
            event=Events.MEMBER_CHANGED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subjects=[(member_id, {}) for member_id, _one in people],
        )


def remove_members(*, organisation_id: UUID, member_ids: Sequence[UUID], by: Actor, at: datetime) -> None:
    """Remove members who were added by mistake and whom nothing points at yet; all of them or none.

    Raises `NotPermitted`, `MemberInUse` when one holds further roles or any row of any room refers to one.
    """
    require(by=by, permission=Permission.ROSTER_LOAD, organisation_id=organisation_id)
    pointing = _pointing_at_members()
    with transaction.atomic():
        for start in range(0, len(member_ids), BATCH):
            chosen = member_ids[start : start + BATCH]
            members = Member.objects.filter(
                organisation_id=organisation_id, id__in=chosen, state=Member.State.ACTIVE, roles=int(Role.EMPLOYEE)
            )
            rows = (
                relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": chosen})
                for relation in pointing
            )
            if members.count() != len(chosen) or any(found.exists() for found in rows):
                raise MemberInUse
            members._raw_delete(members.db)
        audit.record(event=Events.MEMBERS_REMOVED, by=by, at=at, organisation_id=organisation_id, count=len(member_ids))


_values_of = attrgetter(*(field.name for field in fields(NewMember)))


_BORN_ON, _HIRED_ON = (
    next(place for place, field in enumerate(fields(NewMember)) if field.name == name)
    for name in ("born_on", "hired_on")
)


@lru_cache(maxsize=8192)
def _names_key(family: str, given: str, middle: str, family_kana: str, given_kana: str) -> str:
    """What the search looks into of a name and its reading."""
    written = (" ".join(filter(None, (family, given, middle))), " ".join(filter(None, (family_kana, given_kana))))
    return " ".join(japanese.search_key(part) for part in written if part)


def _columns(one: NewMember, *, as_text: bool) -> list[Any]:
    """The values of a member in the order of `NewMember`, then what the search looks into."""
    values = list(_values_of(one))
    if as_text:
        for place in (_BORN_ON, _HIRED_ON):
            values[place] = values[place] and values[place].isoformat()
    key = _names_key(one.family_name, one.given_name, one.middle_name, one.family_kana, one.given_kana)
    for part in (one.employee_code, one.mail):
        if part:
            key += " " + (part.casefold().replace(" ", "") if part.isascii() else japanese.search_key(part))
    values.append(key.lstrip()[:600])
    return values


def _insert(ids: list[UUID], batch: list[NewMember], *, organisation_id: UUID, at: datetime) -> None:
    """Insert employees without making a model object of each: by COPY where there is one."""
    names = ("id", "organisation_id", "roles", "state", "created_at")
    columns = ", ".join((*names, *(field.name for field in fields(NewMember)), "search_text"))
    table = Member._meta.db_table
    same: tuple[Any, ...] = (int(Role.EMPLOYEE), Member.State.ACTIVE.value)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for member_id, one in zip(ids, batch, strict=True):
                    copy.write_row((member_id, organisation_id, *same, at, *_columns(one, as_text=False)))
            return
        places = ", ".join(["%s"] * (len(names) + len(fields(NewMember)) + 1))
        same = (organisation_id.hex, *same, connection.ops.adapt_datetimefield_value(at))
        cursor.executemany(
            f"INSERT INTO {table} ({columns}) VALUES ({places})",  # noqa: S608
            [(member_id.hex, *same, *_columns(one, as_text=True)) for member_id, one in zip(ids, batch, strict=True)],
        )


def _pointing_at_members() -> list[ManyToOneRel]:
    """Every foreign key of the house that leads to a member, hidden ones too."""
    return [one for one in Member._meta.get_fields(include_hidden=True) if isinstance(one, ManyToOneRel)]
