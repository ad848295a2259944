"""Whose numbers lie in the vault: names for the ids that it knows persons by."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from warifu.collection.models import Dependent, RosterEntry
from warifu.foundation.japanese import search_key
from warifu.organisations import queries as organisations

FOUND = 500
"""How many persons a search by name hands on."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A person whose number was collected: a member, or one of a member's family.

    `relation` is empty for the member; `mail` is the member's.
    """

    id: UUID
    name: str
    member_id: UUID
    member: str
    entry_id: UUID
    employee_code: str
    mail: str
    relation: str


def family(*, organisation_id: UUID, member_id: UUID) -> list[UUID]:
    """The ids of a member and of everybody of the family whose number was ever handed in. One query."""
    relatives = Dependent.objects.filter(
        submission__organisation_id=organisation_id, submission__entry__member_id=member_id
    )
    return [member_id, *dict.fromkeys(relatives.values_list("subject_id", flat=True))]


def named(*, organisation_id: UUID, subject_ids: Collection[UUID]) -> dict[UUID, Subject]:
    """The persons behind some ids; unknown ones are missing. Two queries."""
    wanted = set(subject_ids)
    entries = RosterEntry.objects.filter(organisation_id=organisation_id, member_id__in=wanted)
    found = {
        row.member_id: Subject(
            id=row.member_id,
            name=row.member.full_name,
            member_id=row.member_id,
            member=row.member.full_name,
            entry_id=row.id,
            employee_code=row.member.employee_code,
            mail=row.member.mail,
            relation="",
        )
        for row in entries.select_related("member")
    }
    relatives = Dependent.objects.filter(submission__organisation_id=organisation_id, subject_id__in=wanted)
    for row in relatives.select_related("submission__entry__member").order_by("submission__round"):
        member = row.submission.entry.member
        found[row.subject_id] = Subject(
            id=row.subject_id,
            name=row.full_name,
            member_id=member.id,
            member=member.full_name,
            entry_id=row.submission.entry_id,
            employee_code=member.employee_code,
            mail=member.mail,
            relation=row.get_relation_display(),
        )
    return found


def found(*, organisation_id: UUID, text: str) -> frozenset[UUID]:
    """The ids of persons whose name, reading or employee number holds a text, and of those members' families.

    Two queries; at most `FOUND` members and `FOUND` relatives.
    """
    key = search_key(text)
    members = organisations.found(organisation_id=organisation_id, key=key, department="", limit=FOUND)
    said = Q(submission__entry__member_id__in=members) | Q(family_name__contains=text) | Q(given_name__contains=text)
    relatives = Dependent.objects.filter(said, submission__organisation_id=organisation_id)
    return frozenset((*members, *relatives.values_list("subject_id", flat=True)[:FOUND]))
