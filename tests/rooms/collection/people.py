"""People to collect from, as many as a test wants."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.cast import MORNING
from warifu.collection.models import RosterEntry
from warifu.collection.rules import overdue
from warifu.foundation.actor import Role
from warifu.foundation.days import jst_day
from warifu.foundation.ids import new_id
from warifu.foundation.japanese import search_key

TODAY = jst_day(MORNING)


def enlist(organisation_id: UUID, names: str, *, registered_on: date = TODAY, **values: Any) -> list[UUID]:
    """Entries for new members, one for each word of `names`, in order; `values` are columns of both tables."""
    return list_people(organisation_id, names.split(), registered_on=registered_on, **values)


def list_people(organisation_id: UUID, names: list[str], *, registered_on: date = TODAY, **values: Any) -> list[UUID]:
    """The same from a list of family names."""
    members: Any = RosterEntry._meta.get_field("member").related_model
    own = {name: values.pop(name) for name in ("department", "family_kana") if name in values}
    mail = values.pop("mail", None)
    made = []
    for number, name in enumerate(names):
        address = f"{new_id().hex}@example.jp" if mail is None else mail
        code = f"{name}{number:05}"
        made.append(
            members(
                organisation_id=organisation_id,
                family_name=name,
                given_name="太郎",
                mail=address,
                employee_code=f"{new_id().hex[-8:]}-{number}",
                roles=int(Role.EMPLOYEE),
                search_text=search_key(f"{name}太郎 {code}"),
                created_at=MORNING,
                **own,
            )
        )
    members.objects.bulk_create(made)
    entries = [
        RosterEntry(
            organisation_id=organisation_id,
            member_id=member.id,
            registered_on=registered_on,
            **{"due_on": overdue.due_day(registered_on=registered_on, overdue_days=3)} | values,
        )
        for member in made
    ]
    RosterEntry.objects.bulk_create(entries)
    return [entry.id for entry in entries]


def days_ago(days: int) -> date:
    """A day before the tests' day."""
    return TODAY - timedelta(days=days)


def moment(days: int) -> datetime:
    """The tests' moment, some days earlier."""
    return MORNING - timedelta(days=days)
